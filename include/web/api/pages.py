"""Pages of a document for programs: picture, words with their places, the file itself."""

from __future__ import annotations

from fastapi import Response

from include.domain.errors import NotThereError
from include.domain.reading import Reading
from include.web.api.answers import JsonAnswer
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.routes.submission import content_of, original, picture

router = guarded(Right.DOCUMENTS)
PREFIX = "/api/v1/documents/{document_id}"

router.get(PREFIX + "/pages/{number}.jpg")(picture)
router.get(PREFIX + "/original.pdf")(original)


@router.get(PREFIX + "/words/{number}")
def words(document_id: int, number: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """The words of a page, in points from the top left of the page as it is shown."""
    reading = services.store.documents.reading(content_of(services, person, document_id))
    pages = reading.pages if isinstance(reading, Reading) else ()
    page = next((one for one in pages if one.number == number), None)
    if page is None:
        raise NotThereError("no_such_page", page=number)
    found = [{"text": word.text, "box": word.box} for line in page.lines for word in line.words]
    return JsonAnswer({"width": page.width, "height": page.height, "words": found})
