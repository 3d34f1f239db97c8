"""Changes of a company: all or nothing, undone byte for byte, safe against being cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from workbench.errors import InputError, ProjectError
from workbench.loaders import versions
from workbench.loaders.versions import Change, changes, undo


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the company outside imports/."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != versions.IMPORTS
    }


def write(folder: Path, **columns: list[str]) -> None:
    with Change(folder) as change:
        for name, values in columns.items():
            change.write(name, pa.table({f"{name}_id": values}))


def test_undo_brings_back_the_same_bytes_step_by_step(tmp_path: Path) -> None:
    states = [contents(tmp_path)]
    for step in range(3):
        write(tmp_path, account=[f"A{step}"], **({"rep": ["R"]} if step else {}))
        states.append(contents(tmp_path))
    for former in reversed(states[:-1]):
        undo(tmp_path)
        assert contents(tmp_path) == former
    assert [record["state"] for record in changes(tmp_path)] == ["undone"] * 3
    with pytest.raises(InputError, match="nothing to undo"):
        undo(tmp_path)


def test_a_failed_change_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path, account=["A1"])
    before = contents(tmp_path)
    with pytest.raises(RuntimeError), Change(tmp_path) as change:
        change.write("account", pa.table({"account_id": ["A2"]}))
        raise RuntimeError
    assert contents(tmp_path) == before
    assert len(changes(tmp_path)) == 1


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_change_cut_off_anywhere_is_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    write(tmp_path, account=["A1"])
    before = contents(tmp_path)
    moves = 0
    replace = Path.replace

    def dies(source: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == cut:
            raise KeyboardInterrupt
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, account=["A2"], rep=["R1"])
    monkeypatch.setattr(Path, "replace", replace)
    versions.recover(tmp_path)
    assert contents(tmp_path) == before


def test_an_undoing_cut_off_is_finished(tmp_path: Path) -> None:
    write(tmp_path, account=["A1"])
    before = contents(tmp_path)
    write(tmp_path, account=["A2"])
    record = changes(tmp_path)[-1] | {"state": "undoing"}
    place = tmp_path / versions.IMPORTS / record["id"] / versions.RECORD
    place.write_text(json.dumps(record))
    versions.recover(tmp_path)
    assert contents(tmp_path) == before
    assert changes(tmp_path)[-1]["state"] == "undone"


def test_a_table_in_parts_becomes_one_file_and_comes_back(tmp_path: Path) -> None:
    parts = tmp_path / "account"
    parts.mkdir()
    (parts / "part-0.parquet").write_bytes(b"one")
    (parts / "part-1.parquet").write_bytes(b"two")
    before = contents(tmp_path)
    write(tmp_path, account=["A1"])
    assert list(contents(tmp_path)) == ["account.parquet"]
    undo(tmp_path)
    assert contents(tmp_path) == before


def test_two_changes_at_once_are_refused(tmp_path: Path) -> None:
    with Change(tmp_path), pytest.raises(ProjectError, match="under way"), Change(tmp_path):
        pass


def test_the_lock_of_a_process_that_is_gone_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / versions.IMPORTS / versions.LOCK
    lock.parent.mkdir()
    lock.write_text("999999999")
    write(tmp_path, account=["A1"])
    assert not lock.exists()


def test_ids_rise_even_within_a_millisecond(tmp_path: Path) -> None:
    for step in range(5):
        write(tmp_path, account=[str(step)])
    ids = [record["id"] for record in changes(tmp_path)]
    assert ids == sorted(set(ids))
