"""Pages as pictures: drawn by a caged worker, once, and never of what is not drawn safely."""

from __future__ import annotations

import io
from pathlib import Path

import PIL.Image
import pytest

from include.adapters.storage.core.files import FsspecFiles
from include.adapters.text.page_images import CagedPageImages
from include.adapters.text.reader import PdfReader
from include.adapters.text.worker_process import WorkerProcess
from include.domain.configuration import ReadingLimits
from include.domain.errors import ContentMissingError, InputError, NotThereError
from include.domain.reasons import Reason
from tests.e2e.watching import await_that
from tests.integration.text.corpus import CORPUS
from tests.integration.text.test_hostile_files import REASONS

SAMPLE = Path("include/demo/samples/fxkit_design_fr.pdf")


class CountingReader(PdfReader):
    """Counts what it draws."""

    drawn = 0

    def picture(self, content: bytes, page: int, width: int, limits: ReadingLimits) -> bytes | Reason:
        self.drawn += 1
        return super().picture(content, page, width, limits)


class Shelf:
    """The service over a content store of this test."""

    def __init__(self, folder: Path, reader: PdfReader) -> None:
        self.files = FsspecFiles(folder.as_uri())
        self.images = CagedPageImages(reader, self.files, self.files, ReadingLimits())

    def picture(self, content: bytes, page: int = 1, width: int = 1240) -> bytes | Reason:
        return self.images.jpeg(self.files.put(content), page, width)


@pytest.fixture
def shelf(tmp_path: Path, reader: PdfReader) -> Shelf:
    return Shelf(tmp_path / "files", reader)


def test_a_page_is_a_jpeg_exactly_as_wide_as_asked_for(shelf: Shelf) -> None:
    for width in (100, 611, 1240, 2000):
        made = shelf.picture(SAMPLE.read_bytes(), width=width)
        assert isinstance(made, bytes)
        with PIL.Image.open(io.BytesIO(made)) as picture:
            assert (picture.format, picture.width) == ("JPEG", width)


@pytest.mark.parametrize("width", [-1, 0, 99, 2001, 10**9])
def test_a_width_out_of_bounds_is_refused(shelf: Shelf, width: int) -> None:
    with pytest.raises(InputError):
        shelf.picture(SAMPLE.read_bytes(), width=width)


def test_it_is_drawn_once_and_kept_beside_the_content(tmp_path: Path) -> None:
    with CountingReader(workers=1) as reader:
        shelf = Shelf(tmp_path, reader)
        first = shelf.picture(SAMPLE.read_bytes())
        assert shelf.picture(SAMPLE.read_bytes()) == first
        assert reader.drawn == 1
        [kept] = tmp_path.glob("derived/pages/*/1-1240.jpg")
        kept.write_bytes(b"<script>")
        assert shelf.picture(SAMPLE.read_bytes()) == first, "what is no picture is never served"


def test_a_page_or_a_content_that_is_not_there_is_told(shelf: Shelf) -> None:
    for page in (0, -1, 99):
        with pytest.raises(NotThereError):
            shelf.picture(SAMPLE.read_bytes(), page)
    with pytest.raises(ContentMissingError):
        shelf.images.jpeg("0" * 64, 1, 800)


@pytest.mark.parametrize("name", sorted(set(REASONS) - {"blank_page.pdf", "pages_500.pdf"}))
def test_a_hostile_file_is_not_drawn(shelf: Shelf, name: str) -> None:
    made = shelf.picture((CORPUS / "bad" / name).read_bytes())
    assert isinstance(made, Reason)
    assert made.code == REASONS[name]


def test_a_picture_is_drawn_behind_the_walls_of_the_reader(reader: PdfReader) -> None:
    made = reader.picture(SAMPLE.read_bytes(), 1, 800, ReadingLimits())
    assert isinstance(made, bytes)
    worker = reader._idle.get()
    assert worker.walls.network is not None
    reader._idle.put(worker)


def test_a_worker_made_ready_draws_the_first_page(tmp_path: Path) -> None:
    class Counting(PdfReader):
        started = 0

        def _new_worker(self) -> WorkerProcess:
            self.started += 1
            return super()._new_worker()

    with Counting(workers=1) as reader:
        reader.prepare()
        reader.prepare()
        await_that(lambda: reader.started == 1, "a worker", 60)
        assert isinstance(Shelf(tmp_path, reader).picture(SAMPLE.read_bytes()), bytes)
        assert reader.started == 1
