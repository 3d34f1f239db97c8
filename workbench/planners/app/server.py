"""The server of the app: Voila on a folder of planner notebooks, with handlers of its own.

Every study has a page: its notebook in the project's `notebooks/planners/`, else one made of its
name. Those with a notebook are started ahead, so that the page is there when it is asked for.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import shutil
import socket
import tempfile
import threading
import webbrowser
from importlib import resources
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError
from workbench.planners.prepared import FOLDER, STORE
from workbench.planners.widgets import UPLOADS
from workbench.studies import Project, studies
from workbench.studies.lab import write_kernelspec
from workbench.studies.warm import WarmKernels
from workbench.text import Language

#: Seconds after which a planner nobody looks at is ended.
IDLE = 1800
OWN_PAGES = Path("planners")
#: All that the browser's part loads beside Voila itself: what shows widgets.
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")


def serve(
    project: Project,
    *,
    lang: Language,
    port: int = 8866,
    host: str = "127.0.0.1",
    token: str = "",
    browser: bool = True,
) -> None:
    """Serve the planners of a project until it is interrupted.

    Parameters
    ----------
    project : Project
    lang : Language
        Of the first page; a planner has a switch.
    port : int
        First one tried.
    host : str
        Address to listen on.
    token : str
        Needed to open a page; made where none is given.
    browser : bool
        Whether the first page is opened.

    Raises
    ------
    ParameterError
        If the host is not this machine and no token is given.
    """
    _refuse_open_door(host, token, lang)
    from workbench.planners.app import forked

    with (
        tempfile.TemporaryDirectory(prefix="workbench-app-") as name,
        WarmKernels() as warm,
    ):
        folder = Path(name)
        heated = write_pages(project, folder / "pages")
        (folder / "uploads").mkdir(mode=0o700)
        (project.runs / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        write_kernelspec(folder / "jupyter", project, provisioner=forked.NAME)
        _set_environment(folder, project, lang)
        forked.offer(warm, studies(project))
        free = free_port(host, port, lang)
        app = _made(project, lang, folder, heated)
        app.initialize(argv=[])
        app.root_dir = str(folder / "pages")
        app.port, app.ip, app.open_browser = free, host, browser
        app.token = token or secrets.token_urlsafe(24)
        address = f"http://{_shown(host)}:{free}/?token={app.token}"
        app.custom_display_url = address
        print(lang.say("planners: {address}", address=address), flush=True)
        print(lang.say("Ctrl+C ends it"), flush=True)
        app.start()


def write_pages(project: Project, folder: Path) -> list[str]:
    """Write a notebook for every study into a folder; return those that are started ahead."""
    import nbformat

    folder.mkdir(parents=True)
    own = sorted((project.notebooks / OWN_PAGES).glob("*.ipynb"))
    for path in own:
        shutil.copy(path, folder / path.name)
    for name, card in studies(project).items():
        path = folder / f"{name}.ipynb"
        if card.fault is None and not path.exists():
            nbformat.write(page_notebook(name, card.title), path)
    return [path.name for path in own]


def page_notebook(study: str, title: tuple[str, str]) -> Any:
    """Return the notebook of a planner: a title, and one line."""
    import nbformat.v4 as v4

    heading = f"# {title[0]}\n\n# {title[1]}"
    code = (
        "from workbench.planners import Planner\n"
        "from workbench.studies import find_project\n"
        "from workbench.studies.plan import company_folder\n\n"
        f'Planner(company_folder(find_project()), "{study}")'
    )
    cells = [v4.new_markdown_cell(heading, id="title"), v4.new_code_cell(code, id="planner")]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "title": title[0]})


def _refuse_open_door(host: str, token: str, lang: Language) -> None:
    if _is_this_machine(host) or token:
        return
    raise ParameterError(
        lang.say("the app would be open to the network without a token"),
        where=f"--host {host}",
        do=lang.say(
            "set WORKBENCH_APP_TOKEN to a long secret, and let the company's proxy add HTTPS and"
            " sign-on: pass / and its web sockets on to {host}",
            host=host,
        ),
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _set_environment(folder: Path, project: Project, lang: Language) -> None:
    """Where kernels and templates are found, and what kernels are told."""
    share = str(resources.files("workbench.planners").joinpath("share"))
    paths = [str(folder / "jupyter"), share, os.environ.get("JUPYTER_PATH", "")]
    os.environ |= {
        "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),
        "WORKBENCH_PROJECT": str(project.root),
        "WORKBENCH_LANG": lang.code,
        UPLOADS: str(folder / "uploads"),
        STORE: str(project.runs / FOLDER),
        # one thread a kernel: ten people share the machine
        **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
        # glibc: the room of large arrays is used again, not kept once for each thread of a kernel
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    }


def free_port(host: str, first: int, lang: Language) -> int:
    """Return the first free port of fifty; a ParameterError where there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, first + 50):
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise ParameterError(
        lang.say("no port is free"),
        where=f"{host}, {first}–{first + 49}",
        do=lang.say("name another with --port"),
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _made(project: Project, lang: Language, folder: Path, heated: list[str]) -> Any:
    from traitlets.config import Config
    from voila.app import Voila  # type: ignore[import-untyped]

    from workbench.planners.app.connection import PromptConnection
    from workbench.planners.app.handlers import Place, handlers

    class PlannerApp(Voila):
        """Voila with a first page, runs, uploads and files of its own."""

        name = "voila"  # under which it stands in its settings

        def init_handlers(self) -> list[Any]:
            place = Place(project, lang, folder / "uploads", self.kernel_manager)
            return [*handlers(self.server_url, place), *super().init_handlers()]

        def launch_browser(self) -> None:
            threading.Thread(
                target=webbrowser.open, args=(self.custom_display_url,), daemon=True
            ).start()

    config = Config()
    config.VoilaConfiguration.template = "workbench"
    config.VoilaConfiguration.theme = "light"
    config.VoilaConfiguration.preheat_kernel = True
    config.VoilaConfiguration.default_pool_size = 0
    config.VoilaConfiguration.extension_allowlist = list(EXTENSIONS)
    config.VoilaConfiguration.file_allowlist = ["(?!)"]  # files of the folder are not served
    config.VoilaKernelManager.kernel_pools_config = {
        "default": {"pool_size": 0, "kernel_env_variables": {}},
        **{page: {"pool_size": 1, "kernel_env_variables": {}} for page in heated},
    }
    config.MappingKernelManager.cull_idle_timeout = IDLE
    config.MappingKernelManager.cull_interval = 60
    config.Voila.log_level = logging.ERROR
    config.Voila.kernel_websocket_connection_class = PromptConnection
    return PlannerApp(config=config)
