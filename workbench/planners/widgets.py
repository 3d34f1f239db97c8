"""A planner in a notebook: three widgets carry all of it, in JupyterLab and in Voila.

`frame` holds the page and is written once; `down` carries messages to its script, `up` those of the
script to here. Both channels are ordinary widgets (HTML and a hidden text area), so that nothing
has to be installed in the browser's part. What the planner does: `session.py`.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study, open_project_company
from workbench.errors import InputError, ProjectError
from workbench.planners import page, scenario_files
from workbench.planners.layout import Layout, layout_of
from workbench.planners.session import Session
from workbench.planners.tidy import Tidier
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.studies import Project

#: Folder of what was brought to the app; set where a planner is served by it.
UPLOADS = "WORKBENCH_UPLOADS"


class Planner:
    """Controls of a study beside its answer; show it as the last line of a cell.

    Parameters
    ----------
    company : Company, str or Path
        Opened, or its folder from the root of the project.
    study : Study or str
        Or its name, as `workbench studies` lists it.
    params : Params, optional
        The baseline; the base params file of the project, or the defaults, where not given.
    layout : Layout, optional
        Of the page; found by the study's name where not given.
    lang : Language or str, optional
        "en" or "zh".

    Examples
    --------
    >>> Planner("data/sample", "sales_analysis")  # doctest: +SKIP
    """

    def __init__(
        self,
        company: Company | str | Path,
        study: Study | str,
        params: Params | None = None,
        *,
        layout: Layout | None = None,
        lang: Language | str | None = None,
    ) -> None:
        from workbench.studies import study as study_of

        project = _project()
        speak = lang if isinstance(lang, Language) else Language(lang or _language(project))
        found = study_of(study, project) if isinstance(study, str) else study
        opened = open_project_company(company) if isinstance(company, str | Path) else company
        self.session = Session(
            opened,
            found,
            params or scenario_files.baseline(found, project, speak),
            layout=layout or layout_of(found, project),
            lang=speak,
            project=project,
            uid="p" + uuid.uuid4().hex[:8],
        )
        in_app = UPLOADS in os.environ
        self.session.open_uploaded = _uploaded if in_app else None
        self._tidier = Tidier(self._works) if in_app else None
        self._box: Any = None

    @property
    def params(self) -> Params:
        """The values under trial, for `compute` and for other cells."""
        return self.session.trial.now

    def widget(self) -> Any:
        """Return the widget, made at the first call."""
        if self._box is None:
            self._box = self._made()
            self.session.start()
        return self._box

    def _made(self) -> Any:
        import ipywidgets

        session = self.session
        wait = session.lang.say("Computing the baseline …")
        first = {**session.regions(), "status": f'<p class="hint">{wait}</p>'}
        frame = ipywidgets.HTML(value=page.frame(session.uid, first, session.lang))
        down = ipywidgets.HTML()
        up = _ear()
        for each, name in ((frame, "swp-frame"), (down, "swp-down"), (up, "swp-up")):
            each.add_class(name)
        box = ipywidgets.VBox([frame, down, up])
        box.add_class("swp-box")

        def told(change: dict[str, Any]) -> None:
            if change["new"]:
                session.handle(json.loads(change["new"])["events"])

        def send(message: dict[str, Any]) -> None:
            text = json.dumps(message, ensure_ascii=False, default=str).replace("</", "<\\/")
            down.value = f'<script type="application/json">{text}</script>'
            if self._tidier is not None:
                self._tidier.moved()

        up.observe(told, names="value")
        session.send = send
        return box

    def _works(self) -> bool:
        return self.session.worker.busy_since is not None

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, Javascript, display

        if UPLOADS not in os.environ:  # the app's pages hold both
            display(HTML(f"<style>{page.css()}</style>"))
            display(Javascript(page.asset("planner.js")))
        display(self.widget())


def _ear() -> Any:
    """A hidden text area that is listened to; what it holds is not told back to the page."""
    import ipywidgets
    import traitlets

    class Ear(ipywidgets.Textarea):
        value = traitlets.Unicode().tag(sync=True, echo_update=False)

    return Ear()


def _project() -> Project | None:
    from workbench.studies import find_project

    try:
        return find_project()
    except ProjectError:
        return None


def _uploaded(name: str) -> Company:
    """Open a company that was brought to the app; its name is all that opens it."""
    if not re.fullmatch(r"[0-9a-f]{32}", name):
        raise InputError("there is no company of this name", where=name)
    return open_project_company(Path(os.environ[UPLOADS]) / name / "company")


def _language(project: Project | None) -> str:
    return os.environ.get("WORKBENCH_LANG") or (project.lang if project else None) or "en"
