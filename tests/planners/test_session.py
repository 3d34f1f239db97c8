"""What a planner does with events, without a browser: held against `compute` called directly."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.planners import little
from tests.planners.conftest import Opened, Talk
from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.contract import Params
from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.planners import batch
from workbench.planners.controls import controls
from workbench.planners.key_figures import Changed, KeyFigure, sentence
from workbench.planners.layout import Layout
from workbench.planners.prepared import STORE
from workbench.studies.parameters import resolve
from workbench.text import Language


def direct(**values: Any) -> dict[str, float]:
    return dict(little.compute(None, little.Params(**values)).summary())


def test_a_twenty_line_study_has_a_planner(opened: Opened):
    talk = opened()
    assert talk.figures == direct()
    assert "Price" in talk.said[-1]["regions"].get("side", "") or any(
        "Price" in m["regions"].get("side", "") for m in talk.said
    )


def test_a_moved_control_gives_what_compute_gives(opened: Opened):
    talk = opened()
    talk.set("price", "120")
    assert talk.figures == direct(price=120)
    talk.set("discount", "25%")
    assert talk.figures == direct(price=120, discount=0.25)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1２0", 120),
        ("120 CNY", 120),
        ("1.2 百", None),
        ("0.012万", 120),
        ("99.5", 99.5),
        ("", None),
    ],
)
def test_typed_numbers_are_read_as_people_write_them(opened: Opened, typed: str, value: Any):
    talk = opened()
    message = talk.set("price", typed)
    assert talk.session.trial.now.price == (100 if value is None else value)
    assert bool(message["controls"]["price"]["fault"]) is (value is None)


def test_a_fault_stands_beside_its_control_and_the_last_picture_stays(opened: Opened):
    talk = opened()
    talk.set("price", "110")
    message = talk.set("price", "300")
    fault = message["controls"]["price"]
    assert fault["held"] == "300"
    assert fault["fault"] == "Price is out of range: 50–200 CNY. The charts still show 110 CNY."
    assert talk.figures == direct(price=110)
    assert talk.set("price", "90")["controls"]["price"]["fault"] == ""


def test_a_value_that_only_computing_refuses_stands_beside_its_control_too(opened: Opened):
    def compute(company: Any, params: Any) -> Any:
        if params.price == 120:
            raise ParameterError("nobody pays that", where="price: 120", do="119")
        return little.compute(company, params)

    talk = opened(replace(little.STUDY, compute=compute))
    talk.set("price", "110")
    message = talk.set("price", "120")
    fault = message["controls"]["price"]
    assert fault["held"] == "120"
    assert fault["fault"] == "nobody pays that (120); 119. The charts still show 110 CNY."
    assert talk.figures == direct(price=110)
    # other controls go on, and undo goes to what was there before
    assert talk.set("people", "12")["controls"]["price"]["held"] == "120"
    assert talk.figures == direct(price=110, people=12)
    talk.do("undo")
    talk.do("undo")
    assert talk.figures == direct()


def test_a_slow_refusal_is_told_as_well(opened: Opened):
    def compute(company: Any, params: Any) -> Any:
        time.sleep(0.2)
        if params.price == 120:
            raise ParameterError("nobody pays that", where="price: 120")
        return little.compute(company, params)

    talk = opened(replace(little.STUDY, compute=compute))
    message = talk.set("price", "120")
    assert "nobody pays that" in message["controls"]["price"]["fault"]
    assert message["busy"] is None and talk.figures == direct()


def test_undo_and_redo_go_step_by_step(opened: Opened):
    talk = opened()
    for moving in ("101", "102", "103"):
        talk.set("price", moving, final=False)
    talk.set("price", "104")
    talk.set("people", "12")
    assert talk.do("undo")["undo"] == 1
    assert talk.figures == direct(price=104)
    talk.do("undo")
    assert talk.figures == direct()
    talk.do("redo")
    assert talk.figures == direct(price=104)


def test_reset_takes_one_or_all_back(opened: Opened):
    talk = opened()
    talk.set("price", "120")
    talk.set("people", "20")
    talk.do("reset", name="price")
    assert talk.figures == direct(people=20)
    talk.do("reset")
    assert talk.figures == direct()


def test_the_sentence_says_what_changed_and_why(opened: Opened):
    talk = opened()
    one = talk.set("people", "11")["regions"]["say"]
    assert "Profit +10.0%" in one and "People 10 people → 11 people" in one
    both = talk.set("price", "101")["regions"]["say"]
    assert "mostly People" in both


def test_tiles_carry_the_change_against_the_baseline(opened: Opened):
    talk = opened(lang="zh")
    tiles = talk.set("people", "11")["regions"]["tiles"]
    assert "+10.0%" in tiles and "较基线" in tiles


def test_a_saved_scenario_states_what_differs_and_a_run_takes_it(opened: Opened, project: Any):
    talk = opened()
    talk.set("price", "120")
    message = talk.do("save", name="Higher price", reason="asked in May")
    assert message["closed"]
    path = project.params / "little" / "higher_price.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# name: Higher price\n# reason: asked in May\n")
    assert yaml.safe_load(text) == {"price": 120.0}
    assert resolve(little.STUDY, file=path) == little.Params(price=120)
    again = talk.do("save", name="Higher price", reason="")
    assert "is there" in again["refused"]
    assert talk.do("save", name="Higher price", reason="", replace=True)["closed"]


def test_a_scenario_extends_the_base_file(opened: Opened, project: Any):
    base = project.params / "little" / "base.yaml"
    base.parent.mkdir(parents=True)
    base.write_text("people: 10\n", encoding="utf-8")
    talk = opened()
    talk.set("price", "130")
    talk.do("save", name="涨价", reason="")
    saved = base.parent / "涨价.yaml"
    assert yaml.safe_load(saved.read_text(encoding="utf-8"))["extends"] == "base.yaml"
    talk.do("reset")
    talk.do("load", value="涨价.yaml")
    assert talk.figures == direct(price=130)
    talk.do("undo")
    talk.do("load-text", value=saved.read_text(encoding="utf-8"), name="x.yaml")
    assert talk.figures == direct(price=130)
    assert not list(base.parent.glob(".opened*"))


def test_scenarios_stand_side_by_side(opened: Opened):
    talk = opened()
    for price in (110, 120, 130, 140):
        talk.set("price", str(price))
        strip = talk.do("compare")["regions"]["strip"]
    assert strip.count("<tr") == 1 + 1 + 4
    talk.set("price", "150")
    assert "remove one" in talk.do("compare")["told"]
    key = next(iter(talk.session._compared))
    assert talk.do("uncompare", value=key)["regions"]["strip"].count("<tr") == 1 + 1 + 3 + 1


def slow_study(delay: dict[int, float], seen: list[int]) -> Any:
    def compute(company: Any, params: Params) -> Any:
        seen.append(params.people)
        end = time.monotonic() + delay.get(params.people, 0)
        while time.monotonic() < end:
            time.sleep(0.01)
        if params.people == 13:
            raise InfeasibleError("thirteen cannot be", do="hire one more")
        if params.people == 14:
            raise ZeroDivisionError("by nobody")
        return little.compute(company, params)

    return replace(little.STUDY, compute=compute)


def test_a_failing_compute_keeps_the_last_good_picture(opened: Opened):
    talk = opened(slow_study({}, []))
    before = talk.figures
    message = talk.set("people", "13")
    assert talk.figures == before
    assert "thirteen cannot be" in message["regions"]["status"]
    assert "hire one more" in message["regions"]["status"]
    assert message["busy"] is None
    assert "ZeroDivisionError" in talk.set("people", "14")["regions"]["status"]
    assert "thirteen" not in talk.set("people", "15")["regions"]["status"]
    assert talk.figures == direct(people=15)


def test_a_late_result_never_stands_over_a_newer_one(opened: Opened):
    seen: list[int] = []
    talk = opened(slow_study({20: 5.0}, seen))
    began = time.monotonic()
    talk.session.handle([{"id": 100, "do": "set", "name": "people", "value": "20"}])
    while 20 not in seen:
        time.sleep(0.01)
    time.sleep(0.7)  # beyond the patience of the worker
    talk._id = 100
    talk.set("people", "21")
    assert time.monotonic() - began < 4  # the slow one was stopped
    assert talk.figures == direct(people=21)


def test_work_is_not_stopped_inside_an_import(tmp_path: Any, monkeypatch: Any):
    """Half a module left behind would break every later computation."""
    from workbench.planners.work import Job, Worker

    (tmp_path / "slowly_imported.py").write_text("import time\ntime.sleep(1.2)\nWHOLE = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    worker, ends = Worker(), []

    def imports() -> None:
        import slowly_imported  # type: ignore[import-not-found]

        assert slowly_imported.WHOLE
        for _ in range(500):
            time.sleep(0.01)

    worker.submit(Job("picture", imports, ends.append, ends.append))
    time.sleep(0.2)
    assert worker.cancel("picture")
    began = time.monotonic()
    assert worker.wait(10) and time.monotonic() - began < 4
    import slowly_imported

    assert slowly_imported.WHOLE and ends == []
    worker.close()


def test_the_baseline_is_not_begun_anew_for_another_language(opened: Opened):
    seen: list[int] = []
    study = slow_study({10: 1.2}, seen)
    talk = opened(study)
    talk.session.gallery._results.clear()
    talk.session.gallery._pictures.clear()
    talk.session._base_figures, talk.session._shown = {}, None
    seen.clear()
    talk.session._shown_key = None
    talk.session.start()
    time.sleep(0.8)
    talk.do("lang", value="zh")
    assert seen == [10] and "利润" in talk.session.regions()["tiles"]


def test_cancelled_work_leaves_the_last_result(opened: Opened):
    seen: list[int] = []
    talk = opened(slow_study({20: 5.0}, seen))
    before = talk.figures
    talk.session.handle([{"id": 100, "do": "set", "name": "people", "value": "20"}])
    while 20 not in seen:
        time.sleep(0.01)
    talk._id = 100
    message = talk.do("cancel")
    assert message["busy"] is None
    assert talk.figures == before and talk.session.trial.now.people == 10


def test_events_are_done_once(opened: Opened):
    talk = opened()
    event = {"id": 50, "do": "set", "name": "price", "value": "120"}
    talk.session.handle([event])
    talk.session.handle([event, {"id": 51, "do": "undo"}])
    talk.session.worker.wait()
    assert talk.session.trial.now.price == 100
    assert talk.said[-1]["ack"] == 51


def test_only_what_changed_is_sent(opened: Opened):
    talk = opened()
    message = talk.set("price", "120")
    assert "side" not in message["regions"]
    assert "tiles" in message["regions"]
    assert talk.do("ping")["regions"] == {}


def test_the_language_changes_everything(opened: Opened):
    talk = opened()
    talk.set("price", "120")
    message = talk.do("lang", value="zh")
    assert "单价" in message["regions"]["side"]
    assert "利润" in message["regions"]["tiles"]
    assert message["lang"] == "zh-CN"


def test_a_slow_part_is_prepared_once(opened: Opened):
    prepared: list[int] = []

    def prepare(company: Any, params: Any) -> int:
        prepared.append(params.people)
        return params.people

    layout = Layout(
        prepare=prepare,
        slow=("people",),
        compute=lambda company, params, ready: little.compute(company, params),
    )
    talk = opened(layout=layout)
    for price in ("110", "120", "130"):
        talk.set("price", price)
    assert prepared == [10]
    talk.set("people", "12")
    assert prepared == [10, 12]


def test_values_come_back_after_a_restart(opened: Opened):
    talk: Talk = opened()
    talk.set("price", "120")
    values = talk.said[-1]["values"]
    fresh = opened()
    fresh.do("hello", values=values)
    assert fresh.figures == direct(price=120)


def test_the_workbook_holds_figures_and_tables(opened: Opened):
    import base64
    import io

    from openpyxl import load_workbook

    talk = opened()
    message = talk.do("xlsx")
    book = load_workbook(io.BytesIO(base64.b64decode(message["download"]["data"])))
    assert len(book.sheetnames) == 2
    cells = [cell.value for row in book[book.sheetnames[0]].iter_rows() for cell in row]
    assert direct()["profit"] in cells


def test_who_waits_for_what_is_prepared_reads_that_it_is_once_and_how_long(
    opened: Opened, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
):
    talk = opened()
    session = talk.session
    assert session._busy() is None
    session._shown = session._shown_key = None
    assert session._busy() == {"words": "Computing the baseline …", "cancel": ""}
    session.gallery.preparing = time.monotonic() - 6
    words = "Computing the baseline … Once for these data and values: 6 s so far"
    assert session._busy() == {"words": words, "share": None, "cancel": ""}
    monkeypatch.setenv(STORE, str(tmp_path))
    (tmp_path / "little.took").write_text("12.0")
    busy = session._busy()
    assert busy is not None and busy["share"] == pytest.approx(0.5, abs=0.1)
    assert busy["words"] == words + ", usually 12 s"
    session.gallery.preparing = time.monotonic() - 60
    assert (session._busy() or {})["share"] == 0.95


def test_money_is_named_in_the_language_of_the_page_and_read_in_both():
    price = controls(little.Params, Language("zh"), {})["price"]
    assert price.unit == "元" and controls(little.Params, Language("en"), {})["price"].unit == "CNY"
    assert [price.read(text) for text in ("120元", "120 CNY", "0.012万元")] == [120, 120, 120]


def test_what_is_not_seen_in_the_digits_shown_is_no_change():
    base = KeyFigure(name="a", label="Asked", value=108.77)
    close, far = replace(base, value=108.79), replace(base, value=111.2)
    lang = Language("en")
    assert close.change(base, lang) == "" and far.change(base, lang) == "+2.4"
    assert close.tile(base, lang).change == "as the baseline"
    changed = [Changed("g", "Growth", "7%", "5%")]
    told = sentence([close, replace(far, label="Promised")], {"a": base}, changed, lang)
    assert told == "Promised 108.8 → 111.2, Growth 7% → 5%."


def test_what_is_compared_is_told_apart_by_its_name(opened: Opened):
    talk = opened()
    for price in ("110", "120"):
        talk.set("price", price)
        strip = talk.do("compare")["regions"]["strip"]
    assert "Price 110 CNY" in strip and "Price 120 CNY" in strip
    talk.do("save", name="Dear", reason="")
    status = talk.set("people", "12")["regions"]["status"]
    assert "Dear: People 12 people (not saved, 2 changes)" in status
    talk.set("price", "130")
    status = talk.set("discount", "20%")["regions"]["status"]
    assert "Price 130 CNY, People 12 people, 1 more changed" in status


def test_a_run_of_a_saved_scenario_carries_its_name(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    started: list[list[str]] = []

    def start(*_: Any, tags: Any, **__: Any) -> Any:
        started.append(list(tags))

    monkeypatch.setattr(batch, "start", start)
    talk = opened()
    talk.set("price", "120")
    talk.do("run")
    talk.do("save", name="Higher price", reason="")
    talk.do("run")
    assert started == [["planner"], ["planner", "higher_price"]]


def test_on_other_data_nothing_is_left_of_the_company_before(
    opened: Opened, project: Any, tmp_path: Any
):
    begun, go = threading.Event(), threading.Event()

    def compute(company: Any, params: Params) -> Any:
        found = little.compute(company, params)
        if company.folder.name == "own":
            return replace(found, pay=0.0)
        begun.set()
        go.wait(20)  # still at work on it when the other company comes
        return found

    talk = opened(replace(little.STUDY, compute=compute), hello=False)
    make_company(tmp_path / "own", {"order_line": order_lines(amount=[100.0])})
    talk.session.open_uploaded = lambda name: open_company(tmp_path / name)
    talk.session.start()
    assert begun.wait(20)
    threading.Timer(0.3, go.set).start()
    assert talk.do("hello", company="own")["blank"]
    assert talk.session._base_figures["profit"].value == talk.figures["profit"]
    assert talk.figures["profit"] == direct()["revenue"]


def test_without_a_picture_a_fault_speaks_of_none(opened: Opened):
    def compute(company: Any, params: Params) -> Any:
        raise InfeasibleError("no table rep", do="fill in what `workbench t` writes")

    status = opened(replace(little.STUDY, compute=compute)).said[-1]["regions"]["status"]
    assert "no table rep" in status and "<code>workbench t</code>" in status
    assert "The charts show" not in status


def test_what_only_one_moved_control_can_be_guilty_of_stands_beside_it(opened: Opened):
    def compute(company: Any, params: Params) -> Any:
        if params.people == 13:
            raise InputError("no file of thirteen", where="thirteen.xlsx", do="bring it")
        return little.compute(company, params)

    talk = opened(replace(little.STUDY, compute=compute))
    message = talk.set("people", "13")
    told = message["controls"]["people"]["fault"]
    assert told == "no file of thirteen; bring it. The charts still show 10 people."
    assert "thirteen" not in message["regions"].get("status", "")
    assert talk.figures == direct()
