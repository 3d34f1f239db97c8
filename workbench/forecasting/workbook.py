"""A forecast as a workbook to mail: months side by side, all rows, leaderboard, notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.forecasting.backtesting import COMBINATION, Backtest
from workbench.forecasting.forecaster import Forecast
from workbench.forecasting.models import MODELS, model
from workbench.text import Language, mark

REASONS = {
    "no value at all": mark("no value at all"),
    "more than half of its periods are missing": mark(
        "more than half of its periods are missing; where nothing was sold, write 0"
    ),
    "missing periods filled from their neighbours and last year's shape": mark(
        "missing periods filled from their neighbours and last year's shape"
    ),
    "weekdays without any value counted as zero": mark(
        "weekdays without any value counted as zero"
    ),
    "ended before the others; counted as zero since": mark(
        "ended before the others; counted as zero since"
    ),
    "early": mark("ends before the others and is forecast from its own end on"),
    "short": mark("history shorter than what is forecast: take it as a rough guess"),
    "negative": mark("negative values: models that multiply are not used"),
}

#: Amounts of this size are shown without decimals; the cells hold them all the same.
WHOLE_FROM = 1000


def write_workbook(
    path: str | Path,
    made: Forecast,
    *,
    tested: Backtest | None,
    lang: Language,
    title: str,
    lines: Sequence[str] = (),
) -> Path:
    """Write a forecast as XLSX.

    Parameters
    ----------
    path : str or Path
    made : Forecast
    tested : Backtest, optional
        For the leaderboard.
    lang : Language
    title : str
        Over the contents.
    lines : sequence of str
        Under it: what was forecast, from which file.
    """
    import pyarrow as pa

    from workbench.report.labels import Meaning
    from workbench.report.xlsx import MAX_ROWS, Book, TableSheet

    say = lang.say
    amount = "integer" if float(np.median(np.abs(made.points))) >= WHOLE_FROM else "number"
    kinds = {
        "series_id": (say("Series"), "text"),
        "period": (say("Period"), "text"),
        "mean": (say("Forecast"), amount),
        "sum": (say("All periods ahead"), amount),
        "model": (say("Model"), "text"),
        "group": (say("Kind of series"), "text"),
        "weight": (say("Weight"), "percent"),
        "scaled_error": (say("Error against naive within the series"), "number"),
        "admitted": (say("Admitted"), "flag"),
        "OWA": (say("OWA (Naive2 is 1)"), "number"),
        "MASE": ("MASE", "number"),
        "sMAPE": (say("sMAPE, %"), "number"),
        "RMSSE": ("RMSSE", "number"),
        "bias": (say("Bias"), "signed_percent"),
        "cov80": (say("Inside the 80% interval"), "percent"),
        "cov95": (say("Inside the 95% interval"), "percent"),
        "series": (say("Series"), "integer"),
        "reason": (say("What was done, or why not"), "text"),
        "count": (say("Periods"), "integer"),
    }

    def sheet(name: str, title: str, table: pd.DataFrame) -> TableSheet:
        meanings = []
        for column in table.columns:
            label, kind = kinds.get(str(column), (str(column), amount))
            if str(column)[:2] in ("lo", "hi") and str(column)[2:].isdigit():
                end = say("lower end") if column[0] == "l" else say("upper end")
                label = say("{level}% interval, {end}", level=column[2:], end=end)
            meanings.append(Meaning(str(column), label, kind))
        return TableSheet(name, title, meanings, pa.Table.from_pandas(table, preserve_index=False))

    table = made.table()
    table["period"] = table["period"].astype(str)
    ids = [str(one) for one in made.panel.ids]
    if made.reconciled is not None:  # the node above all has a word of the reader's language
        table["series_id"] = table["series_id"].astype(str).replace({ids[0]: say("Total")})
        ids[0] = say("Total")
    table["model"] = [model_title(name, lang) for name in table["model"]]
    wide = table.pivot(index="series_id", columns="period", values="mean")
    wide = wide.loc[ids]
    wide = wide.assign(sum=wide.sum(axis=1)).reset_index()
    sheets = [
        sheet("side_by_side", say("Periods side by side"), wide),
        *(
            sheet("forecast", say("Forecast with intervals"), table.iloc[first : first + MAX_ROWS])
            for first in range(0, max(len(table), 1), MAX_ROWS)
        ),
    ]
    if tested is not None:
        board = tested.table().drop(columns=["MSIS80", "MSIS95"], errors="ignore")
        board["model"] = [model_title(name, lang) for name in board["model"]]
        sheets.append(sheet("leaderboard", say("Leaderboard at earlier origins"), board))
    weights = made.weights()
    weights["model"] = [model_title(name, lang) for name in weights["model"]]
    words = {"smooth": say("steady"), "intermittent": say("with pauses")}
    weights["group"] = weights["group"].map(words)
    sheets.append(sheet("weights", say("Models and their weights"), weights))
    notes = notes_table(made, lang)
    if len(notes):
        sheets.append(sheet("notes", say("Repairs and refusals"), notes))
    book = Book(lang=lang, title=title, lines=lines, sheets=sheets)
    return book.write(Path(path))


def model_title(name: str, lang: Language) -> str:
    """Name of a model for people."""
    if name in MODELS:
        return lang.pick(*model(name).title)
    if name == COMBINATION:
        return lang.say("Combination")
    return lang.say("Combination for demand with pauses")


def notes_table(made: Forecast, lang: Language) -> pd.DataFrame:
    """What was mended and what was left out: series_id, reason, count."""
    repairs = made.panel.repairs.rename(columns={"rule": "reason"})
    refused = made.panel.refused.assign(count=0)
    both = [part for part in (repairs, refused, *_cautions(made)) if len(part)]
    if not both:
        return pd.DataFrame(columns=["series_id", "reason", "count"])
    table = pd.concat(both, ignore_index=True)[["series_id", "reason", "count"]]
    table["reason"] = [lang.say(REASONS[reason]) for reason in table["reason"]]
    table["series_id"] = table["series_id"].astype(str)
    table["count"] = table["count"].astype("int64")
    return table


def _cautions(made: Forecast) -> list[pd.DataFrame]:
    """What is no repair but should be known: early ends, short histories, values below zero."""
    batch = made.panel.batch
    ids = np.asarray([str(one) for one in made.panel.ids], dtype=object)
    below = np.add.reduceat(batch.values < 0, batch.offsets[:-1]) if len(ids) else np.empty(0)
    early = made.panel.last.max(initial=0) - made.panel.last
    found = []
    for reason, counts, at in (
        ("early", early, early > 0),
        ("short", batch.lengths, batch.lengths < made.points.shape[1]),
        ("negative", below, below > 0),
    ):
        found.append(pd.DataFrame({"series_id": ids[at], "reason": reason, "count": counts[at]}))
    return found
