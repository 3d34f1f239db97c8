"""Deliveries: when goods leave, arrive, are accepted, and with that when revenue is recognised.

Consumables and e-commerce orders count as revenue on receipt, equipment on acceptance (验收),
goods of dealers on shipment, service when it is rendered. Acceptance is hurried before a
quarter ends. All functions are vectorised over order lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import Days, as_dates, as_days, month_end, quarter_end, working_after
from workbench.sample.keyed import Keyed
from workbench.sample.parameters import planted

Off = frozenset[str]

EFFECTS: dict[str, tuple[str, str]] = {
    "split_shipments": ("Some lines ship in two parts", "部分订单行分批发货"),
    "acceptance_hurry": (
        "Acceptances are hurried before a quarter ends",
        "季度末前突击验收",
    ),
}


@dataclass(frozen=True)
class DeliveryTruth:
    """Planted parameters of fulfilment; lead times in working days, shares as fractions."""

    lead_consumables: float = planted(3.0, "working days", "order to shipment, consumables")
    lead_equipment: float = planted(16.0, "working days", "order to shipment, direct equipment")
    lead_shape: float = planted(3.0, "number", "shape of lead times (gamma)")
    transit: tuple[int, int] = planted((1, 4), "working days", "shipment to receipt")
    acceptance: float = planted(9.0, "working days", "receipt to acceptance of equipment")
    split_share: float = planted(0.10, "share of lines", "lines of several pieces split in two")
    split_share_equipment: float = planted(0.30, "share of lines", "equipment split in two")
    split_gap: float = planted(8.0, "working days", "between two shipments of a line")
    hurry_days: int = planted(
        12, "days", "acceptances due so soon after a quarter's end may be hurried into it"
    )
    hurry_share: float = planted(0.55, "share", "of them that are")
    service_days: float = planted(12.0, "working days", "order to service rendered, mean")


@dataclass(frozen=True)
class Fulfilment:
    """Dates of each order line (integers of days) and the rows of `delivery`.

    `shipped`, `received`: last shipment; `recognised`: revenue; all beyond the data are kept as
    they are, tables cut them.
    """

    shipped: Days
    received: Days
    recognised: Days
    deliveries: pd.DataFrame


def fulfil(
    lines: pd.DataFrame, *, truth: DeliveryTruth, streams: Any, off: Off, part: str = ""
) -> Fulfilment:
    """Ship, receive and accept order lines.

    Parameters
    ----------
    lines : pandas.DataFrame
        order_line_id, account_id, product_id, product_line, channel, order_date, quantity.
    part : str
        Name of the chunk; makes the draws of chunks differ.
    """
    ordered = as_days(lines["order_date"].to_numpy())
    draws = line_draws(lines, ordered, streams, part)
    service = (lines["product_line"] == "service").to_numpy()
    equipment = (lines["product_line"] == "equipment").to_numpy()
    channel = lines["channel"].to_numpy()
    first = _first_shipment(ordered, equipment, channel, truth, draws)
    shipped, split = _last_shipment(first, lines, equipment, channel, service, truth, draws)
    if "split_shipments" in off:
        shipped, split = first, np.zeros(len(lines), bool)
    transit = draws.integers("money/transit", *truth.transit)
    transit = np.where(channel == "direct", transit, 2)
    received = working_after(shipped, transit)
    recognised = np.where(
        channel == "dealer",
        shipped,
        np.where(
            equipment & (channel == "direct"), _accepted(received, truth, draws, off), received
        ),
    )
    wait = truth.service_days * draws.exponential("money/service")
    rendered = working_after(ordered, wait.astype(np.int64))
    recognised = np.where(service, rendered, recognised)
    rows = _rows(lines, first, shipped, split, transit, ~service)
    return Fulfilment(
        np.where(service, rendered, shipped),
        np.where(service, rendered, received),
        recognised,
        rows,
    )


def retimed(rows: pd.DataFrame, before: Days, after: Days) -> pd.DataFrame:
    """Shipments of lines whose recognition was moved to an earlier day, moved with it."""
    line = rows["line"].to_numpy()
    new = after[line]
    moved = new < before[line]
    return rows.assign(
        shipped=np.where(moved, np.minimum(rows["shipped"], new), rows["shipped"]),
        received=np.where(moved, np.minimum(rows["received"], new), rows["received"]),
    )


def line_draws(lines: pd.DataFrame, ordered: Days, streams: Any, part: str) -> Keyed:
    """Draws of order lines, by account, day and product."""
    keys = (lines["account_id"].to_numpy(), ordered, lines["product_id"].to_numpy())
    return Keyed(streams, part, keys)


def delivery_table(rows: pd.DataFrame, *, until: int) -> pd.DataFrame:
    """Rows of `delivery` shipped up to a day, in the order of the lines."""
    kept = rows[rows["shipped"] <= until]
    return pd.DataFrame(
        {
            "delivery_id": np.arange(len(kept)),
            "order_line_id": kept["order_line_id"].to_numpy(),
            "ship_date": as_dates(kept["shipped"].to_numpy()),
            "received_date": as_dates(kept["received"].to_numpy(), until=until),
            "quantity": kept["quantity"].to_numpy(),
        }
    )


def _first_shipment(
    ordered: Days,
    equipment: NDArray[np.bool_],
    channel: NDArray[np.object_],
    truth: DeliveryTruth,
    draws: Keyed,
) -> Days:
    """Working day of the first shipment; dealers are served within the month."""
    mean = np.where(equipment & (channel == "direct"), truth.lead_equipment, truth.lead_consumables)
    mean = np.where(channel == "direct", mean, 0.6)
    lead = draws.gamma("money/lead", truth.lead_shape) * mean
    shipped = working_after(ordered, np.minimum(np.floor(lead), 90))
    return np.where(channel == "dealer", np.minimum(shipped, month_end(ordered)), shipped)


def _last_shipment(
    first: Days,
    lines: pd.DataFrame,
    equipment: NDArray[np.bool_],
    channel: NDArray[np.object_],
    service: NDArray[np.bool_],
    truth: DeliveryTruth,
    draws: Keyed,
) -> tuple[Days, NDArray[np.bool_]]:
    """Second shipments of split lines: day of the last one, and which lines are split."""
    share = np.where(equipment, truth.split_share_equipment, truth.split_share)
    drawn = draws.uniform("money/split")
    gap = truth.split_gap * draws.exponential("money/split_gap")
    several = (lines["quantity"].to_numpy() >= 2) & ~service & (channel == "direct")
    split = several & (drawn < share)
    later = working_after(first, np.minimum(1 + np.floor(gap), 60))
    return np.where(split, later, first), split


def _accepted(received: Days, truth: DeliveryTruth, draws: Keyed, off: Off) -> Days:
    """Day of acceptance; some of those due early in a quarter are hurried into the last one."""
    wait = truth.acceptance * draws.gamma("money/acceptance", 2.0)
    accepted = working_after(received, np.floor(wait))
    drawn, back = draws.uniform("money/hurry"), draws.integers("money/hurry_day", 0, 3)
    closing = quarter_end(received)
    close = (accepted > closing) & (accepted <= closing + truth.hurry_days)
    hurried = np.maximum(working_after(closing - 6, back), received)
    if "acceptance_hurry" in off:
        return accepted
    return np.where(close & (drawn < truth.hurry_share), np.minimum(hurried, closing), accepted)


def _rows(
    lines: pd.DataFrame,
    first: Days,
    last: Days,
    split: NDArray[np.bool_],
    transit: NDArray[np.int64],
    goods: NDArray[np.bool_],
) -> pd.DataFrame:
    """One row a shipment: whole lines, and both halves of split ones."""
    quantity = lines["quantity"].to_numpy().astype(float)
    half = np.where(split, np.floor(quantity / 2), quantity)
    line = np.concatenate([np.flatnonzero(goods), np.flatnonzero(goods & split)])
    second = np.arange(len(line)) >= goods.sum()
    shipped = np.where(second, last[line], first[line])
    rows = pd.DataFrame(
        {
            "line": line,
            "order_line_id": lines["order_line_id"].to_numpy()[line],
            "shipped": shipped,
            "received": working_after(shipped, transit[line]),
            "quantity": np.where(second, (quantity - half)[line], half[line]),
        }
    )
    return rows.sort_values(["line", "shipped"], kind="stable", ignore_index=True)
