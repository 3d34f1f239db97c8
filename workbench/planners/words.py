"""What a planner says around its answer: which scenario it is, what is computed, how a run goes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from workbench.planners.controls import Control
from workbench.planners.key_figures import Changed
from workbench.planners.trial import Trial, differing
from workbench.text import Language

Controls = Mapping[str, Control]
Message = dict[str, Any]


# -- the scenario ---------------------------------------------------------------------------------


def scenario_name(trial: Trial, controls: Controls, lang: Language) -> str:
    """Name of the scenario: as saved, else by what is changed, the saved one or the base."""
    names, start = trial.changed(), ""
    if trial.saved is not None and len(since := differing(trial.now, trial.saved)) < len(names):
        names, start = since, trial.name
    if start and not names:
        return start
    held = trial.now.literals()
    told = [
        f"{each.parameter.title}{lang.pick(' ', '')}{each.said(held[each.name], lang)}"
        for each in (controls[name] for name in names[:2])
    ]
    if more := len(names) - len(told):
        told.append(lang.say("{n} more changed", n=more))
    return start + (lang.colon if start else "") + lang.comma.join(told)


def status(trial: Trial, controls: Controls, lang: Language) -> str:
    """Which scenario is shown, and whether it is kept."""
    count = len(trial.changed())
    if not count:
        return lang.say("Baseline")
    name = scenario_name(trial, controls, lang)
    if not trial.unsaved:
        return lang.say("Scenario: {name}", name=name)
    return lang.say_n(
        "Scenario: {name} (not saved, {n} change)",
        "Scenario: {name} (not saved, {n} changes)",
        count,
        name=name,
    )


def changes(
    trial: Trial, controls: Controls, standing: Mapping[str, Any], lang: Language
) -> list[Changed]:
    """What was moved, from where to where.

    Parameters
    ----------
    trial : Trial
    controls : mapping of str to Control
    standing : mapping of str to object
        What the baseline uses where a parameter is left empty.
    lang : Language
    """
    base, now = trial.base.literals(), trial.now.literals()

    def said(name: str, value: Any) -> str:
        return controls[name].said(standing.get(name) if value is None else value, lang)

    return [
        Changed(name, controls[name].parameter.title, said(name, base[name]), said(name, now[name]))
        for name in trial.changed()
    ]


# -- work -----------------------------------------------------------------------------------------


def working(first: bool, since: float | None, usual: float | None, lang: Language) -> Message:
    """What is said while something is computed.

    Parameters
    ----------
    first : bool
        Whether nothing has been shown yet.
    since : float or None
        When preparing began, by `time.monotonic`; None where nothing is prepared.
    usual : float or None
        Seconds that takes as a rule.
    lang : Language
    """
    say = lang.say
    words = say("Computing the baseline …") if first else say("Computing …")
    cancel = "" if first else say("Cancel")
    if since is None:
        return {"words": words, "cancel": cancel}
    n = round(time.monotonic() - since)
    if usual is None:
        once = say("Once for these data and values: {n} s so far", n=n)
    else:
        of = max(1, round(usual))
        once = say("Once for these data and values: {n} s so far, usually {of} s", n=n, of=of)
    share = min(n / usual, 0.95) if usual else None
    return {"words": lang.sentences([words, once]), "share": share, "cancel": cancel}


def running(line: Mapping[str, Any], lang: Language) -> Message:
    """What is said of a run beside the planner, by a line that it told, see `batch.py`."""
    if "done" in line:
        words = lang.say("Running, cell {done} of {all}", done=line["done"], all=line["all"])
        return {"words": words, "share": line["done"] / max(line["all"], 1)}
    if "report" in line:
        words, link = lang.say("Run {run}", run=line["run"]), lang.say("Open the report")
        return {"words": words, "report": line["report"], "link": link}
    if "error" in line:
        return {"words": lang.sentences([line["error"], line["do"]]), "failed": True}
    stopped = {"words": lang.say("The run was stopped.")} if line["ended"] < 0 else {}
    return {"ended": True, **stopped}


def of_script(lang: Language) -> dict[str, str]:
    """What the page says by itself when nothing is heard from here."""
    say = lang.say
    return {
        "silent": say("The calculation no longer answers."),
        "kept": say("It may still be working, or have stopped. Your values are kept."),
        "again": say("Run the cell again; your values are kept."),
        "restart": say("Restart and keep my values"),
        "stop": say("Stop"),
    }
