"""A project of one's own: the notebooks and params files of the workbench, an empty company."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import workbench
from workbench.contract import PROJECT_FILE
from workbench.errors import ProjectError
from workbench.studies.project import Project, find_project
from workbench.text import Language

COMPANY = "data/company"

_COMPANY_YAML = """\
# {settings}
name:
  en: {english}
  zh: {chinese}
fiscal_start_month: 1
base_currency: CNY
# {tax}
# tax_basis: incl
# {as_of}
# data_as_of: 2026-07-31
"""


def make_project(folder: Path, *, lang: Language) -> Project:
    """Make a project: `workbench.yaml`, notebooks, params, an empty company, a README.

    Parameters
    ----------
    folder : Path
        New, or empty.
    lang : Language
        Of the README, the comments and the reports.

    Raises
    ------
    ProjectError
        If the folder holds something already.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProjectError(
            lang.say("the folder is not empty"),
            where=str(folder),
            do=lang.say("name a new or empty folder"),
        )
    source = template_folder()
    for name in ("notebooks", "params", "sweeps"):
        (folder / name).mkdir(parents=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True, ignore=_unwanted)
    for notebook in (folder / "notebooks").glob("*.ipynb"):
        _adapt(notebook, lang)
    (folder / "studies").mkdir()
    (folder / COMPANY).mkdir(parents=True)
    _write(folder / COMPANY / "company.yaml", _company_yaml(lang))
    _write(folder / PROJECT_FILE, f"company: {COMPANY}\nlang: {lang.code}\n")
    _write(folder / ".gitignore", "runs/\n.ipynb_checkpoints/\n")
    _write(folder / "README.md", _readme(lang))
    return find_project(folder)


def template_folder() -> Path:
    """Folder with the notebooks and params that come along: installed, or the checkout's own."""
    package = Path(workbench.__file__).parent
    installed = package / "template"
    return installed if installed.is_dir() else package.parent


def _unwanted(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".") or name == "__pycache__"}


def _adapt(path: Path, lang: Language) -> None:
    """Point a notebook at the project's company and language, and take its outputs out."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        if "parameters" in cell["metadata"].get("tags", ()):
            source = "".join(cell["source"])
            source = re.sub(r'(?m)^company = ".*"', f'company = "{COMPANY}"', source)
            source = re.sub(r'(?m)^lang = ".*"', f'lang = "{lang.code}"', source)
            cell["source"] = source.splitlines(keepends=True)
    _write(path, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")


def _company_yaml(lang: Language) -> str:
    return _COMPANY_YAML.format(
        settings=lang.say("Settings of the company; what is left out has a sensible default."),
        english=lang.pick("My company", "My company"),
        chinese="我的公司",
        tax=lang.say("Tax basis of amounts that state none: incl (with VAT) or excl."),
        as_of=lang.say("Last day the data are complete for; else the last day found."),
    )


def _readme(lang: Language) -> str:
    say = lang.say
    return "\n".join(
        [
            f"# {say('A sales project')}",
            "",
            say("1. Data: import the exports and sheets you have, or fill in an empty one."),
            "",
            "       workbench import deals.xlsx orders.zip",
            "       workbench template order_line -o order_line.xlsx",
            "",
            "   " + say("They go into {folder}; settings are in company.yaml.", folder=COMPANY),
            say("2. Which studies there are, and what they ask:"),
            "",
            "       workbench studies",
            "",
            say("3. Run one; the report is one file you can mail:"),
            "",
            "       workbench run sales_analysis",
            "       workbench open",
            "",
            say(
                "4. Many runs from one file, resumed where they were stopped; compare two of them:"
            ),
            "",
            "       workbench sweep sweeps/regions.yaml",
            "       workbench runs",
            "       workbench compare RUN_A RUN_B",
            "",
            say("5. Change parameters in params/, or by --set; work by hand in JupyterLab:"),
            "",
            "       workbench params sales_analysis",
            "       workbench lab",
            "",
        ]
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
