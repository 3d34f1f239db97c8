"""A planner at work: events of the page in, changed regions of the page out.

Knows nothing of widgets: `send` takes a message (a dict for the script of the page). Events are
handled at once and answered at once; what has to be computed is done by `work.py` and follows.

An event is {"id": 7, "do": "set", "name": "growth", "value": "5.0"}; the page sends all that have
not been acknowledged, so that none is lost and none is done twice.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study
from workbench.errors import InputError, MissingTableError, ParameterError, WorkbenchError
from workbench.planners import batch, page, scenario_files, words
from workbench.planners.controls import Control, controls
from workbench.planners.key_figures import KeyFigure, sentence
from workbench.planners.layout import Layout
from workbench.planners.pictures import Gallery, Picture, key_of, main_cause
from workbench.planners.prepared import usual as usually
from workbench.planners.trial import Trial, differing, stated
from workbench.planners.work import Job, Worker
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.studies import Project

#: A picture that takes no longer than this follows a slider while it moves.
LIVE = 0.12
#: Seconds that may go into finding what a change is due to.
FOR_THE_CAUSE = 3.0
#: Seconds after which controls are taken to stand still.
STILL = 0.5
MOST_CAUSES = 8

Message = dict[str, Any]
Send = Callable[[Message], None]


class Session:
    """One planner of one person.

    Parameters
    ----------
    company : Company
    study : Study
    base : Params
        The baseline.
    layout : Layout
    lang : Language
    project : Project or None
        Where scenarios are saved and runs are kept; without one neither is offered.
    uid : str
        Names the elements of this page.
    """

    def __init__(
        self,
        company: Company,
        study: Study,
        base: Params,
        *,
        layout: Layout,
        lang: Language,
        project: Project | None,
        uid: str,
    ) -> None:
        self.company, self.study, self.layout = company, study, layout
        self.lang, self.project, self.uid = lang, project, uid
        self.groups = layout.placed(study.params)
        self.trial = Trial(study.params, base)
        self.gallery = Gallery(company, study, layout)
        self.worker = Worker()
        self.tab = next(iter(layout.tabs), "")
        self.send: Send = lambda message: None
        self.open_uploaded: Callable[[str], Company] | None = None
        self.controls = self._controls()
        self._compared: dict[str, tuple[str, Params]] = {}
        self._shown: Picture | None = None
        self._shown_key: tuple[str, str, str] | None = None
        self._good = base  # the last values that could be computed with
        self._base_figures: dict[str, KeyFigure] = {}
        self._standing: Mapping[str, Any] = {}
        self._cause = ""
        self._fault = ""
        self._sent: dict[str, Any] = {}
        self._done = 0
        self._rev = 0
        self._run: batch.BatchRun | None = None
        self._answering = False
        self._lock = threading.Condition(threading.RLock())

    # -- events -----------------------------------------------------------------------------------

    def handle(self, events: list[Mapping[str, Any]]) -> None:
        """Do what the page asks, each event once, and answer."""
        with self._lock:
            extra: Message = {}
            for event in events:
                number = int(event["id"])
                if number <= self._done and event["do"] != "hello":
                    continue
                self._done = max(self._done, number)
                extra |= self._do(event)
            self._ask()
            self._wait_if_quick()
            self._answer(extra)

    def start(self) -> None:
        """Compute and show the baseline."""
        with self._lock:
            self._ask()

    def _do(self, event: Mapping[str, Any]) -> Message:
        handler = getattr(self, f"_do_{str(event['do']).replace('-', '_')}", None)
        if handler is None:
            return {}
        try:
            return handler(event) or {}
        except WorkbenchError as error:
            message, do = self.lang.again(error.message), self.lang.again(error.do or "")
            told = self.lang.sentences([message + self.lang.stop, do])
            return {"refused": told, "of": event["do"]}

    def _do_hello(self, event: Mapping[str, Any]) -> Message:
        """A page has been opened, or asks for everything again."""
        self._done = int(event["id"])
        self._sent.clear()
        self.gallery.seen = True
        if event.get("lang") in ("en", "zh") and event["lang"] != self.lang.code:
            self._speak(Language(event["lang"]))
        told: Message = {}
        if event.get("company") and self.open_uploaded is not None:
            self._move(self.open_uploaded(str(event["company"])))
            told["blank"] = True  # nothing of the company before stays on the page
        restored = event.get("values")
        if restored:
            self.trial.replace(self.study.params.model_validate(restored))
            return {**told, "told": self.lang.say("Your values are back.")}
        if event.get("scenario"):
            return {**told, **self._do_load({"value": event["scenario"]})}
        return told

    def _do_set(self, event: Mapping[str, Any]) -> Message:
        control = self.controls[event["name"]]
        self.trial.set(control, event["value"], self.lang, final=event.get("final", True))
        return {}

    def _do_undo(self, event: Mapping[str, Any]) -> None:
        self.trial.undo()

    def _do_redo(self, event: Mapping[str, Any]) -> None:
        self.trial.redo()

    def _do_reset(self, event: Mapping[str, Any]) -> None:
        self.trial.reset([event["name"]] if event.get("name") else None)

    def _do_lang(self, event: Mapping[str, Any]) -> None:
        self._speak(Language(event["value"]))
        self._sent.clear()

    def _do_tab(self, event: Mapping[str, Any]) -> None:
        if event["value"] in self.layout.tabs:
            self.tab = event["value"]

    def _do_save(self, event: Mapping[str, Any]) -> Message:
        assert self.project is not None
        saved = scenario_files.save(
            self.study,
            self.project,
            stated(self.trial.now, self.trial.base),
            name=event.get("name", ""),
            reason=event.get("reason", ""),
            lang=self.lang,
            replace=bool(event.get("replace")),
        )
        self.trial.replace(self.trial.now, name=saved.name)
        self._sent.pop("side", None)
        place = self.project.shown(saved.path)
        return {"told": self.lang.say("Saved: {place}", place=place), "closed": True}

    def _do_load(self, event: Mapping[str, Any]) -> Message:
        known = {each.path.name: each for each in self._saved()}
        found = known.get(event["value"]) or known.get(f"{event['value']}.yaml")
        if found is None:
            return {"refused": self.lang.say("This scenario is no longer there."), "of": "load"}
        params = scenario_files.load(self.study, found.path, self.lang)
        self.trial.replace(params, name=found.name)
        return {"told": self.lang.say("Opened: {name}", name=found.name), "closed": True}

    def _do_load_text(self, event: Mapping[str, Any]) -> Message:
        params = scenario_files.load_text(self.study, event["value"], self.project, self.lang)
        name = Path(event.get("name", "")).stem
        self.trial.replace(params, name=name)
        return {"told": self.lang.say("Opened: {name}", name=name), "closed": True}

    def _do_compare(self, event: Mapping[str, Any]) -> Message:
        now = self.trial.now
        key = key_of(now)
        if key == key_of(self.trial.base):
            return {"told": self.lang.say("The baseline is always in the comparison.")}
        if len(self._compared) >= page.MOST_COMPARED and key not in self._compared:
            return {"told": self.lang.say("Four scenarios are compared; remove one first.")}
        self._compared[key] = (self._name(), now)
        return {}

    def _do_uncompare(self, event: Mapping[str, Any]) -> None:
        self._compared.pop(event["value"], None)

    def _do_file(self, event: Mapping[str, Any]) -> Message:
        values = stated(self.trial.now, self.trial.base)
        has_base = (
            self.project is not None
            and (self.project.params / self.study.name / scenario_files.BASE).is_file()
        )
        text = scenario_files.written(values, self._name(), "", has_base)
        return _download(f"{self.study.name}.yaml", "text/yaml", text.encode())

    def _do_xlsx(self, event: Mapping[str, Any]) -> Message:
        from workbench.planners.workbook import workbook

        params, lang = self.trial.now, self.lang
        name = f"{self.study.name}.xlsx"

        def made() -> bytes:
            results = self.gallery.results(params)
            return workbook(self.study, self.company, params, results, lang)

        def done(data: bytes) -> None:
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            self._answer(_download(name, kind, data))

        self.worker.submit(Job("xlsx", made, done, self._failed_beside))
        return {"told": lang.say("The workbook is being written …")}

    def _do_run(self, event: Mapping[str, Any]) -> Message:
        assert self.project is not None
        if self._run is not None:
            return {}
        self._run = batch.start(
            self.study.name,
            self.trial.now.literals(),
            project=self.project.root,
            company=self.company.folder,
            lang=self.lang.code,
            tags=("planner", *self._tag()),
            told=self._told_of_run,
        )
        return {"run": {"words": self.lang.say("The study is starting …"), "share": 0.0}}

    def _tag(self) -> list[str]:
        """The saved scenario that is shown, by its file."""
        shown = self._name()
        return [each.path.stem for each in self._saved() if each.name == shown][:1]

    def _do_stop_run(self, event: Mapping[str, Any]) -> None:
        if self._run is not None:
            self._run.cancel()

    def _do_cancel(self, event: Mapping[str, Any]) -> Message:
        """Give up what is computed: the values go back to those the picture shows."""
        if self.worker.cancel("picture") and self.trial.steps_back:
            self.trial.undo()
        return {"told": self.lang.say("Cancelled; the last result stands.")}

    def _do_ping(self, event: Mapping[str, Any]) -> None:
        """Only an answer is wanted."""

    # -- computing --------------------------------------------------------------------------------

    def _ask(self) -> None:
        """See that the picture of the values in use is shown, now or as soon as it is there."""
        params, lang, tab = self.trial.now, self.lang, self.tab
        key = (key_of(params), lang.code, tab)
        if key == self._shown_key:
            self.worker.cancel("picture")
            return
        known = self.gallery.known(params, lang, tab)
        if known is not None and self._base_figures:
            self.worker.cancel("picture")
            self._show(key, params, known)
            return

        gallery = self.gallery

        def drawn() -> Picture:
            if not self._base_figures:
                self._find_baseline(gallery, lang)
            return gallery.draw(params, lang, tab)

        done = partial(self._drawn, gallery, key, params)
        self.worker.cancel("cause")
        job = Job("picture", drawn, done, partial(self._failed, gallery, key))
        self.worker.submit(job, first=True, gently=not self._base_figures)

    def _find_baseline(self, gallery: Gallery, lang: Language) -> None:
        """Compute the baseline's figures, and what it uses where a parameter is left empty."""
        base = self.trial.base
        figures, standing = gallery.figures(base, lang), self.layout.standing
        held = standing(gallery.results(base)) if standing is not None else {}
        with self._lock:
            if self.gallery is gallery and self.lang.code == lang.code:
                self._base_figures, self._standing = figures, held

    def _wanted(self, gallery: Gallery, key: tuple[str, str, str]) -> bool:
        """Whether a picture is still of what is asked for: company, values, language, page."""
        now = (key_of(self.trial.now), self.lang.code, self.tab)
        return gallery is self.gallery and key == now

    def _drawn(
        self, gallery: Gallery, key: tuple[str, str, str], params: Params, picture: Picture
    ) -> None:
        with self._lock:
            if self._wanted(gallery, key):  # not overtaken between the end of the work and here
                self._show(key, params, picture)
                self._tell()

    def _wait_if_quick(self) -> None:
        """Let a picture that is made quickly go out with the answer to the event."""
        if self._shown is None or self._shown.seconds > LIVE:
            return
        self._answering = True
        self._lock.wait_for(lambda: self._busy() is None, timeout=2 * LIVE)
        self._answering = False

    def _tell(self) -> None:
        """Answer, or let the event that waits do so."""
        if self._answering:
            self._lock.notify_all()
        else:
            self._answer({})

    def _show(self, key: tuple[str, str, str], params: Params, picture: Picture) -> None:
        self._shown, self._shown_key, self._good = picture, key, params
        self._fault, self._cause = "", ""
        self._find_cause(key, picture)
        self._fill_comparison()

    def _failed(self, gallery: Gallery, key: tuple[str, str, str], error: Exception) -> None:
        with self._lock:
            if not self._wanted(gallery, key):
                return
            control = self._at_fault(error)
            if control is not None and isinstance(error, WorkbenchError):
                told = page.fault_said(error, self.lang)
                self.trial.refuse(control, told, self.lang, good=self._good)
                self._ask()
            else:
                self._shown_key = key  # not tried again until something changes
                self._fault = page.fault_html(error, self.lang, kept=self._shown is not None)
            self._tell()

    def _at_fault(self, error: Exception) -> Control | None:
        """The control an error is of, where another value could be computed with.

        It is the one the error names, or the only one that was moved since.
        """
        about_data = isinstance(error, MissingTableError)
        if self._shown is None or about_data or not isinstance(error, InputError | ParameterError):
            return None
        moved = differing(self.trial.now, self._good)
        name = (error.where or "").partition(":")[0].partition("=")[0]
        if name not in moved and len(moved) == 1:
            name = moved[0]
        return self.controls.get(name) if name in moved else None

    def _failed_beside(self, error: Exception) -> None:
        message = error.message if isinstance(error, WorkbenchError) else str(error)
        self._answer({"told": self.lang.again(message)})

    def _find_cause(self, key: tuple[str, str, str], picture: Picture) -> None:
        names = self.trial.changed()
        known = self._base_figures
        main = next((f for f in picture.figures if f.change(known.get(f.name), self.lang)), None)
        slow = picture.seconds * len(names) > FOR_THE_CAUSE
        if main is None or not 1 < len(names) <= MOST_CAUSES or slow:
            return
        main_name, base = main.name, known.get(main.name)
        whole = main.difference(base)
        without = {n: each for n in names if (each := self.trial.without(n)) is not None}

        def moved(params: Params) -> float | None:
            found = self.gallery.figures(params, self.lang).get(main_name)
            return found.difference(base) if found else None

        def done(causes: list[str]) -> None:
            with self._lock:
                if key == self._shown_key:
                    titles = [self.controls[name].parameter.title for name in causes]
                    what = self.lang.join(titles)
                    self._cause = self.lang.say("mostly {what}", what=what) if titles else ""
                    self._answer({})

        def find() -> list[str]:
            for _ in range(int(STILL / 0.02)):  # a slider that goes on moving stops it here
                time.sleep(0.02)
            return main_cause(moved, float(whole or 0), without)

        self.worker.submit(Job("cause", find, done, lambda error: None))

    def _fill_comparison(self) -> None:
        for key, (_, params) in list(self._compared.items()):
            tab = next(iter(self.layout.tabs), "")
            if self.gallery.known(params, self.lang, tab) is None:
                draw = partial(self.gallery.draw, params, self.lang, tab)
                tell = lambda _: self._answer({})  # noqa: E731
                self.worker.submit(Job(f"compare {key}", draw, tell, self._failed_beside))

    def _told_of_run(self, line: Message) -> None:
        with self._lock:
            if "ended" in line:
                self._run = None
            self._answer({"run": words.running(line, self.lang)})

    # -- answering --------------------------------------------------------------------------------

    def regions(self) -> dict[str, str]:
        """Return the HTML of all regions as they should stand now."""
        side = self._sent.get("side") or self._side()  # the script keeps it up to date
        made = {"side": side, "tabs": page.tabs_html(self.layout.tabs, self.tab, self.lang)}
        picture = self._shown
        if picture is None:
            made["status"] = self._fault
            return made
        lang, base = self.lang, self._base_figures
        changed = words.changes(self.trial, self.controls, self._standing, lang)
        told = sentence(picture.figures, base, changed, lang, cause=self._cause)
        made |= {
            "status": self._fault or self._status(picture.seconds),
            "tiles": page.tiles_html(picture.figures, base, lang, tried=bool(changed)),
            "say": page.say_html(told, picture.lead),
            "strip": page.strip_html(self._rows(picture), picture.figures[:6], lang),
            "foot": picture.foot,
        }
        return made

    def _answer(self, extra: Message) -> None:
        with self._lock:
            self._rev += 1
            regions = self.regions()
            changed = {n: html for n, html in regions.items() if self._sent.get(n) != html}
            self._sent |= changed
            self.send({
                "rev": self._rev,
                "ack": self._done,
                "lang": self.lang.html,
                "regions": changed,
                **self._charts(),
                **self._words_of_script(),
                "controls": self.trial.states(self.controls, self._standing),
                "values": self.trial.now.literals() if self.trial.changed() else None,
                "undo": self.trial.steps_back,
                "redo": self.trial.steps_ahead,
                "changed": len(self.trial.changed()) + len(self.trial.faults),
                "name": self.trial.name,
                "busy": self._busy(),
                "spent": self._spent(),
                "live": self._shown is not None and self._shown.seconds <= LIVE,
                **extra,
            })  # fmt: skip

    def _charts(self) -> Message:
        """Blocks that changed, by their place; all of them where their number did."""
        blocks = self._shown.blocks if self._shown else ()
        before = self._sent.get("blocks", ())
        self._sent["blocks"] = blocks
        if len(before) != len(blocks):
            return {"charts": page.charts_html(blocks)}
        pairs = enumerate(zip(blocks, before, strict=True))
        return {"blocks": {place: now for place, (now, then) in pairs if now != then}}

    def _words_of_script(self) -> Message:
        """Sent once a language."""
        if self._sent.get("words") == self.lang.code:
            return {}
        self._sent["words"] = self.lang.code
        return {"words": words.of_script(self.lang)}

    def _spent(self) -> Message:
        """Seconds of the picture shown, for those who measure."""
        shown = self._shown
        return {"all": shown.seconds, "drawing": shown.drawing} if shown else {}

    def _busy(self) -> Message | None:
        wanted = (key_of(self.trial.now), self.lang.code, self.tab)
        if wanted == self._shown_key:
            return None
        since = self.gallery.preparing
        usual = usually(self.study) if since is not None else None
        return words.working(self._shown is None, since, usual, self.lang)

    def _side(self) -> str:
        side = page.Side(
            title=self.lang.pick(*self.study.title),
            question=self.lang.pick(*self.study.question),
            company=self.company.name(self.lang),
            groups=self.groups,
            controls=self.controls,
            values=self.trial.base.literals(),
            saved=self._saved(),
            can_save=self.project is not None,
        )
        return page.side_html(side, self.uid, self.lang)

    def _status(self, seconds: float) -> str:
        told = words.status(self.trial, self.controls, self.lang)
        return page.status_html(told, seconds, self.lang.say("to compute"), self.lang)

    def _name(self) -> str:
        return words.scenario_name(self.trial, self.controls, self.lang)

    def _rows(self, picture: Picture) -> list[page.Compared]:
        if not self._compared:
            return []
        now = key_of(self.trial.now)
        tab = next(iter(self.layout.tabs), "")
        rows = [page.Compared("", self.lang.say("Baseline"), self._base_figures, fixed=True)]
        for key, (name, params) in self._compared.items():
            known = self.gallery.known(params, self.lang, tab)
            rows.append(page.Compared(key, name, known.by_name() if known else None, key == now))
        if now not in self._compared and self.trial.changed():
            name = self.lang.say("Now: {name}", name=self._name())
            rows.append(page.Compared(now, name, picture.by_name(), current=True, fixed=True))
        return rows

    def _controls(self) -> dict[str, Control]:
        options = {name: ask(self.company) for name, ask in self.layout.options.items()}
        every = controls(self.study.params, self.lang, options)
        return {n: each for n, each in every.items() if n not in self.layout.hidden}

    def _saved(self) -> list[scenario_files.Saved]:
        return scenario_files.scenarios(self.study, self.project)

    def _move(self, company: Company) -> None:
        """Plan on another company's data."""
        self.company = company
        self.worker.cancel("picture")  # of the company before
        self.gallery = Gallery(company, self.study, self.layout, seen=self.gallery.seen)
        self._standing = {}
        self._speak(self.lang)

    def _speak(self, lang: Language) -> None:
        self.lang = lang
        self.controls = self._controls()
        self._base_figures = {}
        self._shown = self._shown_key = None


def _download(name: str, kind: str, data: bytes) -> Message:
    written = base64.b64encode(data).decode("ascii")
    return {"download": {"name": name, "kind": kind, "data": written}}
