"""The control door, prefix `/_control`: state, time and faults for tests; never a part of the imitated platform."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from include.simulator import answers
from include.simulator.backend.faults import EVERY_CALL, TOKEN
from include.simulator.backend.invoices import Agent
from include.simulator.backend.platform import Platform
from include.simulator.backend.store import Row
from include.simulator.control import seeds
from include.simulator.control.shapes import ClockChange, FaultShape, FlowEnding, Move, Seed, StatusChange
from include.simulator.routes import OPERATIONS

PREFIX = "/_control"
LISTED = 1000
CALLS_LISTED = 100
Json = dict[str, Any]


class ControlError(Exception):
    """A control call that makes no sense; told with HTTP 400."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A control call: its query, and its body once read."""

    platform: Platform
    query: dict[str, str]
    body: Any

    def count(self, name: str, default: int) -> int:
        """A number of the query."""
        text = self.query.get(name, str(default))
        if not text.isdigit():
            raise ControlError(f"{name} must be a number")
        return int(text)


@dataclass(frozen=True, kw_only=True)
class Control:
    """One call of the control door."""

    method: str
    name: str
    does: str
    perform: Callable[[Asked], Json]
    body: type[BaseModel] | None = None


def stamp(at: float) -> str:
    """Write a time as UTC with Z."""
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reset(asked: Asked) -> Json:
    asked.platform.reset()
    return {"reset": True}


def _seed(asked: Asked) -> Json:
    return seeds.plant(asked.platform, asked.body)


def _history(row: Row) -> Json:
    agent = {name: row[name] for name in ("first_name", "last_name", "mail", "phone")}
    return {"status": row["code"], "at": stamp(row["at"]), "comment": row["comment"], "agent": agent}


def _invoice(platform: Platform, row: Row, history: list[Row]) -> Json:
    files = platform.files.of_invoice(row["id"])
    return {
        "chorus_id": row["id"],
        "supplier_siret": row["supplier_siret"],
        "number": row["number"],
        "type": row["type"],
        "status": row["status"],
        "history": [_history(entry) for entry in history],
        "payload": json.loads(row["payload"]) if row["payload"] else None,
        "main_pdf_sha256": next((file["sha256"] for file in files if file["main"]), None),
        "attachments": [
            {"name": file["name"], "type": file["type"], "sha256": file["sha256"]} for file in files if not file["main"]
        ],
        "deposited_at": stamp(row["deposited_at"]),
        "mode": row["mode"],
        "flux": row["flux"],
        "rejection_handled": bool(row["rejection_handled"]),
    }


def _invoices(asked: Asked) -> Json:
    filters = {name: asked.query.get(name) for name in ("supplier", "number", "status", "flux")}
    rows, total = asked.platform.invoices.listing(filters, asked.count("limit", LISTED), asked.count("offset", 0))
    histories = asked.platform.invoices.histories([row["id"] for row in rows])
    return {"total": total, "items": [_invoice(asked.platform, row, histories[row["id"]]) for row in rows]}


def _uploads(asked: Asked) -> Json:
    rows, total = asked.platform.files.listing(asked.count("limit", LISTED), asked.count("offset", 0))
    shown = ("id", "name", "extension", "mime", "size", "sha256", "origin", "uses", "login")
    items = [{**{name: row[name] for name in shown}, "uploaded_at": stamp(row["uploaded_at"])} for row in rows]
    return {"total": total, "items": items}


def _status(asked: Asked) -> Json:
    change: StatusChange = asked.body
    invoices = asked.platform.invoices
    if change.chorus_id is not None:
        found = invoices.find(change.chorus_id)
        chosen = [found] if found else []
    else:
        chosen, _ = invoices.listing({"number": change.number}, 2, 0)
    if len(chosen) != 1:
        raise ControlError("no such invoice" if not chosen else "several invoices bear this number: give chorus_id")
    at = change.at.timestamp() if change.at else None
    invoices.move(
        chosen[0]["id"], change.status, comment=change.comment, at=at, agent=Agent(**change.agent.model_dump())
    )
    return {"chorus_id": chosen[0]["id"], "from": chosen[0]["status"], "status": change.status}


def _move(asked: Asked) -> Json:
    move: Move = asked.body
    return {"moved": asked.platform.invoices.move_many(move.start, move.to, move.count, move.comment)}


def _flux(asked: Asked) -> Json:
    ending: FlowEnding = asked.body
    outcome = {
        "state": ending.state,
        "errors": [error.model_dump() for error in ending.errors],
        "technical": ending.technical,
    }
    if ending.next:
        asked.platform.flows.decide_next(outcome)
    elif not asked.platform.flows.end(ending.number or "", outcome):
        raise ControlError("no such flow")
    return {"number": ending.number, **outcome}


def _clock(asked: Asked) -> Json:
    clock = asked.platform.clock
    return {"now": stamp(clock.now()), "paris": answers.instant(clock.now()), "offset_seconds": round(clock.offset, 3)}


def _set_clock(asked: Asked) -> Json:
    change: ClockChange = asked.body
    if change.at is not None:
        asked.platform.clock.set(change.at)
    else:
        asked.platform.clock.advance(change.advance_seconds or 0.0)
    return _clock(asked)


def _faults(asked: Asked) -> Json:
    return {"items": [fault.shown() for fault in asked.platform.faults.all]}


def _post_fault(asked: Asked) -> Json:
    wanted: FaultShape = asked.body
    if wanted.operation not in {EVERY_CALL, TOKEN, *(operation.name for operation in OPERATIONS)}:
        raise ControlError(
            f"no operation is called {wanted.operation}; they are named without version, as factures/soumettre"
        )
    return asked.platform.faults.post(**wanted.model_dump()).shown()


def _delete_faults(asked: Asked) -> Json:
    chosen = asked.count("id", 0) or None
    return {"deleted": asked.platform.faults.remove(chosen)}


def _settings(asked: Asked) -> Json:
    return asked.platform.settings.current.model_dump()


def _set_settings(asked: Asked) -> Json:
    current = asked.platform.settings.change(asked.body)
    if "random_seed" in asked.body:
        asked.platform.faults.seed(current.random_seed)
    return current.model_dump()


def _calls(asked: Asked) -> Json:
    return asked.platform.calls.report(asked.query.get("operation"), asked.count("limit", CALLS_LISTED))


class AnySettings(BaseModel):
    """Settings to change; checked against the whole set when they are put in force."""


CALLS = (
    Control(method="POST", name="reset", does="back to the first state, counters and faults too", perform=_reset),
    Control(method="POST", name="seed", does="adds, or changes by key", perform=_seed, body=Seed),
    Control(
        method="GET",
        name="invoices",
        does="everything deposited; ?supplier=&number=&status=&flux=&limit=&offset=",
        perform=_invoices,
    ),
    Control(method="GET", name="uploads", does="files with their use count; ?limit=&offset=", perform=_uploads),
    Control(
        method="POST",
        name="status",
        does="sets the status of one invoice, to any string",
        perform=_status,
        body=StatusChange,
    ),
    Control(
        method="POST", name="move", does="moves invoices from one status to another, in bulk", perform=_move, body=Move
    ),
    Control(
        method="POST",
        name="flux",
        does="says how a deposited flow ends, or the next one",
        perform=_flux,
        body=FlowEnding,
    ),
    Control(method="GET", name="clock", does="the platform's time", perform=_clock),
    Control(method="POST", name="clock", does="advance_seconds, or at", perform=_set_clock, body=ClockChange),
    Control(method="GET", name="faults", does="what is left of each fault", perform=_faults),
    Control(method="POST", name="faults", does="adds a fault", perform=_post_fault, body=FaultShape),
    Control(method="DELETE", name="faults", does="removes all faults, or ?id=", perform=_delete_faults),
    Control(method="GET", name="settings", does="the settings in force", perform=_settings),
    Control(method="POST", name="settings", does="changes settings", perform=_set_settings, body=AnySettings),
    Control(method="GET", name="calls", does="counts and last calls; ?operation=&limit=", perform=_calls),
)


def _index(asked: Asked) -> Json:
    return {"calls": [{"call": f"{one.method} {PREFIX}/{one.name}", "does": one.does} for one in CALLS]}


def _read(call: Control, raw: bytes) -> Any:
    if call.body is None:
        return None
    sent = json.loads(raw or b"{}")
    if not isinstance(sent, dict):
        raise ControlError("the body must be a JSON object")
    return sent if call.body is AnySettings else call.body.model_validate(sent)


def _answer(call: Control, platform: Platform, query: dict[str, str], raw: bytes) -> Response:
    try:
        body = _read(call, raw)
        if call.name == "reset":
            return JSONResponse(call.perform(Asked(platform=platform, query=query, body=body)))
        with platform.work():
            return JSONResponse(call.perform(Asked(platform=platform, query=query, body=body)))
    except (ControlError, seeds.SeedError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        return JSONResponse({"error": where}, status_code=400)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return JSONResponse({"error": f"the body is not JSON: {error}"}, status_code=400)


def control_routes(platform: Platform) -> list[BaseRoute]:
    """The routes of the control door."""

    def endpoint(call: Control) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            raw = await request.body()
            return await run_in_threadpool(_answer, call, platform, dict(request.query_params), raw)

        return serve

    index = Control(method="GET", name="", does="lists these calls", perform=_index)
    routes: list[BaseRoute] = [Route(PREFIX, endpoint(index), methods=["GET"])]
    for call in (index, *CALLS):
        routes.append(Route(f"{PREFIX}/{call.name}", endpoint(call), methods=[call.method]))
    return routes
