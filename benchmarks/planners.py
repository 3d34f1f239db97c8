"""Planners in a browser: from a slider to the new picture, and the memory of one person's session.

Headless Chromium clicks the slider 200 times at places drawn from a fixed seed; from the press to
the frame after the last change of the answer is counted, with every figure and chart of the first
screen. Beside it, in the same run, the same computation and chart as a plain
`ipywidgets.interact` cell with matplotlib, clicked in the same way.

    python -m benchmarks.planners --save
    python -m benchmarks.planners --study sales_analysis --control top --moves 20
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Callable
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
  let began = 0, last = 0, timer = 0;
  addEventListener('pointerdown', () => { began = performance.now(); last = 0; }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    if (!began) return;
    last = performance.now() - began; clearTimeout(timer);
    timer = setTimeout(() => { window.measured.push(last); began = 0; }, quiet);
  }))).observe(root, { childList: true, subtree: true, characterData: true });
  document.body.addEventListener('workbench-planner', e => { window.spent = e.detail.spent; }); }
"""


def main() -> None:
    """Measure and print; `--save` writes to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--study", help="of this project; else the little study and a plain cell")
    parser.add_argument("--control", default="people")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        project = ROOT if options.study else make_little_project(Path(folder) / "project")
        if not options.study:
            _write_plain(project)
        with served(project, port=8980) as app, _browser() as opened:
            rows = _measured(app, opened, options.study, options.control, options.moves)
    text = "\n".join([*HEAD, *rows])
    print(text)
    if options.save:
        save("benchmarks.planners", text, load=load, how=f"{options.moves} moves each")


HEAD = [
    f"Aim: {GOAL}.",
    "",
    "| page | p50 ms | p95 ms | most ms | kernel: compute ms | kernel: draw ms | rest ms"
    " | ready s | USS MB |",
    "|---|---|---|---|---|---|---|---|---|",
]


def _measured(app: App, browser: Any, study: str | None, control: str, moves: int) -> list[str]:
    name = study or "little"
    slider = f".ctl[data-name={control}] [data-part=slider]"
    ready = "[data-planner][data-ready]"
    rows = [_row(f"planner {name}", app, browser, name, (ready, slider, ".main"), moves)]
    if study is None:
        plain = (".noUi-target", ".noUi-target", "#rendered_cells")
        rows.append(_row("interact + matplotlib", app, browser, "plain", plain, moves))
    return rows


def _row(
    title: str, app: App, browser: Any, page: str, places: tuple[str, str, str], moves: int
) -> str:
    ready, slider, answer = places
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.set_default_timeout(300_000)
    tab.goto(app.page(page))
    tab.wait_for_selector(ready)
    seconds = tab.evaluate("performance.now()") / 1000
    tab.wait_for_timeout(1500)
    tab.evaluate(WATCH, [answer, 250])
    tab.set_default_timeout(60_000)
    spent = [_move(tab, slider, place) for place in _places(moves)]
    times = sorted(tab.evaluate("window.measured"))
    kernel = tab.evaluate("window.config_kernel = JSON.parse(document.getElementById("
                          "'jupyter-config-data').text).kernelId")  # fmt: skip
    process = next(p for p in app.kernels() if kernel in " ".join(p.cmdline()))
    uss = psutil.Process(process.pid).memory_full_info().uss / 1e6
    tab.close()
    return _written(title, times, [each for each in spent if each], seconds, uss)


def _written(
    title: str, times: list[float], spent: list[dict[str, float]], ready: float, uss: float
) -> str:
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    split = ["–", "–", "–"]
    if spent:
        compute = median(1000 * (each["all"] - each["drawing"]) for each in spent)
        draw = median(1000 * each["drawing"] for each in spent)
        split = [f"{compute:.1f}", f"{draw:.1f}", f"{median(times) - compute - draw:.1f}"]
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
    found: dict[str, float] | None = tab.evaluate("window.spent || null")
    return found


def _places(moves: int) -> list[float]:
    """Places on the slider, each so far from the one before that the thumb is not hit."""
    draw, places = random.Random(7), [0.25]
    while len(places) <= moves:
        place = draw.random()
        if abs(place - places[-1]) > 0.25:
            places.append(place)
    return places[1:]


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
