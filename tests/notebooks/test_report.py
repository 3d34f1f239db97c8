"""What a notebook shows and its report does not: widgets. And the report on paper."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.support.projects import make_project
from tests.support.shots import Tab, print_pdf
from workbench.studies import run_study

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS = """\
import ipywidgets
from IPython.display import display

display(ipywidgets.IntSlider(description="slide me"))
ipywidgets.interact(lambda part: print("interacted with", part), part=(0, 3))
ipywidgets.HBox([ipywidgets.HTML("<b>boxed</b>")])
"""
A4 = (210 / 25.4 * 72, 297 / 25.4 * 72)  # points


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("widgets"))
    path = project / "notebooks" / "01_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(WIDGETS))
    nbformat.write(notebook, path)
    return run_study("tiny", project=project)


@pytest.fixture(scope="module")
def html(run):
    return run.report.read_text("utf-8")


def test_the_notebook_does_show_widgets(run):
    cells = nbformat.read(run.folder / "notebook.ipynb", as_version=4).cells
    shown = [output["data"] for output in cells[-1].outputs if "data" in output]
    assert len([data for data in shown if WIDGET_VIEW in data]) == 3


def test_no_widget_is_in_the_report(html):
    outputs = re.sub(r'(?s)<pre class="code">.*?</pre>', "", html)
    for trace in ("widget", "IntSlider", "slide me", "HBox", "boxed", "interacted with", "<script"):
        assert trace not in outputs, trace
    assert "IntSlider" in html  # the code that made it is there to be unfolded


def test_the_report_is_one_file_without_an_address(html):
    assert set(re.findall(r"https?://[^\s\"'<)&]*", html)) <= {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"""\s(?:src|href)=["'](?!data:|#)""", html)


@pytest.mark.browser
def test_the_report_prints_on_a4(run, tmp_path, chromium):
    pages = print_pdf(run.report, tmp_path / "report.pdf")
    boxes = re.findall(
        rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "report.pdf").read_bytes()
    )
    assert 1 <= pages == len(boxes)
    for box in boxes:
        assert sorted(map(float, box)) == pytest.approx(A4, abs=1.0)


@pytest.mark.browser
def test_nothing_is_cut_off_on_paper(html, chromium):
    with Tab.opened(chromium) as tab:
        tab.show(html, width=1440, height=900, media="print")
        assert tab.ask("document.documentElement.scrollWidth") <= 1440
        tables = "[...document.querySelectorAll('table.sheet')]"
        assert tab.ask(f"{tables}.length") == 5
        wide = f"{tables}.filter(t => t.scrollWidth > t.closest('section').clientWidth)"
        assert tab.ask(f"{wide}.length") == 0
        hidden = "[...document.querySelectorAll('pre.code')].map(e => e.offsetHeight)"
        assert set(tab.ask(hidden)) == {0}
