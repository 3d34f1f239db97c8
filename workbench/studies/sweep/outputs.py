"""What a sweep leaves: for programs a table and a manifest, for people a report and a workbook."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.studies import manifest
from workbench.studies.sweep.cases import Meaning
from workbench.studies.sweep.journal import read_lines
from workbench.studies.sweep.plan import SweepPlan
from workbench.studies.sweep.status import STATE, read_state

if TYPE_CHECKING:
    from workbench.studies.sweep.table import SweepResult

MEANINGS = "meanings.json"


def write_outputs(plan: SweepPlan) -> dict[str, Path]:
    """Write table, workbook, report and manifest of a sweep whose cases are all done."""
    from workbench.studies.sweep import page

    result = sweep_result(plan)
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
            "code": manifest.code_hash(plan.project),
            "lock": manifest.lock_hash(plan.project),
            "git": manifest.git_state(plan.project.root),
            "versions": manifest.versions(),
            "spec": plan.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
        },
    )
    write_json(plan.folder / STATE, read_state(plan.folder) | {"status": "finished"})
    return outputs


def sweep_result(plan: SweepPlan) -> SweepResult:
    """All that the journal holds of the cases asked for."""
    from workbench.studies.sweep.table import SweepResult

    return SweepResult(
        spec=plan.spec,
        cases=plan.cases,
        lines=read_lines(plan.folder, (case.key for case in plan.cases)),
        meanings=read_meanings(plan.folder),
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


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name and rename it: it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:
    """Write a file of JSON, whole or not at all."""
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


# -- parts ----------------------------------------------------------------------------------------


def _facts(plan: SweepPlan) -> dict[str, str]:
    say, lang = plan.lang.say, plan.lang
    git = manifest.git_state(plan.project.root)
    changed = lang.paren(say("with changes not committed")) if git and git["dirty"] else ""
    versions = manifest.versions()
    shown = ("python", "sales-workbench", "numpy", "pandas", "duckdb", "scipy")
    return {
        say("Sweep file"): plan.project.shown(plan.file.path.resolve()),
        say("Folder of the data"): plan.project.shown(plan.company.folder),
        say("Hash of the data"): plan.company.content_hash[:16],
        **({say("Code version"): git["commit"][:12] + changed} if git else {}),
        say("Versions"): lang.pause.join(f"{k} {versions[k]}" for k in shown if k in versions),
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
