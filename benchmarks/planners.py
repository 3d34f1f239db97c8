"""Planners in a browser: from a slider to the new picture, memory of a session, ten people at once.

Headless Chromium clicks the slider 200 times at places drawn from a fixed seed; from the press to
the frame after the last change of the answer is counted, with every figure and chart of the first
screen; moves back to a picture that was kept are not. It is split into the kernel's computing and
drawing, the way to the page and back, and what the page does until that frame. Beside it, in the
same run, the same computation and chart as a plain `ipywidgets.interact` cell with matplotlib,
clicked in the same way.

    python -m benchmarks.planners --save
    python -m benchmarks.planners --study forecast --study targets --save
    python -m benchmarks.planners --people 10 --save
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import psutil

from benchmarks.harness import save
from tests.planners.served import App, make_little_project, served
from tests.support.shots import _FLAGS, chromium_path

GOAL = "p95 under 100 ms, floor 250 ms; USS of a session under 350 MB"
ROOT = Path(__file__).parent.parent
PLAIN = """\
import ipywidgets
import matplotlib.pyplot as plt
from workbench.studies import study

little = study("little")

def show(people):
    result = little.compute(None, little.params(people=people))
    table = result.tables()["parts"]
    plt.figure(figsize=(4, 1.2))
    plt.barh(table["label"], table["value"])
    plt.title(f"Profit {result.summary()['profit']:,.0f}, revenue {result.revenue:,.0f}")
    plt.show()

ipywidgets.interact(show, people=ipywidgets.IntSlider(10, 1, 40, continuous_update=False));
"""
# Frames are counted until nothing has changed for a while; the last one is the answer's.
WATCH = """
([target, quiet]) => { const root = document.querySelector(target); window.measured = [];
  const pages = [...(window.salesWorkbenchPlanners || new Map()).values()];
  let began = 0, last = 0, timer = 0;
  addEventListener('pointerdown', () => {
    began = performance.now(); last = 0; window.spent = null;
  }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    if (!began) return;
    last = performance.now() - began; clearTimeout(timer);
    timer = setTimeout(function ended() {
      const working = pages.some(page => page.busy || page.waiting.length);
      if (working) timer = setTimeout(ended, quiet);
      else { window.measured.push(last); began = 0; }
    }, quiet);
  }))).observe(root, { childList: true, subtree: true, characterData: true });
  for (const page of pages) {
    const apply = page.apply.bind(page);
    page.apply = message => {
      const arrived = began ? performance.now() - began : null;
      apply(message);
      // a slider that is followed tells of its end too, when the picture is there already
      if (arrived !== null && !message.busy) window.spent ||= { ...message.spent, arrived };
    };
  } }
"""
#: Slider of each study, and what is set before.
STUDIES: dict[str, tuple[str, dict[str, str]]] = {
    "forecast": ("growth", {"targets": "growth"}),
    "incentives": ("rates", {}),
    "targets": ("growth", {}),
    "sales_analysis": ("top", {}),
}
READY = "[data-planner][data-ready]"
PLACES = 61  # on a slider; more than a planner keeps pictures


def main() -> None:
    """Measure and print; `--save` writes to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--study", action="append", choices=STUDIES, default=[],
                        help="of this project; else the little study and a plain cell")  # fmt: skip
    parser.add_argument("--people", type=int, default=0, help="so many open a planner at once")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    ours = bool(options.study or options.people)
    with tempfile.TemporaryDirectory() as folder:
        project = ROOT if ours else make_little_project(Path(folder) / "project")
        if not ours:
            _write_plain(project)
        with served(project, port=8980) as app, _browser() as browser:
            if options.people:
                lines = _together(app, browser, options.people)
            else:
                lines = [*HEAD, *_measured(app, browser, options.study, options.moves)]
    text = "\n".join(lines)
    print(text)
    if options.save:
        kind = ".people" if options.people else ".studies" if options.study else ""
        how = f"{options.people} people" if options.people else f"{options.moves} moves each"
        asked = ["benchmarks.planners", *(f"--study {each}" for each in options.study)]
        asked += [f"--people {options.people}"] if options.people else []
        save(f"benchmarks.planners{kind}", text, load=load, how=how, asked=" ".join(asked))


HEAD = [
    f"Aim: {GOAL}.",
    "",
    "| page | p50 ms | p95 ms | most ms | kernel: compute ms | kernel: draw ms | transport ms"
    " | paint ms | ready s | USS MB |",
    "|---|---|---|---|---|---|---|---|---|---|",
]


def _measured(app: App, browser: Any, studies: list[str], moves: int) -> list[str]:
    if studies:
        _heated(app)
        return [_row(f"planner {each}", app, browser, each, moves) for each in studies]
    return [
        _row("planner little", app, browser, "little", moves, slider="people"),
        _row("interact + matplotlib", app, browser, "plain", moves),
    ]


def _heated(app: App) -> None:
    """Wait until the kernels that are started ahead have computed their baselines."""
    quiet = 0
    while quiet < 4:
        busy = 0.0
        with suppress(psutil.NoSuchProcess):  # what one has prepared for it may end meanwhile
            for kernel in app.kernels():
                busy += sum(each.cpu_percent(0.5) for each in (kernel, *kernel.children()))
        quiet = quiet + 1 if busy < 8 and app.kernels() else 0
        time.sleep(0.2)


def _row(title: str, app: App, browser: Any, page: str, moves: int, *, slider: str = "") -> str:
    plain = page == "plain"
    control, set_before = STUDIES.get(page, (slider, {}))
    place = ".noUi-target" if plain else f".ctl[data-name={control}] [data-part=slider]"
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.set_default_timeout(300_000)
    tab.goto(app.page(page))
    tab.wait_for_selector(place if plain else READY)
    seconds = tab.evaluate("performance.now()") / 1000
    for name, value in set_before.items():
        tab.locator(f".ctl[data-name={name}] [data-part=value]").select_option(value)
    tab.wait_for_timeout(2500)
    tab.evaluate(WATCH, ["#rendered_cells" if plain else ".main", 250])
    tab.set_default_timeout(60_000)
    spent = [each for at in _places(moves) if (each := _move(tab, place, at))]
    uss = _uss(app, tab)
    tab.close()
    drawn = spent if plain else list({each["all"]: each for each in reversed(spent)}.values())
    return _written(title, drawn, seconds, uss)


def _uss(app: App, tab: Any) -> float:
    """Private memory of the kernel behind a page, MB."""
    return float(app.kernel_of(tab).memory_full_info().uss / 1e6)


def _together(app: App, browser: Any, people: int) -> list[str]:
    """Open planners of all studies at once, one a person, and let each move a slider."""
    _heated(app)
    names = [list(STUDIES)[number % len(STUDIES)] for number in range(people)]
    tabs = [browser.new_context(viewport={"width": 1440, "height": 900}).new_page() for _ in names]
    server, this = psutil.Process(app.process.pid), psutil.Process()
    ours, whole = _cpu(server), _cpu(this)
    began = time.perf_counter()
    for tab, name in zip(tabs, names, strict=True):
        tab.set_default_timeout(600_000)
        tab.goto(app.page(name), wait_until="commit")
    ready = [0.0] * people
    while not all(ready):
        for number, tab in enumerate(tabs):
            if not ready[number] and tab.locator(READY).count():
                ready[number] = time.perf_counter() - began
    ours, whole = _cpu(server) - ours, _cpu(this) - whole
    for tab, name in zip(tabs, names, strict=True):
        for control, value in STUDIES[name][1].items():
            tab.locator(f".ctl[data-name={control}] [data-part=value]").select_option(value)
        tab.evaluate(WATCH, [".main", 250])
    tabs[0].wait_for_timeout(5000)
    for at in _places(10):
        for tab, name in zip(tabs, names, strict=True):
            _move(tab, f".ctl[data-name={STUDIES[name][0]}] [data-part=slider]", at)
    times = sorted(each for tab in tabs for each in tab.evaluate("window.measured"))
    used = [_uss(app, tab) for tab in tabs]
    processes = [*app.kernels(), *app.nurseries(), server]
    everything = sum(each.memory_full_info().pss for each in processes) / 1e6
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    return [
        "Aim: ten people at once on 2 cores and 6 GB, USS of a session under 350 MB. All browsers"
        " run on the same cores; what they and what server and kernels had of them until the last"
        " page was ready stands beside.",
        "",
        "| people | first ready s | median ready s | last ready s | server and kernels, CPU s"
        " | browsers, CPU s | p50 ms | p95 ms"
        " | USS MB, median | USS MB, most | all kernels and server, PSS MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        f"| {people} | {min(ready):.1f} | {median(ready):.1f} | {max(ready):.1f}"
        f" | {ours:.1f} | {whole - ours:.1f}"
        f" | {median(times):.0f} | {p95:.0f} | {median(used):.0f} | {max(used):.0f}"
        f" | {everything:.0f} |",
    ]


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process and all below it have had."""
    had = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            had += times.user + times.system
    return had


def _written(title: str, spent: list[dict[str, float]], ready: float, uss: float) -> str:
    times = sorted(each["took"] for each in spent)
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    split = ["–"] * 4
    if "all" in spent[0]:
        compute = median(1000 * (each["all"] - each["drawing"]) for each in spent)
        draw = median(1000 * each["drawing"] for each in spent)
        way = median(each["arrived"] - 1000 * each["all"] for each in spent)
        paint = median(each["paint"] for each in spent)
        split = [f"{each:.1f}" for each in (compute, draw, way, paint)]
    title += f" ({len(times)} moves)"
    figures = [f"{median(times):.0f}", f"{p95:.0f}", f"{times[-1]:.0f}", *split]
    return f"| {title} | {' | '.join(figures)} | {ready:.1f} | {uss:.0f} |"


def _move(tab: Any, slider: str, place: float) -> dict[str, float] | None:
    from playwright.sync_api import TimeoutError

    tab.wait_for_timeout(120)  # longer than the handle's own way to its new place
    box = tab.locator(slider).bounding_box()
    before = tab.evaluate("window.measured.length")
    tab.mouse.click(box["x"] + 8 + place * (box["width"] - 16), box["y"] + box["height"] / 2)
    try:
        tab.wait_for_function("before => window.measured.length > before", arg=before, timeout=8000)
    except TimeoutError:  # a press on the handle itself moves nothing; it is not counted
        return None
    took: float = tab.evaluate("window.measured.at(-1)")
    found: dict[str, float] | None = tab.evaluate("window.spent || null")
    return {"took": took} | ({**found, "paint": took - found["arrived"]} if found else {})


def _places(moves: int) -> list[float]:
    """Places on the slider, each so far from the one before that the thumb is not hit.

    All of `PLACES` come in random order, and in that order again: a planner keeps fewer pictures,
    so that every move computes and draws.
    """
    draw, places = random.Random(7), [0.25]
    left = [number / (PLACES - 1) for number in range(PLACES)]
    while left:
        far = [place for place in left if abs(place - places[-1]) > 0.25]
        places.append(draw.choice(far or left))
        left.remove(places[-1])
    order = places[1:]
    return [order[number % PLACES] for number in range(moves)]


def _write_plain(project: Path) -> None:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_code_cell(PLAIN)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, project / "notebooks" / "planners" / "plain.ipynb")


class _browser:
    """Chromium without a window."""

    def __enter__(self) -> Any:
        from playwright.sync_api import sync_playwright

        self.driver = sync_playwright().start()
        start: Callable[..., Any] = self.driver.chromium.launch
        self.opened = start(executable_path=chromium_path(), args=list(_FLAGS[1:]))
        return self.opened

    def __exit__(self, *_: object) -> None:
        self.opened.close()
        self.driver.stop()


if __name__ == "__main__":
    main()
