"""Compiled code is kept by the text of the whole room, so a change anywhere in it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import compiled


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "package" / "room"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("from workbench.compiled import njit\n")
    (folder / "b.py").write_text("@njit()\ndef f(): ...\n")
    (folder / "c.py").write_text("plain = 1\n")
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path / "package")
    return folder


def folder_of(cache: Path) -> Path:
    compiled._folder.cache_clear()
    return compiled._folder("room", str(cache))


def test_a_change_in_any_compiled_file_gives_another_folder(room: Path, tmp_path: Path) -> None:
    before = folder_of(tmp_path / "cache")
    assert folder_of(tmp_path / "cache") == before
    (room / "c.py").write_text("plain = 2\n")
    assert folder_of(tmp_path / "cache") == before
    (room / "b.py").write_text("@njit()\ndef f(): return 1\n")
    assert folder_of(tmp_path / "cache") != before
    compiled._folder.cache_clear()


def test_old_states_are_removed(room: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for state in range(6):
        (room / "b.py").write_text(f"@njit()\ndef f(): return {state}\n")
        folder_of(cache).mkdir(parents=True)
    assert len(list(cache.glob("room-*"))) <= compiled._KEPT + 1
    compiled._folder.cache_clear()


def test_a_compiled_function_computes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))

    @compiled.njit()
    def double(value: float) -> float:
        return 2 * value

    assert double(1.5) == 3.0
    assert str(tmp_path) == numba.config.CACHE_DIR
