"""Studies: which there are, one run of one, what a run leaves behind.

Which: `registry.py`. Parameters of a run: `parameters.py`. One run: `run.py`, its kernel:
`kernel.py`, its record: `manifest.py`. Runs on disk: `runs.py`. The folder of it all: `project.py`.
"""

from workbench.studies.project import Project, find_project
from workbench.studies.registry import StudyCard, studies, study
from workbench.studies.run import Plan, plan_run, run_study
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
