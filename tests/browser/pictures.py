"""Takes the pictures of the documents anew: `make pictures` writes docs/screens/*.png.

The same office as the tests look at, in a window as wide as a desk's.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.browser.office import open_office
from tests.browser.sitting import Sitting, chromium

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
PICTURES = {
    "dashboard": "/",
    "documents": "/documents",
    "selection": "/documents",
    "job": "/jobs/{job:submit}",
    "submission": "/documents/{U-1}",
    "add": "/add",
    "returned": "/returned/{sent:S-1}",
    "tracking": "/invoices",
    "invoice": "/invoices/{sent:P-3}",
    "notifications": "/notifications",
    "runs": "/runs?dag_id=chorus_auto_submission&run_id=none",
}
SETTINGS = {
    "first-steps": "/settings/first-steps",
    "provider": "/settings/providers/33254021516357",
    "portal": "/settings/portal",
    "criterion": "/settings/criteria?name=factures+clients",
    "association": "/settings/association",
    "recipients": "/settings/recipients",
    "bank-details": "/settings/bank-details",
    "attachments": "/settings/attachments",
    "people": "/settings/people",
    "label-rights": "/settings/label-rights",
    "mail": "/settings/mail",
    "templates": "/settings/templates",
    "operation": "/settings/operation",
    "history": "/settings/history",
    "file": "/settings/file",
}
"""Pages of the administrator."""
PICKED = {"selection": ("H-1", "H-2", "H-3")}
"""Rows that are selected before the picture is taken."""


def main() -> None:
    """Every picture."""
    with tempfile.TemporaryDirectory() as home, open_office(Path(home)) as office, chromium() as browser:
        for user, pictures in (("anna", PICTURES), ("boss", SETTINGS)):
            sitting = Sitting.begin(browser, office, user)
            for name, path in pictures.items():
                page = sitting.open(path)
                for number in PICKED.get(name, ()):
                    page.locator(f'tr[data-document="{office.documents()[number].id}"] input[name=ids]').check()
                page.locator("main").click(position={"x": 1, "y": 1}, trial=True)  # waits until nothing moves
                page.screenshot(path=FOLDER / f"{name}.png")
                print(FOLDER / f"{name}.png")
            sitting.end()
            if sitting.complaints:
                raise SystemExit("\n".join(sitting.complaints))


if __name__ == "__main__":
    main()
