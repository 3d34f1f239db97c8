"""A little company with every table the KPIs read: random rows, small enough to check by hand.

Not a simulation: the rows only have to meet every rule of the formulas (returns, reversals,
drafts, owners that change, lost deals, stock of dealers, products without cost, gaps).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.support.companies import make_company
from workbench.company import Company

FIRST, LAST = pd.Timestamp("2023-01-01"), pd.Timestamp("2026-07-31")
DAYS = (LAST - FIRST).days + 1
LINES = ["equipment", "consumables", "service"]
REGIONS = ["east", "north", "south"]
STAGES = ["qualify", "solution", "quote", "negotiate"]
SETTINGS: dict[str, object] = {
    "name": {"en": "Little Works", "zh": "小工厂"},
    "data_as_of": "2026-07-31",
    "stages": [
        *(
            {"code": code, "labels": [code, code], "probability": chance}
            for code, chance in zip(STAGES, (0.1, 0.3, 0.5, 0.7), strict=True)
        ),
        {"code": "won", "labels": ["Won", "赢单"], "status": "won"},
        {"code": "lost", "labels": ["Lost", "输单"], "status": "lost"},
    ],
}


def little_company(folder: Path, *, seed: int = 1) -> Company:
    """Write the tables to a folder and open it."""
    return make_company(folder, tables(np.random.default_rng(seed)), SETTINGS)


def tables(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """All tables."""
    people = _people(rng)
    accounts = _accounts(rng)
    products = _products(rng)
    orders = _orders(rng, accounts, products)
    deals = _deals(rng, accounts)
    money = _money(rng, accounts)
    return {
        **people,
        "account": accounts,
        **products,
        **orders,
        **deals,
        **money,
        **_channels(rng, products["product"]),
        **_plans(rng),
    }


def _days(rng: np.random.Generator, n: int, *, first: pd.Timestamp = FIRST) -> pd.DatetimeIndex:
    span = (LAST - first).days + 1
    return pd.DatetimeIndex(first + pd.to_timedelta(rng.integers(0, span, n), unit="D"))


def _ids(letter: str, n: int) -> list[str]:
    return [f"{letter}{number:05d}" for number in range(n)]


def _people(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    teams = pd.DataFrame(
        {
            "team_id": ["T1", "T2", "T3", "T3"],
            "name": "team",
            "region": ["east", "north", "south", "north"],
            "valid_from": ["2021-01-01", "2021-01-01", "2021-01-01", "2026-01-01"],
            "valid_to": [None, None, "2025-12-31", None],
        }
    )
    rows = []
    for number in range(8):
        hired = f"2022-0{number + 1}-01"
        role = ["hunter", "farmer", "key_account", "channel", "presales", "manager"][number % 6]
        first = {"rep_id": f"R{number}", "name": "rep", "role": role, "currency": "CNY"}
        first |= {"team_id": f"T{number % 3 + 1}", "hired_date": hired, "valid_from": hired}
        first |= {"left_date": "2026-03-15" if number == 2 else None, "valid_to": None}
        if number == 4:  # moves to another team
            moved = {**first, "team_id": "T1", "valid_from": "2025-06-01"}
            rows += [{**first, "valid_to": "2025-05-31"}, moved]
        else:
            rows.append(first)
    months = pd.date_range(FIRST, LAST, freq="ME")
    payroll = pd.DataFrame(
        [
            {"rep_id": f"R{n}", "month_end": month, "component": component, "currency": "CNY"}
            for n in range(8)
            for month in months
            for component in ("base", "commission")
        ]
    )
    payroll["amount"] = rng.integers(1000, 9000, len(payroll)) / 1.0
    n = 300
    expense = pd.DataFrame(
        {
            "expense_id": _ids("E", n),
            "expense_date": _days(rng, n),
            "expense_type": rng.choice(["pay", "travel", "freight", "other"], n),
            "region": rng.choice([*REGIONS, None], n),
            "team_id": rng.choice(["T1", "T2", "T3", None], n),
            "amount": rng.integers(100, 30000, n) / 7,
            "currency": "CNY",
        }
    )
    return {"team": teams, "rep": pd.DataFrame(rows), "payroll": payroll, "expense": expense}


def _accounts(rng: np.random.Generator) -> pd.DataFrame:
    n = 40
    return pd.DataFrame(
        {
            "account_id": _ids("A", n),
            "name": "account",
            "group_id": [f"G{i % 7}" if i % 3 else None for i in range(n)],
            "customer_type": rng.choice(["key_account", "regular", "dealer", "online"], n),
            "ownership": rng.choice(["state", "private", None], n),
            "industry": rng.choice(["steel", "food"], n),
            "region": rng.choice(REGIONS, n),
            "channel": rng.choice(["direct", "dealer", "ecommerce"], n),
            "size_class": rng.choice(["A", "B", "C"], n),
            "created_date": "2022-06-01",
            "owner_id": [f"R{i % 8}" for i in range(n)],
        }
    )


def _assignments(accounts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for number, account in enumerate(accounts["account_id"]):
        if number % 10 == 9:
            continue  # nobody's
        owner = {"account_id": account, "rep_id": f"R{number % 8}", "team_id": f"T{number % 3 + 1}"}
        owner |= {"region": REGIONS[number % 3], "valid_from": "2022-01-01", "valid_to": None}
        if number % 4 == 0:  # handed over in January
            after = {**owner, "rep_id": "R5", "team_id": "T2", "region": "north"}
            rows += [
                {**owner, "valid_to": "2025-12-31"},
                {**after, "valid_from": "2026-01-01"},
            ]
        else:
            rows.append(owner)
    return pd.DataFrame(rows)


def _products(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    n = 9
    products = pd.DataFrame(
        {
            "product_id": _ids("P", n),
            "name": "product",
            "product_line": [LINES[i % 3] for i in range(n)],
            "list_price": rng.integers(100, 9000, n) / 1.0,
            "currency": "CNY",
            "tax_basis": ["incl" if i % 2 else "excl" for i in range(n)],
            "tax_rate": [0.06 if i % 3 == 2 else 0.13 for i in range(n)],
        }
    )
    costs = [
        {"product_id": p, "cost": c * 0.5, "currency": "CNY", "valid_from": start, "valid_to": end}
        for p, c in zip(products["product_id"][:-1], products["list_price"], strict=False)
        for start, end in (("2022-01-01", "2025-03-31"), ("2025-04-01", None))
    ]
    cost = pd.DataFrame(costs)
    cost["cost"] *= np.where(cost["valid_to"].isna(), 1.1, 1.0)
    return {"product": products, "unit_cost": cost}


def _orders(
    rng: np.random.Generator, accounts: pd.DataFrame, products: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    n = 700
    product = products["product"].iloc[rng.integers(0, 9, n)].reset_index(drop=True)
    account = accounts.iloc[(rng.beta(0.6, 2, n) * 40).astype(int)].reset_index(drop=True)
    day = _days(rng, n)
    quantity = rng.integers(1, 9, n) / 1.0
    price = (product["list_price"] * rng.uniform(0.7, 1.0, n)).round(4)
    recognised = day + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    lines = pd.DataFrame(
        {
            "order_line_id": _ids("L", n),
            "order_id": [f"O{int(i * 0.6):05d}" for i in range(n)],
            "account_id": account["account_id"],
            "contract_id": [f"C{i % 60:05d}" if i % 5 == 0 else None for i in range(n)],
            "product_id": product["product_id"],
            "product_line": product["product_line"],
            "region": rng.choice(REGIONS, n),
            "channel": rng.choice(["direct", "dealer", "ecommerce"], n),
            "rep_id": [f"R{i % 8}" for i in range(n)],
            "order_date": day,
            "recognised_date": pd.Series(recognised).where(recognised <= LAST),
            "quantity": quantity,
            "list_price": product["list_price"].where(rng.random(n) > 0.05),
            "net_price": price,
            "amount": (price * quantity).round(2),
            "currency": "CNY",
            "tax_basis": product["tax_basis"],
            "tax_rate": product["tax_rate"],
            "approval": rng.choice(["none", "manager"], n),
        }
    )
    dealer = lines["channel"] == "dealer"
    lines["partner_id"] = np.where(dealer, rng.choice(["D0", "D1", "D2"], n), None)
    m = 60
    back = lines.iloc[rng.choice(n, m, replace=False)].reset_index(drop=True)
    share = rng.choice([0.5, 1.0], m)
    returns = pd.DataFrame(
        {
            "return_id": _ids("B", m),
            "order_line_id": back["order_line_id"],
            "return_date": (
                back["order_date"] + pd.to_timedelta(rng.integers(61, 200, m), unit="D")
            ),
            "quantity": back["quantity"] * share,
            "amount": (back["amount"] * share).round(2),
            "currency": "CNY",
            "tax_basis": back["tax_basis"],
            "tax_rate": back["tax_rate"],
        }
    )
    twice = pd.concat([lines, lines.iloc[: n // 4]])
    halved = twice["order_line_id"].duplicated(keep=False).map({True: 0.5, False: 1.0})
    shipped = twice["order_date"] + pd.to_timedelta(rng.integers(1, 40, len(twice)), unit="D")
    deliveries = pd.DataFrame(
        {
            "delivery_id": _ids("V", len(twice)),
            "order_line_id": twice["order_line_id"],
            "ship_date": shipped,
            "received_date": shipped + pd.to_timedelta(rng.integers(1, 9, len(twice)), unit="D"),
            "quantity": twice["quantity"] * halved,
        }
    )
    return {
        "order_line": lines,
        "return_refund": returns[returns["return_date"] <= LAST],
        "delivery": deliveries[deliveries["received_date"] <= LAST],
    }


def _deals(rng: np.random.Generator, accounts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    n = 300
    account = accounts.iloc[rng.integers(0, 40, n)].reset_index(drop=True)
    created = _days(rng, n)
    lasts = pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    closes = created + lasts
    closed = (closes <= LAST) & (rng.random(n) < 0.9)
    won = rng.random(n) < 0.4
    status = np.where(closed, np.where(won, "won", "lost"), "open")
    stage_now = rng.integers(0, 4, n)
    amount = rng.integers(10000, 900000, n) / 1.0
    deals = pd.DataFrame(
        {
            "opportunity_id": _ids("O", n),
            "account_id": account["account_id"].where(rng.random(n) > 0.1),
            "rep_id": [f"R{i % 8}" for i in range(n)],
            "region": rng.choice(REGIONS, n),
            "product_line": rng.choice(LINES, n),
            "channel": rng.choice(["direct", "dealer"], n),
            "source": rng.choice(["tender", "existing", "referral", None], n),
            "status": status,
            "amount": amount,
            "first_amount": np.where(rng.random(n) < 0.8, (amount * 0.9).round(2), np.nan),
            "currency": "CNY",
            "tax_basis": rng.choice(["incl", "excl"], n),
            "tax_rate": 0.13,
            "probability": np.where(rng.random(n) < 0.7, rng.random(n).round(2), np.nan),
            "created_date": created,
            "expected_close_date": created + pd.to_timedelta(rng.integers(20, 400, n), unit="D"),
            "close_date": pd.Series(closes).where(pd.Series(closed)),
        }
    )
    deals["stage"] = np.where(closed, status, np.array(STAGES)[stage_now])
    snapshots = _snapshots(rng, deals, stage_now)
    entered = snapshots.groupby(["opportunity_id", "stage"])["snapshot_date"].min()
    keys = pd.MultiIndex.from_frame(deals[["opportunity_id", "stage"]])
    deals["stage_date"] = np.where(closed, deals["close_date"], entered.reindex(keys).to_numpy())
    deals["stage_date"] = pd.to_datetime(deals["stage_date"]).where(rng.random(n) > 0.2)
    m = 500
    at = deals.iloc[rng.integers(0, n, m)].reset_index(drop=True)
    activity = pd.DataFrame(
        {
            "activity_id": _ids("Y", m),
            "activity_type": "visit",
            "activity_date": _days(rng, m, first=pd.Timestamp("2026-05-15")),
            "rep_id": at["rep_id"],
            "opportunity_id": at["opportunity_id"],
        }
    )
    return {
        "opportunity": deals,
        "opportunity_snapshot": snapshots,
        "activity": activity,
        "lead": _leads(rng),
    }


def _snapshots(
    rng: np.random.Generator, deals: pd.DataFrame, stage_now: np.ndarray
) -> pd.DataFrame:
    rows = []
    for month in pd.date_range(FIRST, LAST, freq="ME"):
        closes = deals["close_date"].fillna(pd.Timestamp("2030-01-01"))
        alive = deals[(deals["created_date"] <= month) & (closes > month)]
        months = (month - alive["created_date"]).dt.days // 40
        top = stage_now[alive.index]
        moved = pd.to_timedelta(rng.choice([0, 0, 30, 90], len(alive)), unit="D")
        rows.append(
            pd.DataFrame(
                {
                    "snapshot_date": month,
                    "opportunity_id": alive["opportunity_id"],
                    "stage": np.array(STAGES)[np.minimum(months, top)],
                    "status": "open",
                    "amount": alive["amount"],
                    "currency": "CNY",
                    "tax_basis": alive["tax_basis"],
                    "expected_close_date": alive["expected_close_date"] + moved,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _leads(rng: np.random.Generator) -> pd.DataFrame:
    n = 400
    created = _days(rng, n) + pd.to_timedelta(rng.integers(0, 24 * 60, n), unit="min")
    converted = created.normalize() + pd.to_timedelta(rng.integers(0, 150, n), unit="D")
    keep = (rng.random(n) < 0.4) & (converted <= LAST)
    return pd.DataFrame(
        {
            "lead_id": _ids("X", n),
            "created_at": created.tz_localize("Asia/Shanghai"),
            "source": rng.choice(["website", "referral", None], n),
            "region": rng.choice(REGIONS, n),
            "product_line": rng.choice(LINES, n),
            "rep_id": [f"R{i % 8}" for i in range(n)],
            "converted_date": pd.Series(converted).where(keep),
        }
    )


def _money(rng: np.random.Generator, accounts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    n = 90
    account = accounts["account_id"].to_numpy()[rng.integers(0, 40, n)]
    kind = np.where(np.arange(n) < 60, "service", "sale").astype(object)
    kind[:6], kind[60:66] = "framework", "reversal"
    amount = rng.integers(1000, 200000, n) / 1.0
    contracts = pd.DataFrame(
        {
            "contract_id": _ids("C", n),
            "contract_type": kind,
            "account_id": account,
            "rep_id": [f"R{i % 8}" for i in range(n)],
            "region": rng.choice(REGIONS, n),
            "product_line": rng.choice(LINES, n),
            "channel": "direct",
            "signed_date": _days(rng, n),
            "amount": np.where(kind == "reversal", -amount, amount),
            "currency": "CNY",
            "tax_basis": rng.choice(["incl", "excl"], n),
            "tax_rate": 0.06,
        }
    )
    m = 500
    owner = accounts["account_id"].to_numpy()[rng.integers(0, 40, m)]
    booked = _days(rng, m)
    plan = pd.DataFrame(
        {
            "plan_id": _ids("N", m),
            "account_id": owner,
            "region": rng.choice(REGIONS, m),
            "rep_id": [f"R{i % 8}" for i in range(m)],
            "instalment_type": "delivery",
            "booked_date": booked,
            "due_date": booked + pd.to_timedelta(rng.integers(0, 120, m), unit="D"),
            "amount": rng.integers(1000, 90000, m) / 1.0,
            "currency": "CNY",
        }
    )
    match = plan.loc[rng.integers(0, m, 550)].reset_index(drop=True)
    late = pd.to_timedelta(rng.integers(-10, 200, len(match)), unit="D")
    match = pd.DataFrame(
        {
            "receipt_id": _ids("I", len(match)),
            "plan_id": match["plan_id"],
            "matched_date": match["due_date"] + late,
            "amount": (match["amount"] * rng.choice([0.5, 1.0], len(match))).round(2),
            "currency": "CNY",
        }
    )
    match = match[match["matched_date"] <= LAST]
    k = 450
    when = _days(rng, k)
    method = rng.choice(["transfer", "bank_draft", "commercial_draft"], k)
    receipts = pd.DataFrame(
        {
            "receipt_id": _ids("I", k),
            "account_id": pd.Series(
                accounts["account_id"].to_numpy()[rng.integers(0, 40, k)]
            ).where(rng.random(k) > 0.04),
            "region": rng.choice([*REGIONS, None], k),
            "rep_id": [f"R{i % 8}" for i in range(k)],
            "receipt_date": when,
            "amount": rng.integers(-2000, 90000, k) / 1.0,
            "currency": "CNY",
            "method": method,
            "draft_due_date": pd.Series(when + pd.to_timedelta(180, unit="D")).where(
                pd.Series(method != "transfer") & (rng.random(k) > 0.1)
            ),
        }
    )
    i = 350
    invoices = pd.DataFrame(
        {
            "invoice_id": _ids("F", i),
            "invoice_type": "blue",
            "account_id": accounts["account_id"].to_numpy()[rng.integers(0, 40, i)],
            "region": rng.choice([*REGIONS, None], i),
            "invoice_date": _days(rng, i),
            "amount": rng.integers(-9000, 90000, i) / 1.0,
            "currency": "CNY",
            "tax_basis": rng.choice(["incl", "excl"], i),
            "tax_rate": 0.13,
        }
    )
    return {
        "contract": contracts,
        "receivable_plan": plan,
        "receipt_match": match,
        "receipt": receipts,
        "invoice": invoices,
        "assignment": _assignments(accounts),
    }


def _channels(rng: np.random.Generator, product: pd.DataFrame) -> dict[str, pd.DataFrame]:
    partners = pd.DataFrame(
        {
            "partner_id": ["D0", "D1", "D2", "D3"],
            "name": "dealer",
            "partner_type": "dealer",
            "account_id": ["A00001", "A00004", "A00009", None],
            "region": ["east", "north", "south", "south"],
            "rep_id": "R3",
            "start_date": "2022-01-01",
        }
    )
    ends = pd.date_range(FIRST, LAST, freq="ME")
    cells = pd.MultiIndex.from_product([partners["partner_id"], product["product_id"][:6], ends])
    frame = cells.to_frame(index=False, name=["partner_id", "product_id", "month"])
    stock = frame[rng.random(len(frame)) < 0.9].rename(columns={"month": "stock_date"})
    sold = frame[rng.random(len(frame)) < 0.8].rename(columns={"month": "month_end"})
    sold = sold.assign(
        end_geo_code=rng.choice(["110000", "310000"], len(sold)),
        quantity=rng.integers(1, 30, len(sold)) / 1.0,
        amount=1.0,
        currency="CNY",
        tax_basis="incl",
        tax_rate=0.13,
    )
    quarters = pd.date_range(FIRST, LAST, freq="QE")
    rebates = pd.DataFrame(
        [
            {"partner_id": partner, "period_end": end, "rebate_type": kind}
            for partner in partners["partner_id"]
            for end in quarters
            for kind in ("base", "growth")
        ]
    )
    rebates["period_start"] = rebates["period_end"] - pd.offsets.QuarterBegin(startingMonth=1)
    rebates["rebate_id"] = _ids("Z", len(rebates))
    rebates["amount"] = rng.integers(100, 5000, len(rebates)) / 3
    rebates = rebates.assign(rate=0.03, currency="CNY", tax_basis="incl", tax_rate=0.13)
    return {
        "partner": partners,
        "partner_stock": stock.assign(quantity=rng.integers(1, 60, len(stock)) / 1.0),
        "sell_out": sold,
        "rebate": rebates,
    }


def _plans(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    months = pd.date_range("2026-01-01", "2026-12-31", freq="MS")
    nodes = [("company", "company"), *(("region", region) for region in REGIONS)]
    nodes += [("team", f"T{n}") for n in (1, 2, 3)] + [("rep", f"R{n}") for n in range(8)]
    rows = [
        {"level": level, "node": node, "period_start": month, "tier": tier, "product_line": line}
        for level, node in nodes
        for month in months
        for tier in ("floor", "base", "stretch")
        for line in (["all", *LINES] if level in ("company", "region") else ["all"])
        if not (node == "R2" and month.month > 3)
    ]
    target = pd.DataFrame(rows)
    target["period_end"] = target["period_start"] + pd.offsets.MonthEnd(0)
    target["value"] = rng.integers(10000, 90000, len(target)) / 1.0
    target["currency"] = "CNY"
    revenue = target.assign(kpi_id="revenue_net", tax_basis="excl")
    bookings = target.assign(kpi_id="bookings", tax_basis="incl")
    bookings["value"] *= 8
    quarters = pd.date_range("2023-01-01", "2026-06-30", freq="QS")
    market = pd.DataFrame(
        [
            {"product_line": line, "region": region, "period_start": quarter}
            for line in LINES
            for region in REGIONS
            for quarter in quarters
        ]
    )
    market["period_end"] = market["period_start"] + pd.offsets.QuarterEnd(0)
    market["amount"] = rng.integers(100000, 900000, len(market)) / 1.0
    return {
        "target": pd.concat([revenue, bookings], ignore_index=True),
        "market_size": market.assign(currency="CNY"),
    }
