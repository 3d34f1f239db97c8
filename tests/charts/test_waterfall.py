"""Waterfalls close, or are refused; bars run from sum to sum; what is written adds up."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charts import reading
from workbench.charts import MONEY, Figure, Measure, Role, waterfall
from workbench.errors import InputError
from workbench.text import Language

EN = Language("en")
WAN = 10_000.0
NUMBER = re.compile(r"[+\u2212]?[\d,.]+")


def table(*rows: tuple[str, float | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["label", "value", "kind"])
    return frame.assign(value=frame["value"].astype(float) * WAN)


def draw(frame: pd.DataFrame, lang: Language = EN, **more: object) -> Figure:
    options = {"measure": Measure("number", decimals=0), **more}
    return waterfall(frame, lang=lang, title="Growth", **options)  # type: ignore[arg-type]


CLOSED = table(
    ("2025", 100, "total"), ("Price", -5, "change"), ("Volume", 20, "change"),
    ("Demand", None, "subtotal"), ("Stock", 8, "stock"), ("Calendar", -1, "calendar"),
    ("2026", 122, "total"),
)  # fmt: skip


def texts(figure: Figure) -> list[str]:
    return [word.text for word in reading.words(reading.svg_of(figure))]


def test_bars_run_from_sum_to_sum() -> None:
    first, price, volume, demand, stock, calendar, last = reading.bars(reading.svg_of(draw(CLOSED)))
    zero = first.left
    assert first.width == 0
    assert price.right == pytest.approx(zero, abs=0.02)
    assert volume.left == pytest.approx(price.left, abs=0.02)
    assert demand.left == last.left == pytest.approx(zero, abs=0.02)
    assert stock.left == pytest.approx(demand.right, abs=0.02)
    assert calendar.left == pytest.approx(last.right, abs=0.02)
    px = volume.width / 20
    widths = [bar.width / px for bar in (price, demand, stock, calendar, last)]
    assert widths == pytest.approx([5, 15, 8, 1, 22], abs=0.1)


def test_colours_are_roles_of_the_kinds() -> None:
    fills = [bar.fill for bar in reading.bars(reading.svg_of(draw(CLOSED)))]
    roles = [Role.ACTUAL, Role.BAD, Role.GOOD, Role.ACTUAL, Role.FC50, Role.LAST, Role.ACTUAL]
    assert fills == [role.light for role in roles]
    assert [entry.role for entry in draw(CLOSED).key] == [
        Role.GOOD, Role.BAD, Role.FC50, Role.LAST, Role.ACTUAL
    ]  # fmt: skip


def test_less_is_favourable_where_the_direction_is_down() -> None:
    bars = reading.bars(reading.svg_of(draw(CLOSED, direction="down")))
    assert [bars[1].fill, bars[2].fill] == [Role.GOOD.light, Role.BAD.light]


def test_sums_are_filled_and_told() -> None:
    assert {"+150,000 (+15.0%)", "1,220,000 (+220,000, +22.0%)"} <= set(texts(draw(CLOSED)))
    assert "Demand +150,000 (+15.0%)" in draw(CLOSED).alt


@pytest.mark.parametrize("off", [0.02, -0.02])
def test_a_sum_that_does_not_close_is_refused(off: float) -> None:
    wrong = CLOSED.copy()
    wrong.loc[6, "value"] += off
    with pytest.raises(InputError, match="does not close: 2026"):
        draw(wrong)
    wrong = CLOSED.copy()
    wrong.loc[3, "value"] = 15 * WAN + off
    with pytest.raises(InputError, match="does not close: Demand"):
        draw(wrong)


def test_a_cent_of_float_noise_is_no_gap() -> None:
    noisy = CLOSED.copy()
    noisy.loc[6, "value"] += 0.004
    assert draw(noisy).title == "Growth"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (table(("2025", 1, "total"), ("x", 1, "gift"), ("2026", 2, "total")), "gift"),
        (table(("Price", 1, "change"), ("2026", 1, "total")), "from one total to another"),
        (table(("2025", 1, "total")), "from one total to another"),
        (table(("2025", 1, "total"), ("x", None, "change"), ("2026", 1, "total")), "no value"),
        (table(("2025", 1, "total"))[["label", "value"]], "needs the column kind"),
    ],
)
def test_other_tables_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw(frame)


@settings(max_examples=30)
@given(
    start=st.floats(0, 9e9),
    changes=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=7),
    code=st.sampled_from(["en", "zh"]),
)
def test_what_is_written_adds_up(start: float, changes: list[float], code: str) -> None:
    """The reader who adds the printed figures gets the printed totals."""
    rows = [("a", start, "total"), *(("c", value, "change") for value in changes[:3]),
            ("s", None, "subtotal"), *(("d", value, "change") for value in changes[3:]),
            ("z", None, "total")]  # fmt: skip
    figure = waterfall(
        pd.DataFrame(rows, columns=["label", "value", "kind"]),
        lang=Language(code), title="", measure=MONEY, share=False,
    )  # fmt: skip
    facts = figure.alt.split("：" if code == "zh" else ": ", 1)[1]
    written = [_number(fact) for fact in re.findall(r"(?<=[acsdz] )[+\u2212\d,.]*\d", facts)]
    first, parts, subtotal, rest, last = _split(written, len(changes[:3]))
    assert sum(parts) == pytest.approx(subtotal)
    assert first + subtotal + sum(rest) == pytest.approx(last)


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-"))


def _split(
    written: list[float], count: int
) -> tuple[float, list[float], float, list[float], float]:
    return (
        written[0],
        written[1 : count + 1],
        written[count + 1],
        written[count + 2 : -1],
        written[-1],
    )
