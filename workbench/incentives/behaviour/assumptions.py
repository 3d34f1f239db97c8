"""What a statement about behaviour takes for granted: each parameter with value and source.

A parameter is estimated from the company's data, set by the user, or as usual; the last is an
assumption from practice and says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.errors import ParameterError
from workbench.incentives.behaviour.person import Behaviour
from workbench.text import Language, mark

Unit = Literal["money", "ratio", "share", "rate", "number"]
SOURCES = {
    "estimated": mark("estimated from the company's data"),
    "given": mark("set by the user"),
    "usual": mark("usual setting, an assumption from practice"),
}
FIELDS: dict[str, tuple[str, Unit]] = {
    "reference_rate": (mark("Pay per 100 points of attainment at which effort is usual"), "money"),
    "elasticity": (mark("Output per pay: relative change of one by that of the other"), "number"),
    "pride": (mark("What the work is worth without pay, in usual rates"), "number"),
    "noise": (mark("Luck in a year's attainment, standard deviation"), "share"),
    "hold": (mark("Deals that can be held back into the next year"), "share"),
    "pull": (mark("Deals that can be pulled in from the next year"), "share"),
    "concede": (mark("Deals that a concession can win at the year's end"), "share"),
    "hold_cost": (mark("Trouble of holding back, in usual rates"), "number"),
    "pull_cost": (mark("Trouble of pulling in, in usual rates"), "number"),
    "concede_cost": (mark("Trouble of a concession, in usual rates"), "number"),
    "lost": (mark("Deals held back that are lost"), "share"),
    "discount": (mark("Price given away on deals pulled in or won by a concession"), "share"),
    "patience": (mark("Worth of next year's pay against this year's"), "share"),
    "ratchet": (mark("Rise of the next quota per point of attainment above 100%"), "ratio"),
    "risk_aversion": (mark("Aversion to risk, relative to pay on target"), "number"),
    "movers": (mark("People who move dates or concede at all"), "share"),
    "most": (mark("Highest effort, usual effort being 1"), "number"),
}


@dataclass(frozen=True)
class Assumption:
    """One parameter of behaviour.

    Attributes
    ----------
    name : str
        Field of `Behaviour`.
    value : float
    unit : {"money", "ratio", "share", "rate", "number"}
    source : {"estimated", "given", "usual"}
    error : float or None
        Standard error of an estimate.
    """

    name: str
    value: float
    unit: Unit
    source: str
    error: float | None = None

    def title(self, lang: Language) -> str:
        """What it is."""
        return lang.say(FIELDS[self.name][0])

    def written(self, lang: Language, *, currency: str = "CNY") -> str:
        """Its value, with the standard error of an estimate."""
        if self.error is None:
            return self._figure(self.value, lang, currency)
        return lang.say(
            "{value} ± {error}",
            value=self._figure(self.value, lang, currency),
            error=self._figure(self.error, lang, currency),
        )

    def said(self, lang: Language, *, currency: str = "CNY") -> str:
        """Value and source, as a sentence for a table of assumptions."""
        return lang.say(
            "{value}: {source}.",
            value=self.written(lang, currency=currency),
            source=lang.say(SOURCES[self.source]),
        )

    def _figure(self, value: float, lang: Language, currency: str) -> str:
        if self.unit == "money":
            return lang.money(value, currency=currency)
        if self.unit == "share":
            return lang.percent(value)
        return lang.number(value, decimals=2)


def assumptions(
    behaviour: Behaviour,
    *,
    estimated: Mapping[str, float] | None = None,
    given: tuple[str, ...] = (),
) -> tuple[Assumption, ...]:
    """All parameters with value and source.

    Parameters
    ----------
    behaviour : Behaviour
    estimated : mapping of str to float, optional
        Standard errors of those that were estimated (`Estimate.errors`); names of productivity
        are passed over.
    given : tuple of str
        Those that the user set.

    Raises
    ------
    ParameterError
        If a name is no parameter.
    """
    names = [each.name for each in dataclasses.fields(behaviour)]
    errors = {
        name: each for name, each in (estimated or {}).items() if name not in ("middle", "scatter")
    }
    unknown = [name for name in (*errors, *given) if name not in names]
    if unknown:
        raise ParameterError(
            f"{unknown[0]} is no parameter of behaviour",
            where=", ".join(unknown),
            do=f"choose from {', '.join(names)}",
        )
    return tuple(
        Assumption(
            name,
            float(getattr(behaviour, name)),
            FIELDS[name][1],
            "estimated" if name in errors else "given" if name in given else "usual",
            errors.get(name),
        )
        for name in names
    )
