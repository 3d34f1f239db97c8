"""company.yaml of the sample company: name, calendar, stages and labels of codes."""

from __future__ import annotations

from typing import Any

from workbench.sample.parameters import REGIONS
from workbench.sample.world import AS_OF, Frame
from workbench.tables.common import CHANNELS, PRODUCT_LINES

NAME = {"en": "Lanheng Yu Industrial Equipment", "zh": "澜衡屿工业装备"}
REGION_LABELS = {
    "east": ("East", "华东"),
    "north": ("North", "华北"),
    "south": ("South", "华南"),
    "central": ("Central", "华中"),
    "southwest": ("Southwest", "西南"),
    "northwest_northeast": ("NW and NE", "西北·东北"),
}
STAGE_LABELS = {
    "qualify": ("Needs confirmed", "需求确认"),
    "solution": ("Solution agreed", "方案确认"),
    "quote": ("Quoted", "报价"),
    "negotiate": ("Negotiation", "商务谈判"),
    "won": ("Won", "赢单"),
    "lost": ("Lost", "输单"),
    "void": ("Voided", "作废"),
}
# What people type: above what happens (truth: optimism).
TYPED = {"qualify": 0.20, "solution": 0.25, "quote": 0.35, "negotiate": 0.45}
FAMILY_LABELS: dict[str, tuple[str, str]] = {}


def settings(frame: Frame) -> dict[str, Any]:
    """The content of company.yaml."""
    return {
        "name": dict(NAME),
        "fiscal_start_month": 1,
        "closing_day": None,
        "week_start": 0,
        "base_currency": "CNY",
        "tax_basis": "incl",
        "data_as_of": AS_OF.item(),
        "stages": [_stage(code, labels) for code, labels in STAGE_LABELS.items()],
        "labels": {
            "region": _both({region: REGION_LABELS[region] for region in REGIONS}),
            "product_line": _both(PRODUCT_LINES),
            "channel": _both(CHANNELS),
            **_labels(frame),
        },
        "approval_limits": list(frame.truth.price.limits),
    }


def _stage(code: str, labels: tuple[str, str]) -> dict[str, Any]:
    status = "won" if code == "won" else "lost" if code in ("lost", "void") else "open"
    probability = TYPED.get(code, 1.0 if code == "won" else 0.0)
    return {"code": code, "labels": list(labels), "status": status, "probability": probability}


def _labels(frame: Frame) -> dict[str, Any]:
    """Labels of families and industries."""
    from workbench.sample import accounts, deals, invoices, market, products

    labels = {
        "family": dict(products.FAMILY_LABELS),
        "industry": dict(accounts.INDUSTRY_LABELS),
        "reason": dict(accounts.REASON_LABELS),
        "job_title": dict(accounts.TITLE_LABELS),
        "lost_reason": dict(deals.REASON_LABELS),
    }
    for room in (market, invoices):
        for column, codes in room.LABELS.items():
            labels[column] = labels.get(column, {}) | codes
    return {column: _both(codes) for column, codes in labels.items()}


def _both(labels: dict[str, tuple[str, str]]) -> dict[str, list[str]]:
    return {code: list(label) for code, label in labels.items()}
