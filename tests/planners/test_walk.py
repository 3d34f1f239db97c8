"""From the app's first page to a saved scenario and its run as a batch, as the docs tell it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.planners.served import App, make_little_project, served
from tests.support.shots import Tab
from workbench.studies.project import Project
from workbench.studies.runs import Run, runs

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[App]:
    with served(make_little_project(tmp_path_factory.mktemp("walk")), port=8970) as running:
        yield running


def test_from_the_first_page_to_a_batch_run_of_a_saved_scenario(app: App, chromium: str):
    from playwright.sync_api import expect

    with Tab.opened(chromium) as opened:
        page = opened.page
        page.set_default_timeout(60_000)
        page.goto(app.address)
        page.get_by_role("link", name="Price and people").click()
        page.wait_for_selector("[data-planner][data-ready]")

        _move(page, "price", "120")
        _move(page, "people", "12")
        expect(page.locator(".say")).to_have_text(re.compile(r"^Profit \+"), timeout=60_000)
        page.get_by_role("button", name="Save as scenario").click()
        page.get_by_label("Name").fill("Dear but many")
        page.get_by_label("Reason").fill("Two more sell at a higher price")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved: params/little/dear_but_many.yaml").wait_for()

        page.get_by_role("button", name="Add to comparison").click()
        row = page.get_by_role("row", name="Dear but many")
        profit = row.get_by_role("cell").first
        expect(profit).not_to_have_text("…", timeout=60_000)
        shown = profit.inner_text()

        page.get_by_role("button", name="Run as study").click()
        report = page.get_by_role("link", name="Open the report")
        report.wait_for(timeout=120_000)
        page.goto(app.address)
        again = page.get_by_role("row", name="Price and people")
        assert "finished" in again.inner_text() and "dear_but_many" in again.inner_text()

    saved = app.project / "params" / "little" / "dear_but_many.yaml"
    assert yaml.safe_load(saved.read_text(encoding="utf-8")) == {"price": 120.0, "people": 12}
    _workbench(app.project, "run", "little", "-p", str(saved.relative_to(app.project)))
    batch, planned = runs(Project(app.project))
    assert planned.tags == ("dear_but_many", "planner")
    assert batch.manifest["params"] == planned.manifest["params"]
    assert _summary(batch) == _summary(planned)
    assert shown == f"{_summary(batch)['profit'] / 1e3:,.0f}"  # the column says CNY thousand
    told = _workbench(app.project, "compare", batch.id, planned.id)
    assert "The runs came out the same" in told


def _move(page: Any, name: str, value: str) -> None:
    box = page.locator(f".ctl[data-name={name}] [data-part=value]")
    box.fill(value)
    box.press("Tab")
    page.wait_for_selector(f".ctl.changed[data-name={name}]")


def _summary(run: Run) -> dict[str, float]:
    return {each["name"]: each["value"] for each in run.manifest["results"]}


def _workbench(project: Path, *words: str) -> str:
    command = [sys.executable, "-m", "workbench", *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
