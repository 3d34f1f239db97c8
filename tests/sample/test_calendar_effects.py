"""What the calendar, prices and promotions do to orders: planted, found, gone when off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sample.demand_side import Demand, on, without
from workbench.sample.parameters import Truth

SEASON, PRICE = Truth().season, Truth().price


def per_day(sample: Demand, lines: pd.DataFrame, chosen: np.ndarray) -> float:
    """Order lines a day over the days chosen (bool by day index)."""
    days = chosen[: sample.frame.calendar.as_of + 1]
    return float(days[lines["day"].to_numpy()].sum() / days.sum())


def date_mask(sample: Demand, condition: object) -> np.ndarray:
    """Days whose date fulfils a condition on a DatetimeIndex."""
    return np.asarray(condition(pd.DatetimeIndex(sample.frame.calendar.days)))


def strong_months(sample: Demand) -> float:
    """Running orders of March, September, December against February, July, October."""
    lines = sample.direct[sample.direct["year"].between(2022, 2025)]
    return float(lines["month"].isin([3, 9, 12]).sum() / lines["month"].isin([2, 7, 10]).sum())


def test_months_differ():
    profile = SEASON.months
    planted = (profile[2] + profile[8] + profile[11]) / (profile[1] + profile[6] + profile[9])
    assert strong_months(on()) == pytest.approx(planted, rel=0.15)
    assert strong_months(without("season")) < 1.3


def before_new_year(sample: Demand) -> float:
    """Orders a working day in the week before New Year's Eve against the two weeks before it.

    The last five working days of a month stand apart.
    """
    calendar = sample.frame.calendar
    near, far, usual = (np.zeros(len(calendar.days), bool) for _ in range(3))
    lines = pd.concat([sample.direct, sample.online])
    usual[lines.loc[lines["from_end"] > 5, "day"]] = True
    for eve in ("2023-01-21", "2024-02-09", "2026-02-16"):
        at = int(calendar.index(np.datetime64(eve)))
        near[at - 7 : at], far[at - 24 : at - 7] = True, True
    return per_day(sample, lines, near & usual) / per_day(sample, lines, far & usual)


def test_orders_stop_before_the_new_year():
    # Months have a level of their own, so the planted share shows against the other sample.
    # Online buyers stop less: the square root of what direct customers do.
    share = before_new_year(on()) / before_new_year(without("new_year"))
    assert SEASON.before_new_year - 0.05 < share < np.sqrt(SEASON.before_new_year) + 0.1


def test_the_new_year_week_is_dead():
    calendar = on().frame.calendar
    eve = int(calendar.index(np.datetime64("2024-02-09")))
    week = on().lines["day"].between(eve, eve + 6).sum() / 7
    assert week / (len(on().lines) / calendar.as_of) < 0.05


def last_five(sample: Demand) -> float:
    """Share of the last five working days in quarter-end months of running direct orders."""
    lines = sample.direct[sample.direct["month"] % 3 == 0]
    chosen = lines["from_end"].between(1, 5)
    return float(lines.loc[chosen, "amount"].sum() / lines["amount"].sum())


def test_orders_pile_up_at_quarter_ends():
    assert last_five(on()) == pytest.approx(SEASON.last_days["quarter"], abs=0.05)
    assert last_five(without("month_end")) < 0.30


def weekend(sample: Demand) -> float:
    """Orders on a day off against a working day."""
    calendar = sample.frame.calendar
    lines = sample.direct
    return per_day(sample, lines, ~calendar.working) / per_day(sample, lines, calendar.working)


def test_days_off_stand_still():
    assert weekend(on()) < 0.12
    assert weekend(without("weekday")) > 0.6


def opening(sample: Demand) -> float:
    """First eight working days of January against the next eight, orders a day."""
    lines = sample.direct[sample.direct["month"] == 1]
    return float(lines["from_start"].between(1, 8).sum() / lines["from_start"].between(9, 16).sum())


def test_december_is_held_back_for_january():
    assert opening(on()) > 1.5 * opening(without("opening"))


def festival(sample: Demand, first: str, last: str) -> float:
    """Online orders a day in a festival against ordinary days; months even out by season."""
    lines = sample.online
    inside = date_mask(
        sample, lambda d: (d.strftime("%m-%d") >= first) & (d.strftime("%m-%d") <= last)
    )
    around = date_mask(
        sample,
        lambda d: np.isin(d.month, [5, 7, 9]) & (d.day <= 25) & ~((d.month == 7) & (d.day <= 4)),
    )
    return per_day(sample, lines, inside) / per_day(sample, lines, around)


def test_shopping_festivals_lift_and_dip():
    assert festival(on(), "06-05", "06-18") == pytest.approx(SEASON.shopping_618, abs=0.2)
    assert festival(on(), "11-01", "11-11") == pytest.approx(SEASON.shopping_1111, abs=0.25)
    assert festival(on(), "11-12", "11-25") < 0.95
    off = without("festivals")
    assert festival(off, "06-05", "06-18") == pytest.approx(1, abs=0.15)
    assert festival(off, "11-01", "11-11") == pytest.approx(1, abs=0.15)


def elasticity(sample: Demand) -> float:
    """Slope of log quantity on log list price over online products and years.

    Days within five weeks of a price change are left out; products and years have their level.
    """
    frame, lines = sample.frame, sample.online
    changed = sorted(set(frame.promotions.query("promotion_type == 'price_change'")["start_day"]))
    clear = np.ones(len(frame.calendar.days), bool)
    for day in changed:
        clear[max(0, day - 35) : day + 35] = False
    lines = lines[clear[lines["day"].to_numpy()]]
    span = np.searchsorted(changed, lines["day"], side="right")
    cells = (
        lines.assign(span=span)
        .groupby(["product_id", "span"])
        .agg(count=("day", "size"), price=("list_price", "mean"))
    )
    cells = cells[cells["count"] >= 20].reset_index()
    y, x = np.log(cells["count"]), np.log(cells["price"])
    weight = cells["count"].to_numpy(float)
    design = np.column_stack(
        [x, pd.get_dummies(cells["product_id"]), pd.get_dummies(cells["span"]).iloc[:, 1:]]
    ).astype(float)
    root = np.sqrt(weight)
    fit = np.linalg.lstsq(design * root[:, None], y.to_numpy() * root, rcond=None)[0]
    return float(fit[0])


def test_quantity_answers_to_price():
    assert elasticity(on()) == pytest.approx(PRICE.elasticity["ecommerce"], abs=0.6)
    assert abs(elasticity(without("elasticity"))) < 0.6


def ahead(sample: Demand) -> float:
    """Slope of log orders in the 30 days before against after a rise, on the rise."""
    frame, lines = sample.frame, pd.concat([sample.direct, sample.online])
    changes = frame.promotions.query("promotion_type == 'price_change' and price_change > 0")
    changes = changes.groupby(["family", "start_day"])["price_change"].first().reset_index()
    family = frame.products["family"].to_numpy()[lines["product_id"]]
    rows = []
    for change in changes.itertuples():
        days = lines["day"][family == change.family] - change.start_day
        rows.append((change.price_change, days.between(-30, -1).sum(), days.between(0, 29).sum()))
    rise, before, after = (np.array(each, float) for each in zip(*rows, strict=True))
    keep = (before > 30) & (after > 10)
    weight = 1 / (1 / before[keep] + 1 / after[keep])
    ratio = np.log(before[keep] / after[keep])
    centred = rise[keep] - np.average(rise[keep], weights=weight)
    return float((weight * centred * ratio).sum() / (weight * centred**2).sum())


def test_customers_buy_ahead_of_a_price_rise():
    assert ahead(on()) == pytest.approx(2 * PRICE.ahead_lift, rel=0.35)
    assert ahead(without("ahead")) < PRICE.ahead_lift


def promoted(sample: Demand) -> float:
    """Orders of promoted families in their promotion against two months around it, by the rest."""
    frame, lines = sample.frame, sample.direct
    offers = frame.promotions.query("promotion_type == 'promotion'")
    offers = offers.drop_duplicates(["family", "start_day"])
    offers = offers[offers["start_day"].between(60, frame.calendar.as_of - 80)]
    family = frame.products["family"].to_numpy()[lines["product_id"]]
    line = lines["product_line"].to_numpy()
    inside = outside = other_inside = other_outside = 0
    for offer in offers.itertuples():
        days = lines["day"] - offer.start_day
        near, far = days.between(0, 20), days.between(-40, -1) | days.between(21, 60)
        own = family == offer.family
        rest = (line == "consumables") & ~own
        inside, outside = inside + (near & own).sum(), outside + (far & own).sum()
        other_inside += (near & rest).sum()
        other_outside += (far & rest).sum()
    return float(inside / outside / (other_inside / other_outside))


def test_promotions_lift_their_family():
    assert promoted(on()) == pytest.approx(PRICE.promotion_lift, abs=0.15)
    assert promoted(without("promotion")) == pytest.approx(1, abs=0.12)


def at_limits(sample: Demand) -> float:
    """Share of running direct lines whose discount is exactly an approval limit."""
    lines = sample.direct
    discount = 1 - lines["net_price"] / lines["list_price"]
    near = np.zeros(len(lines), bool)
    for limit in PRICE.limits:
        near |= (discount > limit - 0.003) & (discount <= limit + 1e-9)
    return float(near.mean())


def test_discounts_pile_up_at_approval_limits():
    assert at_limits(on()) > 0.35
    assert at_limits(without("limits")) < 0.25


def test_approval_follows_the_discount():
    lines = on().direct
    discount = 1 - lines["net_price"] / lines["list_price"]
    plain = lines["promotion_id"] < 0
    none = plain & (lines["approval"] == "none")
    special = plain & (lines["approval"] == "special")
    assert discount[none].max() <= PRICE.limits[0] + 1e-9
    assert discount[special].min() > PRICE.limits[-1] - 0.01


def late_discount(sample: Demand) -> float:
    """Mean discount of running lines in 2026 less that of 2025."""
    lines = sample.direct
    discount = 1 - lines["net_price"] / lines["list_price"]
    return float(discount[lines["year"] == 2026].mean() - discount[lines["year"] == 2025].mean())


def test_discounts_grow_in_2026():
    assert late_discount(on()) == pytest.approx(PRICE.drift, abs=0.006)
    assert abs(late_discount(without("discount_drift"))) < 0.006


def tender_discount(sample: Demand) -> float:
    """Mean discount of won tenders less that of other won deals."""
    lines = sample.lines[~sample.lines["running"]]
    discount = 1 - lines["net_price"] / lines["list_price"]
    source = sample.deals["source"].to_numpy()[lines["opportunity_id"]]
    return float(discount[source == "tender"].mean() - discount[source != "tender"].mean())


def test_tenders_cost_more_discount():
    assert tender_discount(on()) > 0.06
    assert abs(tender_discount(without("tender_price"))) < 0.02


def cost_rise(sample: Demand) -> float:
    """Yearly rise of unit costs, mean of products."""
    costs = sample["unit_cost"].sort_values("valid_from").groupby("product_id")["cost"]
    span = 5.0  # from the second half of 2021 to the second half of 2026
    return float((np.log(costs.nth(-1).to_numpy() / costs.nth(1).to_numpy()) / span).mean())


def test_unit_costs_rise():
    assert cost_rise(on()) == pytest.approx(PRICE.cost_drift, abs=0.004)
    assert abs(cost_rise(without("cost_drift"))) < 0.004
