"""The journal: on disk means done, a torn line is not done, two writers cannot be."""

from __future__ import annotations

import errno

import pytest

from workbench.errors import ProjectError, RunError
from workbench.studies.sweep.cases import Fault, Line
from workbench.studies.sweep.journal import JOURNAL, Journal, read_lines, running
from workbench.text import Language

EN = Language("en")


def line(number: int, **values: object) -> Line:
    about = {"key": f"{number:016x}", "status": "finished", "results": {"profit": number / 7}}
    return Line(**(about | values))


FAILED = line(
    3, status="failed", results={}, fault=Fault(kind="time", error="", message="120 s passed")
)


def test_lines_come_back_as_they_were_written(tmp_path):
    written = [line(1), line(2, run="runs/tiny/x", attempts=2, seconds=0.25), FAILED]
    with Journal(tmp_path, EN) as journal:
        for each in written:
            journal.append(each)
    assert list(read_lines(tmp_path).values()) == written
    assert list(read_lines(tmp_path, [FAILED.key])) == [FAILED.key]


def test_of_two_lines_for_a_case_the_later_counts(tmp_path):
    with Journal(tmp_path, EN) as journal:
        journal.append(line(1))
        journal.append(line(1, results={"profit": 5.0}))
    assert read_lines(tmp_path)[line(1).key].results == {"profit": 5.0}


@pytest.mark.parametrize("torn", ['{"key":"00000000000000', '{"key":"0000000000000009","status"'])
def test_a_line_cut_short_is_not_done_and_does_not_spoil_the_next(tmp_path, torn):
    with Journal(tmp_path, EN) as journal:
        journal.append(line(1))
    with (tmp_path / JOURNAL).open("a") as file:
        file.write(torn)
    assert list(read_lines(tmp_path)) == [line(1).key]
    with Journal(tmp_path, EN) as journal:
        journal.append(line(2))
    assert list(read_lines(tmp_path)) == [line(1).key, line(2).key]
    assert (tmp_path / JOURNAL).read_text().endswith("}\n")


def test_a_journal_of_one_torn_line_is_empty(tmp_path):
    (tmp_path / JOURNAL).write_text("x" * 200_000)
    with Journal(tmp_path, EN):
        pass
    assert (tmp_path / JOURNAL).read_bytes() == b""


def test_a_damaged_line_in_the_middle_is_passed_over(tmp_path):
    with Journal(tmp_path, EN) as journal:
        journal.append(line(1))
    with (tmp_path / JOURNAL).open("a") as file:
        file.write('{"key":"0000000000000002","status":"fini\n')
    with Journal(tmp_path, EN) as journal:
        journal.append(line(3))
    assert list(read_lines(tmp_path)) == [line(1).key, line(3).key]


def test_two_cannot_write_one_journal(tmp_path):
    with Journal(tmp_path, EN):
        assert running(tmp_path)
        with pytest.raises(ProjectError, match="running already"):
            Journal(tmp_path, EN)
    assert not running(tmp_path)
    Journal(tmp_path, EN).close()


def test_a_full_disk_is_told_and_what_stood_there_is_kept(tmp_path):
    class Full:
        """A file that takes ten bytes of a line and no more."""

        def __init__(self, file):
            self.file = file

        def write(self, text):
            self.file.write(text[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name):
            return getattr(self.file, name)

    journal = Journal(tmp_path, EN)
    journal.append(line(1))
    journal._file = Full(journal._file)
    with pytest.raises(RunError, match="the disk is full") as caught:
        journal.append(line(2))
    journal.close()
    assert "not run again" in (caught.value.kept or "")
    assert list(read_lines(tmp_path)) == [line(1).key]
    assert (tmp_path / JOURNAL).read_text().endswith("}\n")


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "sweeps").write_text("a file in the way")
    with pytest.raises(RunError, match="cannot be written"):
        Journal(tmp_path / "sweeps" / "prices", EN)
