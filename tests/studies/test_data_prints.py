"""Prints of tables: the differences they give are those that a slow count by hand gives."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.companies import make_company, order_lines
from workbench.company import Company
from workbench.errors import MissingTableError
from workbench.settings import CompanySettings
from workbench.studies.data_prints import RowDifference, difference, keep, print_path
from workbench.studies.manifest import table_hashes
from workbench.tables import table

SHANGHAI = dt.timezone(dt.timedelta(hours=8))

# Storage types a column may have in a file, with values that are easily taken for one another.
NUMBERS = [
    (pa.int64(), [None, 0, 1, 10, 10**15]),
    (pa.float64(), [None, 0.0, -0.0, 1.0, 0.1, 0.1 + 0.2, 1e15, 1e20, math.nan, math.inf]),
    (pa.decimal128(18, 2), [None, Decimal("0.00"), Decimal("1.00"), Decimal("0.10")]),
    (pa.decimal128(20, 6), [None, Decimal("0.100000"), Decimal("0.100001"), Decimal("10.000000")]),
]
TEXTS = [
    (pa.string(), [None, "", "a", "1", "1.0000", "|region=s1:a", "true", "2026-03-02", "中"]),
    (pa.bool_(), [None, True, False]),
    (pa.int64(), [None, 1, 0]),
]
MOMENTS = [
    (pa.date32(), [None, dt.date(2026, 3, 2), dt.date(2026, 3, 3)]),
    (pa.timestamp("us"), [None, dt.datetime(2026, 3, 2), dt.datetime(2026, 3, 2, 8)]),
    (
        pa.timestamp("us", tz="Asia/Shanghai"),
        [None, dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)],
    ),
]
KEYS = [(pa.string(), [None, "L1", "L2", "L3"])]
COLUMNS = {
    "order_line_id": KEYS,
    "quantity": NUMBERS,
    "amount": NUMBERS,
    "region": TEXTS,
    "order_date": MOMENTS,
}


@st.composite
def states(draw) -> pa.Table:
    """A state of the table: some of its columns in some order, each in some storage type."""
    names = draw(st.permutations(list(COLUMNS)))
    names = names[: draw(st.integers(1, len(names)))]
    kinds = {name: draw(st.sampled_from(COLUMNS[name])) for name in names}
    rows = draw(st.integers(0, 6))
    return pa.table(
        {
            name: pa.array(
                [draw(st.sampled_from(values)) for _ in range(rows)], kind, from_pandas=False
            )
            for name, (kind, values) in kinds.items()
        }
    )


def told(value: Any) -> Any:
    """A value with its family, equal where the values are."""
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, float) and not math.isfinite(value):
        return ("number", str(value))
    if isinstance(value, (int, float, Decimal)):
        exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
        return ("number", exact)
    if isinstance(value, dt.datetime):
        return ("instant" if value.tzinfo else "clock", value)
    return (type(value).__name__, value)


def by_hand(before: pa.Table, after: pa.Table) -> RowDifference:
    """The same counts, row by row in Python."""

    def rows(state: pa.Table) -> Counter:
        found: Counter = Counter()
        for row in state.to_pylist():
            whole = frozenset((n, told(v)) for n, v in row.items() if v is not None)
            key = frozenset(part for part in whole if part[0] == "order_line_id") or whole
            found[key, whole] += 1
        return found

    was, now = rows(before), rows(after)
    went, came = was - now, now - was
    by_key = {key: [0, 0] for key, _ in (*went, *came)}
    for side, rest in enumerate((went, came)):
        for (key, _), n in rest.items():
            by_key[key][side] += n
    changed = sum(min(sides) for sides in by_key.values())
    return RowDifference(
        added=came.total() - changed,
        removed=went.total() - changed,
        changed=changed,
        same=(was & now).total(),
    )


def company_of(folder: Path, parts: list[pa.Table]) -> Company:
    """A company whose order lines are these parts."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for place, part in enumerate(parts):
        paths.append(folder / f"part-{place}.parquet")
        pq.write_table(part, paths[-1])
    return Company(folder=folder, settings=CompanySettings(), files={"order_line": tuple(paths)})


def md5(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode()).digest(), "little")


def printed(folder: Path, state: pa.Table | list[pa.Table]) -> Path:
    parts = state if isinstance(state, list) else [state]
    company = company_of(folder / "company", parts)
    return keep(company, ["order_line"], folder / "prints")["order_line"].path


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=states(), after=states())
def test_differences_are_those_counted_by_hand(before, after, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prints")
    paths = [printed(folder, state) for state in (before, after)]
    assert difference(*paths) == by_hand(before, after)
    there, back = by_hand(before, after), difference(*reversed(paths))
    assert (back.added, back.removed, back.changed) == (there.removed, there.added, there.changed)


@pytest.fixture(scope="module")
def frame():
    return order_lines(order_line_id=["L1", "L2", "L3"], amount=[1.0, 2.0, 3.0])


CHANGES = [
    ("another order of rows", lambda f: f.iloc[::-1], (0, 0, 0, 3)),
    ("another order of columns", lambda f: f[f.columns[::-1]], (0, 0, 0, 3)),
    ("a column nobody declared", lambda f: f.assign(colour="red"), (0, 0, 0, 3)),
    ("a declared column that is empty", lambda f: f.assign(rep_id=None), (0, 0, 0, 3)),
    ("one amount", lambda f: f.assign(amount=[1.0, 2.5, 3.0]), (0, 0, 1, 2)),
    ("a row less", lambda f: f.iloc[:2], (0, 1, 0, 2)),
    ("another key", lambda f: f.assign(order_line_id=["L1", "L2", "L9"]), (1, 1, 0, 2)),
]


@pytest.mark.parametrize(("what", "change", "counts"), CHANGES, ids=[c[0] for c in CHANGES])
def test_what_counts_as_a_change(frame, tmp_path, what, change, counts):
    prints = []
    for name, state in (("a", frame), ("b", change(frame))):
        state = pa.Table.from_pandas(state, preserve_index=False)
        company = company_of(tmp_path / name, [state])
        prints.append(keep(company, ["order_line"], tmp_path / "prints")["order_line"])
    found = difference(prints[0].path, prints[1].path)
    assert (found.added, found.removed, found.changed, found.same) == counts
    assert found.any == any(counts[:3])


def test_a_state_is_printed_once_and_named_by_its_bytes(tmp_path, frame):
    company = make_company(tmp_path / "a", {"order_line": frame})
    first = keep(company, ["order_line"], tmp_path / "prints")["order_line"]
    made = first.path.stat().st_mtime_ns
    copy = make_company(tmp_path / "b", {"order_line": frame})
    again = keep(copy, ["order_line"], tmp_path / "prints")["order_line"]
    assert again == first
    assert again.path.stat().st_mtime_ns == made
    assert first.hash == table_hashes(company)["order_line"]
    assert first.path == print_path(tmp_path / "prints", "order_line", first.hash)
    assert first.rows == 3
    assert [path.name for path in (tmp_path / "prints").iterdir()] == [first.path.name]


def test_the_form_of_a_print_stays(tmp_path):
    """The text is spelled out: a print of today is compared with one of a later version."""
    state = pa.table(
        {
            "region": ["华东"],
            "order_line_id": ["L1"],
            "amount": pa.array([Decimal("113.00")], pa.decimal128(18, 2)),
            "order_date": [dt.date(2026, 3, 2)],
            "quantity": [1.5],
            "rep_id": pa.array([None], pa.string()),
        }
    )
    text = (
        "|amount=n113.0000|order_date=d2026-03-02|order_line_id=s2:L1|quantity=n1.5000"
        "|region=s6:华东"
    )
    stored = pq.read_table(printed(tmp_path, state))
    assert stored.schema == pa.schema([("key", pa.uint64()), ("row", pa.uint32())])
    assert stored.to_pylist() == [
        {"key": md5("|order_line_id=s2:L1") % 2**64, "row": md5(text) % 2**32}
    ]


def test_parts_of_a_table_are_one_table(tmp_path, frame):
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    one = printed(tmp_path / "one", whole)
    two = printed(tmp_path / "two", [whole.slice(0, 1), whole.slice(1)])
    assert difference(one, two) == RowDifference(added=0, removed=0, changed=0, same=3)


def test_a_table_that_is_not_there_is_refused(tmp_path, frame):
    company = make_company(tmp_path / "a", {"order_line": frame})
    with pytest.raises(MissingTableError):
        keep(company, ["order_line", "account"], tmp_path / "prints")
    assert table("account").key  # a declared one: it is the company that lacks it
