"""The last step of a part: what lies after today goes out of the tables and into the truth."""

from __future__ import annotations

import pandas as pd

from workbench.sample.world import World

DATES = {"order_line": "order_date", "contract": "signed_date"}


def per_part(world: World) -> None:
    """Cut order_line and contract at today; hide the sums of what is ordered later."""
    today = pd.Timestamp(world.calendar.days[world.calendar.as_of])
    for name, column in DATES.items():
        frame = world.tables[name]
        known = frame[column] <= today
        if name == "order_line":
            _future(world, frame[~known])
        world.tables[name] = frame[known].reset_index(drop=True)
    lines = world.tables["order_line"]
    if "recognised_date" in lines:
        later = lines["recognised_date"] > today
        lines["recognised_date"] = lines["recognised_date"].mask(later)


def _future(world: World, later: pd.DataFrame) -> None:
    """Sums of what is ordered after today by month, region, line and channel."""
    months = later["order_date"].to_numpy().astype("datetime64[M]").astype("datetime64[D]")
    net = later["amount"] / (1 + later["tax_rate"])
    frame = later.assign(month=months, net=net.round(2))
    keys = ["month", "region", "product_line", "channel"]
    sums = frame.groupby(keys, sort=True, observed=True)[["amount", "net"]].sum().round(2)
    world.hide("future_orders", sums.reset_index())
