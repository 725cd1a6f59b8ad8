"""The two faces of the simulator: PISTE with the control door, and the older certificate door."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from include.simulator import answers
from include.simulator.backend.calls import Call
from include.simulator.backend.platform import Platform
from include.simulator.control.door import control_routes
from include.simulator.gate import gateway, oauth
from include.simulator.gate.closing import body_response
from include.simulator.gate.dispatch import CertificateIdentification, Gate, PisteIdentification
from include.simulator.routes import OPERATIONS

# How the record of calls names a path that does not exist.
UNKNOWN = "unknown route"
CERTIFICATE_PREFIXES = ("/service", "/service-qualif")


def _application(routes: list[BaseRoute], platform: Platform) -> Starlette:
    async def _not_declared(request: Request, error: Exception) -> Response:
        """The gateway's answer to a path or method it does not know: 403 without a body, never 404 or 405."""
        at = answers.instant(platform.clock.now()) or ""
        platform.calls.note(
            Call(at=at, operation=UNKNOWN, login=None, answer=gateway.FORBIDDEN.name, fault=None, milliseconds=0.0)
        )
        return body_response(gateway.FORBIDDEN.status, b"", {})

    application = Starlette(routes=routes, exception_handlers={404: _not_declared, 405: _not_declared})
    # A path with a stray slash is an unknown path, not a redirection.
    application.router.redirect_slashes = False
    return application


def create_app(platform: Platform) -> Starlette:
    """PISTE: token, API under `/cpro`, and the control door under `/_control`."""
    gate = Gate(platform, PisteIdentification())
    routes: list[BaseRoute] = [Route(oauth.PATH, gate.token, methods=["POST"])]
    for operation in OPERATIONS:
        path = f"/cpro{operation.versioned_path}"
        routes.append(Route(path, gate.endpoint(operation), methods=[operation.method]))
    return _application([*routes, *control_routes(platform)], platform)


def create_certificate_app(platform: Platform) -> Starlette:
    """The door for client certificates: same operations, without `/cpro` and `/v1`."""
    gate = Gate(platform, CertificateIdentification())
    routes: list[BaseRoute] = []
    for prefix in CERTIFICATE_PREFIXES:
        for operation in OPERATIONS:
            routes.append(Route(f"{prefix}/{operation.name}", gate.endpoint(operation), methods=[operation.method]))
    return _application(routes, platform)
