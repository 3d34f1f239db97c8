"""Cards of planners in JupyterLab's launcher: one a notebook of `notebooks/planners/`.

They are the settings of the extension jupyter-app-launcher, which looks for them below the folders
of Jupyter's path. A card opens the notebook itself and runs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.studies.project import Project
from workbench.studies.registry import studies
from workbench.text import Language

FOLDER = "jupyter_app_launcher"
FILE = "jp_app_launcher_planners.yaml"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none"'
    ' stroke="#3D62AE" stroke-width="2"><path d="M3 7h5M14 7h7M3 17h9M18 17h3"/>'
    '<circle cx="11" cy="7" r="3"/><circle cx="15" cy="17" r="3"/></svg>'
)


def write_cards(folder: Path, project: Project, lang: Language) -> Path | None:
    """Write the cards below a folder that is on Jupyter's path; None where there is no planner.

    Parameters
    ----------
    folder : Path
    project : Project
    lang : Language
        Of the cards.
    """
    notebooks = sorted((project.notebooks / "planners").glob("*.ipynb"))
    if not notebooks:
        return None
    place = folder / FOLDER
    place.mkdir(parents=True)
    (place / "planner.svg").write_text(ICON, encoding="utf-8")
    cards = [_card(path, project, lang) for path in notebooks]
    file = place / FILE
    # JSON is YAML, and needs no quoting rules of its own
    file.write_text(json.dumps(cards, ensure_ascii=True, indent=1), encoding="utf-8")
    return file


def _card(path: Path, project: Project, lang: Language) -> dict[str, Any]:
    known = studies(project).get(path.stem)
    title = lang.pick(*known.title) if known else path.stem
    question = lang.pick(*known.question) if known else ""
    return {
        "id": path.stem,
        "title": title,
        "description": question,
        "catalog": lang.say("Planners"),
        "icon": "planner.svg",
        "type": "notebook-grid",
        "source": str(path),
        "cwd": str(project.root),
    }
