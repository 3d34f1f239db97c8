"""The file of a pull: each record once, whole, in its newest version; law against a plain one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loaders.live.conftest import lines
from workbench.loaders.live.gather import DELETED, Gathered, gather
from workbench.loaders.live.spool import json_line

HEAD = {"_system": "zoho", "_object": "Deals"}


def gathered(
    folder: Path, *passes: list[dict[str, Any]], former: list[dict[str, Any]] | None = None, of: int
) -> tuple[Gathered, list[dict[str, Any]]]:
    """What becomes of the lines of some passes; the first `of` of them hold pieces."""
    part, before, into = folder / "part", folder / "before", folder / "into"
    text, marks = json_line(HEAD), []
    for records in passes:
        marks.append(len(text))
        text += b"".join(map(json_line, records))
    part.write_bytes(text)
    if former is not None:
        before.write_bytes(b"".join(map(json_line, [HEAD, *former])))
    done = gather(
        part,
        before if former is not None else None,
        into,
        marks=marks,
        passes=of,
        key="id",
        modified=lambda record: record.get("t", float("-inf")),
    )
    return done, lines(into)


def line(name: str, t: int, **fields: Any) -> dict[str, Any]:
    return {"id": name, "t": t, **fields}


def gone(name: str, t: int) -> dict[str, Any]:
    return {"id": name, DELETED: True, "t": t}


@pytest.mark.parametrize(
    ("former", "passes", "of", "expected", "counts"),
    [
        pytest.param(
            None,
            [[line("a", 2, x="new"), line("b", 1), line("a", 1, x="old")]],
            1,
            [line("a", 2, x="new"), line("b", 1)],
            Gathered(2),
            id="the newest, wherever it stands",
        ),
        pytest.param(
            None,
            [[line("a", 1, x=1), line("a", 1, y=2)]],
            1,
            [line("a", 1, y=2)],
            Gathered(1),
            id="the later one of equal times, alone",
        ),
        pytest.param(
            None,
            [[line("a", 1, x=1)], [line("a", 1, y=2)]],
            2,
            [line("a", 1, x=1, y=2)],
            Gathered(1),
            id="pieces together",
        ),
        pytest.param(
            None,
            [[line("a", 1, x=1), line("a", 2, x=2)], [line("a", 2, y=2)]],
            2,
            [line("a", 2, x=2, y=2)],
            Gathered(1),
            id="pieces of one version",
        ),
        pytest.param(
            None,
            [[line("a", 1, x=1)], [line("a", 2, y=2)]],
            2,
            [line("a", 2, x=1, y=2)],
            Gathered(1, uneven=1),
            id="pieces of two versions are told",
        ),
        pytest.param(
            [line("a", 1, x=1, y=1)],
            [[line("a", 2, x=2)], []],
            2,
            [line("a", 2, x=2, y=1)],
            Gathered(1, uneven=1),
            id="a piece that is missing stays as before",
        ),
        pytest.param(
            [line("a", 1, x=1), line("b", 1), line("c", 1)],
            [[line("d", 2), line("b", 2, x=2)]],
            1,
            [line("a", 1, x=1), line("b", 2, x=2), line("c", 1), line("d", 2)],
            Gathered(4),
            id="changes of a file that is there",
        ),
        pytest.param(
            [line("a", 1), line("b", 5)],
            [[line("c", 1)], [gone("a", 3), gone("b", 3), gone("c", 1), gone("x", 3)]],
            1,
            [line("b", 5)],
            Gathered(1, deleted=2),
            id="deleted after the last change, not before",
        ),
        pytest.param(
            None,
            [[{"x": 1}, {"x": 1}, {"id": None, "x": 2}]],
            1,
            [{"x": 1}, {"x": 1}, {"id": None, "x": 2}],
            Gathered(3),
            id="without an id nothing is a double",
        ),
        pytest.param(None, [[]], 1, [], Gathered(0), id="nothing"),
    ],
)
def test_each_record_once_in_its_newest_version(tmp_path, former, passes, of, expected, counts):
    done, found = gathered(tmp_path, *passes, former=former, of=of)
    assert found == expected
    assert done == counts


texts = st.text(max_size=4)
records = st.lists(
    st.builds(line, st.sampled_from("abcdef"), st.integers(0, 4), x=texts), max_size=12
)


@settings(deadline=None, max_examples=60)
@given(former=st.none() | records, pages=records)
def test_same_as_taking_in_line_by_line(tmp_path_factory, former, pages):
    folder = tmp_path_factory.mktemp("law")
    distinct = None if former is None else list({r["id"]: r for r in former}.values())
    came: dict[str, dict[str, Any]] = {}
    for record in pages:
        if record["id"] not in came or record["t"] >= came[record["id"]]["t"]:
            came[record["id"]] = record
    expected = {record["id"]: record for record in distinct or ()}
    expected.update(came)  # what came is newer than the file, whatever its time says
    _, found = gathered(folder, pages, former=distinct, of=1)
    assert {record["id"]: record for record in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("text", ["普通", "\n\r\u2028\u0085", "\ud800", '"\\', "\U0001f600"])
def test_any_text_stays_on_its_line(text):
    made = json_line({"x": text})
    assert made.count(b"\n") == 1
    assert json.loads(made) == {"x": text}


def test_numbers_keep_their_digits(tmp_path):
    numbers = {"id": "a", "n": 4_000_000_000_000_200_001, "m": 880_000.5, "z": 12_000.0}
    assert gathered(tmp_path, [numbers], of=1)[1] == [numbers]
