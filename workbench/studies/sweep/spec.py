"""What a sweep file asks for: `sweeps/NAME.yaml`, typed and checked before anything runs.

    study: sales_analysis
    mode: compute                  # results only; notebook: a full report of each run
    vary:
      regions: [[east], [north], [south]]
      span: [ytd, rolling12]

Which points that makes: `designs.py`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Design = Literal["grid", "list", "latin", "sobol", "one_at_a_time", "sensitivity"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Model):
    """A range of a number, as in ``{from: 0.05, to: 0.2, steps: 4}``."""

    low: float = Field(alias="from", description="Lower end, included.")
    high: float = Field(alias="to", description="Upper end, included.")
    steps: int | None = Field(None, ge=2, le=10_000, description="Levels, where levels are needed.")
    scale: Literal["linear", "log"] = Field("linear", description="Even steps, or even ratios.")


class Block(_Model):
    """One study and the points at which it is run."""

    study: str
    params: str | None = Field(None, description="Params file; params/STUDY/base.yaml if empty.")
    set: dict[str, Any] = Field(default_factory=dict, description="Parameters alike in all runs.")
    design: Design | None = Field(None, description="grid, or list where cases are given.")
    vary: dict[str, list[Any] | Range] = Field(
        default_factory=dict, description="Parameter to its values or range."
    )
    cases: list[dict[str, Any]] = Field(
        default_factory=list, description="Points of a list: parameters to values."
    )
    size: int | None = Field(None, ge=2, le=1_000_000, description="Points of a sample.")
    seed: int = Field(1, ge=0, description="Of the sample, not of the study.")
    replicates: int = Field(
        1, ge=1, le=100_000, description="Runs of each point, each with its own seed."
    )


class SweepSpec(_Model):
    """A sweep file, whole."""

    name: str
    blocks: tuple[Block, ...]
    mode: Literal["compute", "notebook"] = "compute"
    company: str | None = None
    lang: Literal["en", "zh"] | None = None
    tables: tuple[str, ...] = Field((), description="Result tables kept of each run.")
    time_limit: float | None = Field(None, gt=0, description="Seconds a run may take.")
    memory_limit_mb: float | None = Field(None, gt=0, description="Memory a run may take, MB.")
    retries: int = Field(1, ge=0, le=10, description="New attempts after a worker has crashed.")
