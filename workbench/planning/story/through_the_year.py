"""Sections on the running year, and on a leaver's target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.planning.story.words import currency, money, name, scale
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def pace(result: TargetStudy, lang: Language) -> Section:
    """The running year: pace, chance of each tier, what must happen."""
    standing = result.standing
    if standing is None:
        return Section(
            lang=lang,
            title=lang.say("There is no running year to follow"),
            reading=lang.say("Pace needs targets of the running year in all three tiers."),
        )
    rows = standing[standing["kind"].isin(["company", "region"])]
    frame = rows[rows["tier"] == "base"].set_index("node")
    for code in ("floor", "base", "stretch"):
        frame[f"p_{code}"] = rows[rows["tier"] == code].set_index("node")["p_hit"]
    ahead = result.milestones
    if ahead is not None:
        frame["deals"] = ahead[ahead["by"] == ahead["by"].max()].set_index("node")["deals"]
    frame = frame.reset_index()
    frame["label"] = [name(result, node, lang) for node in frame["node"]]
    frame["strong"] = frame["kind"] == "company"
    one = scale(result, lang)
    whole = frame.iloc[0]
    columns = [
        Col("label", lang.say("Region")),
        Col("target", lang.say("Base target"), "money"),
        Col("actual", lang.say("So far"), "money"),
        Col("pace", lang.say("Of plan to date"), "percent"),
        *(
            Col(f"p_{code}", words, "probability", group=lang.say("Chance"))
            for code, words in (
                ("floor", lang.say("Floor")),
                ("base", lang.say("Base")),
                ("stretch", lang.say("Stretch")),
            )
        ),
        Col("left", lang.say("Left"), "money"),
    ]
    if ahead is not None:
        columns.append(Col("deals", lang.say("Deals needed"), "integer"))
    return Section(
        Block(
            TableView(
                frame,
                columns,
                lang=lang,
                title=lang.say(
                    "{year}: {pace} of the plan to date; base still has a chance of {chance}",
                    year=result.ground.last.year,
                    pace=lang.percent(float(whole["pace"])),
                    chance=lang.probability(float(whole["p_base"])),
                ),
                subtitle=lang.say(
                    "Targets as set, plan to date by months, {unit}; as of {day}",
                    unit=one.unit,
                    day=lang.date(result.ground.last + pd.offsets.MonthEnd(0)),
                ),
                caption=lang.say("Pace of the running year"),
                scale=one,
                currency=currency(result),
                subtotal="strong",
            ),
            span=12,
        ),
        lang=lang,
        reading=_must_happen(result, lang),
    )


def _must_happen(result: TargetStudy, lang: Language) -> str:
    """Deals by the end of the quarter and of the year, one sentence each."""
    ahead = result.milestones
    if ahead is None:
        return ""
    said = []
    for row in ahead[ahead["kind"] == "company"].to_dict("records"):
        day = lang.date(row["by"])
        if not row["deals"]:
            said.append(
                lang.say("By {day} regular business alone meets the plan of base.", day=day)
            )
            continue
        said.append(
            lang.say(
                "By {day}: {deals} more deals of median size ({size}) beside regular business of"
                " {regular}, to meet the plan of base.",
                day=day,
                deals=lang.number(int(row["deals"])),
                size=money(result, float(row["size"]), lang),
                regular=money(result, float(row["regular"]), lang),
            )
        )
    return lang.sentences(said)


def leaver(result: TargetStudy, lang: Language) -> Section:
    """Who takes over the rest of a leaver's target; the total stays."""
    table = result.handed_over
    if table is None:
        return Section(
            lang=lang,
            title=lang.say("Nobody could take over a leaver's target"),
            reading=lang.say("It takes two people with a target."),
        )
    sums = table.groupby("node", sort=False)[["before", "after"]].sum().reset_index()
    gone = str(sums["node"].iloc[0])
    start = pd.Timestamp(year=result.year, month=result.params.leaver_from, day=1).date()
    frame = sums.assign(
        label=[name(result, str(node), lang) for node in sums["node"]],
        change=sums["after"] - sums["before"],
        strong=False,
    )
    whole = frame[["before", "after", "change"]].sum()
    total = {"label": lang.say("Together"), "strong": True, **whole.to_dict()}
    frame = pd.concat([frame, pd.DataFrame([total])], ignore_index=True)
    one = scale(result, lang)
    said = {"name": name(result, gone, lang), "month": lang.month(start, long=True)}
    moved = money(result, -float(frame["change"].iloc[0]), lang)
    return Section(
        Block(
            TableView(
                frame,
                [
                    Col("label", lang.say("Person")),
                    Col("before", lang.say("Before handing over"), "money"),
                    Col("after", lang.say("After handing over"), "money"),
                    Col("change", lang.say("Change"), "signed_money"),
                ],
                lang=lang,
                title=lang.say(
                    "{name} from {month}: {amount} is shared by {n} of the team, the total stays",
                    amount=moved,
                    n=lang.number(len(sums) - 1),
                    **said,
                ),
                subtitle=lang.say("Base target of {year}, {unit}", year=result.year, unit=one.unit),
                caption=lang.say("A leaver's target handed over"),
                scale=one,
                currency=currency(result),
                subtotal="strong",
                max_rows=len(frame),
            ),
            span=8,
        ),
        lang=lang,
        note=lang.sentences(
            [
                ""
                if result.params.leaver
                else lang.say("For instance: the person least likely to reach base."),
                lang.say(
                    "Shared by the team's own targets, month by month, in whole units; the"
                    " parameters of the leaver set another case."
                ),
            ]
        ),
    )
