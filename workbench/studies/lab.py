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
from workbench.studies.project import Project


def start_lab(project: Project, options: Sequence[str] = ()) -> int:
    """Start JupyterLab in the project's folder and wait; return its exit code.

    The kernel is called python3, as the notebooks name it, and is this interpreter; its
    declaration lies in a folder that is gone afterwards.

    Parameters
    ----------
    project : Project
    options : sequence of str
        For JupyterLab, such as ``--no-browser``.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-lab-") as folder:
        write_kernelspec(Path(folder), project)
        paths = filter(None, [folder, os.environ.get("JUPYTER_PATH")])
        environment = {**os.environ, "JUPYTER_PATH": os.pathsep.join(paths)}
        command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={project.root}", *options]
        try:
            return subprocess.call(command, env=environment)
        except KeyboardInterrupt:
            return 0


def write_kernelspec(folder: Path, project: Project) -> Path:
    """Declare the kernel below a folder that is on Jupyter's path; return its file."""
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
    file = folder / "kernels" / "python3" / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    return file
