"""What is planted: every parameter of the demand side, with its unit and its meaning.

All of it is written to `truth/truth.yaml`. Sources of the values are the ranges of practice in
`docs/sample_company.md`; none of them describes a real company.
"""

from __future__ import annotations

# `planted` gives a dataclass field, as `field` does.
# ruff: noqa: RUF009
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

REGIONS = ("east", "north", "south", "central", "southwest", "northwest_northeast")
LINES = ("equipment", "consumables", "service")
CHANNELS = ("direct", "dealer", "ecommerce")
SOURCES = ("tender", "existing", "referral", "exhibition", "website", "cold_call", "dealer")
STAGES = ("qualify", "solution", "quote", "negotiate")


def planted(default: Any, unit: str, meaning: str) -> Any:
    """A field of a truth dataclass: its value, unit and meaning (both go into truth.yaml)."""
    metadata = {"unit": unit, "meaning": meaning}
    if isinstance(default, (dict, list)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Size:
    """How much of the company is simulated.

    Attributes
    ----------
    accounts, reps, parts : int
        Accounts over all parts, quota-carrying reps, parts simulated one after the other.
    activity : float
        Orders, deals and visits an account against the small company.
    level : int
        Compression level of the files.
    """

    name: str
    accounts: int
    reps: int
    parts: int = 1
    activity: float = 1.0
    level: int = 19

    @property
    def digits(self) -> int:
        """Digits of ids of what there is much of."""
        return 6 + (self.accounts > 20_000) + (self.accounts > 200_000)


SIZES = {
    "tiny": Size("tiny", 1_500, 24, level=1),
    "small": Size("small", 5_000, 60),
    "medium": Size("medium", 100_000, 360, activity=0.30, level=1),
    "large": Size("large", 1_000_000, 3_600, parts=20, activity=0.30, level=1),
}


@dataclass(frozen=True)
class SeasonTruth:
    """Calendar of demand."""

    months: tuple[float, ...] = planted(
        (7.5, 4.5, 9.5, 8, 8, 10, 7, 7, 9.5, 7.5, 8.5, 13),
        "percent of a year",
        "orders by month in a year whose New Year lies in the first half of February",
    )
    new_year_week: float = planted(
        0.05, "share of an ordinary day", "demand in the seven days from New Year's Eve"
    )
    before_new_year: float = planted(
        0.60, "share of an ordinary day", "demand in the seven days before New Year's Eve"
    )
    after_new_year: float = planted(
        0.55, "share of an ordinary day", "demand in days 8 to 14 of the new year"
    )
    last_days: dict[str, float] = planted(
        {"quarter": 0.44, "month": 0.31, "number": 5},
        "share of the month",
        "orders of direct customers in the last five working days of a quarter-end month, "
        "of another month",
    )
    weekdays: tuple[float, ...] = planted(
        (1.05, 1.08, 1.04, 1.0, 0.98, 0.10, 0.06),
        "index",
        "Monday to Sunday; a weekend worked in lieu counts 0.8, a day off counts as Sunday",
    )
    online_weekdays: tuple[float, ...] = planted(
        (1.10, 1.08, 1.04, 1.0, 0.96, 0.55, 0.50), "index", "weekdays of e-commerce"
    )
    held_back: float = planted(
        0.22,
        "share",
        "opening the year well: orders of the last eight working days of December held back "
        "into the first eight of January",
    )
    shopping_618: float = planted(1.8, "index", "e-commerce demand, 5 to 18 June")
    shopping_1111: float = planted(2.2, "index", "e-commerce demand, 1 to 11 November")
    shopping_dip: float = planted(
        0.78, "index", "e-commerce demand in the 10 days before and the 14 after a festival"
    )
    online_months: tuple[float, ...] = planted(
        (7.8, 5.5, 8.8, 8.6, 8.7, 8.0, 8.1, 8.4, 9.0, 8.6, 8.4, 10.1),
        "percent of a year",
        "e-commerce orders by month without the shopping festivals",
    )


@dataclass(frozen=True)
class PriceTruth:
    """Prices, discounts and how demand answers."""

    elasticity: dict[str, float] = planted(
        {"equipment": -0.7, "consumables": -1.4, "service": -0.4, "ecommerce": -1.8},
        "percent of quantity per percent of price",
        "answer of orders to list price by product line; e-commerce whatever the line",
    )
    rises: dict[int, float] = planted(
        {2022: 0.030, 2023: 0.025, 2024: 0.025, 2025: 0.020, 2026: 0.015},
        "share",
        "mean rise of list prices by year; families differ",
    )
    rise_spread: float = planted(0.025, "share", "standard deviation of rises between families")
    ahead_lift: float = planted(
        6.0, "per unit of rise", "demand in the 30 days before a rise is 1 + this x rise"
    )
    ahead_days: int = planted(30, "days", "buying ahead before a rise; the dip lasts as long")
    promotion_depth: float = planted(-0.08, "share", "price change of a family's promotion")
    promotion_lift: float = planted(
        1.45, "index", "orders of a promoted family in the promotion, price effect included"
    )
    limits: tuple[float, ...] = planted(
        (0.10, 0.15, 0.20), "share off list", "limits at which approval passes upward"
    )
    piled: float = planted(
        0.55, "share", "discounts pulled up to the next approval limit from up to 4 points below"
    )
    wanted: dict[str, float] = planted(
        {"equipment": 0.125, "consumables": 0.110, "service": 0.085, "ecommerce": 0.09},
        "share off list",
        "mean discount asked for, before piling up at the limits",
    )
    wanted_spread: float = planted(0.045, "share", "standard deviation of discounts asked for")
    tender: tuple[float, float] = planted((0.18, 0.25), "share off list", "discounts in tenders")
    drift: float = planted(
        0.014, "share off list", "rise of discounts asked for from January 2026 on"
    )
    margin: dict[str, float] = planted(
        {"equipment": 0.32, "consumables": 0.45, "service": 0.55},
        "share of revenue without VAT",
        "gross margin aimed at by line, mid 2025",
    )
    cost_drift: float = planted(0.024, "share a year", "rise of unit costs")
    vat: dict[str, float] = planted(
        {"equipment": 0.13, "consumables": 0.13, "service": 0.06}, "share", "VAT rate by line"
    )


@dataclass(frozen=True)
class CustomerTruth:
    """Accounts: potential, satisfaction, life, dirt."""

    shares: dict[str, float] = planted(
        {"direct": 0.752, "dealer": 0.068, "online": 0.18}, "share of accounts", "kinds of account"
    )
    potential_sigma: float = planted(
        1.40, "log units", "spread of yearly potential between direct accounts (lognormal)"
    )
    online_sigma: float = planted(0.95, "log units", "spread of potential between online buyers")
    consumables_year: float = planted(
        46e6, "CNY a year with VAT", "direct consumables in 2025, small company"
    )
    service_year: float = planted(
        75e6, "CNY a year with VAT", "direct service orders in 2025, small company"
    )
    online_year: float = planted(90e6, "CNY a year with VAT", "e-commerce in 2025, small company")
    order_median: float = planted(9_000.0, "CNY", "median consumables order of direct customers")
    order_sigma: float = planted(0.90, "log units", "spread of consumables orders")
    growth: dict[int, float] = planted(
        {2022: 0.06, 2023: 0.06, 2024: 0.05, 2025: 0.03, 2026: 0.05},
        "share",
        "growth of what a customer needs at constant prices, direct and online",
    )
    weak_region: str = planted("northwest_northeast", "code", "region that shrinks in 2026")
    weak_growth: float = planted(-0.25, "share", "its growth of end demand in 2026")
    satisfaction_mean: float = planted(7.4, "points of 10", "mean satisfaction")
    satisfaction_sd: float = planted(1.1, "points of 10", "spread between accounts")
    satisfaction_walk: float = planted(0.35, "points of 10", "change from quarter to quarter")
    churn_base: float = planted(
        0.030, "chance a quarter", "churn of a buying customer at mean satisfaction"
    )
    churn_slope: float = planted(
        -0.65, "log odds per point", "effect of satisfaction on churn in a quarter"
    )
    duplicates: float = planted(0.035, "share of accounts", "second entries of the same company")
    without_code: float = planted(0.15, "share of accounts", "without credit code")
    habit: dict[str, float] = planted(
        {"state": 38.0, "public": 30.0, "private": 9.0, "foreign": 2.0},
        "days",
        "payment habit: mean delay after the due date by ownership",
    )
    recall_days: tuple[int, int] = planted(
        (30, 90), "days", "recall to the pool without contact, without a deal"
    )
    first_claim: float = planted(0.20, "share", "new accounts won over by their first owner")
    reclaim: float = planted(0.08, "share", "accounts claimed again from the pool that convert")


@dataclass(frozen=True)
class RepTruth:
    """Sales people."""

    skill_sd: float = planted(0.30, "log units", "spread of skill between reps")
    skill_deals: float = planted(
        1.0, "log hazard per unit of skill", "effect of skill on moving a deal forward"
    )
    skill_orders: float = planted(
        0.5, "log orders per unit of skill", "effect of skill on running orders of direct accounts"
    )
    learning: float = planted(0.25, "log units", "skill gained by experience in the long run")
    learning_days: float = planted(540.0, "days", "time constant of learning after the ramp")
    ramp_start: float = planted(0.30, "share of full output", "output of a new rep on day one")
    ramp_days: float = planted(182.0, "days", "until a new rep reaches full output")
    attrition: float = planted(0.19, "share a year", "leaving, after the first year in post")
    attrition_first: float = planted(0.35, "share a year", "leaving, in the first year")
    attrition_season: tuple[float, ...] = planted(
        (0.6, 2.0, 2.4, 1.8, 0.9, 0.7, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4),
        "index",
        "leaving by month, after the year-end bonus",
    )
    vacancy_days: tuple[int, int] = planted((20, 75), "days", "until a seat is filled again")
    moved_accounts: float = planted(
        0.08, "share", "accounts given to another seat of the region each January"
    )
    training_effect: float = planted(
        0.18, "log units", "skill gained for a year after the sales course"
    )
    training_rate: float = planted(0.55, "share a year", "reps that take the sales course")


@dataclass(frozen=True)
class DealTruth:
    """Leads and deals: arrival, hidden hazards of stages, dates, entries."""

    deals_year: float = planted(2_960.0, "deals a year", "created in 2025, small company")
    line_service: float = planted(0.20, "share", "service contracts among the deals")
    amount_median: dict[str, float] = planted(
        {"equipment": 300e3, "service": 90e3}, "CNY with VAT", "median of stated amounts"
    )
    amount_sigma: float = planted(0.90, "log units", "spread of stated amounts")
    amount_account: float = planted(
        0.36, "log units per log unit", "effect of an account's potential on the amount"
    )
    sources: dict[str, float] = planted(
        {
            "tender": 0.24,
            "existing": 0.16,
            "referral": 0.09,
            "exhibition": 0.14,
            "website": 0.17,
            "cold_call": 0.13,
            "dealer": 0.07,
        },
        "share",
        "where deals come from",
    )
    advance: tuple[float, ...] = planted(
        (0.0250, 0.0280, 0.0300, 0.0100),
        "chance a working day",
        "base hazard of moving to the next stage from qualify, solution, quote, negotiate",
    )
    lose: tuple[float, ...] = planted(
        (0.0047, 0.0071, 0.0098, 0.0180), "chance a working day", "base hazard of losing by stage"
    )
    void: tuple[float, ...] = planted(
        (0.0050, 0.0036, 0.0026, 0.0020),
        "chance a working day",
        "base hazard of falling silent by stage: such deals are voided later, without a date",
    )
    pace: dict[str, float] = planted(
        {"tender": 0.58}, "index", "all hazards of a source against the others"
    )
    pace_sd: float = planted(
        0.50, "log units", "hidden pace of a deal: all its hazards together (normal)"
    )
    age: float = planted(
        -0.35, "log hazard per log(1 + days in stage / 30)", "stale deals move ever less"
    )
    size: float = planted(
        -0.10, "log hazard per log unit of amount", "large deals move forward more slowly"
    )
    source: dict[str, float] = planted(
        {
            "tender": -0.24,
            "existing": 0.50,
            "referral": 0.32,
            "exhibition": -0.05,
            "website": -0.12,
            "cold_call": -0.30,
            "dealer": 0.08,
        },
        "log hazard",
        "effect of the source on moving forward",
    )
    frailty: float = planted(0.30, "log units", "hidden quality of a deal (normal)")
    quiet: tuple[float, float] = planted(
        (45.0, 0.55), "index", "that hazard after a date passed without a decision, and before"
    )
    void_age: float = planted(
        0.3, "log hazard per log(1 + days in stage / 30)", "stale deals fall silent ever more"
    )
    silence: tuple[float, ...] = planted(
        (230.0, 240.0, 150.0, 90.0),
        "days",
        "median time from falling silent to being voided, by stage: reps hope longer later on",
    )
    silence_sd: float = planted(0.45, "log units", "spread of that time")
    deadline: float = planted(
        18.0, "index", "hazards of winning and losing in the 12 days before the expected date"
    )
    undecided: float = planted(0.10, "index", "the same hazards on all other days")
    urgency: float = planted(
        2.6, "log hazard", "effect on the steps before of a date that is near (negative: far)"
    )
    date_sd: float = planted(0.45, "log units", "spread of the dates customers plan")
    push: float = planted(1.0, "power", "closing follows the day weights of orders to this power")
    optimism: float = planted(
        0.125, "share", "typed probability above the chance that the deal is won"
    )
    optimism_sd: float = planted(0.06, "share", "spread of that between reps")
    update: tuple[float, float] = planted(
        (0.15, 0.004),
        "chance a working day",
        "a close date that has passed is moved on: by careful entry, by careless entry",
    )
    careless: float = planted(0.4, "share of deals", "whose dates are kept carelessly")
    backfilled: float = planted(0.10, "share of closed deals", "typed in after they closed")
    reversed: float = planted(0.03, "share of contracts", "cancelled later, in full or half")
    friday: float = planted(
        0.45, "share of activities", "typed in on Friday evening instead of the same day"
    )
    lead_rate: float = planted(
        0.30, "share", "leads that convert when answered within the hour, mean of sources"
    )
    lead_decay: float = planted(
        -0.42, "log odds per log2(1 + hours)", "conversion falls with the hours to the answer"
    )
    lead_hours: tuple[float, float] = planted(
        (5.0, 1.5), "hours, log units", "median and spread of the time to the first answer"
    )
    competitors: int = planted(6, "number", "competitors met in deals")


@dataclass(frozen=True)
class Truth:
    """All planted parameters of the demand side, by room."""

    season: SeasonTruth = field(default_factory=SeasonTruth)
    price: PriceTruth = field(default_factory=PriceTruth)
    customer: CustomerTruth = field(default_factory=CustomerTruth)
    rep: RepTruth = field(default_factory=RepTruth)
    deal: DealTruth = field(default_factory=DealTruth)


def explained(truth: Any) -> dict[str, Any]:
    """A truth dataclass as nested plain values: {name: {value, unit, meaning}}."""
    out: dict[str, Any] = {}
    for each in fields(truth):
        value = getattr(truth, each.name)
        if is_dataclass(value):
            out[each.name] = explained(value)
        else:
            out[each.name] = {"value": _plain(value), **each.metadata}
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (tuple, list)) else value
