"""Generating the sample company: the rooms in their order, part by part, and the files.

A room is a module. Rooms of what follows from demand are called where they are there:
`per_part(world)` for each part, `per_company(frame, world)` once at the end, with the sums of
all parts in `frame.totals` (and the last part as `world`, which in all but large companies is
the whole).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import yaml

from workbench.errors import ParameterError
from workbench.sample import settings
from workbench.sample.effects import check_off, effects
from workbench.sample.parameters import SIZES, Truth, explained
from workbench.sample.world import AS_OF, FIRST_DAY, LAST_DAY, Days, Frame, World
from workbench.sample.write import SHARED, Writer, entity
from workbench.scenarios import streams
from workbench.tables import TABLES

FRAME_ROOMS = ("geography", "season", "organisation", "products", "plans", "market")
DEMAND_ROOMS = ("accounts", "pool", "demand", "deals", "leads", "activities")
FOLLOWING_ROOMS = ("dealers", "lines", "money", "people", "plans", "market", "cut")


@dataclass(frozen=True)
class SampleSummary:
    """What was written.

    Attributes
    ----------
    folder : Path
    size, seed : str, int
    off : frozenset of str
    rows : dict of str to int
        Rows by table.
    bytes : int
        Size of all files.
    """

    folder: Path
    size: str
    seed: int
    off: frozenset[str]
    rows: dict[str, int]
    bytes: int

    def table(self) -> pd.DataFrame:
        """Tables with their rows."""
        return pd.DataFrame({"table": list(self.rows), "rows": list(self.rows.values())})


def generate(
    out: str | Path, *, seed: int = 7, size: str = "small", off: Iterable[str] = ()
) -> SampleSummary:
    """Write the sample company: company.yaml, tables and the truth.

    Parameters
    ----------
    out : str or Path
        Folder; made when missing. Files of an earlier sample are replaced.
    seed : int
    size : {"small", "medium", "large", "tiny"}
        5,000 accounts; 100,000; 1,000,000 in parts; 1,500 for tests.
    off : iterable of str
        Effects to switch off, ids of `effects()`.

    Raises
    ------
    ParameterError
        If the size or an effect is not known.
    """
    folder = Path(out)
    frame = make_frame(seed=seed, size=size, off=off)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # An earlier sample stands until the new one is whole.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sample-") as staging:
        rows = _write(frame, Path(staging))
        _clear(folder)
        for each in sorted(Path(staging).iterdir()):
            shutil.move(each, folder / each.name)
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return SampleSummary(folder, frame.size.name, seed, frame.off, rows, total)


def make_frame(*, seed: int = 7, size: str = "small", off: Iterable[str] = ()) -> Frame:
    """What the whole company shares, nothing written: calendar, organisation, products."""
    if size not in SIZES:
        raise ParameterError(
            f"there is no size {size!r}", where="size", do=f"use one of {', '.join(SIZES)}"
        )
    frame = Frame(
        truth=Truth(), size=SIZES[size], streams=streams(seed), off=check_off(off), calendar=days()
    )
    _call("per_frame", FRAME_ROOMS, frame)
    return frame


def make_part(frame: Frame, part: int = 0, *, following: bool = True) -> World:
    """One part of the company in memory; `following` runs the rooms after demand as well."""
    world = World(frame, part)
    _call("per_part", DEMAND_ROOMS, world)
    if following:
        _call("per_part", FOLLOWING_ROOMS, world)
    else:
        _call("per_part", ("lines", "cut"), world)
    return world


def days() -> Days:
    """The days simulated with their working days."""
    from workbench.calendars import WorkingCalendar

    every = np.arange(FIRST_DAY, LAST_DAY + 1)
    months = every.astype("datetime64[M]").astype(int)
    working = np.asarray(WorkingCalendar().is_working(every))
    return Days(every, working, 1970 + months // 12, months % 12 + 1)


def _write(frame: Frame, folder: Path) -> dict[str, int]:
    """Simulate and write all parts, then what is of the whole company; rows by table."""
    writer = Writer(folder, frame.size)
    world = World(frame)
    for part in range(frame.size.parts):
        world = make_part(frame, part)
        _write_part(writer, world, part if frame.size.parts > 1 else None)
    _call("per_company", FOLLOWING_ROOMS, frame, world)
    for name, table in frame.tables.items():
        writer.table(name, table)
    for name, table in frame.hidden.items():
        writer.hidden(name, table)
    _write_settings(folder, frame)
    return {name: writer.rows[name] for name in TABLES if name in writer.rows}


def _call(function: str, rooms: Iterable[str], *arguments: Any) -> None:
    for room in rooms:
        module = _room(room)
        step: Callable[..., None] | None = getattr(module, function, None)
        if step is not None:
            step(*arguments)


def _room(name: str) -> ModuleType | None:
    path = f"workbench.sample.{name}"
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        return None


def _write_part(writer: Writer, world: World, part: int | None) -> None:
    for name, table in world.tables.items():
        writer.table(name, table, part=part)
    for name, table in world.hidden.items():
        writer.hidden(name, table, part=part)
    writer.next_part(_counts(world))


def _counts(world: World) -> dict[str, int]:
    """How many of each entity a part holds."""
    counts: dict[str, int] = {}
    for name, frame in world.tables.items():
        for column in TABLES[name].columns:
            named = entity(TABLES[name], column)
            if named and named not in SHARED and column.name in frame:
                values = frame[column.name]
                if len(values) and pd.api.types.is_integer_dtype(values.dtype):
                    counts[named] = max(counts.get(named, 0), int(values.max()) + 1)
    return counts


def _write_settings(folder: Path, frame: Frame) -> None:
    truth: dict[str, Any] = {
        "seed": frame.streams.seed,
        "size": frame.size.name,
        "first_day": str(FIRST_DAY),
        "data_as_of": str(AS_OF),
        "simulated_to": str(LAST_DAY),
        "effects": {
            name: {"what": what[0], "what_zh": what[1], "on": frame.on(name)}
            for name, what in effects().items()
        },
        "parameters": explained(frame.truth),
    }
    for room in FOLLOWING_ROOMS:
        if hasattr(module := _room(room), "TRUTH"):
            truth["parameters"][room] = explained(module.TRUTH)  # type: ignore[union-attr]
    (folder / "truth").mkdir(exist_ok=True)
    _dump(folder / "truth" / "truth.yaml", truth)
    _dump(folder / "company.yaml", settings.settings(frame))


def _dump(path: Path, content: dict[str, Any]) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8", newline="\n")


def _clear(folder: Path) -> None:
    """Remove an earlier sample: only what this module writes."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "truth", ignore_errors=True)
    (folder / "company.yaml").unlink(missing_ok=True)
    for name in TABLES:
        (folder / f"{name}.parquet").unlink(missing_ok=True)
        shutil.rmtree(folder / name, ignore_errors=True)
