"""Style sheet, scripts and icons: no data in them, so nobody need be signed in."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from include.web.rendering.static_files import static_digest, static_file

router = APIRouter()


@router.get("/static/{digest}/{name}")
def static(digest: str, name: str) -> Response:
    """One file; the address changes with its content, so a browser asks once."""
    found = static_file(name)
    if digest != static_digest() or found is None:
        raise HTTPException(404)
    content, kind = found
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})
