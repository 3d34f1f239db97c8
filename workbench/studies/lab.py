"""JupyterLab on a project, with a kernel of this installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import workbench
from workbench.studies.launcher import write_cards
from workbench.studies.project import Project
from workbench.text import Language

#: JupyterLab asks another machine neither for news nor for newer versions of itself.
SILENT = {"@jupyterlab/apputils-extension:notification": {
    "fetchNews": "false", "checkForUpdates": False,
}}  # fmt: skip
#: Answers of kernels leave at once: planners are used here too.
CONNECTION = "workbench.planners.app.connection.PromptConnection"


def start_lab(project: Project, options: Sequence[str] = (), *, lang: Language) -> int:
    """Start JupyterLab in the project's folder and wait; return its exit code.

    The kernel is called python3, as the notebooks name it, and is this interpreter; its
    declaration, and the launcher's cards of planners, lie in a folder that is gone afterwards.

    Parameters
    ----------
    project : Project
    options : sequence of str
        For JupyterLab, such as ``--no-browser``.
    lang : Language
        Of the cards.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-lab-") as folder:
        write_kernelspec(Path(folder), project)
        write_cards(Path(folder), project, lang)
        _write_defaults(Path(folder))
        environment = {**os.environ, **_on_path("JUPYTER_PATH", folder)}
        environment |= _on_path("JUPYTER_CONFIG_PATH", folder)
        command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={project.root}", *options]
        try:
            return subprocess.call(command, env=environment)
        except KeyboardInterrupt:
            return 0


def _on_path(name: str, folder: str) -> dict[str, str]:
    """A search path of Jupyter with a folder before what the user has set."""
    return {name: os.pathsep.join(filter(None, [folder, os.environ.get(name)]))}


def _write_defaults(folder: Path) -> None:
    """Settings of JupyterLab and its server that hold unless the user has set others."""
    file = folder / "labconfig" / "default_setting_overrides.json"
    file.parent.mkdir()
    file.write_text(json.dumps(SILENT), encoding="utf-8")
    server = {"ServerApp": {"kernel_websocket_connection_class": CONNECTION}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(server), encoding="utf-8")


def write_kernelspec(folder: Path, project: Project, *, provisioner: str = "") -> Path:
    """Declare the kernel below a folder that is on Jupyter's path; return its file.

    Parameters
    ----------
    folder : Path
    project : Project
    provisioner : str
        Name of what starts it, where Jupyter does not do that itself.
    """
    above = str(Path(workbench.__file__).parent.parent)
    paths = filter(None, [above, os.environ.get("PYTHONPATH")])
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Sales Workbench",
        "language": "python",
        "env": {
            "WORKBENCH_PROJECT": str(project.root),
            "PYTHONPATH": os.pathsep.join(paths),
        },
        "metadata": {"debugger": True},
    }
    if provisioner:
        spec["metadata"] = {"kernel_provisioner": {"provisioner_name": provisioner}}
    file = folder / "kernels" / "python3" / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    return file
