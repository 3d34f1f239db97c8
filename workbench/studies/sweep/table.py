"""What came out of a sweep as one tidy table: a row a run, its parameters beside its results.

The table is for programs: names and codes as declared, whatever the language. For people:
`page.py` and `workbook.py`; what the parameters do to the results: `sensitivity.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.params import Parameter
from workbench.studies.sweep.cases import Case, Line, Meaning
from workbench.studies.sweep.spec import SweepSpec
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd

#: Of a case without a line in the journal.
PENDING = "pending"
PARAM, RESULT = "param.", "result."

#: Columns that hold the values of a result over the runs of a point.
SPREAD = ("mean", "sd", "min", "max")


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """All that is known of a sweep, done or not.

    Attributes
    ----------
    spec : SweepSpec
    cases : sequence of Case
        In order of number.
    lines : mapping of str to Line
        By the key of the case; a case without one is not done yet.
    meanings : mapping of str to mapping of str to Meaning
        Study, name of the key figure, what it means.
    parameters : mapping of str to tuple of Parameter
        As each study declares them, in the language.
    company : str
        Name of the company.
    lang : Language
    facts : mapping of str to str
        Lines of the record of the sweep: label, text.
    titles : mapping of str to str
        Names of the studies for people; a study without one goes by its own.
    labels : mapping of str to str
        Codes of the company (regions, product lines ...) to their labels, for values of
        parameters that declare no choices.
    """

    spec: SweepSpec
    cases: Sequence[Case]
    lines: Mapping[str, Line]
    meanings: Mapping[str, Mapping[str, Meaning]]
    parameters: Mapping[str, tuple[Parameter, ...]]
    company: str
    lang: Language
    facts: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def done(self) -> list[Line | None]:
        """The line of each case, in order; None where it is not done."""
        return [self.lines.get(case.key) for case in self.cases]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The tidy table, made once."""
        return tidy(self)

    def title(self, study: str) -> str:
        """Name of a study for people."""
        return self.titles.get(study, study)

    def parameter(self, study: str, name: str) -> Parameter | None:
        """Declaration of a parameter; None where the study is not known."""
        declared = self.parameters.get(study, ())
        return next((each for each in declared if each.name == name), None)

    def written(self, study: str, name: str, value: Any) -> str:
        """A value of a parameter for people; an empty list is all there are."""
        if isinstance(value, (list, tuple)):
            each = (self.written(study, name, item) for item in value)
            return self.lang.pause.join(each) or self.lang.say("all of them")
        declared = self.parameter(study, name)
        if declared is None:
            return as_text(value)
        known = self.labels if isinstance(value, str) and not declared.choices else {}
        return known.get(value) or declared.written(value, self.lang)


def tidy(result: SweepResult) -> pd.DataFrame:
    """One row a case, in order of number.

    Returns
    -------
    DataFrame
        `number`, `study`, `block`, `point`, `replicate` (missing where a point is run once),
        `status` ("finished", "failed", "pending"), `seconds`, `peak_mb`, `run`; then
        `param.NAME` of each parameter that is varied or differs between the cases of a study,
        lists as text; `result.NAME` of each key figure, missing where a case has none; and
        `fault`, `message` where a case has failed.
    """
    import pandas as pd

    cases, done = result.cases, result.done
    columns: dict[str, Any] = {
        "number": pd.array([case.number for case in cases], "int64"),
        "study": _texts(case.study for case in cases),
        "block": pd.array([case.block for case in cases], "int64"),
        "point": pd.array([case.point for case in cases], "int64"),
        "replicate": pd.array([case.replicate for case in cases], "Int64"),
        "status": _texts(PENDING if line is None else line.status for line in done),
        "seconds": _floats(None if line is None else line.seconds for line in done),
        "peak_mb": _floats(None if line is None else line.peak_mb for line in done),
        "run": _texts(None if line is None else line.run for line in done),
    }
    for name in shown_parameters(result):
        columns[PARAM + name] = _column([case.params.get(name) for case in cases])
    for name in result_names(result):
        columns[RESULT + name] = _column([line and line.results.get(name) for line in done])
    faults = [None if line is None else line.fault for line in done]
    columns["fault"] = _texts(fault and fault.kind for fault in faults)
    columns["message"] = _texts(fault and f"{fault.error}: {fault.message}" for fault in faults)
    return pd.DataFrame(columns)


def by_point(result: SweepResult) -> pd.DataFrame:
    """One row a point: its runs, and mean, sd, min and max of each number over them.

    Returns
    -------
    DataFrame
        `block`, `study`, `point`, `runs` (finished), `failed`, `param.NAME` but the seed of
        replicates, and for each key figure that is a number `result.NAME.mean`, `.sd` (n − 1;
        missing for one run), `.min`, `.max`.
    """
    import pandas as pd

    frame = result.frame
    keys = ["block", "study", "point"]
    grouped = frame.groupby(keys, sort=False, observed=True)
    statuses = pd.DataFrame(
        {"runs": frame["status"] == "finished", "failed": frame["status"] == "failed"}
    )
    by = [frame[key] for key in keys]
    counted = statuses.groupby(by, sort=False, observed=True).sum()
    own = [
        PARAM + name
        for name in shown_parameters(result)
        if name != "seed" or not frame["replicate"].notna().any()
    ]
    parts = [counted, grouped[own].first()] if own else [counted]
    numeric = numeric_results(result)
    if numeric:
        values = frame[[RESULT + name for name in numeric]].astype("float64")
        again = values.groupby(by, sort=False, observed=True)
        spread = {how: again.agg({"sd": "std"}.get(how, how)) for how in SPREAD}
        parts += [
            spread[how][[RESULT + name]].add_suffix(f".{how}") for name in numeric for how in SPREAD
        ]
    return pd.concat(parts, axis=1).reset_index()


def shown_parameters(result: SweepResult) -> list[str]:
    """Parameters that are varied, or differ between the cases of a study, as declared."""
    found: dict[str, None] = {}
    for study in dict.fromkeys(case.study for case in result.cases):
        cases = [case for case in result.cases if case.study == study]
        varied = {name for case in cases for name in case.varied}
        names = [each.name for each in result.parameters.get(study, ())]
        names += [name for name in cases[0].params if name not in names]
        for name in names:
            first = cases[0].params.get(name)
            if name in varied or any(case.params.get(name) != first for case in cases):
                found[name] = None
    return list(found)


def result_names(result: SweepResult) -> list[str]:
    """Key figures found in any finished case, in the order of the studies' own."""
    found = {name: None for known in result.meanings.values() for name in known}
    seen = {name: None for line in result.done if line is not None for name in line.results}
    return [name for name in found if name in seen] + [name for name in seen if name not in found]


def numeric_results(result: SweepResult) -> list[str]:
    """Key figures that are numbers in every case that has them."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    frame = result.frame
    return [
        name
        for name in result_names(result)
        if is_numeric_dtype(frame[RESULT + name]) and not is_bool_dtype(frame[RESULT + name])
    ]


def as_text(value: Any) -> str:
    """A value that is no number as one text, the same for the same value."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(as_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


# -- columns ------------------------------------------------------------------------------------


def _column(values: list[Any]) -> Any:
    """A column of the one kind that all its values have; else of texts."""
    import pandas as pd

    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return _floats(values)
    if kinds == {bool}:
        return pd.array(values, "boolean")
    if kinds == {int}:
        return _whole(values)
    if kinds <= {int, float}:
        return _floats(values)
    return _texts(None if value is None else as_text(value) for value in values)


def _whole(values: list[Any]) -> Any:
    import pandas as pd

    small = all(value is None or -(2**63) <= value < 2**63 for value in values)
    return pd.array(values, "Int64") if small else _floats(values)


def _floats(values: Iterable[Any]) -> Any:
    import numpy as np

    return np.array([np.nan if value is None else value for value in values], dtype="float64")


def _texts(values: Iterable[Any]) -> Any:
    import pandas as pd

    return pd.array(list(values), "str")
