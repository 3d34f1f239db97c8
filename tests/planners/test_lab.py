"""A planner in JupyterLab: it works there as in the app, by keyboard too."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.utils.importstring import import_item

from tests.planners.served import make_little_project
from tests.support.shots import _FLAGS
from workbench.planners.app.server import free_port
from workbench.studies.lab import _write_defaults
from workbench.text import Language

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Address of a JupyterLab on the little project."""
    project = make_little_project(tmp_path / "project")
    address = f"http://127.0.0.1:{free_port('127.0.0.1', 8975, Language('en'))}"
    options = ["--no-browser", "--port", address.rpartition(":")[2], "--allow-root"]
    command = [sys.executable, "-m", "workbench", "lab", "--project", str(project), "--"]
    process = subprocess.Popen(
        [*command, *options, "--ServerApp.token=x"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api?token=x", timeout=5)
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_answers_of_kernels_leave_at_once_here_too(tmp_path: Path):
    from workbench.planners.app.connection import PromptConnection

    _write_defaults(tmp_path)
    found = json.loads((tmp_path / "jupyter_server_config.json").read_text("utf-8"))
    named = found["ServerApp"]["kernel_websocket_connection_class"]
    assert import_item(named) is PromptConnection


def test_a_card_of_the_launcher_opens_a_planner_and_runs_it(lab: str, chromium: str):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS[1:]))
        tab = browser.new_page(viewport={"width": 1440, "height": 1000})
        tab.set_default_timeout(60_000)
        tab.goto(f"{lab}/lab?token=x&reset")
        card = tab.locator(".jp-LauncherCard", has_text="Price and people")
        assert card.get_attribute("title")
        card.click()
        tab.wait_for_selector("[data-planner][data-ready]")
        assert "Profit" in tab.locator(".say").inner_text()
        browser.close()


def test_a_planner_works_in_jupyterlab(lab: str, chromium: str):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS[1:]))
        tab = browser.new_page(viewport={"width": 1440, "height": 1000})
        tab.set_default_timeout(60_000)
        tab.goto(f"{lab}/lab/tree/notebooks/planners/little.ipynb?token=x")
        tab.wait_for_function("document.body.innerText.includes('Idle')")
        tab.locator(".jp-CodeCell .cm-content").first.click()
        tab.keyboard.press("Control+Enter")
        tab.wait_for_selector("[data-planner][data-ready]")
        tab.locator(".ctl[data-name=price] [data-part=value]").fill("120")
        tab.keyboard.press("Tab")
        said = "text => document.querySelector('.say').innerText.includes(text)"
        tab.wait_for_function(said, arg="Profit +12.0%")
        tab.locator(".ctl[data-name=people] [data-part=slider]").focus()
        tab.keyboard.press("ArrowRight")
        tab.wait_for_function(said, arg="Profit +23.2%")
        browser.close()
