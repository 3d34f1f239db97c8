"""A company small enough to work its answers out on paper: three sellers, steady months."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.support.companies import make_company, order_lines
from workbench.company import Company

#: Revenue of a month by seller, without VAT; the last one sells to accounts that nobody owns.
SOLD = {"A": 1_000_000.0, "B": 2_000_000.0, "C": 3_000_000.0, "": 500_000.0}
TEAM = {"A": "T1", "B": "T1", "C": "T2"}
REGION = {"T1": "east", "T2": "west"}
NAMES = {"A": "欧阳,“小”明", "B": 'O\'Neil "Bo"\nLi', "C": "王五"}
MONTHS = pd.date_range("2022-08-01", "2026-07-01", freq="MS")


def hand_made(folder: Path, **more: pd.DataFrame) -> Company:
    """Reps, teams, accounts and four years of order lines up to July 2026; other tables as given.

    Sales move by a tenth of a percent from month to month, so that there is something to forecast.
    """
    team = pd.DataFrame(
        {
            "team_id": list(REGION),
            "name": ["东区一部", "西区一部"],
            "region": list(REGION.values()),
            "head_id": ["A", "C"],
            "valid_from": "2020-01-01",
        }
    )
    rep = pd.DataFrame(
        {
            "rep_id": list(TEAM),
            "name": list(NAMES.values()),
            "role": "hunter",
            "team_id": list(TEAM.values()),
            "hired_date": "2020-01-01",
            "currency": "CNY",
            "valid_from": "2020-01-01",
        }
    )
    account = pd.DataFrame(
        {
            "account_id": [f"K{who}" for who in SOLD],
            "name": [f"客户{who}" for who in SOLD],
            "owner_id": [who or None for who in SOLD],
            "region": [REGION[TEAM[who]] if who else "east" for who in SOLD],
            "created_date": "2020-01-01",
        }
    )
    wobble = 1 + 0.001 * np.random.default_rng(7).standard_normal((len(MONTHS), len(SOLD)))
    rows = [
        (f"K{who}", who or None, month, amount * part)
        for month, parts in zip(MONTHS, wobble, strict=True)
        for (who, amount), part in zip(SOLD.items(), parts, strict=True)
    ]
    sold = pd.DataFrame(rows, columns=["account_id", "rep_id", "month", "amount"])
    lines = order_lines(
        account_id=sold["account_id"],
        rep_id=sold["rep_id"],
        order_date=sold["month"],
        recognised_date=sold["month"] + pd.Timedelta(days=9),
        amount=sold["amount"].round(2),
        tax_basis="excl",
        region=sold["account_id"].map(account.set_index("account_id")["region"]),
    )
    tables = {"rep": rep, "team": team, "account": account, "order_line": lines, **more}
    return make_company(folder, tables, {"base_currency": "CNY", "data_as_of": "2026-07-31"})


def entries(rows: list[tuple[str, str, str, str, str, float]]) -> pd.DataFrame:
    """Forecast entries: step, node, made on, first and last day of what they are for, value."""
    table = pd.DataFrame(
        rows, columns=["step", "node", "entry_date", "period_start", "period_end", "value"]
    )
    return table.assign(
        entry_id=[f"E{number}" for number in range(len(table))],
        kpi_id="revenue_net",
        level=table["step"].map({"rep": "rep", "manager": "team"}),
        product_line="all",
        currency="CNY",
        tax_basis="excl",
    )
