"""Studies: which there are, one run of one, what a run leaves behind.

Which: `registry.py`. Parameters of a run: `parameters.py`. One run: `run.py`, its kernel:
`kernel.py`, its record: `manifest.py`. Runs on disk: `runs.py`. The folder of it all: `project.py`.
"""

from workbench.studies.project import Project, find_project
from workbench.studies.registry import StudyCard, studies, study

__all__ = ["Project", "StudyCard", "find_project", "studies", "study"]
