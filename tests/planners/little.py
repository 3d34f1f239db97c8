"""A study of twenty lines, as anybody might write one: it joins the planners with no code more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.charts import MONEY, bars
from workbench.contract import Params as Base
from workbench.contract import Study, field


class Params(Base):
    """Price and people."""

    price: float = field(100, ge=50, le=200, step=1, unit="CNY", title="Price", help="Of one piece",
                         zh=("单价", "每件价格"))  # fmt: skip
    people: int = field(10, ge=1, le=40, step=1, unit="people", title="People", help="Who sell",
                        zh=("人数", "销售人数"))  # fmt: skip
    discount: float = field(0.1, ge=0, le=0.4, step=0.01, unit="share", title="Discount",
                            help="Off the price", zh=("折扣", "价格折扣"))  # fmt: skip


@dataclass(frozen=True)
class Results:
    revenue: float
    pay: float

    def summary(self) -> dict[str, float]:
        return {"profit": self.revenue - self.pay, "revenue": self.revenue}

    def labels(self) -> dict[str, tuple[str, ...]]:
        return {"profit": ("Profit", "利润", "money"), "revenue": ("Revenue", "收入", "money")}

    def tables(self) -> dict[str, pd.DataFrame]:
        rows = [("revenue", self.revenue), ("pay", self.pay)]
        return {"parts": pd.DataFrame(rows, columns=["label", "value"])}

    def figures(self, lang: Any) -> dict[str, Any]:
        parts = bars(
            self.tables()["parts"], lang=lang, title=lang.pick("Parts", "构成"), measure=MONEY
        )
        return {"parts": parts}


def compute(company: Any, params: Params) -> Results:
    sold = params.people * 1_000_000 * (1 - (params.price - 100) / 200)
    return Results(sold * params.price / 100 * (1 - params.discount), params.people * 300_000)


STUDY = Study(
    name="little", number=2, title=("Price and people", "价格与人数"),
    question=("What does price do to profit?", "价格如何影响利润？"),
    params=Params, compute=compute,
)  # fmt: skip
