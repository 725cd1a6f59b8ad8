"""`chorus files move`: everything arrives with its digest, it goes on where it stopped, and it deletes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.s3_server import S3Server
from include.adapters.storage.core.files import FsspecFiles
from include.application.operations.move_contents import AT_ONCE, MoveReport, Outcome, move_contents
from include.domain.errors import InputError, StoreError

CONTENTS = [b"content %d" % number for number in range(40)]


def folder(path: Path) -> FsspecFiles:
    return FsspecFiles(path.as_uri())


@pytest.fixture
def source(tmp_path: Path) -> FsspecFiles:
    made = folder(tmp_path / "old")
    for content in CONTENTS:
        made.put(content)
    return made


def counts(report: MoveReport) -> dict[str, int]:
    return {str(outcome): count for outcome, count in report.counts.items() if count}


def chorus(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from include.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=110, check=False)


class TestMoving:
    def test_everything_arrives_and_nothing_is_deleted(self, source: FsspecFiles, tmp_path: Path) -> None:
        before = source.sizes()
        report = move_contents(source, target := folder(tmp_path / "new"))
        assert report.complete
        assert counts(report) == {"copied": len(CONTENTS)}
        assert report.bytes_copied == sum(map(len, CONTENTS))
        assert target.sizes() == before == source.sizes()
        assert {target.get(key.rpartition("/")[2]) for key in before} == set(CONTENTS)

    def test_a_second_time_there_is_nothing_to_copy(self, source: FsspecFiles, tmp_path: Path) -> None:
        move_contents(source, folder(tmp_path / "new"))
        assert counts(move_contents(source, folder(tmp_path / "new"))) == {"present": len(CONTENTS)}

    def test_what_lies_damaged_in_the_new_place_is_copied_again(self, source: FsspecFiles, tmp_path: Path) -> None:
        target = folder(tmp_path / "new")
        move_contents(source, target)
        key = min(target.sizes())
        (tmp_path / "new" / key).write_bytes(b"half")
        report = move_contents(source, target)
        assert counts(report) == {"copied": 1, "present": len(CONTENTS) - 1}
        assert target.get(key.rpartition("/")[2]) in CONTENTS

    def test_what_is_damaged_in_the_old_place_is_told_and_not_copied(self, source: FsspecFiles, tmp_path: Path) -> None:
        key = min(source.sizes())
        (tmp_path / "old" / key).write_bytes(b"half")
        report = move_contents(source, target := folder(tmp_path / "new"))
        assert not report.complete
        assert report.failed == [key]
        assert counts(report) == {"copied": len(CONTENTS) - 1, "damaged": 1}
        assert key not in target.sizes()

    def test_it_goes_on_where_a_failure_stopped_it(self, source: FsspecFiles, tmp_path: Path) -> None:
        class Failing(FsspecFiles):
            stored = 0

            def store(self, key: str, content: bytes) -> None:
                self.stored += 1
                if self.stored > 10:
                    raise StoreError("files_unreachable", url=self.address, cause="test")
                super().store(key, content)

        with pytest.raises(StoreError):
            move_contents(source, Failing((tmp_path / "new").as_uri()))
        report = move_contents(source, folder(tmp_path / "new"))
        assert report.complete
        assert report.counts[Outcome.PRESENT] == 10
        assert report.counts[Outcome.COPIED] == len(CONTENTS) - 10 > AT_ONCE

    def test_a_store_that_gives_back_other_bytes_is_not_believed(self, source: FsspecFiles, tmp_path: Path) -> None:
        class Forgetful(FsspecFiles):
            def store(self, key: str, content: bytes) -> None:
                super().store(key, content[:-1])

        with pytest.raises(StoreError) as raised:
            move_contents(source, Forgetful((tmp_path / "new").as_uri()))
        assert raised.value.case == "files_not_kept"

    def test_its_own_place_is_refused(self, source: FsspecFiles, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            move_contents(source, FsspecFiles((tmp_path / "old").as_uri() + "/"))


class TestCommand:
    def test_it_moves_from_a_folder_to_a_bucket_and_back(
        self, source: FsspecFiles, s3: S3Server, tmp_path: Path
    ) -> None:
        bucket = f"{s3.make_bucket('files-command')}/chorus"
        given = {**s3.environment, "CHORUS_FILES_URL": (tmp_path / "old").as_uri(), "CHORUS_LANGUAGE": "fr"}
        there = chorus("files", "move", bucket, "--json", **given)
        assert there.returncode == 0, there.stderr
        told = json.loads(there.stdout)
        assert told["complete"]
        assert told["to"] == bucket
        assert told["counts"] == {"copied": len(CONTENTS), "present": 0, "damaged": 0, "gone": 0}
        assert set(FsspecFiles(bucket).sizes()) == set(source.sizes())
        back = chorus("files", "move", (tmp_path / "third").as_uri(), "--from", bucket, **given)
        assert back.returncode == 0, back.stderr
        assert "Rien n'a été supprimé." in back.stdout
        assert folder(tmp_path / "third").sizes() == source.sizes()

    def test_what_could_not_be_copied_ends_with_1_and_a_missing_bucket_with_3(
        self, source: FsspecFiles, s3: S3Server, tmp_path: Path
    ) -> None:
        (tmp_path / "old" / min(source.sizes())).write_bytes(b"half")
        given = {**s3.environment, "CHORUS_FILES_URL": (tmp_path / "old").as_uri(), "CHORUS_LANGUAGE": "en"}
        damaged = chorus("files", "move", (tmp_path / "new").as_uri(), **given)
        assert damaged.returncode == 1
        assert min(source.sizes()) in damaged.stdout
        nowhere = chorus("files", "move", "s3://no-such-bucket/x", **given)
        assert nowhere.returncode == 3
        assert "no such bucket" in nowhere.stderr
        assert "Traceback" not in nowhere.stderr
