"""Draws by owner become credit: shared contracts to those who share them, overlay beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.incentives.plans import MONTHS
from workbench.company import open_company
from workbench.incentives.credit_lines import credit_lines
from workbench.incentives.history import COLLECTIONS, REVENUE
from workbench.incentives.sources import Sources
from workbench.pay.parts import Measure
from workbench.pay.plan import plan_from
from workbench.scenarios import cube

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PEOPLE = ["A", "B", "C"]


@dataclass(frozen=True)
class Given(Sources):
    """Sources with lines handed in."""

    company: Any = None
    given: Any = None

    @property
    def lines(self) -> pd.DataFrame:  # type: ignore[override]
        return self.given


def line(owner: str, rep: str, amount: float, share: float, kind: str, event: str) -> dict:
    return {"owner": owner, "rep_id": rep, "amount": amount, "share": share,
            "split_type": kind, "event": event}  # fmt: skip


#: A's 100 are shared 60:40 with B, C helps with all of it; B's 50 are B's; C sells nothing.
LINES = pd.DataFrame(
    [line("A", "A", 100, 0.6, "split", "invoiced"), line("A", "B", 100, 0.4, "split", "invoiced"),
     line("A", "C", 100, 0.5, "overlay", "invoiced"), line("B", "B", 50, 1.0, "split", "invoiced"),
     line("A", "A", 80, 1.0, "split", "paid"), line("B", "B", 40, 1.0, "split", "paid")]
)  # fmt: skip


def drawn() -> dict[str, Any]:
    values = np.arange(2 * 12 * 3, dtype=float).reshape(2, 12, 3) + 1
    return {
        name: cube(values, name=name, unit="CNY", period=MONTHS, keys={"person": PEOPLE})
        for name in (REVENUE, COLLECTIONS)
    }


def plan(**measures: Any) -> Any:
    component = {"label": {"en": "C", "zh": "提"}, "rates": {"tiers": [{"rate": "1%"}]}}
    return plan_from(
        {
            "plan": "p", "name": {"en": "P", "zh": "P"}, "starts": "2026-01-01",
            "measures": measures,
            "components": {name: {**component, "measure": name} for name in measures},
        }
    )  # fmt: skip


def test_shared_and_overlay_credit():
    found = Given(given=LINES).credits_for(
        plan(
            own={"events": ["invoiced"]},
            helped={"events": ["invoiced"], "credit": "overlay"},
            both={"events": ["invoiced"], "credit": "both"},
            paid={"events": ["paid"]},
        ),
        drawn(),
    )
    a, b, c = (drawn()[REVENUE].values[:, :, number] for number in range(3))
    expected = {
        "own": (0.6 * a, 0.4 * a + b, c),
        "helped": (0 * a, 0 * a, 0.5 * a),
        "both": (0.6 * a, 0.4 * a + b, c + 0.5 * a),
        "paid": (a, b, c),
    }
    for name, people in expected.items():
        credit = found[name].values * found[name].factor
        assert credit == pytest.approx(np.stack(people, axis=2)), name


def test_the_sample_loses_no_credit_and_shares_some():
    company = open_company(SAMPLE)
    sources = Sources(company)
    people = sorted(company.sql("select distinct rep_id from rep")["rep_id"])
    shares = sources.shares("paid", "split", people)
    assert shares is not None
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    given = 1 - np.diag(shares)
    assert (given > 0).sum() > 20 and given[given > 0].mean() < 0.15
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    split = lines[lines["split_type"] == "split"]
    by_line = (split["amount"] * split["share"]).groupby(split["line_id"]).sum()
    assert by_line.to_numpy() == pytest.approx(
        split.drop_duplicates("line_id").set_index("line_id")["amount"].reindex(by_line.index),
        abs=0.02,
    )
    assert Measure(events=("paid",)).credit == "split"
