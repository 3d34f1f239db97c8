"""A project as small as can be: one study, its notebook, a company of three order lines."""

from __future__ import annotations

from pathlib import Path

import nbformat

from tests.support.companies import make_company, order_lines

STUDY = '''
"""How much was sold by region; for tests."""

from __future__ import annotations

from workbench.contract import Params as Base
from workbench.contract import Study, field


class Params(Base):
    top: int = field(
        3, ge=1, le=9, step=1, unit="rows", title="Rows", help="Rows of the table",
        zh=("行数", "表的行数"),
    )
    share: float = field(
        0.5, ge=0, le=1, step=0.1, unit="share", title="Share", help="Share that counts",
        zh=("比例", "计入的比例"),
    )
    seed: int = field(
        7, ge=0, le=1000, step=1, unit="seed", title="Seed", help="Seed of the draws",
        zh=("种子", "抽样种子"),
    )
    note: str | None = field(None, title="Note", help="Any words", zh=("备注", "任意文字"))


def compute(company, params):
    return company.sql(
        "select region, sum(net_amount(amount, tax_basis, tax_rate)) as net from order_line"
        " group by region order by region"
    ).head(params.top)


STUDY = Study(
    name="tiny",
    number=1,
    title=("Tiny study", "小研究"),
    question=("How much was sold?", "卖了多少？"),
    params=Params,
    compute=compute,
)
'''

PARAMETERS = """\
company = "data/sample"
lang = "en"
top = 3
share = 0.5
seed = 7
note = None
"""

COMPUTE = """\
import warnings

from IPython.display import HTML

from workbench.contract import open_project_company, record
from workbench.errors import WorkbenchWarning
from workbench.studies import study
from workbench.text import Language

lang = Language(lang)
tiny = study("tiny")
params = tiny.params(top=top, share=share, seed=seed, note=note)
table = tiny.compute(open_project_company(company), params)
"""

RECORD = """\
if note == "boom":
    raise ValueError("the data ran away")
if note == "ours":
    from workbench.errors import InputError
    from workbench.text import later
    raise InputError(
        later("there is no region {name}", name="west"), where="regions=['west']",
        do=later("use some of {names}", names="east, north"),
    )
if note == "sleep":
    import time
    time.sleep(60)
if note == "die":
    import os
    os._exit(3)
if note == "killed":
    import os
    os.kill(os.getpid(), 9)
warnings.warn(WorkbenchWarning("only a few rows"))
record("total", table["net"].sum(), label=("Total", "合计"), unit="CNY")
record("by_region", table, label=("By region", "分大区"))
"""

FIGURE = """\
class Drawing:
    title = lang.pick("East is largest", "华东最大")

    def svg(self):
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">'
            '<rect width="60" height="20" fill="#22324A"/></svg>'
        )

record("finding", Drawing())
HTML(f'<div class="sw"><section class="sect"><h2>{Drawing.title}</h2></section></div>')
"""

CELLS = (
    ("markdown", "# Tiny study\n\nFor tests.\n\n<!-- zh -->\n\n# 小研究\n\n供测试。"),
    ("parameters", PARAMETERS),
    ("code", COMPUTE),
    ("markdown", "## What was sold\n\n<!-- zh -->\n\n## 卖了多少"),
    ("code", RECORD),
    ("code", FIGURE),
)


def make_project(folder: Path) -> Path:
    """Make the project in a folder, which may exist; return the folder."""
    for name in ("notebooks", "studies", "params/tiny"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "workbench.yaml").write_text("company: data/sample\n", encoding="utf-8")
    (folder / "studies" / "study_tiny.py").write_text(STUDY, encoding="utf-8")
    (folder / "params" / "tiny" / "base.yaml").write_text("top: 2\n", encoding="utf-8")
    nbformat.write(_notebook(), folder / "notebooks" / "01_tiny.ipynb")
    make_company(
        folder / "data" / "sample",
        {"order_line": order_lines(region=["north", "east", "south"], amount=[113.0, 226.0, 56.5])},
        {
            "base_currency": "CNY",
            "name": {"en": "Acme", "zh": "顶点"},
            "labels": {"region": {"east": ["East", "华东"], "north": ["North", "华北"]}},
        },
    )
    return folder


def _notebook() -> nbformat.NotebookNode:
    v4 = nbformat.v4
    cells = []
    for kind, source in CELLS:
        if kind == "markdown":
            cells.append(v4.new_markdown_cell(source))
        else:
            metadata = {"tags": ["parameters"]} if kind == "parameters" else {}
            cells.append(v4.new_code_cell(source, metadata=metadata))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
