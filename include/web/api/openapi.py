"""The description of the JSON twin, for whoever is signed in."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from include.web.guards.person import Right
from include.web.guards.routing import guarded

router = guarded(Right.SIGNED_IN)


@router.get("/api/v1/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """OpenAPI of everything below `/api/v1/`."""
    described = request.app.openapi()
    paths = {path: calls for path, calls in described["paths"].items() if path.startswith("/api/")}
    return {**described, "paths": paths}
