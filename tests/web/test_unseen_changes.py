"""What somebody else changed while a form was open is seen before it is sent."""

from __future__ import annotations

import re

from include.domain.lifecycle import State
from tests.fakes.chorus import FakePlatform
from tests.web.conftest import Site, json_of


def test_nobody_sends_what_somebody_changed_unseen(site: Site, opened: int, platform: FakePlatform) -> None:
    anna, place = site.client("anna"), f"/documents/{opened}"
    headers = site.form_headers("anna")
    document = json_of(anna.get(f"/api/v1{place}"))
    change = {"version": document["version"], "values": {"service_code": "ST01"}}
    assert json_of(anna.patch(f"/api/v1{place}/fields", json=change, headers=headers))["state"] == State.READY
    page = anna.get(place).text
    shown = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    form = {**shown, **{name.removeprefix("shown."): text for name, text in shown.items() if name.startswith("shown.")}}
    change = {"version": int(shown["version"]), "values": {"comment": "by one"}}
    assert anna.patch(f"/api/v1{place}/fields", json=change, headers=headers).status_code == 200

    answer = anna.post(f"{place}/submit", data=form)
    assert answer.status_code == 409
    alert = re.search(r'role="alert" tabindex="-1" data-focus>.*?</ul>', answer.text, re.DOTALL)
    assert alert and "by one" in alert[0] and "anna" in alert[0]
    assert platform.numbers() == []
    seen = re.search(r'name="version" value="(\d+)"', answer.text)
    assert seen
    assert (
        anna.post(
            f"{place}/submit", data={**form, "version": seen[1], "shown.comment": "by one", "comment": "by one"}
        ).status_code
        == 303
    )
    assert len(platform.numbers()) == 1


def test_nobody_sends_with_files_that_somebody_added_unseen(site: Site, opened: int, platform: FakePlatform) -> None:
    anna, place = site.client("anna"), f"/documents/{opened}"
    page = anna.get(place).text
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    files = [("attachments", ("bl.pdf", b"%PDF-1.7 bl"))]
    data = {"version": form["version"], "types": ""}
    added = anna.post(f"/api/v1{place}/attachments", data=data, files=files, headers=site.form_headers("anna"))
    assert added.status_code == 200
    answer = anna.post(f"{place}/submit", data={**form, "service_code": "ST01"})
    assert (answer.status_code, platform.numbers()) == (409, [])
    assert "fichiers joints" in answer.text
