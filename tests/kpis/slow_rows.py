"""The rows behind the KPIs in plain pandas, for `slow.py`: nothing shared with the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.company import Company

NONE = float("nan")
Frames = dict[str, pd.DataFrame]
Figure = Callable[[Frames], float]


@dataclass
class World:
    """Tables as floats and timestamps, each read once."""

    company: Company
    as_of: pd.Timestamp
    kept: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        if name not in self.kept:
            frame = self.company.table(name, money="float")
            for column in frame.columns:
                if isinstance(frame[column].dtype, pd.DatetimeTZDtype):
                    frame[column] = (
                        frame[column].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
                    )
            self.kept[name] = frame
        return self.kept[name].copy()

    def keep(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


@dataclass
class Period:
    first: pd.Timestamp
    last: pd.Timestamp
    seen: pd.Timestamp

    @property
    def year(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        return year_up_to(self.seen)

    @property
    def year_before(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        return year_up_to(self.year[0] - pd.Timedelta(days=1))

    @property
    def before(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        ends = self.first - pd.Timedelta(days=1)
        if self.first.day == 1 and self.seen.is_month_end:
            months = (self.seen.year - self.first.year) * 12 + self.seen.month - self.first.month
            return self.first - pd.DateOffset(months=months + 1), ends
        return self.first - (self.seen - self.first) - pd.Timedelta(days=1), ends


def year_up_to(day: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    ago = day - pd.DateOffset(years=1)
    if day.is_month_end:
        ago = ago + pd.offsets.MonthEnd(0)
    return ago + pd.Timedelta(days=1), day


# -- pieces ------------------------------------------------------------------------------------


def half_up(values: Any) -> Any:
    return np.sign(values) * np.floor(np.abs(values) * 100 + 0.5) / 100


def net(frame: pd.DataFrame, column: str = "amount") -> pd.Series:
    return frame[column].where(
        frame["tax_basis"] == "excl", half_up(frame[column] / (1 + frame["tax_rate"]))
    )


def gross(frame: pd.DataFrame, column: str = "amount") -> pd.Series:
    return frame[column].where(
        frame["tax_basis"] == "incl", half_up(frame[column] * (1 + frame["tax_rate"]))
    )


def within(frame: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp]) -> pd.DataFrame:
    return frame[(frame["day"] >= span[0]) & (frame["day"] <= span[1])]


def of_period(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    return within(frame, (period.first, period.seen))


def placed(world: World, frame: pd.DataFrame, day: pd.Series | None = None) -> pd.DataFrame:
    """Region of the owner of the account; the row's own where nobody owns it."""
    frame = frame.reset_index(drop=True)
    owned = world.table("assignment")
    if world.company.organisation == "at_the_time":
        keys = pd.DataFrame({"account_id": frame["account_id"], "at": day, "row": frame.index})
        both = keys.merge(owned, on="account_id")
        until = both["valid_to"].fillna(pd.Timestamp("2262-01-01"))
        both = both[(both["valid_from"] <= both["at"]) & (both["at"] <= until)]
        found = both.set_index("row")["region"].reindex(frame.index)
    else:
        today = pd.Timestamp(world.company.data_as_of)
        latest = owned[owned["valid_from"] <= today].sort_values("valid_from")
        regions = latest.drop_duplicates("account_id", keep="last").set_index("account_id")
        found = frame["account_id"].map(regions["region"])
    return frame.assign(region=found.fillna(frame["region"]) if "region" in frame else found)


def total(rows: pd.Series) -> float:
    return float(rows.sum())


def over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else NONE


def known_sum(rows: pd.Series) -> float:
    """A sum that is not known where there are rows but no number."""
    return NONE if len(rows) and rows.isna().all() else float(rows.sum())


# -- rows --------------------------------------------------------------------------------------


def sold(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        lines = world.table("order_line")
        lines = lines.assign(net=net(lines), gross=gross(lines), day=lines["recognised_date"])
        back = world.table("return_refund")
        back = back.assign(net=-net(back), gross=-gross(back), day=back["return_date"])
        own = lines.drop(columns=["net", "gross", "day", "quantity"])
        returned = back[["order_line_id", "net", "gross", "day", "quantity"]].merge(
            own, on="order_line_id"
        )
        returned["quantity"] = -returned["quantity"]
        frame = pd.concat([lines[lines["day"].notna()], returned], ignore_index=True)
        return placed(world, frame, frame["order_date"])

    return world.keep("sold", make)


def rebates(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        partners = world.table("partner").set_index("partner_id")
        lines = world.table("order_line")
        lines = lines[lines["partner_id"].notna() & (lines["amount"] > 0)]
        lines = lines.assign(net=net(lines)).sort_values("order_line_id")
        of_partner = {
            partner: (
                rows.index.to_numpy(),
                rows["recognised_date"].to_numpy(),
                rows["net"].to_numpy(),
            )
            for partner, rows in lines.groupby("partner_id")
        }
        none = (np.array([], int), np.array([], "M8[us]"), np.array([]))
        found, alone = [], []
        table = world.table("rebate")
        table["amount"] = net(table)
        for row in table.itertuples():
            index, days, worth = of_partner.get(row.partner_id, none)
            inside = (days >= row.period_start) & (days <= row.period_end)
            if not inside.any():
                owner = partners.loc[row.partner_id]
                place = {"account_id": owner.account_id, "region": owner.region}
                alone.append(
                    {**place, "channel": "dealer", "net": row.amount, "day": row.period_end}
                )
                continue
            running = row.amount * worth[inside].cumsum() / worth[inside].sum()
            share = np.diff(half_up(running), prepend=0.0)
            found.append(
                (index[inside], share, np.repeat(np.datetime64(row.period_end), len(share)))
            )
        index, shares, days = (np.concatenate(each) for each in zip(*found, strict=True))
        shared = lines.loc[index, ["account_id", "region", "channel", "product_line"]]
        shared = shared.assign(net=shares, day=days)
        frame = pd.concat([shared, pd.DataFrame(alone)], ignore_index=True)
        return placed(world, frame, frame["day"])

    return world.keep("rebates", make)


def revenue(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        less = rebates(world)
        columns = ["account_id", "region", "channel", "product_line", "day", "net"]
        return pd.concat(
            [sold(world)[columns], less.assign(net=-less["net"])[columns]], ignore_index=True
        )

    return world.keep("revenue", make)


def ordered(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        lines = world.table("order_line")
        listed = (lines["quantity"] * lines["list_price"]).round(6)
        lines = lines.assign(net=net(lines), gross=gross(lines), listed=listed)
        lines["list_net"] = half_up(net(lines, "listed").round(6))
        return placed(world, lines.assign(day=lines["order_date"]), lines["order_date"])

    return world.keep("ordered", make)


def shipped(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        lines = world.table("order_line")
        lines = lines.assign(line_net=net(lines), line_gross=gross(lines))
        lines = lines.rename(columns={"quantity": "of"})
        frame = world.table("delivery").merge(lines, on="order_line_id")
        frame["net"] = frame["line_net"] * frame["quantity"] / frame["of"]
        frame["gross"] = frame["line_gross"] * frame["quantity"] / frame["of"]
        return placed(world, frame.assign(day=frame["ship_date"]), frame["order_date"])

    return world.keep("shipped", make)


def returned(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        back = world.table("return_refund")
        back = back.assign(net=net(back), day=back["return_date"])
        lines = world.table("order_line")[
            ["order_line_id", "account_id", "region", "product_line", "order_date"]
        ]
        frame = back[["order_line_id", "net", "day"]].merge(lines, on="order_line_id")
        return placed(world, frame, frame["order_date"])

    return world.keep("returned", make)


def at_cost(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        frame = sold(world).reset_index(drop=True)
        frame["row"] = frame.index
        both = frame.merge(
            world.table("unit_cost")[["product_id", "cost", "valid_from", "valid_to"]],
            on="product_id",
        )
        until = both["valid_to"].fillna(pd.Timestamp("2262-01-01"))
        both = both[(both["day"] >= both["valid_from"]) & (both["day"] <= until)]
        return both.assign(cost=both["quantity"] * both["cost"])

    return world.keep("at_cost", make)


def simple(world: World, table: str, date: str) -> pd.DataFrame:
    """Rows of a table by a date, with amounts on both bases where it has them."""

    def make() -> pd.DataFrame:
        frame = world.table(table)
        if "tax_basis" in frame:
            frame = frame.assign(net=net(frame), gross=gross(frame))
        elif "amount" in frame:
            frame = frame.assign(gross=frame["amount"])
        frame["day"] = frame[date].dt.normalize()
        return placed(world, frame, frame["day"])

    return world.keep(f"{table} by {date}", make)


def simple_own(world: World, table: str, date: str) -> pd.DataFrame:
    """Rows of a table by a date, with their own region."""
    frame = world.table(table)
    return frame.assign(day=frame[date])


def signed(world: World) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        contracts = simple(world, "contract", "signed_date")
        frames = contracts[contracts["contract_type"] == "framework"]["contract_id"]
        lines = ordered(world)
        calls = lines[lines["contract_id"].isin(frames)].assign(contract_type="call_off")
        columns = ["account_id", "region", "contract_type", "day", "gross", "product_line"]
        direct = contracts[contracts["contract_type"] != "framework"]
        return pd.concat([direct[columns], calls[columns]], ignore_index=True)

    return world.keep("signed", make)


def receipts(world: World, *, at_maturity: bool = False) -> pd.DataFrame:
    frame = simple(world, "receipt", "receipt_date")
    frame = frame[frame["account_id"].notna()]
    if at_maturity:
        draft = frame["method"].isin(["bank_draft", "commercial_draft"])
        later = frame["draft_due_date"].where(draft).fillna(frame["receipt_date"])
        frame = placed(world, frame.assign(day=later), later)
    return frame


def open_items(world: World, day: pd.Timestamp) -> pd.DataFrame:
    plan = simple(world, "receivable_plan", "booked_date")
    match = world.table("receipt_match")
    settled = match[match["matched_date"] <= day].groupby("plan_id")["amount"].sum()
    plan = plan[plan["booked_date"] <= day]
    left = plan["amount"] - plan["plan_id"].map(settled).fillna(0)
    plan = plan.assign(left=left.round(2), late=(day - plan["due_date"]).dt.days)
    return plan[plan["left"] > 0].assign(age=(day - plan["booked_date"]).dt.days)


def balance(world: World, day: pd.Timestamp) -> pd.DataFrame:
    """Plan lines booked by a day with what is left of them, overpaid ones negative."""

    def make() -> pd.DataFrame:
        plan = simple(world, "receivable_plan", "booked_date")
        match = world.table("receipt_match")
        settled = match[match["matched_date"] <= day].groupby("plan_id")["amount"].sum()
        plan = plan[plan["booked_date"] <= day]
        return plan.assign(left=plan["amount"] - plan["plan_id"].map(settled).fillna(0))

    return world.keep(f"balance {day}", make)


def deals(world: World, date: str) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        frame = world.table("opportunity")
        first = frame["first_amount"].fillna(frame["amount"])
        frame = frame.assign(gross=gross(frame), first=first)
        frame = frame.assign(first=gross(frame, "first"), day=frame[date])
        return placed(world, frame, frame["day"])

    return world.keep(f"deals by {date}", make)


def open_deals(world: World, period: Period) -> pd.DataFrame:
    frame = world.table("opportunity")
    frame = frame[
        (frame["created_date"] <= period.seen)
        & (frame["close_date"].isna() | (frame["close_date"] > period.seen))
        & (frame["close_date"].notna() | (frame["status"] == "open"))
    ]
    expected = frame["expected_close_date"]
    frame = frame.assign(
        gross=gross(frame),
        expected=(expected >= period.first) & (expected <= period.last),
        age=(period.seen - frame["created_date"]).dt.days,
    )
    return placed(world, frame, pd.Series(period.seen, frame.index))


def staged(world: World, period: Period) -> pd.DataFrame:
    """Open deals with stage and first day in it, deal by deal."""
    frame = open_deals(world, period).copy()
    snapshots = world.table("opportunity_snapshot").sort_values("snapshot_date")
    known = snapshots["opportunity_id"].isin(frame["opportunity_id"])
    known &= snapshots["snapshot_date"] <= period.seen
    of_deal = dict(list(snapshots[known].groupby("opportunity_id")))
    stages, entered = [], []
    for row in frame.itertuples():
        seen = of_deal.get(row.opportunity_id, snapshots.iloc[:0])
        past = pd.notna(row.stage_date) and row.stage_date > period.seen
        stage = None if past else row.stage
        if stage is None and len(seen):
            stage = seen["stage"].iloc[-1]
        since = row.stage_date if pd.notna(row.stage_date) and not past else pd.NaT
        here = seen[seen["stage"] == stage]["snapshot_date"]
        if pd.isna(since):
            since = here.min() if len(here) else row.created_date
        stages.append(stage)
        entered.append(since)
    return frame.assign(stage=stages, entered=pd.to_datetime(pd.Series(entered, frame.index)))


def homes(world: World) -> pd.DataFrame:
    """Team and region of each rep by today's organisation."""
    today = pd.Timestamp(world.company.data_as_of)

    def latest(name: str, key: str) -> pd.DataFrame:
        frame = world.table(name)
        frame = frame[frame["valid_from"] <= today].sort_values("valid_from")
        return frame.drop_duplicates(key, keep="last").set_index(key)

    found = latest("rep", "rep_id")[["team_id"]]
    return found.assign(region=found["team_id"].map(latest("team", "team_id")["region"]))


def headcount(world: World, period: Period) -> pd.DataFrame:
    """Rep rows with days in post in the period; region of the team by today's organisation."""
    rep, home = world.table("rep"), homes(world)
    low = np.maximum(rep["valid_from"], rep["hired_date"]).clip(lower=period.first)
    high = rep["valid_to"].fillna(period.seen).clip(upper=period.seen)
    high = np.minimum(high, rep["left_date"].fillna(period.seen))
    days = ((high - low).dt.days + 1).clip(lower=0)

    region = rep["rep_id"].map(home["region"])
    share = days / ((period.seen - period.first).days + 1)
    return rep.assign(days=share, region=region)[days > 0]


def dealer_rows(world: World, table: str, date: str) -> pd.DataFrame:
    """Rows of a dealer table with account and region of the dealer, and worth at list price."""

    def make() -> pd.DataFrame:
        product = world.table("product")
        price = product["list_price"].where(
            product["tax_basis"] == "excl", product["list_price"] / (1 + product["tax_rate"])
        )
        product = product.assign(price=price)[["product_id", "price", "product_line"]]
        partner = world.table("partner")[["partner_id", "account_id", "region"]]
        frame = world.table(table)
        if table == "order_line":
            frame = frame[(frame["channel"] == "dealer") & frame["recognised_date"].notna()]
        frame = frame[["partner_id", "product_id", "quantity", date]]
        frame = frame.merge(partner, on="partner_id").merge(product, on="product_id")
        frame = frame.assign(day=frame[date], worth=frame["quantity"] * frame["price"])
        return placed(world, frame, frame["day"])

    return world.keep(f"dealer {table}", make)
