"""Studies: which there are, one run of one, what a run leaves behind.

Which: `registry.py`. What a run will do: `plan.py`, `parameters.py`. The run: `run.py`, its
notebook: `execution.py`, its kernel: `kernel.py`, its record: `manifest.py`, its report and
workbook: `outcome.py`, with what it rests on: `assumptions.py`, `lineage.py`. Runs on disk:
`runs.py`; run again and compared: `verify.py`; at fixed times: `schedule.py`. The folder of it all:
`project.py`.
"""

from workbench.studies.plan import Plan, plan_run
from workbench.studies.project import Project, find_project
from workbench.studies.registry import StudyCard, studies, study
from workbench.studies.run import run_study
from workbench.studies.runs import Run, find_run, runs

__all__ = [
    "Plan",
    "Project",
    "Run",
    "StudyCard",
    "find_project",
    "find_run",
    "plan_run",
    "run_study",
    "runs",
    "studies",
    "study",
]
