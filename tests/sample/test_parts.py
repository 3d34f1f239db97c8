"""Small parts of the sample: day weights, names, prices, ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample.demand_side import on
from workbench.errors import InputError
from workbench.sample import names
from workbench.sample.effects import effects
from workbench.sample.generate import make_frame
from workbench.sample.geography import prefectures
from workbench.sample.parameters import SIZES, Truth, explained
from workbench.sample.products import net_price, piled
from workbench.sample.season import festival_index
from workbench.sample.write import PREFIXES, Writer
from workbench.tables.checks import credit_code, geo_code

TRUTH = Truth()


@pytest.fixture(scope="module")
def frame():
    return make_frame(size="tiny")


def month_shares(frame, channel: str, year: int) -> np.ndarray:
    calendar = frame.calendar
    weights = frame.weights[channel]
    sums = np.array(
        [weights[(calendar.year == year) & (calendar.month == m)].sum() for m in range(1, 13)]
    )
    return 100 * sums / sums.sum()


def test_a_year_with_a_february_new_year_has_the_planted_months(frame):
    # January takes what the December before held back, which was not quite the same.
    assert month_shares(frame, "direct", 2024) == pytest.approx(TRUTH.season.months, abs=0.1)


def test_the_new_year_moves_through_the_months(frame):
    january_2023, february_2023 = month_shares(frame, "direct", 2023)[:2]
    january_2024, february_2024 = month_shares(frame, "direct", 2024)[:2]
    assert january_2023 < january_2024 - 1  # the New Year lay in January
    assert february_2023 > february_2024 + 1


@pytest.mark.parametrize("channel", ["direct", "ecommerce"])
def test_every_year_sums_to_the_same_demand(frame, channel):
    calendar = frame.calendar
    for year in range(2022, 2027):
        assert frame.weights[channel][calendar.year == year].mean() == pytest.approx(1, rel=1e-9)


def test_the_new_year_week_loses_95_percent(frame):
    day = int(frame.calendar.index(np.datetime64("2024-02-09")))
    assert frame.weights["direct"][day : day + 7].mean() < 0.05


def test_festivals_stand_on_their_days():
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01"))
    index = festival_index(days, TRUTH.season)
    by_day = dict(zip(days.astype(str), index, strict=True))
    assert by_day["2024-06-18"] == by_day["2024-06-05"] == TRUTH.season.shopping_618
    assert by_day["2024-11-11"] == TRUTH.season.shopping_1111
    assert by_day["2024-05-30"] == by_day["2024-11-12"] == TRUTH.season.shopping_dip
    assert by_day["2024-03-15"] == by_day["2024-12-31"] == 1


@given(st.lists(st.floats(0, 0.32), min_size=1, max_size=60), st.integers(0, 2**31))
def test_a_discount_is_pulled_up_to_a_limit_and_no_further(asked, seed):
    frame = on().frame
    given_, level = piled(frame, asked, np.random.default_rng(seed))
    asked = np.asarray(asked)
    assert (given_ >= asked - 0.0026).all()
    assert (given_ <= asked + 0.0401).all()
    limits = np.asarray(TRUTH.price.limits)
    moved = np.abs(given_ - asked) > 0.0026
    assert np.isin(given_[moved], limits).all()
    assert (level == (given_[:, None] > limits + 1e-9).sum(axis=1)).all()


@given(st.floats(80, 900_000), st.floats(0, 0.3))
def test_a_quoted_price_never_passes_its_discount(listed, discount):
    price = float(net_price(listed, discount))
    assert price >= listed * (1 - discount) - 1e-6
    assert price <= listed * (1 - discount) * 1.002 + 1e-6


def test_companies_have_names_of_their_own():
    rng = np.random.default_rng(1)
    place = np.full(3_000, "江苏", object)
    found = names.company_names(place, place, np.full(3_000, "food"), rng)
    assert found["brand"].is_unique
    assert found["name"].str.startswith("江苏").all()
    assert found["name"].str.endswith("公司").all()


def test_readings_of_name_characters_are_complete():
    for readings in (names.FIRST, names.MIDDLE, names.LAST, names.SURNAMES, names.GIVEN):
        assert all(character and reading.isascii() for character, reading in readings.items())
        assert len(readings) >= 20


def test_credit_codes_pass_their_check():
    codes = names.credit_codes(np.array(["32"] * 500), np.random.default_rng(2))
    assert credit_code(pd.Series(codes)).all()
    assert len(set(codes)) == 500


def test_areas_have_valid_codes_and_parents():
    areas = prefectures()
    assert areas["geo_code"].is_unique
    assert geo_code(areas["geo_code"]).all()
    assert len(areas) > 330
    units = make_frame(size="tiny").tables["geo_unit"]
    assert set(units["parent_code"].dropna()) <= set(units["geo_code"])


def test_ids_are_short_sortable_and_keep_gaps(tmp_path: Path):
    writer = Writer(tmp_path, SIZES["small"])
    ids = writer.ids(np.array([0, 41, -1]), "account").to_pylist()
    assert ids == ["A000001", "A000042", None]
    writer.next_part({"account": 42})
    assert writer.ids(np.array([0]), "account").to_pylist() == ["A000043"]
    assert writer.ids(np.array([0]), "rep").to_pylist() == ["R0001"]


def test_prefixes_are_unlike():
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_a_column_of_the_wrong_kind_is_refused(tmp_path: Path):
    writer = Writer(tmp_path, SIZES["tiny"])
    frame = pd.DataFrame({"product_id": [0], "cost": ["dear"], "currency": ["CNY"]})
    with pytest.raises((InputError, ValueError, TypeError)):
        writer.table("unit_cost", frame)


def test_every_effect_is_named_in_both_languages():
    for name, (english, chinese) in effects().items():
        assert english.isascii(), name
        assert not chinese.isascii(), name


def test_explained_keeps_every_parameter():
    told = explained(TRUTH)
    assert told["season"]["months"]["value"] == list(TRUTH.season.months)
    assert told["price"]["elasticity"]["value"]["consumables"] == -1.4
