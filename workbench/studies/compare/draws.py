"""Draws that two runs have recorded: their difference with an interval, draw by draw if it may be.

What may be paired is decided in `workbench.scenarios`: same seed, same streams, same draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.report.labels import label
from workbench.studies.runs import Run
from workbench.text import Language

if TYPE_CHECKING:
    import numpy as np

    from workbench.scenarios import PairedDifference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawsChange:
    """A cube of draws that both runs have recorded.

    Attributes
    ----------
    name, label : str
    difference : PairedDifference or None
        Of the sums over periods and keys; None where the two cannot be compared.
    reason : str
        Why they cannot, "" where they can.
    by_draw : numpy.ndarray or None, shape (draws,)
        After less before, in the unit of the cubes; None where draws are not paired.
    """

    name: str
    label: str
    difference: PairedDifference | None
    reason: str = ""
    by_draw: np.ndarray | None = None

    def sentence(self, lang: Language, *, a: str, b: str) -> str:
        """Say the difference; `a` and `b` are the names of the runs."""
        if self.difference is None:
            return lang.say("cannot be compared: {reason}", reason=self.reason)
        return self.difference.sentence(lang, a=a, b=b)

    @property
    def is_same(self) -> bool:
        """Whether not a single draw differs."""
        return self.by_draw is not None and not self.by_draw.any()


def draws_changes(before: Run, after: Run, lang: Language) -> list[DrawsChange]:
    """Compare the draws recorded by both, in the order recorded."""
    sides = [_recorded(run) for run in (before, after)]
    return [
        _change(name, label(sides[1][name], lang), _path(before, name), _path(after, name))
        for name in sides[0]
        if name in sides[1]
    ]


def _recorded(run: Run) -> dict[str, Any]:
    return {
        entry["name"]: entry
        for entry in run.manifest.get("draws", ())
        if _path(run, entry["name"]).is_file()
    }


def _path(run: Run, name: str) -> Path:
    return run.folder / "draws" / f"{name}.parquet"


def _change(name: str, label: str, before: Path, after: Path) -> DrawsChange:
    from workbench.scenarios import load_cube, paired_difference, total

    a, b = load_cube(before), load_cube(after)
    try:
        found = paired_difference(a, b)
    except InputError as error:
        return DrawsChange(name=name, label=label, difference=None, reason=error.message)
    if not found.paired:
        return DrawsChange(name=name, label=label, difference=found)
    one, other = (total(c, over=[str(d) for d in c.dims[1:]]).values for c in (a, b))
    return DrawsChange(name=name, label=label, difference=found, by_draw=other - one)
