"""Laws that hold for any lines: order, splits, replay, taking back, changes of one rate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pay.little import NAMES, credits_of, monthly, people_of, plan_of, quota_of, rated
from workbench.errors import InputError
from workbench.pay import correct, pay
from workbench.pay.exactly import Ratio, shared
from workbench.pay.kernels import scaled

_HELD = {"hold": {"h": {"components": "c", "share": "20%", "release": 2}}}
FEW = settings(max_examples=20, deadline=None)
TIERS = [{"rate": "1.37%"}, {"from": 1_000, "rate": "2.9%"}, {"from": 5_000, "rate": "4.01%"}]
CENTS = st.integers(0, 1_000_000).map(lambda cents: cents / 100)
DAYS = st.integers(0, 364).map(lambda day: str(np.datetime64("2026-01-01") + day))
LINES = st.lists(st.tuples(CENTS, DAYS), min_size=1, max_size=25)


def _credits(lines, **columns):
    return credits_of([each[0] for each in lines], dates=[each[1] for each in lines], **columns)


def _plan(kind="marginal", window="year", **more):
    return plan_of({"c": rated(TIERS, accumulate=window, rates={"kind": kind})}, **more)


def _minor(statement):
    return statement.minor().tolist()


@FEW
@given(a=st.integers(-(2**61), 2**61), b=st.integers(0, 2**61), c=st.integers(1, 2**62))
def test_rounding_of_wide_products_is_exact(a, b, c):
    value = Fraction(a * b, c)
    if abs(value) >= 2**61:
        return
    assert scaled(a, b, c, True) == round(value)
    half_up = int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)
    assert scaled(a, b, c, False) == half_up


@FEW
@given(a=st.integers(-(10**18), 10**18), share=st.fractions(0, 1, max_denominator=10_000))
def test_shares_are_rounded_as_fractions_are(a, share):
    value = np.array([a // 10_000])
    assert shared(value, share, even=True)[0] == round(int(value[0]) * share)
    assert Ratio.of(value * 3, 7).rounded(even=True)[0] == round(Fraction(int(value[0]) * 3, 7))


@FEW
@given(lines=LINES, kind=st.sampled_from(["marginal", "whole"]), data=st.data())
def test_order_of_rows_does_not_matter(lines, kind, data):
    credits = _credits(lines)
    order = data.draw(st.permutations(range(len(lines))))
    one, other = pay(_plan(kind), credits), pay(_plan(kind), credits.iloc[list(order)])
    assert _minor(one) == _minor(other)
    assert one.lines()["earned"].tolist() == other.lines()["earned"].tolist()


@FEW
@given(lines=LINES)
def test_lines_and_rerating_add_up_to_the_pay(lines):
    for kind in ("marginal", "whole"):
        statement = pay(_plan(kind), _credits(lines))
        assert round(statement.lines()["earned"].sum() * 100) == statement.minor().sum()


@FEW
@given(lines=LINES)
def test_whole_year_is_the_rate_table_at_the_total(lines):
    total = sum(round(amount * 100) for amount, _ in lines)
    parts = [(0, "0.0137"), (100_000, "0.029"), (500_000, "0.0401")]
    ends = [start for start, _ in parts[1:]] + [10**15]
    exact = sum(
        Fraction(rate) * max(min(total, end) - start, 0)
        for (start, rate), end in zip(parts, ends, strict=True)
    )
    paid = int(pay(_plan(), _credits(lines)).minor().sum())
    assert paid == int(exact + Fraction(1, 2))


@FEW
@given(lines=LINES, more=CENTS)
def test_more_sales_never_pay_less(lines, more):
    credits = _credits(lines)
    raised = credits.copy()
    raised.loc[0, "amount"] += more
    for kind in ("marginal", "whole"):
        assert pay(_plan(kind), raised).minor().sum() >= pay(_plan(kind), credits).minor().sum()


@FEW
@given(
    amount=CENTS,
    shares=st.lists(st.integers(1, 97), min_size=2, max_size=6),
    sign=st.sampled_from([1, -1]),
)
def test_split_credit_adds_up_to_the_deal(amount, shares, sign):
    total = sum(shares)
    parts = [round(share / total, 8) for share in shares]
    parts[-1] = round(1 - sum(parts[:-1]), 8)
    credits = pd.DataFrame(
        {
            "line_id": "D1",
            "rep_id": [f"R{number}" for number in range(len(parts))],
            "date": pd.Timestamp("2026-02-01"),
            "amount": sign * amount,
            "share": parts,
        }
    )
    plan = plan_of({"c": rated([{"rate": 1}])})
    statement = pay(plan, credits)
    assert round(statement.lines()["credit"].sum() * 100) == round(sign * amount * 100)
    assert not len(statement.exceptions().query("kind in ['split_under', 'split_over']"))


def test_overlay_credit_is_counted_apart():
    credits = credits_of(
        [1_000, 1_000], rep=["R1", "R2"], split_type=["split", "overlay"], share=[1.0, 0.5]
    )
    credits["line_id"] = "D1"
    plan = plan_of(
        {
            "own": rated([{"rate": "10%"}]),
            "overlay": rated([{"rate": "10%"}]) | {"measure": "double"},
        },
        measures={"sales": {}, "double": {"credit": "overlay"}},
    )
    statement = pay(plan, credits)
    assert monthly(statement, rep="R1")[0] == 100
    assert monthly(statement, rep="R2")[0] == 50
    assert statement.book.company("sales").sum() == 100_000


@FEW
@given(lines=LINES, back=st.lists(st.tuples(st.integers(0, 24), DAYS, st.integers(1, 100))))
def test_taking_back_never_exceeds_what_was_paid(lines, back):
    """Under every window, and with a factor that moves, a deal fully returned leaves nothing."""
    returned, rows = {}, []
    for number, day, percent in back:
        number = number % len(lines)
        left = lines[number][0] - returned.get(number, 0.0)
        part = round(min(left, lines[number][0] * percent / 100), 2)
        if day > lines[number][1] and part > 0:
            returned[number] = returned.get(number, 0.0) + part
            rows.append((number, day, part))
    sold = _credits(lines, event="booked", corrects=None)
    gone = pd.DataFrame(
        {
            "line_id": [f"Z{n:03d}" for n in range(len(rows))],
            "rep_id": "R1",
            "date": pd.to_datetime([row[1] for row in rows]),
            "amount": [row[2] for row in rows],
            "event": "returned",
            "corrects": [f"L{row[0]:04d}" for row in rows],
        }
    )
    credits = pd.concat([sold, gone], ignore_index=True) if rows else sold
    measures = {"sales": {"less": "returned"}}
    factor = {
        "times": {
            "indicator": "attained",
            "steps": [{"from": 0, "factor": "0.5"}, {"from": "50%", "factor": "1.3"}],
        }
    }
    for window in ("transaction", "month", "quarter", "year"):
        component = rated(TIERS, accumulate=window, modify=[factor])
        plan = plan_of(
            {"c": component},
            measures=measures,
            indicators={"attained": {"attainment": "sales"}},
        )
        quotas = quota_of([12_000])
        with_returns = pay(plan, credits, quotas).minor().cumsum(axis=1)
        assert (with_returns >= -1).all(), window


@FEW
@given(lines=LINES, late=st.lists(st.tuples(CENTS, DAYS), max_size=5))
def test_replay_is_the_same_as_month_by_month(lines, late):
    """Settled as facts come in, with late ones among them, the year pays what it pays at once."""
    whole = _credits(lines + late)
    known = whole["line_id"] < f"L{len(lines):04d}"
    plan = _plan("whole", "quarter")
    at_once = pay(plan, whole)
    people = people_of()
    statement = pay(plan, whole[known & (whole["date"] < "2026-02-01")], None, people)
    statement = statement.with_closed("2026-01")
    for month in range(2, 12):
        until = whole["date"] < f"2026-{month + 1:02d}-01"
        frozen = statement.minor()[:, : month - 1].copy()
        credits = whole[until & (known | (month > 6))]
        statement = correct(statement, credits=credits, closed=f"2026-{month:02d}")
        assert (statement.minor()[:, : month - 1] == frozen).all()
    statement = correct(statement, credits=whole)
    assert statement.minor().sum() == at_once.minor().sum()
    assert round(statement.ledger()["amount"].sum() * 100) == statement.minor().sum()
    if not late:
        assert _minor(statement) == _minor(at_once)


def test_a_correction_is_posted_in_the_next_open_month():
    plan = _plan()
    statement = pay(plan, credits_of([1_000.0]), closed="2026-01")
    changed = correct(statement, credits=credits_of([2_000.0]))
    assert monthly(changed)[:2] == [13.70, 29.00]
    assert changed.ledger()["entry"].tolist() == ["earned", "correction"]
    closed = correct(statement.with_closed("2026-12"), credits=credits_of([2_000.0]))
    assert monthly(closed)[0] == 13.70 and closed.after["c"].tolist() == [2_900]
    with pytest.raises(InputError, match="closed already"):
        changed.with_closed("2026-03").with_closed("2026-02")


def test_a_correction_unfolds_to_what_changed():
    plan = _plan()
    statement = pay(plan, credits_of([1_000.0]), closed="2026-01")
    changed = correct(statement, credits=credits_of([2_000.0]))
    row = changed.delta().iloc[0]
    assert row.tolist() == ["R1", "c", "2026-01", 13.70, 42.70, 29.00]
    tree = changed.explain(rep="R1", period="2026-02")
    assert tree.text().splitlines()[2:] == [
        "    Correction of closed months: 29.00",
        "      2026-01: 29.00",
        "        As now known: 42.70",
        "          2026-01-05 L0000, credit 2,000.00: 42.70",
        "            1,000.00 at 1.37%: 13.70",
        "            1,000.00 at 2.9%: 29.00",
        "        Posted before: −13.70",
    ]


def test_other_rates_correct_what_was_closed():
    plan = _plan()
    statement = pay(plan, credits_of([1_000.0]), closed="2026-01")
    dearer = plan.with_values({"components.c.rates.tiers.0.rate": "2%"})
    assert monthly(correct(statement, plan=dearer))[:2] == [13.70, 6.30]
    other = plan_of({"d": rated(TIERS)})
    with pytest.raises(InputError, match="component c paid in closed months"):
        correct(statement, plan=other)


@FEW
@given(lines=LINES, late=st.lists(st.tuples(CENTS, DAYS), max_size=5))
def test_a_closing_is_all_that_need_be_kept(lines, late):
    """From a written closing the year goes on as from the statement itself."""
    whole, plan = _credits(lines + late), _plan("whole", "quarter", payment=_HELD)
    known = whole["line_id"] < f"L{len(lines):04d}"
    statement = pay(plan, whole[known], None, people_of(), closed="2026-05")
    resumed = pay(plan, whole, None, people_of(), closing=statement.closing())
    corrected = correct(statement, credits=whole)
    assert _minor(resumed) == _minor(corrected)
    assert resumed.delta().equals(corrected.delta())
    again = pay(plan, whole, None, people_of(), closing=corrected.with_closed("2026-08").closing())
    assert _minor(again) == _minor(corrected)


def test_a_closing_of_another_year_is_refused():
    statement = pay(_plan(), credits_of([1_000.0]), closed="2026-01")
    later = plan_of({"c": rated(TIERS)}, starts="2027-01-01")
    with pytest.raises(InputError, match="not that of the plan's first months"):
        pay(later, credits_of([1.0]), closing=statement.closing())


def test_changing_one_rate_changes_its_lines_and_no_other():
    credits = credits_of(
        [900.0, 2_000.0, 4_000.0, 300.0],
        dates=["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"],
        rep=["R1", "R1", "R1", "R2"],
    )
    other = {"label": NAMES, "pays": {"amount": 100}}
    plan = plan_of({"c": rated(TIERS), "d": rated([{"rate": "1%"}]), "fixed": other})
    mutant = plan.with_values({"components.c.rates.tiers.1.rate": "3%"})
    one, two = pay(plan, credits), pay(mutant, credits)
    before, after = one.lines(), two.lines()
    changed = before["earned"] != after["earned"]
    touched = before.loc[changed, ["component", "line_id"]].values.tolist()
    assert touched == [["c", "L0001"], ["c", "L0002"]]  # those that lie in the second tier
    assert after.loc[changed, "earned"].tolist() == pytest.approx(
        [100 * 0.0137 + 1_900 * 0.03, 2_100 * 0.03 + 1_900 * 0.0401]
    )
    ledgers = [s.ledger().query("component != 'c'") for s in (one, two)]
    assert ledgers[0].equals(ledgers[1])
