"""Cuts: revenue now and then by product line, region and channel, in any combination."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.analysis.measure import Asked, measure
from workbench.analysis.scope import Scope

DIMENSIONS = ("region", "product_line", "channel")


def asks(scope: Scope) -> list[Asked]:
    """KPIs of the cuts that a study shows."""
    cuts = [("region", "product_line"), DIMENSIONS, ("account_id",)]
    return [
        Asked("revenue_net", by=cut, over=over) for cut in cuts for over in (scope.now, scope.prior)
    ]


def by(scope: Scope, *dimensions: str, kpi_id: str = "revenue_net") -> pd.DataFrame:
    """A KPI of the window and of the year before, by the cuts given.

    Parameters
    ----------
    dimensions : str
        Cuts the KPI allows: region, product_line, channel, product_id, rep_id, account_id ...
    kpi_id : str
        An additive KPI.

    Returns
    -------
    pandas.DataFrame
        The dimensions, after, before, growth (missing where the base is not positive), share;
        largest first.
    """
    keys = list(dimensions)
    after = measure(scope, kpi_id, by=dimensions)[[*keys, "value"]]
    before = measure(scope, kpi_id, by=dimensions, over=scope.prior)[[*keys, "value"]]
    table = after.rename(columns={"value": "after"}).merge(
        before.rename(columns={"value": "before"}), on=keys, how="outer"
    )
    table[["after", "before"]] = table[["after", "before"]].fillna(0.0)
    ordered = table.sort_values(["after", *keys], ascending=[False, *[True] * len(keys)])
    return _rates(ordered.reset_index(drop=True))


def heat(scope: Scope, *, rows: str = "region", columns: str = "product_line") -> pd.DataFrame:
    """Growth of each row by column, with revenue and growth of the row as a whole.

    Returns
    -------
    pandas.DataFrame
        rows, after, before, growth, then one growth column for each value of `columns`, largest
        growth first; the last row is the whole ("all").
    """
    cells = by(scope, rows, columns)
    whole = _rates(cells.groupby(rows, as_index=False)[["after", "before"]].sum())
    wide = cells.pivot(index=rows, columns=columns, values="growth")
    table = whole.drop(columns="share").merge(wide, left_on=rows, right_index=True, how="left")
    table = table.sort_values("growth", ascending=False, na_position="last")
    totals = _rates(cells.groupby(columns)[["after", "before"]].sum().reset_index())
    total = {
        rows: "all",
        **_rates(cells[["after", "before"]].sum().to_frame().T).iloc[0].drop("share").to_dict(),
        **totals.set_index(columns)["growth"].to_dict(),
    }
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)[table.columns]


def movers(scope: Scope, dimensions: Sequence[str] = DIMENSIONS) -> pd.DataFrame:
    """Combinations of the dimensions by the size of their change, largest first.

    Returns
    -------
    pandas.DataFrame
        The dimensions, after, before, growth, share, change; sorted by |change|.
    """
    table = by(scope, *dimensions)
    table["change"] = table["after"] - table["before"]
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def provinces(scope: Scope) -> pd.DataFrame:
    """Revenue by province of the customer, from the administrative code of the account.

    Returns
    -------
    pandas.DataFrame
        geo_code (two digits and 0000), after, before, growth, share; largest first.
    """
    scope.company.require("account")
    places = scope.company.table("account", columns=["account_id", "geo_code"])
    province = places["geo_code"].str[:2] + "0000"
    table = by(scope, "account_id").merge(
        pd.DataFrame({"account_id": places["account_id"], "geo_code": province}), how="left"
    )
    sums = table.groupby("geo_code", as_index=False)[["after", "before"]].sum()
    return _rates(sums.sort_values("after", ascending=False, ignore_index=True))


def _rates(table: pd.DataFrame) -> pd.DataFrame:
    base = table["before"].where(table["before"] > 0)
    total = table["after"].sum()
    return table.assign(
        growth=table["after"] / base - 1,
        share=table["after"] / total if total else float("nan"),
    )
