"""One run with a real kernel: what it leaves, when it fails, when it is killed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import psutil
import pyarrow.parquet as pq
import pytest

from tests.support.projects import make_project
from workbench.errors import ParameterError, ProjectError, RunError
from workbench.studies import Run, find_project, run_study, runs
from workbench.studies.kernel import Kernel, imports_of
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

SECONDS = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project in a folder whose name papermill would take for a template."""
    return find_project(make_project(tmp_path_factory.mktemp("run") / "a {b} 项目"))


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def first(project, told):
    return run_study(
        "tiny",
        sets=["top=3"],
        lang="zh",
        project=project,
        tag=["budget-2027", "draft"],
        on_cell=lambda *n: told.append(n),
    )


@pytest.fixture(scope="module")
def second(project, first):
    return run_study("tiny", sets=["top=3"], lang="zh", project=project.root)


@pytest.fixture(scope="module")
def failed(project):
    with pytest.raises(RunError) as caught:
        run_study("tiny", sets=["note=boom"], project=project)
    (run,) = (run for run in runs(project) if run.status == "failed")
    return run, caught.value


def files(run: Run) -> set[str]:
    return {path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*.*")}


# -- a run that finished ------------------------------------------------------------------------


def test_a_run_leaves_what_people_and_programs_read(first):
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", first.folder.name)
    assert files(first) == {
        "notebook.ipynb",
        "report.html",
        "results.xlsx",
        "manifest.json",
        "params.yaml",
        "sources.json",
        "tables/by_region.parquet",
        "figures/finding.svg",
        "figures/finding.png",
    }
    assert (first.folder / "figures" / "finding.png").read_bytes().startswith(b"\x89PNG")


def test_the_manifest_says_what_decided_the_numbers(first, project):
    manifest = first.manifest
    assert manifest["status"] == "finished"
    assert manifest["params"] == {"top": 3, "share": 0.5, "seed": 7, "note": None}
    assert (manifest["lang"], manifest["seed"]) == ("zh", 7)
    assert manifest["company"]["path"] == "data/sample"
    assert manifest["company"]["tables_read"] == {"order_line": 3}
    assert manifest["hash"].startswith(first.id[-8:])
    assert re.fullmatch("[0-9a-f]{64}", manifest["company"]["hash"])
    assert manifest["versions"]["python"] == sys.version.split()[0]
    assert set(manifest["seconds"]) >= {"kernel", "notebook", "report", "workbook"}
    assert manifest["git"] is None
    assert manifest["tags"] == ["budget-2027", "draft"]
    assert all(50 < manifest["peak_mb"][name] < 4000 for name in ("kernel", "runner"))


def test_the_manifest_names_the_data_and_where_it_came_from(first):
    company = first.manifest["company"]
    table = first.folder.parents[2] / "data" / "sample" / "order_line.parquet"
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    assert company["table_hashes"] == {"order_line": digest}
    assert company["tables"] == {"order_line": {"rows": 3, "hash": digest}}
    assert company["imports"] == {}


def test_the_parameters_kept_repeat_the_run(first, project):
    from workbench.studies import plan_run

    plan = plan_run("tiny", params_file=first.folder / "params.yaml", project=project)
    assert plan.params.literals() == first.manifest["params"]


def test_every_file_of_code_is_kept_with_its_hash(first, project):
    sources = json.loads((first.folder / "sources.json").read_text("utf-8"))
    study = (project.studies / "study_tiny.py").read_bytes()
    assert sources["studies/study_tiny.py"] == hashlib.sha256(study).hexdigest()
    assert {"workbench/kpis/sql/sales.sql", "workbench/studies/run.py"} <= set(sources)
    lines = "".join(f"{name} {digest}\n" for name, digest in sources.items())
    assert hashlib.sha256(lines.encode()).hexdigest() == first.manifest["code"]


def test_results_are_kept_with_label_and_unit(first):
    (total,) = first.manifest["results"]
    assert total == {
        "name": "total",
        "label": "合计",
        "value": 350.0,
        "exact": "350.00",
        "kind": "money",
        "unit": "CNY",
        "both": [["Total", "CNY"], ["合计", "CNY"]],
    }
    (warning,) = first.manifest["warnings"]
    assert (warning["category"], warning["message"]) == ("WorkbenchWarning", "only a few rows")


def test_parameters_and_language_reach_the_notebook(first):
    cells = json.loads((first.folder / "notebook.ipynb").read_text("utf-8"))["cells"]
    (injected,) = (c for c in cells if "injected-parameters" in c["metadata"].get("tags", ()))
    lines = "".join(injected["source"]).splitlines()
    assert {'lang = "zh"', 'company = "data/sample"', "top = 3", "note = None"} <= set(lines)


def test_progress_is_told(first, told):
    assert told[-1] == (7, 7)  # six cells and the injected one


def test_tables_come_out_the_same_byte_for_byte(first, second):
    name = "tables/by_region.parquet"
    assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()
    assert first.folder != second.folder
    assert first.manifest["hash"] == second.manifest["hash"]


def test_the_tables_hold_the_computed_figures(first):
    table = pq.read_table(first.folder / "tables" / "by_region.parquet").to_pydict()
    assert table["region"] == ["east", "north", "south"]
    assert [str(value) for value in table["net"]] == ["200.00", "100.00", "50.00"]


def test_the_workbook_speaks_the_language(first):
    book = openpyxl.load_workbook(first.folder / "results.xlsx")
    assert book.sheetnames == ["目录", "分大区"]
    contents = [[cell.value for cell in row] for row in book["目录"].iter_rows()]
    assert ["合计", 350, "元"] in [row[:3] for row in contents]
    assert [cell.value for cell in book["分大区"][3]] == ["大区", "不含税金额（元）"]
    assert [row[0].value for row in book["分大区"].iter_rows(min_row=4)] == [
        "华东",
        "华北",
        "south",
    ]


def test_a_chinese_report_has_no_english_sentence(first):
    texts = texts_of_html(first.report.read_text("utf-8"))
    allowed = ("python", "sales-workbench", "pandas", "duckdb")
    assert [f for text in texts for f in english_faults(text, allowed=allowed)] == []
    assert [f for text in texts for f in half_width_faults(text, code="zh")] == []
    assert {"小研究", "卖了多少", "华东最大", "关键数字", "所用数据", "假设与口径"} <= set(texts)
    assert "示例数据，未经导入" in texts


def test_the_report_needs_nothing_from_outside(first):
    html = first.report.read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"'<)&]*", html)) <= {"http://www.w3.org/2000/svg"}
    assert "<script" not in html


# -- runs that did not --------------------------------------------------------------------------


def test_a_cell_that_fails_is_named_and_the_notebook_kept(failed):
    run, error = failed
    assert error.message == "01_tiny.ipynb failed in code cell 4: ValueError: the data ran away"
    assert error.kept == f"runs/tiny/{run.id}/notebook.ipynb"
    assert run.manifest["error"]["message"] == "the data ran away"
    assert files(run) == {"notebook.ipynb", "manifest.json", "params.yaml", "sources.json"}
    cells = json.loads((run.folder / "notebook.ipynb").read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [bool(cell["outputs"]) for cell in code] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("note", "limit", "kind", "message"),
    [
        ("sleep", 15, "time", "01_tiny.ipynb was stopped in code cell 4: it took longer than 15 s"),
        ("die", None, "died", "the kernel of 01_tiny.ipynb died in code cell 4 (exit code 3)"),
        pytest.param(
            "killed", None, "died", "the kernel of 01_tiny.ipynb died in code cell 4 (killed from"
            " outside, as the system does when memory runs out)",
            marks=pytest.mark.skipif(os.name != "posix", reason="kills by signal"),
        ),
    ],
)  # fmt: skip
def test_a_kernel_that_hangs_or_dies_is_one_clear_error(project, note, limit, kind, message):
    before, kernels = {run.id for run in runs(project)}, []

    def kept(**options):
        kernels.append(Kernel(**{**options, "preload": ()}))  # it answers as soon as it can
        return kernels[0]

    with pytest.raises(RunError) as caught:
        run_study(
            "tiny", sets=[f"note={note}"], project=project, kernel_timeout=limit, start_kernel=kept
        )
    assert caught.value.message == message
    assert caught.value.where == 'if note == "boom":'
    (run,) = (run for run in runs(project) if run.id not in before)
    assert (run.status, run.manifest["error"]["kind"]) == ("failed", kind)
    assert run.manifest["error"]["cell"] == 4
    assert (run.folder / "notebook.ipynb").is_file()
    assert not psutil.pid_exists(kernels[0].process.pid)


def test_a_failure_is_told_in_chinese_too(project):
    with pytest.raises(RunError) as caught:
        run_study("tiny", sets=["note=die"], lang="zh", project=project)
    assert caught.value.message == "01_tiny.ipynb的内核在第4个代码单元格中意外退出（退出码3）"
    assert caught.value.do == "请释放内存或减少该研究的计算量，然后重新运行"


@pytest.mark.parametrize(
    ("lang", "message", "do"),
    [
        ("en", "01_tiny.ipynb failed in code cell 4: InputError: there is no region west",
         "use some of east, north"),
        ("zh", "01_tiny.ipynb在第4个代码单元格出错：InputError：没有大区west", "可用：east, north"),
    ],
)  # fmt: skip
def test_an_error_of_the_study_gives_its_own_place_and_advice(project, lang, message, do):
    with pytest.raises(RunError) as caught:
        run_study("tiny", sets=["note=ours"], lang=lang, project=project)
    error = caught.value
    assert error.message == message
    assert (error.where, error.do) == ("regions=['west']", do)
    assert (error.kept or "").endswith("/notebook.ipynb")


def test_a_kernel_that_never_answers_is_given_up(project):
    before = {run.id for run in runs(project)}

    def silent(**options):
        kernel = Kernel(**options)
        kernel.tell = lambda message: None  # it waits for its connection, for ever
        return kernel

    with pytest.raises(RunError, match="the kernel did not start within 1 s"):
        run_study("tiny", project=project, kernel_timeout=0.2, start_kernel=silent)
    (run,) = (run for run in runs(project) if run.id not in before)
    assert (run.status, run.manifest["error"]["kind"]) == ("failed", "slow start")


# -- files that cannot be written ---------------------------------------------------------------


def test_a_file_in_the_way_of_the_runs(tmp_path):
    folder = make_project(tmp_path)
    (folder / "runs").write_text("a file", encoding="utf-8")
    with pytest.raises(RunError, match="the run cannot be written") as caught:
        run_study("tiny", project=folder)
    assert str(folder / "runs") in str(caught.value.where)
    assert caught.value.kept is None


def test_a_full_disk_is_one_clear_error(project, monkeypatch):
    def full(self: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "report.html")

    before = {run.folder for run in runs(project)}
    monkeypatch.setattr("workbench.studies.outcome.Outcome.write_report", full)
    with pytest.raises(RunError, match="磁盘已满，运行未完成") as caught:
        run_study("tiny", project=project, lang="zh")
    (left,) = (run for run in runs(project) if run.folder not in before)
    assert left.status == "partial"
    assert caught.value.kept == project.shown(left.folder)


# -- runs that were killed, or not begun --------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_killed_run_never_looks_finished(project):
    before = {run.folder for run in runs(project)}
    command = [sys.executable, "-m", "workbench", "run", "tiny", "--set", "note=sleep"]
    with subprocess.Popen([*command, "--project", project.root], cwd=Path.cwd()) as runner:
        (partial,) = wait_for(lambda: {r.folder for r in runs(project)} - before)
        wait_for(lambda: (partial / "journal.jsonl").is_file())
        kernels = psutil.Process(runner.pid).children()
        runner.send_signal(signal.SIGKILL)
    assert {run.folder for run in runs(project)} - before == {partial}
    assert partial.name.endswith(".partial")
    assert Run(partial).status == "partial"
    assert not (partial / "manifest.json").exists()
    gone, alive = psutil.wait_procs(kernels, timeout=SECONDS)
    assert (len(gone), alive) == (1, [])


def wait_for(ready):
    """Wait until a condition holds and return what it gave."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def no_kernel(*_: object, **__: object) -> None:
    raise AssertionError("a kernel was started")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sets": ["tpo=3"]}, ParameterError, "unknown parameter tpo"),
        ({"sets": ["top=99"]}, ParameterError, "cannot be 99"),
        ({"params_file": "none.yaml"}, ParameterError, "no params file"),
        ({"company": "nowhere"}, ProjectError, "no company"),
        ({"name": "tinny"}, ProjectError, "no study"),
    ],
)
def test_what_is_wrong_is_found_before_a_kernel_starts(
    project, monkeypatch, options, error, message
):
    monkeypatch.setattr("workbench.studies.run.Kernel", no_kernel)
    with pytest.raises(error, match=message):
        run_study(options.pop("name", "tiny"), project=project, **options)


def test_a_missing_notebook_is_found_too(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.studies.run.Kernel", no_kernel)
    folder = make_project(tmp_path)
    (folder / "notebooks" / "01_tiny.ipynb").unlink()
    with pytest.raises(ProjectError, match=r"no notebook 01_tiny\.ipynb"):
        run_study("tiny", project=folder)


def test_the_params_file_of_the_study_is_taken(project, monkeypatch):
    from workbench.studies import plan_run

    assert plan_run("tiny", project=project).params.top == 2
    assert plan_run("tiny", project=project).lang.code == "en"


def test_a_kernel_that_does_not_start_says_why(tmp_path):
    with Kernel(cwd=tmp_path, environment={"PYTHONHASHSEED": "none"}) as kernel:
        kernel.process.wait(SECONDS)
        kernel.tell("nobody listens")
        assert "PYTHONHASHSEED" in kernel.said
    kernel.end()


def test_what_a_notebook_imports_comes_first():
    found = imports_of(["import numpy as np\n", "from a.b import c\n%magic", "from x.y import z"])
    assert found[:3] == ["numpy", "x.y", "pandas"]


def test_a_tag_that_is_no_word_is_told_before_anything_starts(tmp_path):
    home = find_project(make_project(tmp_path))
    with pytest.raises(ParameterError, match="'a b' is no tag"):
        run_study("tiny", project=home, tag=["fine", "a b"])
    assert not home.runs.exists()
