"""Settings of a company: `company.yaml`, typed.

A company needs no settings to be opened; what is missing takes the defaults stated here.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import ParameterError

SETTINGS_FILE = "company.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BothNames(_Model):
    """A name in English and Chinese."""

    en: str = "Company"
    zh: str = "公司"


class Stage(_Model):
    """One stage of the company's own sales process."""

    code: str = Field(description="As stored in opportunity.stage.")
    labels: tuple[str, str] = Field(description="English and Chinese label.")
    status: Literal["open", "won", "lost"] = "open"
    probability: float | None = Field(None, ge=0, le=1, description="Typed probability; a prior.")


class CompanySettings(_Model):
    """All settings, with their defaults.

    Attributes say their meaning in `description`; amounts are in `base_currency`.
    """

    name: BothNames = BothNames()
    fiscal_start_month: int = Field(1, ge=1, le=12, description="First month of the fiscal year.")
    closing_day: int | None = Field(
        None,
        ge=20,
        le=28,
        description="Day the month closes; none is the last day of the month.",
    )
    week_start: int = Field(0, ge=0, le=6, description="First day of the week; 0 is Monday.")
    base_currency: str = Field("CNY", pattern="^[A-Z]{3}$", description="ISO 4217 code.")
    tax_basis: Literal["incl", "excl"] | None = Field(
        None, description="Basis of imported amounts that state none; none means ask."
    )
    data_as_of: dt.date | None = Field(None, description="Last day the data are complete for.")
    stages: tuple[Stage, ...] = Field((), description="Own sales stages in order.")
    labels: dict[str, dict[str, tuple[str, str]]] = Field(
        default_factory=dict,
        description="Labels of codes: column -> code -> (English, Chinese).",
    )
    approval_limits: tuple[float, ...] = Field(
        (0.10, 0.15, 0.20),
        description="Discounts off list at which approval passes upward.",
    )
    stock_cover_band: tuple[float, float] = Field(
        (20, 45), description="Normal days of dealer stock cover."
    )
    kpis: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Overrides of the KPI dictionary."
    )
    terms: dict[str, str] = Field(
        default_factory=dict, description="Own words for terms of the glossary."
    )


def read_settings(folder: Path) -> CompanySettings:
    """Read `company.yaml` of a folder; defaults when there is none.

    Raises
    ------
    ParameterError
        If the file is no YAML mapping or a setting is unknown or out of bounds; all faults at once.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return CompanySettings()
    try:
        values = _parsed(path.read_text(encoding="utf-8")) or {}
        return CompanySettings.model_validate(values)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(
            "the settings are no readable YAML",
            where=f"{path.name}{line}",
            do="mend the line; a setting is written as `name: value`",
        ) from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ParameterError(
            "settings of the company are not valid",
            where=f"{path.name}: {faults}",
            do=f"use the settings {', '.join(CompanySettings.model_fields)}",
        ) from error


def _parsed(text: str) -> Any:
    # libyaml reads the same seven times as fast, where PyYAML was built with it; the loader in
    # Python knows better on which line a fault lies.
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)
