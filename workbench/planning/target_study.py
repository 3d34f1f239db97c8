"""All answers of the study of targets: what `study_targets.py` asks, on a year prepared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.told import Told

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.judged import Lever
    from workbench.planning.padding import PaddingEffect
    from workbench.planning.study_targets import Params
    from workbench.planning.targets import Targets
    from workbench.planning.year import Ready


@dataclass(frozen=True)
class TargetStudy(Told):
    """All answers of the study; None where the tables do not give one.

    What is not set but judged is worked out when it is first asked for: a planner shows little of
    it while something moves.

    Attributes
    ----------
    params : Params
    made : Ready
        What targets stand on.
    targets : Targets
        Of the year, padding handed down.
    growth : float
        Of the base target over the year before.
    """

    params: Params
    made: Ready
    targets: Targets
    growth: float

    @property
    def company(self) -> Company:
        """Whose targets they are."""
        return self.made.company

    @property
    def year(self) -> int:
        """Year of the targets."""
        return self.made.year

    @property
    def ground(self) -> Ground:
        """Tree, names, sales."""
        return self.made.ground

    @property
    def before(self) -> pd.DataFrame:
        """The year before, node x month; months to come as expected."""
        return self.made.before

    @property
    def promised(self) -> pd.DataFrame | None:
        """Promises of people, corrected."""
        return self.made.promised

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Tiers, chances and what is expected, one row a node."""
        from workbench.planning.judged import nodes

        return nodes(self.targets)

    @cached_property
    def causes(self) -> pd.DataFrame | None:
        """Why top-down and promises differ."""
        from workbench.planning.year import causes

        found: pd.DataFrame | None = causes(self.targets, self.promised)
        return found

    @cached_property
    def plain_reach(self) -> float:
        """Share of people who would reach base without padding."""
        from workbench.planning.judged import reach

        return reach(self.targets if self.padding is None else self.padding.plain)

    @cached_property
    def handed(self) -> pd.DataFrame:
        """Sum of the base targets at each level over the company's."""
        from workbench.planning.judged import handed

        return handed(self.targets)

    @cached_property
    def padding(self) -> PaddingEffect | None:
        """What padding does as it grows; None without any."""
        from workbench.planning.judged import padding

        return padding(self.targets, self.made.facts, self.params)

    @cached_property
    def money(self) -> pd.DataFrame | None:
        """Pay and profit by node."""
        from workbench.planning.judged import money

        return money(self.targets, self.made.facts)

    @cached_property
    def cover(self) -> pd.DataFrame | None:
        """Pipeline by node, there and needed."""
        from workbench.planning.judged import cover

        return cover(self.targets, self.made.facts)

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """What each lever does alone."""
        from workbench.planning.judged import first_open, levers

        first = first_open(self.ground, self.year)
        return levers(self.targets, self.made.facts, self.params, first=first)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """SMART."""
        from workbench.planning.judged import checks

        return checks(self.company, self.targets, self.ground, self.params)

    @property
    def standing(self) -> pd.DataFrame | None:
        """Pace of the running year."""
        return None if self.made.running is None else self.made.running.standing

    @property
    def milestones(self) -> pd.DataFrame | None:
        """What must happen in the running year, by the end of the quarter and of the year."""
        return None if self.made.running is None else self.made.running.milestones

    @cached_property
    def handed_over(self) -> pd.DataFrame | None:
        """A leaver's target with those who take it over, by month; None where nobody can."""
        from workbench.planning.judged import handed_over

        return handed_over(self.targets, self.ground, self.params)

    @cached_property
    def lines(self) -> pd.DataFrame | None:
        """Targets by region and product line; None where there are no lines."""
        from workbench.planning.lines import by_line

        if self.made.lines is None:
            return None
        return by_line(self.targets, self.made.lines, seed=self.params.seed)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Score over all KPIs of company and regions, by tier."""
        kinds = self.nodes["kind"].isin(["company", "region"])
        return self.targets.scores([str(node) for node in self.nodes.index[kinds]])

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.planning import story

        return story
