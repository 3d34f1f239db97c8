"""Heat: three steps at stated limits, both signs, quiet where there is nothing; provinces."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import Figure, Role, cohort, heat_table, tile_map
from workbench.charts.heat import tint
from workbench.charts.tiles import PROVINCES
from workbench.errors import InputError, ParameterError
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
LIMITS = (0.01, 0.05, 0.10)


@pytest.mark.parametrize(
    ("value", "role"),
    [
        (0.0099, Role.WASH), (0.01, Role.G1), (0.0499, Role.G1), (0.05, Role.G2), (0.0999, Role.G2),
        (0.10, Role.G3), (3.0, Role.G3), (-0.01, Role.B1), (-0.05, Role.B2), (-0.10, Role.B3),
        (0.0, Role.WASH), (float("nan"), Role.WASH),
    ],
)  # fmt: skip
def test_steps_begin_at_their_limits(value: float, role: Role) -> None:
    assert tint(value, LIMITS) is role


def test_direction_swaps_the_sides() -> None:
    assert tint(0.2, LIMITS, "down") is Role.B3
    assert tint(-0.2, LIMITS, "down") is Role.G3


def cells(*rows: tuple[str, str, float], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", "column", "value"]).assign(**columns)


def test_cells_carry_sign_and_tint_of_what_is_written() -> None:
    table = cells(("East", "A", 0.0996), ("East", "B", -0.06), ("West", "A", float("nan")))
    svg = reading.svg_of(heat_table(table, lang=EN, title=""))
    assert {"+10.0%", "\u22126.0%"} <= {word.text for word in reading.words(svg)}
    # written +10.0%, so the tint of 10%; two cells without data
    assert [bar.fill for bar in reading.bars(svg)] == [
        role.light for role in (Role.G3, Role.B2, Role.WASH, Role.WASH)
    ]


def test_totals_are_bold_and_without_tint() -> None:
    table = cells(("East", "A", 0.2), ("All", "A", 0.2), total=[False, True])
    svg = reading.svg_of(heat_table(table, lang=EN, title=""))
    assert [word.bold for word in reading.words(svg) if word.text == "+20.0%"] == [False, True]
    assert len(reading.bars(svg)) == 1


def test_key_states_the_limits_of_the_steps_used() -> None:
    table = cells(("a", "A", 0.02), ("a", "B", 0.2), ("a", "C", -0.07))
    assert [(entry.label, entry.role) for entry in heat_table(table, lang=EN, title="").key] == [
        ("\u22125 to \u221210%", Role.B2), ("1–5%", Role.G1), ("10% and more", Role.G3)
    ]  # fmt: skip
    assert [entry.label for entry in heat_table(table, lang=ZH, title="").key] == [
        "−5至−10%", "1–5%", "10%以上"
    ]  # fmt: skip


def test_wrong_limits_and_double_cells_are_refused() -> None:
    table = cells(("a", "A", 0.02))
    with pytest.raises(ParameterError, match="must rise"):
        heat_table(table, lang=EN, title="", limits=(0.05, 0.05, 0.1))
    with pytest.raises(InputError, match="a x A comes twice"):
        heat_table(pd.concat([table, table]), lang=EN, title="")


def triangle(**columns: object) -> pd.DataFrame:
    rows = [("Q1", 0, 1.0), ("Q1", 1, 0.6), ("Q1", 2, 0.3), ("Q2", 0, 1.0), ("Q2", 1, 0.5),
            ("Q3", 0, 1.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["cohort", "age", "rate"])
    return table.assign(size=table["cohort"].map({"Q1": 80, "Q2": 70, "Q3": 1200})).assign(
        **columns
    )


def test_cohorts_are_a_triangle_in_steps_of_the_forecast_hue() -> None:
    figure = cohort(triangle(), lang=EN, title="", size_name="accounts")
    svg = reading.svg_of(figure)
    fills = [bar.fill for bar in reading.bars(svg)]
    assert fills == [role.light for role in (
        Role.WASH, Role.FC50, Role.FC95, Role.WASH, Role.FC50, Role.WASH
    )]  # fmt: skip
    assert {"80 accounts", "1,200 accounts", "Start", "+1", "+2"} <= {
        word.text for word in reading.words(svg)
    }
    assert [entry.label for entry in figure.key] == ["under 40%", "50% and more"]


def test_cohort_counts_stand_under_each_other() -> None:
    svg = reading.svg_of(cohort(triangle(), lang=ZH, title="", size_name="家"))
    rights = {round(word.right) for word in reading.words(svg) if word.text.endswith("家")}
    assert len(rights) == 1


def test_every_province_has_its_own_square() -> None:
    assert len(PROVINCES) == 34
    places = [(row, place) for _, _, row, place in PROVINCES.values()]
    names = [name for name, *_ in PROVINCES.values()]
    letters = [code for _, code, *_ in PROVINCES.values()]
    assert len(set(places)) == len(set(names)) == len(set(letters)) == 34
    # municipalities 11 12 31 50, autonomous regions 15 45 54 64 65, special regions 71 81 82
    assert {"11", "12", "31", "50", "15", "45", "54", "64", "65", "71", "81", "82"} <= set(
        PROVINCES
    )


def provinces(lang: Language, *codes: str) -> Figure:
    table = pd.DataFrame({"geo_code": codes, "value": [0.12] * len(codes)})
    return tile_map(table, lang=lang, title="")


def test_tile_map_draws_all_squares_and_no_outline() -> None:
    svg = reading.svg_of(provinces(ZH, "310000", "44"))
    squares = reading.bars(svg)
    assert len(squares) == 34
    assert len({(round(bar.width, 1), round(bar.height, 1)) for bar in squares}) == 1
    assert [bar.fill for bar in squares].count(Role.G3.light) == 2
    assert "stroke=" not in re.sub(r"stroke-[a-z]+=", "", svg)
    said = {word.text for word in reading.words(svg)}
    assert {"沪", "粤", "+12", "台", "港", "澳", "藏", "新"} <= said
    assert {"SH", "GD", "TW"} <= {
        w.text for w in reading.words(reading.svg_of(provinces(EN, "31")))
    }


def test_small_changes_and_no_data_are_told_apart_in_the_key() -> None:
    assert provinces(EN, "31").key[-1].label == "no data"
    table = pd.DataFrame({"geo_code": ["31", "44"], "value": [0.12, 0.001]})
    assert tile_map(table, lang=EN, title="").key[-1].label == "within ±1% or no data"


def test_tile_map_refuses_what_is_no_province() -> None:
    with pytest.raises(InputError, match="99 are no provinces"):
        provinces(EN, "99")
    with pytest.raises(InputError, match="31 are there twice"):
        provinces(EN, "310000", "310115")


def test_tile_map_tells_ends_in_words() -> None:
    figure = tile_map(
        pd.DataFrame({"geo_code": list(PROVINCES), "value": [n / 100 for n in range(34)]}),
        lang=EN, title="",
    )  # fmt: skip
    assert "highest: MO +33%" in figure.alt and "lowest: BJ 0%" in figure.alt
