"""The planners in a real browser: what people see is what `compute` says, and nothing leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.planners import little
from tests.planners.served import App, make_little_project, served
from tests.support.shots import _FLAGS
from workbench.planners.app.uploads import LARGEST
from workbench.studies.project import Project
from workbench.studies.runs import runs

pytestmark = pytest.mark.browser
WAIT = 60_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[App]:
    with served(make_little_project(tmp_path_factory.mktemp("project"))) as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS[1:]))
        yield started
        started.close()


class Seen:
    """A planner on screen."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab

    def control(self, name: str, part: str = "value") -> Any:
        return self.tab.locator(f".ctl[data-name={name}] [data-part={part}]")

    def type(self, name: str, text: str) -> None:
        self.control(name).fill(text)
        self.control(name).press("Tab")

    def region(self, name: str) -> str:
        return str(self.tab.locator(f"[data-region={name}]").inner_text())

    def expect_profit(self, **values: Any) -> None:
        """Wait until the tile says what `compute` says, to the digits shown."""
        profit = little.compute(None, little.Params(**values)).summary()["profit"]
        figure = f"{profit / 1e6:,.1f}"
        self.tab.wait_for_function(
            "figure => document.querySelector('.tile .f').textContent.startsWith(figure)",
            arg=figure,
            timeout=WAIT,
        )


@pytest.fixture
def opened(app: App, browser: Any) -> Iterator[Any]:
    contexts = []

    def make(
        study: str = "little", *, scheme: str = "light", wait: bool = True, **asked: str
    ) -> Seen:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(WAIT)
        tab.asked_for = []
        tab.on("request", lambda request: tab.asked_for.append(request.url))
        tab.goto(app.page(study, **asked))
        if wait:
            tab.wait_for_selector("[data-planner][data-ready]")
        return Seen(tab)

    yield make
    for context in contexts:
        context.close()


def test_nothing_is_asked_of_another_machine(opened: Any, app: App):
    seen = opened()
    seen.type("price", "120")
    seen.expect_profit(price=120)
    seen.tab.goto(app.address)
    addresses = [a for a in seen.tab.asked_for if not a.startswith(("data:", "blob:"))]
    assert len(addresses) > 10
    assert [a for a in addresses if not a.startswith(app.origin)] == []


def test_controls_answer_to_mouse_and_keyboard(opened: Any):
    seen = opened()
    seen.expect_profit()
    slider = seen.control("people", "slider")
    box = slider.bounding_box()
    seen.tab.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    seen.expect_profit(people=40)
    slider.focus()
    seen.tab.keyboard.press("ArrowLeft")
    seen.expect_profit(people=39)
    seen.tab.keyboard.press("PageDown")
    seen.expect_profit(people=29)
    seen.tab.keyboard.press("Home")
    seen.expect_profit(people=10)
    seen.control("discount").focus()
    seen.tab.keyboard.press("ArrowUp")
    seen.expect_profit(discount=0.11)
    seen.tab.keyboard.press("Control+z")
    seen.expect_profit()


def test_what_is_being_typed_stays_while_an_answer_arrives(opened: Any):
    seen = opened()
    seen.expect_profit()
    people = seen.control("people")
    people.focus()
    people.press("Control+a")
    people.press_sequentially("25")
    seen.control("price", "slider").evaluate(  # moves, and leaves the field its focus
        "slider => { slider.value = 110;"
        " for (const kind of ['input', 'change'])"
        " slider.dispatchEvent(new Event(kind, { bubbles: true })); }"
    )
    seen.expect_profit(price=110)
    assert people.input_value() == "25"
    people.press("Enter")
    seen.expect_profit(price=110, people=25)


def test_a_fault_stands_beside_its_control(opened: Any):
    seen = opened()
    seen.type("price", "300")
    fault = seen.tab.locator(".ctl[data-name=price] [role=alert]")
    fault.wait_for(state="visible")
    assert "50–200" in fault.inner_text()
    assert seen.control("price").get_attribute("aria-invalid") == "true"
    seen.expect_profit()
    seen.tab.locator("[data-do=reset]").click()
    fault.wait_for(state="hidden")


def test_a_scenario_is_saved_opened_and_compared(opened: Any, app: App):
    seen = opened()
    seen.type("price", "120")
    seen.tab.locator("[data-do=ask-save]").click()
    seen.tab.locator("dialog[open] [data-part=name]").fill("高价")
    seen.tab.locator("dialog[open] [data-part=reason]").fill("试一试")
    seen.tab.locator("dialog[open] [data-do=save]").click()
    seen.tab.locator("dialog[open]").wait_for(state="detached")
    saved = app.project / "params" / "little" / "高价.yaml"
    assert yaml.safe_load(saved.read_text(encoding="utf-8")) == {"price": 120.0}
    seen.tab.locator("[data-do=compare]").click()
    seen.tab.locator("[data-region=strip] tbody tr").nth(1).wait_for()
    other = opened()
    other.tab.locator("[data-do=ask-open]").click()
    other.tab.locator("dialog[open] [data-do=load]", has_text="高价").click()
    other.expect_profit(price=120)
    assert "高价" in other.region("status")


def test_a_run_tells_how_far_it_is_and_links_its_report(opened: Any, app: App):
    seen = opened()
    seen.type("price", "130")
    seen.expect_profit(price=130)
    seen.tab.locator("[data-do=run]").click()
    link = seen.tab.locator("[data-part=run] a")
    link.wait_for(timeout=120_000)
    run = runs(Project(app.project))[0]
    assert run.manifest["params"]["price"] == 130
    report = seen.tab.request.get(app.origin.rstrip("/") + link.get_attribute("href"))
    assert report.ok and "Price and people" in report.text()
    assert "default-src 'none'" in report.headers["content-security-policy"]
    seen.tab.goto(app.address)
    assert run.id in seen.tab.content()


def test_files_are_downloaded(opened: Any):
    seen = opened()
    seen.type("price", "120")
    seen.expect_profit(price=120)
    with seen.tab.expect_download() as waited:
        seen.tab.locator("[data-do=xlsx]").click()
    assert Path(waited.value.path()).read_bytes()[:2] == b"PK"
    with seen.tab.expect_download() as waited:
        seen.tab.locator("[data-do=file]").click()
    text = Path(waited.value.path()).read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {"price": 120.0}


def test_both_languages_are_drawn_with_their_glyphs(opened: Any):
    seen = opened(lang="zh")
    seen.tab.wait_for_function(f"{TILES}.includes('利润')")  # the panel may be there before
    assert "单价" in seen.tab.inner_text("body")
    assert seen.tab.evaluate(GLYPHS)
    seen.tab.locator("[data-do=lang]").click()
    seen.tab.wait_for_function(f"{TILES}.includes('Profit')")
    assert not re.search("[\u4e00-\u9fff]", seen.region("tiles"))


@pytest.mark.parametrize(("scheme", "paper"), [("light", "255, 255, 255"), ("dark", "17, 23, 30")])
def test_dark_follows_the_system(opened: Any, scheme: str, paper: str):
    seen = opened(scheme=scheme)
    for place in ("document.body", "document.querySelector('[data-planner]')"):
        assert seen.tab.evaluate(f"getComputedStyle({place}).backgroundColor") == f"rgb({paper})"


def test_nothing_overflows_and_all_has_a_name(opened: Any):
    for lang in ("en", "zh"):
        seen = opened(lang=lang)
        seen.tab.wait_for_timeout(300)
        assert seen.tab.evaluate("document.documentElement.scrollWidth") <= 1440
        assert seen.tab.evaluate(NAMELESS) == []
        assert seen.tab.evaluate(SMALL) == []
        assert seen.tab.evaluate("document.querySelectorAll('h1').length") == 1


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, which the package of the Python binding brings along."""
    place = resources.files("axe_playwright_python") / "axe.min.js"
    return place.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(opened: Any, app: App, axe: str, scheme: str):
    seen = opened(scheme=scheme)
    seen.type("price", "300")
    seen.tab.locator("[data-do=ask-save]").click()
    found = []
    for place in ("planner", "home"):
        seen.tab.evaluate(axe)
        results = seen.tab.evaluate("axe.run(document.body)")
        found += [
            (place, fault["id"], fault["nodes"][0]["html"][:120])
            for fault in results["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        seen.tab.goto(app.address)
    assert found == []


def test_a_killed_kernel_is_told_and_nothing_is_lost(opened: Any, app: App):
    seen = opened()
    seen.type("price", "140")
    seen.expect_profit(price=140)
    app.kernel_of(seen.tab).kill()
    seen.type("people", "12")
    seen.tab.locator(".lost").wait_for()
    assert "no longer answers" in seen.tab.locator(".lost").inner_text()
    seen.tab.locator("[data-do=restart]").click()
    seen.tab.wait_for_selector("[data-planner][data-ready]")
    seen.expect_profit(price=140)


def test_two_people_see_nothing_of_each_other(opened: Any):
    one, other = opened(), opened()
    one.type("price", "150")
    one.expect_profit(price=150)
    other.expect_profit()
    assert one.tab.locator("[data-planner]").get_attribute("data-planner") != other.tab.locator(
        "[data-planner]"
    ).get_attribute("data-planner")


def test_without_the_token_nothing_is_shown(app: App, browser: Any):
    context = browser.new_context()
    for path in ("", "voila/render/little.ipynb", "workbench/runs/a/b/report.html"):
        page = context.request.get(app.origin + path)
        assert "Price and people" not in page.text() and "token" in page.text().lower()
    assert context.request.post(app.origin + "workbench/upload?name=a.csv", data="a").status == 403
    context.close()


BROKEN = {
    "empty.csv": (b"", "empty"),
    "picture.png": (b"\x89PNG", "CSV or an XLSX"),
    "broken.xlsx": (b"PK\x03\x04 no workbook", ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_words(app: App, browser: Any, name: str):
    data, words = BROKEN[name]
    with uploaded(app, browser, name, data) as (tab, told):
        tab.wait_for_function(
            "document.querySelector('[data-upload] [role=status].msg')", timeout=WAIT
        )
        said = told.inner_text()
        assert said and words in said and "Traceback" not in said


def test_data_of_ones_own_are_planned_on(app: App, browser: Any):
    csv = "order number,customer,order date,product,amount incl. VAT,quantity\n"
    csv += "".join(
        f"SO{n},Acme {n % 3},2026-0{n % 6 + 1}-15,Pump,{1000 + n},{n + 1}\n" for n in range(40)
    )
    with uploaded(app, browser, "orders.csv", csv.encode()) as (tab, _told):
        tab.wait_for_selector("[data-links] a", timeout=WAIT)
        report = tab.request.get(
            app.origin.rstrip("/") + tab.locator("[data-links] a").first.get_attribute("href")
        )
        assert report.ok and "orders.csv" in report.text()
        link = tab.locator("[data-links] li a", has_text="Price and people")
        assert re.search(r"company=[0-9a-f]{32}", link.get_attribute("href"))
        link.click()
        tab.wait_for_selector("[data-planner][data-ready]")


def test_fifty_megabytes_are_imported_and_a_larger_file_names_the_command(
    app: App, browser: Any, tmp_path: Path
):
    csv, line = (
        tmp_path / "orders.csv",
        "SO{n},Acme {who},2026-0{month}-15,Pump,{amount},2,{note}\n",
    )
    note = "deliver to gate two, call before; " * 3
    with csv.open("w", encoding="utf-8") as file:
        file.write("order number,customer,order date,product,amount incl. VAT,quantity,remark\n")
        for n in range(LARGEST // 170):
            month, amount = n % 6 + 1, 1000 + n % 900
            file.write(line.format(n=n, who=n % 997, month=month, amount=amount, note=note))
    assert 0.8 * LARGEST < csv.stat().st_size < LARGEST
    with uploaded(app, browser, csv) as (tab, told):
        tab.wait_for_selector("[data-links] a", timeout=300_000)
        assert "Imported" in told.inner_text()
    with csv.open("ab") as file:
        file.truncate(LARGEST + 1)
    with uploaded(app, browser, csv) as (tab, told):
        tab.wait_for_selector("[data-upload] [role=status].msg")
        assert "workbench import orders.csv --into" in told.inner_text()


def test_ten_people_at_once_each_have_a_planner_of_their_own(app: App, browser: Any):
    tabs = [browser.new_context().new_page() for _ in range(10)]
    for tab in tabs:
        tab.goto(app.page("little"), wait_until="commit")
    for number, tab in enumerate(tabs):
        tab.wait_for_selector("[data-planner][data-ready]", timeout=240_000)
        Seen(tab).type("price", str(101 + number))
    for number, tab in enumerate(tabs):
        Seen(tab).expect_profit(price=101 + number)
    used = [each.memory_full_info().uss for each in app.kernels()]
    for tab in tabs:
        tab.context.close()
    assert len(used) >= 10 and max(used) < 350e6 and sum(used) < 3.5e9


class uploaded:
    """The home page with a file dropped on it."""

    def __init__(self, app: App, browser: Any, file: Path | str, data: bytes = b"") -> None:
        kind = "application/octet-stream"
        self.file = (
            {"name": file, "mimeType": kind, "buffer": data} if isinstance(file, str) else file
        )
        self.app, self.context = app, browser.new_context()

    def __enter__(self) -> tuple[Any, Any]:
        tab = self.context.new_page()
        tab.set_default_timeout(WAIT)
        tab.goto(self.app.address)
        tab.locator("[data-upload] input").set_input_files(self.file)
        return tab, tab.locator("[data-upload] [role=status]")

    def __exit__(self, *_: object) -> None:
        self.context.close()


# Draws a character of the shipped font and one no font has, and holds the pixels apart.
TILES = "document.querySelector('[data-region=tiles]').innerText"
GLYPHS = """
document.fonts.load('16px "Noto Sans SC"', '试算').then(faces => {
  const draw = text => { const c = document.createElement('canvas'); c.width = c.height = 40;
    const x = c.getContext('2d'); x.font = '32px "Noto Sans SC"'; x.fillText(text, 2, 32);
    return c.toDataURL(); };
  return faces.length > 0 && draw('试') !== draw('算') && draw('试') !== draw('\\ue123'); })
"""
NAMELESS = """
[...document.querySelectorAll('[data-planner] :is(input,select,textarea,button)')]
  .filter(e => !(e.ariaLabel || e.textContent.trim() || (e.labels && e.labels.length)))
  .map(e => e.outerHTML.slice(0, 80))
"""
SMALL = """
[...document.querySelectorAll('[data-planner] *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))
  .filter(e => e.offsetParent)
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML.slice(0, 80))
"""
