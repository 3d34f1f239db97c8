"""层层加码: what padding at each level does to the company, to people, to pay.

Draws alone know no padding: whatever is handed down, the company sells the same. What padding
may do goes through people, and how much is an assumption that is stated, `Response`: people for
whom a higher target is still within reach try harder (Locke and Latham 2002, "Building a
practically useful theory of goal setting", American Psychologist 57), and those who miss theirs
leave more often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import ParameterError
from workbench.planning.chances import count_hits
from workbench.planning.money import Pay, attainment_pay, paid_to
from workbench.planning.prepared import Prepared
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier
from workbench.planning.tree import Ints

Floats = NDArray[np.float64]
#: Leaves whose pay is worked out at once: draws of a large tree fill a memory.
AT_ONCE = 128


@dataclass(frozen=True)
class Response:
    """How people answer to padding. Assumptions, to be shown with every result.

    Attributes
    ----------
    effort : float
        Part of more output per part of more target, for somebody sure to reach it; it counts
        times the chance of the padded target.
    attrition : float
        Points of more leavers a year per point fewer who reach their target.
    lost : float
        Part of a year's output that goes with a leaver: vacancy and ramp of the successor.
    """

    effort: float = 0.2
    attrition: float = 0.25
    lost: float = 0.4

    def __post_init__(self) -> None:
        for name in ("effort", "attrition", "lost"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(
                    "an answer to padding lies between 0 and 1",
                    where=f"response, {name}={getattr(self, name)}",
                    do="give 0 for none",
                )


@dataclass(frozen=True)
class PaddingEffect:
    """What padding does as it grows.

    Attributes
    ----------
    table : pandas.DataFrame
        scale (times the padding asked about), handed (sum of the leaves' targets over the
        company's, less 1), p_company (chance of the company's own target), reach (expected share
        of people that reach theirs), pay (mean, where a pay curve was handed in), attrition
        (points of more leavers), output (mean of the company over that without padding, less 1).
    stops_at : float
        `handed` from which more padding lowers the company's chance; 0 if the first step does.
    helps : bool
        Whether any padding raises the company's chance by more than chance can explain.
    response : Response
        What was assumed.
    plain : Targets
        Without padding.
    """

    table: pd.DataFrame
    stops_at: float
    helps: bool
    response: Response
    plain: Targets


def padding_effect(
    prepared: Prepared,
    *,
    kpi: str,
    scales: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0),
    response: Response | None = None,
    tier: str | None = None,
    kind: str | None = None,
    pay: Pay | None = None,
    target_pay: pd.Series | None = None,
) -> PaddingEffect:
    """Judge padding from none to more than is asked about, on the same draws.

    Parameters
    ----------
    prepared : Prepared
        With the padding asked about.
    kpi : str
        One that adds up.
    scales : sequence of float
        Times that padding; 0 is put first.
    response : Response, optional
    tier : str, optional
        Base by default.
    kind : str, optional
        Of the leaves that are people, who answer to padding; all leaves by default.
    pay, target_pay
        As `pay_and_profit`: pay curve, and pay at target by leaf.

    Raises
    ------
    ParameterError
        If there is no padding to judge, or of the KPI less is better.
    """
    if not prepared.padding:
        raise ParameterError(
            "there is no padding to judge", where="padding", do="prepare with padding by kind"
        )
    if prepared.goals[kpi].down:
        raise ParameterError(
            f"of {kpi} less is better: how people answer to padding is told for output",
            where=f"kpi={kpi}",
            do="choose one of which more is better, such as revenue",
        )
    assumed = response or Response()
    which = prepared.tiers.index(tier) if tier else base_tier(prepared.tiers)
    paid = None if target_pay is None else paid_to(target_pay, prepared.tree)
    tree = prepared.tree
    people = np.flatnonzero(tree.of_kind(kind)[tree.leaves] if kind else tree.leaves >= 0)
    if not len(people):
        raise ParameterError(
            "no leaf of the tree is a person who could answer to padding",
            where=f"kind={kind}",
            do=f"choose from {', '.join(dict.fromkeys(tree.kinds[leaf] for leaf in tree.leaves))}",
        )
    rows, hits = [], []
    plain = prepared.change(padding={})
    for scale in sorted({0.0, *map(float, scales)}):
        padded = {kind: min(part * scale, 1.0) for kind, part in prepared.padding.items()}
        targets = prepared.change(padding=padded) if scale else plain
        row, hit = _judge(plain, targets, kpi, which, assumed, people, pay, paid)
        rows.append({"scale": scale, **row})
        hits.append(hit)
    table = pd.DataFrame(rows)
    best = int(table["p_company"].to_numpy().argmax())
    gain = hits[best].astype(float) - hits[0]
    error = float(gain.std()) / len(gain) ** 0.5
    helps = best > 0 and float(gain.mean()) > 1.96 * error
    stops_at = float(table["handed"].iloc[best]) if helps else 0.0
    return PaddingEffect(table, stops_at, helps, assumed, plain)


def _judge(
    plain: Targets,
    padded: Targets,
    kpi: str,
    which: int,
    assumed: Response,
    people: Ints,
    pay: Pay | None,
    paid: Floats | None,
) -> tuple[dict[str, float], NDArray[np.bool_]]:
    tree, years = plain.tree, plain.prepared.grounds[kpi].years
    leaves = tree.leaves
    drawn = years[leaves]
    before, after = (each.target(kpi)[:, which] for each in (plain, padded))
    company, before, after = float(before[0]), before[leaves], after[leaves]
    more = np.where(before > 0, after / np.maximum(before, 1e-9) - 1, 0.0)
    chance = padded.kpis[kpi].chance[leaves, which]
    factor = np.ones(len(leaves))
    factor[people] += assumed.effort * np.maximum(more, 0.0)[people] * chance[people]
    trying, some = drawn[people], factor[people]
    reach = [_reach(trying, each[people], some) for each in (before, after)]
    leaving = assumed.attrition * max(reach[0] - reach[1], 0.0)
    factor[people] *= 1 - leaving * assumed.lost
    sold = factor.astype(np.float32) @ drawn
    hit = sold >= company * (1 - 1e-6)
    row = {
        "handed": float(after.sum() / company - 1) if company else 0.0,
        "p_company": float(hit.mean()),
        "reach": reach[1],
    }
    if pay is not None and paid is not None:
        row["pay"] = sum(
            float(
                paid[part]
                @ attainment_pay(pay, drawn[part] * factor[part, None], after[part]).mean(axis=1)
            )
            for part in np.array_split(np.flatnonzero(paid), 1 + len(paid) // AT_ONCE)
        )
    expected = float(years[0].mean())
    row |= {"attrition": leaving, "output": float(sold.mean()) / expected - 1 if expected else 0.0}
    return row, hit


def _reach(years: NDArray[np.float32], goals: Floats, factor: Floats) -> float:
    chance, _ = count_hits(
        years, (goals / factor)[:, None], np.full(len(goals), -1, dtype=np.int64), 1
    )
    return float(chance.mean())
