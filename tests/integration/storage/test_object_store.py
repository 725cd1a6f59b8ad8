"""The content store on an S3: requests, outages, and what a fault is called."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.s3_server import S3Server
from include.adapters.storage.core import files as module
from include.adapters.storage.core.files import FsspecFiles
from include.application.operations.doctor import content_store_check
from include.domain.errors import ContentMissingError, StoreConfigurationError, StoreError
from tests.services.object_store import Line, demand_known_keys, forget_clients

ABSENT = "0" * 64


@pytest.fixture(scope="module")
def bucket(running_s3: S3Server) -> str:
    return running_s3.make_bucket("storage-tests")


@pytest.fixture
def line(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Between the client and the server."""
    made = Line(int(s3.endpoint.rpartition(":")[2]))
    made.open()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{made.port}")
    forget_clients()
    yield made
    made.cut()


def words_of(url: str, *, patience: float = 0.5) -> tuple[str, str, str]:
    """What `doctor` shows of this store, in French, with its cure, and the case."""
    files = FsspecFiles(url, patience_seconds=patience)
    check = content_store_check(files)
    assert not check.ok
    with pytest.raises(StoreError) as raised:
        files.put(b"doctor")
    return raised.value.part("what", "fr"), raised.value.part("todo", "fr"), raised.value.case


class TestRequests:
    def test_a_content_is_written_by_one_request_and_read_by_one(self, s3: S3Server, bucket: str) -> None:
        files = FsspecFiles(f"{bucket}/requests")
        before = len(s3.requests())
        sha256 = files.put(b"an invoice")
        assert files.get(sha256) == b"an invoice"
        path = f"/{bucket.removeprefix('s3://')}/requests/{sha256[:2]}/{sha256}"
        assert s3.requests()[before:] == [("PUT", path), ("GET", path)]

    def test_the_same_bytes_again_change_nothing(self, s3: S3Server, bucket: str) -> None:
        files = FsspecFiles(f"{bucket}/again")
        assert files.put(b"same") == files.put(b"same")
        assert list(files.sizes().values()) == [4]

    def test_a_content_that_is_not_there_or_was_changed_is_told_as_such(self, s3: S3Server, bucket: str) -> None:
        files = FsspecFiles(f"{bucket}/damaged")
        with pytest.raises(ContentMissingError) as missing:
            files.get(ABSENT)
        assert missing.value.case == "content_missing"
        files.store(f"00/{ABSENT}", b"other bytes")
        with pytest.raises(ContentMissingError) as changed:
            files.get(ABSENT)
        assert changed.value.case == "content_changed"

    def test_an_empty_place_holds_nothing(self, s3: S3Server, bucket: str) -> None:
        assert FsspecFiles(f"{bucket}/nothing/here").sizes() == {}


class TestFaultsInWords:
    def test_a_missing_bucket(self, s3: S3Server) -> None:
        what, todo, case = words_of("s3://no-such-bucket/files")
        assert case == "files_bucket_missing"
        assert "s3://no-such-bucket/files" in what
        assert "CHORUS_FILES_URL" in todo

    def test_a_missing_bucket_is_no_missing_content(self, s3: S3Server) -> None:
        with pytest.raises(StoreConfigurationError):
            FsspecFiles("s3://no-such-bucket/files").get(ABSENT)
        with pytest.raises(StoreConfigurationError):
            FsspecFiles("s3://no-such-bucket/files").sizes()

    def test_a_key_that_is_refused(self, s3: S3Server, bucket: str) -> None:
        demand_known_keys(s3, demand=True)
        try:
            _, todo, case = words_of(bucket)
        finally:
            demand_known_keys(s3, demand=False)
        assert case == "files_key_refused"
        assert "AWS_ACCESS_KEY_ID" in todo

    def test_no_key_at_all(self, s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        forget_clients()
        assert words_of(bucket)[2] == "files_key_missing"

    def test_no_network(self, line: Line, bucket: str) -> None:
        line.cut()
        what, _, case = words_of(bucket)
        assert case == "files_unreachable"
        assert "ne répond pas" in what

    def test_a_library_that_is_not_installed(self) -> None:
        what, todo, case = words_of("gs://bucket/files")
        assert case == "files_library_missing"
        assert "gcsfs" in what
        assert "gcsfs" in todo

    def test_an_address_that_nobody_knows(self) -> None:
        assert words_of("bogus://bucket/files")[2] == "files_address"

    def test_user_and_password_of_an_address_are_never_shown(self) -> None:
        check = content_store_check(FsspecFiles("bogus://user:geheim@host/files"))
        assert "geheim" not in str(check.seen)
        assert "bogus://host/files" in str(check.seen)


class TestOutages:
    def test_an_outage_of_a_minute_is_waited_out(self) -> None:
        assert module.PATIENCE > 60

    def test_what_was_asked_in_an_outage_is_done_after_it(self, line: Line, s3: S3Server, bucket: str) -> None:
        files = FsspecFiles(f"{bucket}/outage")
        kept = files.put(b"before")
        line.cut()
        done: list[bytes | str] = []
        asking = [
            threading.Thread(target=lambda: done.append(files.put(b"during"))),
            threading.Thread(target=lambda: done.append(files.get(kept))),
        ]
        for one in asking:
            one.start()
        asking[0].join(timeout=2)
        assert all(one.is_alive() for one in asking), "they wait for the store"
        line.open()
        for one in asking:
            one.join(timeout=60)
        assert b"before" in done
        assert len(done) == 2
        assert files.get(next(one for one in done if isinstance(one, str))) == b"during"

    def test_after_its_patience_it_gives_up_with_a_fault_that_passes(self, line: Line, bucket: str) -> None:
        line.cut()
        with pytest.raises(StoreError) as raised:
            FsspecFiles(bucket, patience_seconds=0.2).put(b"x")
        assert raised.value.next_step != StoreConfigurationError.next_step

    def test_a_folder_is_never_asked_again(self, tmp_path: Path) -> None:
        (tmp_path / "files").write_text("no folder")
        with pytest.raises(StoreError) as raised:
            FsspecFiles((tmp_path / "files").as_uri(), patience_seconds=600).put(b"x")
        assert raised.value.case == "store_not_written"
