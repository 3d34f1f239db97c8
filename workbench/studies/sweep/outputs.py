"""What a sweep leaves: for programs a table and a manifest, for people a report and a workbook."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from workbench.studies import manifest
from workbench.studies.sweep.cases import Line, Meaning
from workbench.studies.sweep.plan import SweepPlan
from workbench.studies.sweep.status import mark_state
from workbench.studies.sweep.table import SweepResult
from workbench.studies.whole import write_json

MEANINGS = "meanings.json"
TABLE = "table.parquet"

#: Packages whose versions the report names.
SHOWN = ("python", "sales-workbench", "numpy", "pandas", "duckdb", "scipy")


def result_of(
    plan: SweepPlan, lines: Mapping[str, Line], meanings: Mapping[str, Mapping[str, Meaning]]
) -> SweepResult:
    """All that is known of a sweep, for its outputs."""
    return SweepResult(
        spec=plan.spec,
        cases=plan.cases,
        lines=lines,
        meanings=meanings,
        parameters={
            name: study.params.declared(plan.lang) for name, study in plan.designed.studies.items()
        },
        company=plan.company.name(plan.lang),
        lang=plan.lang,
        facts=_facts(plan),
        titles={
            name: plan.lang.pick(*study.title) for name, study in plan.designed.studies.items()
        },
        labels={
            code: plan.lang.pick(*both)
            for group in plan.company.settings.labels.values()
            for code, both in group.items()
        },
    )


def write_outputs(plan: SweepPlan, result: SweepResult) -> dict[str, Path]:
    """Write table, workbook, report and manifest of a sweep whose cases are all done."""
    from workbench.studies.sweep import page

    outputs = page.write_outputs(result, plan.folder)
    _gather(plan)
    failed = sum(line.status == "failed" for line in result.lines.values())
    write_json(
        plan.folder / manifest.MANIFEST,
        {
            "sweep": plan.spec.name,
            "status": "finished",
            "cases": len(plan.cases),
            "failed": failed,
            "ended": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "lang": plan.lang.code,
            "company": {
                "path": plan.project.shown(plan.company.folder),
                "hash": plan.company.content_hash,
            },
            "code": plan.code,
            "lock": plan.lock,
            "git": manifest.git_state(plan.project.root),
            "versions": manifest.versions(),
            "spec": plan.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
        },
    )
    mark_state(plan.folder, "finished")
    return outputs


def read_meanings(folder: Path) -> dict[str, dict[str, Meaning]]:
    """Meanings of the key figures found so far: study, name, meaning."""
    path = folder / MEANINGS
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        study: {
            each["name"]: Meaning(
                name=each["name"],
                label=(each["label"][0], each["label"][1]),
                kind=each["kind"],
                unit=(each["unit"][0], each["unit"][1]),
            )
            for each in meanings
        }
        for study, meanings in stored.items()
    }


def runs_of_table(folder: Path) -> set[str] | None:
    """Folders of the runs in the table of a sweep; None where it has none."""
    import pyarrow.parquet as pq

    path = folder / TABLE
    if not path.is_file():
        return None
    return {run for run in pq.read_table(path, columns=["run"])["run"].to_pylist() if run}


# -- parts ----------------------------------------------------------------------------------------


def _facts(plan: SweepPlan) -> dict[str, str]:
    """Lines of the record: file, data, code and versions."""
    say = plan.lang.say
    git, versions = manifest.git_state(plan.project.root), manifest.versions()
    return {
        say("Sweep file"): plan.project.shown(plan.file.path.resolve()),
        say("Folder of the data"): plan.project.shown(plan.company.folder),
        say("Hash of the data"): plan.company.content_hash[:16],
        **manifest.code_facts(git, versions, SHOWN, plan.lang),
    }


def _gather(plan: SweepPlan) -> None:
    """Put the result tables of all cases into one, the number of the case in front."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.frames import PARQUET

    for name in plan.spec.tables:
        parts = []
        for case in plan.cases:
            part = plan.folder / "tables" / name / f"{case.key}.parquet"
            if part.is_file():
                table = pq.read_table(part)
                number = pa.array([case.number] * table.num_rows, pa.int64())
                parts.append(table.add_column(0, "number", number))
        if parts:
            whole = pa.concat_tables(parts, promote_options="permissive")
            pq.write_table(whole, plan.folder / "tables" / f"{name}.parquet", **PARQUET)
