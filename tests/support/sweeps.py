"""A project with a study that computes fast, counts its calls, and can be told to fail."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.projects import make_project

STUDY = '''
"""A noisy parabola; for tests of sweeps."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import pandas as pd

from workbench.contract import Params as Base
from workbench.contract import Study, field
from workbench.scenarios import streams


class Params(Base):
    price: float = field(
        1.0, ge=0, le=10, step=0.5, unit="CNY", title="Price", help="Price asked",
        zh=("价格", "报价"),
    )
    reps: int = field(
        3, ge=1, le=99, step=1, unit="people", title="Reps", help="Number of reps",
        zh=("人数", "销售人数"),
    )
    region: str = field(
        "east", choices={"east": ("East", "华东"), "north": ("North", "华北")},
        title="Region", help="Region looked at", zh=("大区", "所看大区"),
    )
    seed: int = field(
        7, ge=0, le=100_000, step=1, unit="seed", title="Seed", help="Seed of the draws",
        zh=("种子", "抽样种子"),
    )
    trouble: str = field("", title="Trouble", help="What goes wrong", zh=("故障", "发生何事"))


@dataclass(frozen=True)
class Results:
    profit: float
    params: Params

    def summary(self):
        return {"profit": self.profit, "calls": self.params.reps * 10}

    def labels(self):
        return {"profit": ("Profit", "利润", "money"), "calls": ("Calls", "拜访次数", "integer")}

    def tables(self):
        return {"draws": pd.DataFrame({"draw": [0, 1], "profit": [self.profit, -self.profit]})}

    def figures(self, lang):
        return {}


def compute(company, params):
    # opened for each call, so that a killed process leaves every line it has counted
    with open(os.environ["COUNT_FILE"], "a") as file:
        file.write(f"{params.price!r} {params.reps} {params.region} {params.seed}\\n")
    time.sleep(float(os.environ.get("COUNT_SLEEP", "0")))
    if params.trouble == "error":
        raise ValueError("no such price")
    if params.trouble == "crash":
        os._exit(9)
    if params.trouble == "sleep":
        time.sleep(60)
    noise = streams(params.seed)["parabola/noise"].normal()
    rows = len(company.sql("select region from order_line"))
    return Results(rows * params.price * (10 - params.price) * params.reps + noise, params)


STUDY = Study(
    name="parabola",
    number=2,
    title=("Noisy parabola", "带噪抛物线"),
    question=("Which price earns most?", "哪个价格利润最高？"),
    params=Params,
    compute=compute,
)
'''


def make_sweep_project(folder: Path) -> Path:
    """Make the project in a folder, which may exist; return the folder."""
    make_project(folder)
    (folder / "studies" / "study_parabola.py").write_text(STUDY, encoding="utf-8")
    (folder / "sweeps").mkdir()
    return folder


def write_sweep(folder: Path, name: str = "prices", **values: object) -> Path:
    """Write a sweep file into the project; return it."""
    path = folder / "sweeps" / f"{name}.yaml"
    content = {"study": "parabola"} | values if "studies" not in values else values
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def calls(file: Path) -> list[str]:
    """Lines that computations have counted themselves with."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
