"""Whoever clicks anything on any page, gets a page."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.conftest import Site

ENOUGH = 300
"""Pages; filters and sorting make more addresses than there are pages."""


@pytest.mark.parametrize("user", ["anna", "boss"])
def test_every_link_leads_to_a_page(site: Site, user: str) -> None:
    client = site.client(user)
    waiting, seen = ["/chorus/"], {"/chorus/"}
    while waiting and len(seen) < ENOUGH:
        address = waiting.pop(0)
        answer = client.get(address.removeprefix("/chorus"), follow_redirects="/language/" in address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        found = re.findall(r'(?:href|src|action)="(/chorus[^"#]*)"', answer.text)
        found = [one for one in found if not one.endswith("/original.pdf")]  # these documents have no file
        links = {html.unescape(one) for one in found} - set(re.findall(r'action="(/chorus[^"]*)"', answer.text))
        waiting += sorted(links - seen)
        seen |= links
    assert len(seen) > 20
