"""Compiled code is kept by the text of the whole room, so a change anywhere in it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import compiled
from workbench.commands.compiling import compile_all


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


def test_every_compiled_function_is_compiled_ahead():
    """Else the first study on a new machine would compile it while somebody waits."""
    known = compiled.kept()
    if known is None:
        known = compile_all()
    assert set(compiled.functions()) == set(known)


def test_what_is_compiled_is_noted_until_its_code_changes_or_is_gone(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setattr(compiled, "_asked", lambda: str(cache))
    folder = folder_of(cache)
    folder.mkdir(parents=True)
    assert compiled.kept() is None
    compiled.keep(["b", "a"])
    assert compiled.kept() == ["a", "b"]
    folder.rmdir()
    assert compiled.kept() is None
    folder.mkdir()
    (room / "b.py").write_text("@njit()\ndef f(): return 2\n")
    folder_of(cache).mkdir()
    assert compiled.kept() is None
    compiled._folder.cache_clear()


def test_a_function_is_ready_with_those_it_calls() -> None:
    from workbench.pay import kernels

    kernels.scaled(7, 3, 2, True)
    ready = compiled.ready()
    assert {"workbench.pay.kernels.scaled", "workbench.pay.kernels._product"} <= ready
