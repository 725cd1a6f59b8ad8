"""The web services over a shelf."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from include.demo.portal_server.shelf import ROOT_ID, Shelf, Shelved

_METADATA = re.compile(r"metadatas\[([^]]+)\](\[\])?")


@dataclass(kw_only=True)
class Manner:
    """How this portal answers: what is not known of the real one can be either way.

    `fault` may answer in place of the portal; `calls` records method and path of each call.
    """

    dates: bool = True
    checksums: bool = True
    page_size: int | None = None
    first_page: int = 1
    understands_pages: bool = True
    key_uses: int | None = None
    writable: bool = True
    fault: Callable[[Request], Response | None] = lambda _request: None
    calls: list[tuple[str, str]] = field(default_factory=list)


class _Portal:
    """One portal with its account."""

    def __init__(self, shelf: Shelf, login: str, password: str, manner: Manner) -> None:
        self.shelf = shelf
        self.manner = manner
        self._basic = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
        self._keys: dict[str, int] = {}

    def door(self, answer: Callable[[Request, Any], Response], *, form: bool = False) -> Callable[..., Any]:
        """A handler behind the login; with `form` it gets the multipart form."""

        async def handle(request: Request) -> Response:
            self.manner.calls.append((request.method, request.url.path))
            instead = self.manner.fault(request)
            if instead is not None:
                return instead
            if not self._let_in(request):
                return Response(status_code=401)
            if not form:
                return answer(request, None)
            async with request.form() as given:
                return answer(request, given)

        return handle

    def _let_in(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        if secrets.compare_digest(given.encode(), self._basic.encode()):
            return True
        kind, _, key = given.partition(" ")
        if kind != "Key" or key not in self._keys or request.url.path.startswith("/auth/"):
            return False
        self._keys[key] += 1
        return self.manner.key_uses is None or self._keys[key] <= self.manner.key_uses

    # -- reading ---------------------------------------------------------------------------------------------------

    def new_key(self, _request: Request, _form: Any) -> Response:
        key = secrets.token_urlsafe(24)
        self._keys[key] = 0
        created = dt.datetime.now(dt.UTC).isoformat()
        body = {"accessToken": key, "id": len(self._keys), "userID": 1, "dateCreated": created}
        return JSONResponse(body, 201)

    def folder(self, request: Request, _form: Any) -> Response:
        path = self.shelf.folder_path(request.path_params["id"])
        if path is None:
            return Response(status_code=404)
        folders = [
            {"folder": {"idFolder": number, "name": below.rpartition("/")[2], "path": f"/{below}"}}
            for number, below in self.shelf.folders(path)
        ]
        return self._listing(request, self.shelf.documents(path), {"folders": folders})

    def search(self, request: Request, _form: Any) -> Response:
        name, rule = (request.query_params.get(key, "").casefold() for key in ("name", "type"))
        found = [
            item
            for item in self.shelf.everything()
            if name in item.file.name.casefold() and rule in ("", (item.rule or "").casefold())
        ]
        return self._listing(request, found, {})

    def document(self, request: Request, _form: Any) -> Response:
        item = self.shelf.document(request.path_params["id"])
        if item is None:
            return Response(status_code=404)
        names = dict.fromkeys((*self.shelf.metadata_names, *item.metadata))
        metadatas = [{"metadata": self._metadata(name, item.metadata.get(name, ()))} for name in names]
        return JSONResponse({"document": self._facts(item, detail=True), "metadatas": metadatas})

    def file(self, request: Request, _form: Any) -> Response:
        item = self.shelf.document(request.path_params["id"])
        return Response(status_code=404) if item is None else self._bytes(item.content)

    # -- changing --------------------------------------------------------------------------------------------------

    def upload(self, request: Request, form: FormData) -> Response:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            return Response(status_code=400)
        content = file.file.read()
        promised = request.headers.get("OB-CHECKSUM") or form.get("checksum")
        if promised and promised != hashlib.sha256(content).hexdigest():
            return JSONResponse({"Result": "checksum"}, 400)
        name = str(form.get("name") or form.get("title") or file.filename or "")
        folder = str(form.get("path") or "").strip("/")
        path = f"{folder}/{name}" if folder else name
        if not name or "/" in name or any(part.startswith(".") for part in path.split("/")):
            return Response(status_code=400)
        if (self.shelf.root / path).exists() and form.get("overwrite") != "true":
            return Response(status_code=409)
        told: dict[str, Any] = {"metadata": self._given(form)}
        if form.get("type"):
            told["classification_rule"] = form["type"]
        number = self.shelf.file_document(path, content, told)
        return Response(status_code=201, headers={"Document-Ids": str(number), "ID-DOCUMENT": str(number)})

    def change(self, request: Request, form: FormData) -> Response:
        """The one call that nobody has seen: as strict as it could be, a metadata that is left out is emptied."""
        item = self.shelf.document(request.path_params["id"])
        if item is None or not self.manner.writable:
            return Response(status_code=404 if item is None else 403)
        self.shelf.set_metadata(item, self._given(form))
        return Response(status_code=204)

    def new_folder(self, _request: Request, form: FormData) -> Response:
        above = str(form.get("idFolder") or ROOT_ID)
        path = self.shelf.folder_path(int(above)) if above.isdigit() else None
        name = str(form.get("name") or "")
        if path is None or not name or "/" in name or name.startswith("."):
            return Response(status_code=400)
        return JSONResponse({"folder": {"idFolder": self.shelf.new_folder(f"{path}/{name}".lstrip("/"))}}, 201)

    def delete(self, request: Request, _form: Any) -> Response:
        item = self.shelf.document(request.path_params["id"])
        if item is None:
            return Response(status_code=404)
        self.shelf.delete(item)
        return Response(status_code=204)

    def queue(self, _request: Request, form: FormData) -> Response:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename or "/" in file.filename:
            return Response(status_code=400)
        return JSONResponse({"queueDocument": {"id": self.shelf.queue(file.filename, file.file.read())}}, 201)

    def queued_file(self, request: Request, _form: Any) -> Response:
        waiting = self.shelf.queued(request.path_params["id"])
        return Response(status_code=404) if waiting is None else self._bytes(waiting.read_bytes())

    def classify(self, request: Request, form: FormData) -> Response:
        waiting = self.shelf.queued(request.path_params["id"])
        number = str(form.get("idFolder", ""))
        folder = self.shelf.folder_path(int(number)) if number.isdigit() else None
        if waiting is None or folder is None:
            return Response(status_code=404)
        told = {"classification_rule": form.get("type") or None, "metadata": self._given(form)}
        return Response(status_code=201, headers={"ID-DOCUMENT": str(self.shelf.classify(waiting, folder, told))})

    # -- shapes ----------------------------------------------------------------------------------------------------

    def _listing(self, request: Request, found: list[Shelved], more: Mapping[str, Any]) -> Response:
        size, first = self.manner.page_size, self.manner.first_page
        body: dict[str, Any] = dict(more)
        if size is not None:
            asked = request.query_params.get("page", "") if self.manner.understands_pages else ""
            page = int(asked) if asked.isdigit() else first
            body |= {"total": len(found), "page": page}
            found = found[(page - first) * size :][:size]
        return JSONResponse({**body, "documents": [{"document": self._facts(item)} for item in found]})

    def _facts(self, item: Shelved, *, detail: bool = False) -> dict[str, Any]:
        created = dt.datetime.fromtimestamp(item.file.stat().st_mtime, tz=dt.UTC)
        told: dict[str, Any] = {
            "idDocument": item.id,
            "name": item.file.stem,
            "extension": item.file.suffix.lstrip("."),
            "path": f"/{item.path}",
            "fileUri": f"/ws/v2/file/{item.id}",
            "wfStatus": None,
            "creationDate": created.isoformat(timespec="seconds"),
        }
        if self.manner.dates:
            told["modificationDate"] = item.changed_at.isoformat()
        if detail:
            told["type"] = {"idType": 1, "name": item.rule} if item.rule else None
        if detail and self.manner.checksums:
            told |= {"size": item.file.stat().st_size, "checksum": item.checksum}
        return told

    def _metadata(self, name: str, values: tuple[str, ...]) -> dict[str, Any]:
        told = {"idMetadata": self.shelf.metadata_id(name), "name": name, "multiple": len(values) > 1}
        return {**told, "value": ";".join(values) or None}

    def _bytes(self, content: bytes) -> Response:
        headers = {"OB-CHECKSUM": hashlib.sha256(content).hexdigest()} if self.manner.checksums else {}
        return Response(content, media_type="application/octet-stream", headers=headers)

    def _given(self, form: FormData) -> dict[str, list[str]]:
        """Metadata of a form; one that this portal does not have is passed over."""
        given: dict[str, list[str]] = {}
        for key, value in form.multi_items():
            named = _METADATA.fullmatch(key)
            name = self._name(named[1]) if named else None
            if name is not None and isinstance(value, str) and value:
                given.setdefault(name, []).append(value)
        return given

    def _name(self, key: str) -> str | None:
        known = self.shelf.metadata_name(key)
        used = {name for item in self.shelf.everything() for name in item.metadata}
        return known or next((name for name in used if key in (name, str(self.shelf.metadata_id(name)))), None)


def create_app(shelf: Shelf, *, login: str, password: str, manner: Manner) -> Starlette:
    """The portal as an ASGI application."""
    portal = _Portal(shelf, login, password, manner)
    forms = {portal.upload, portal.change, portal.queue, portal.classify, portal.new_folder}
    table = [
        ("POST", "/auth/ws/apikey", portal.new_key),
        ("GET", "/ws/v2/folder/{id:int}", portal.folder),
        ("POST", "/ws/v2/folder", portal.new_folder),
        ("GET", "/ws/v2/search", portal.search),
        ("GET", "/ws/v2/document/{id:int}", portal.document),
        ("PUT", "/ws/v2/document/{id:int}", portal.change),
        ("DELETE", "/ws/v2/document/{id:int}", portal.delete),
        ("POST", "/ws/v2/document", portal.upload),
        ("GET", "/ws/v2/file/{id:int}", portal.file),
        ("POST", "/ws/v2/queue", portal.queue),
        ("GET", "/ws/v2/queue/{id:int}/file", portal.queued_file),
        ("POST", "/ws/v2/queue/{id:int}/classify", portal.classify),
    ]
    return Starlette(
        routes=[
            Route(path, portal.door(answer, form=answer in forms), methods=[method]) for method, path, answer in table
        ]
    )
