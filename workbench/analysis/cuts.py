"""Cuts: revenue now and then by product line, region and channel, in any combination."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.analysis.scope import Scope
from workbench.errors import ParameterError

DIMENSIONS = ("region", "product_line", "channel", "product_id", "rep_id", "account_id")


def by(scope: Scope, *dimensions: str) -> pd.DataFrame:
    """Revenue net of VAT of the window and of the year before, by the dimensions given.

    Returns
    -------
    pandas.DataFrame
        The dimensions, after, before, growth (missing where the base is not positive), share of
        revenue; largest first.

    Raises
    ------
    ParameterError
        If a dimension is not one of `DIMENSIONS`.
    """
    unknown = set(dimensions) - set(DIMENSIONS)
    if unknown:
        raise ParameterError(
            f"revenue cannot be cut by {sorted(unknown)[0]!r}",
            where=f"dimensions={dimensions}",
            do=f"use some of {', '.join(DIMENSIONS)}",
        )
    chosen = ", ".join(dimensions)
    table = scope.company.sql(
        f"""
        select {chosen},
            coalesce(sum(net) filter ({scope.now.holds("day")}), 0) as after,
            coalesce(sum(net) filter ({scope.prior.holds("day")}), 0) as before
        from {scope.lines}
        where {scope.now.holds("day")} or {scope.prior.holds("day")}
        group by all order by after desc, {chosen}""",
        money="float",
    )
    return _rates(table)


def heat(scope: Scope, *, rows: str = "region", columns: str = "product_line") -> pd.DataFrame:
    """Growth of each row by column, with revenue and growth of the row as a whole.

    Returns
    -------
    pandas.DataFrame
        rows, after, before, growth, then one growth column for each value of `columns`, largest
        growth first; the last row is the whole ("all").
    """
    cells, whole = by(scope, rows, columns), by(scope, rows)
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


def movers(
    scope: Scope, dimensions: Sequence[str] = ("region", "product_line", "channel")
) -> pd.DataFrame:
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


def _rates(table: pd.DataFrame) -> pd.DataFrame:
    base = table["before"].where(table["before"] > 0)
    total = table["after"].sum()
    return table.assign(
        growth=table["after"] / base - 1,
        share=table["after"] / total if total else float("nan"),
    )
