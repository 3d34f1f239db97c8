"""The KPI dictionary as a page in each language.

`python -m workbench.kpis.pages docs` writes both pages; a test holds them in step.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.kpis.declare import TIME_CUTS, Definition, Kpi, dictionary, pick
from workbench.kpis.labels import cut_label, direction_label

FILES = {"en": "kpis.md", "zh": "kpis.zh-CN.md"}

_TEXT = {
    "title": ("# KPI dictionary", "# 指标字典"),
    "lead": (
        "Made from `workbench/kpis/` by `python -m workbench.kpis.pages docs`; do not edit by hand."
        " Facts: `kpis.csv`; populations: `sql/*.sql`; how figures are made of them:"
        " `formulas.yaml`.\n\n"
        "Any KPI, by any period and cut:"
        ' `kpi(company, "revenue_net", start="2026-01-01", end="2026-07-31", by=("month",'
        ' "region"))`. Where a KPI has several definitions, the first is the usual one; a company'
        " chooses another in `company.yaml` (`kpis: {gross_margin: {definition: 2}}`) or writes a"
        " formula of its own, and every figure prints the formula in use. Ratios are sums over"
        " sums; a denominator of zero gives no figure. Region, team and rep follow today's"
        " organisation; `company.at_the_time()` and `company.as_of(day)` give the others.",
        "由`workbench/kpis/`生成，请勿手工修改（`python -m workbench.kpis.pages docs`）。"
        "事实见`kpis.csv`，总体见`sql/*.sql`，算法见`formulas.yaml`。\n\n"
        "任一指标均可按任一期间与维度计算："
        '`kpi(company, "revenue_net", start="2026-01-01", end="2026-07-31", by=("month",'
        ' "region"))`。'
        "有多种口径时以第一种为常用口径；公司可在`company.yaml`中另选"
        "（`kpis: {gross_margin: {definition: 2}}`）或自定公式，每个数字都注明所用公式。"
        "比率一律以合计相除，分母为零则不给出数字。大区、团队与销售员按现组织口径；"
        "`company.at_the_time()`为原口径，`company.as_of(day)`为某日口径。",
    ),
    "head": ("| KPI | Unit | Better | Definitions |", "| 指标 | 单位 | 优劣方向 | 口径数 |"),
    "grain": ("Grain", "粒度"),
    "unit": ("Unit", "单位"),
    "better": ("Direction", "方向"),
    "tax": ("Tax basis", "税口径"),
    "formula": ("Formula", "公式"),
    "definition": ("Definition", "口径"),
    "rows": ("Rows", "总体"),
    "cuts": ("Cuts", "可用维度"),
    "tables": ("Tables", "所需表"),
    "optional": ("if there", "如有"),
    "derived": ("those of the KPI compared", "同所比较的指标"),
    "incl": ("with VAT", "含税"),
    "excl": ("net of VAT", "不含税"),
}


def page(lang: str) -> str:
    """The dictionary in "en" or "zh", as Markdown."""
    known = dictionary().values()
    parts = [_say("title", lang), _say("lead", lang), _contents(lang)]
    return "\n\n".join([*parts, *(_section(kpi, lang) for kpi in known)]) + "\n"


def write(folder: str | Path) -> list[Path]:
    """Write both pages into a folder and return their paths."""
    paths = [Path(folder) / name for name in FILES.values()]
    for lang, path in zip(FILES, paths, strict=True):
        path.write_text(page(lang), encoding="utf-8")
    return paths


def _say(key: str, lang: str) -> str:
    return pick(_TEXT[key], lang)


def _contents(lang: str) -> str:
    rows = [
        f"| [{kpi.name(lang)}](#{kpi.id}) | {kpi.unit_label(lang)} |"
        f" {direction_label(kpi.direction, kpi.band, lang)} | {len(kpi.definitions)} |"
        for kpi in dictionary().values()
    ]
    return "\n".join([_say("head", lang), "|---|---|---|---|", *rows])


def _section(kpi: Kpi, lang: str) -> str:
    tax = [_line("tax", _say(kpi.tax_basis, lang), lang)] if kpi.tax_basis else []
    facts = [
        _line("unit", kpi.unit_label(lang), lang),
        _line("better", direction_label(kpi.direction, kpi.band, lang), lang),
        _line("grain", kpi.grain(lang), lang),
        *tax,
    ]
    definitions = [_definition(kpi, each, lang) for each in kpi.definitions.values()]
    head = f'<a id="{kpi.id}"></a>\n\n## {kpi.name(lang)}\n\n`{kpi.id}`'
    return "\n\n".join([head, "\n".join(facts), *definitions, kpi.note(lang)])


def _definition(kpi: Kpi, definition: Definition, lang: str) -> str:
    name = "formula" if len(kpi.definitions) == 1 else "definition"
    number = "" if len(kpi.definitions) == 1 else f" {definition.number}"
    colon = pick((": ", "："), lang)
    lines = [f"**{_say(name, lang)}{number}**{colon}{pick(definition.formulas, lang)}", ""]
    population = kpi.population(lang, definition.number)
    lines += [_line("rows", population, lang)] if population else []
    lines += [_line("cuts", _cuts(definition, lang), lang)]
    lines += [_line("tables", tables, lang)] if (tables := _tables(definition, lang)) else []
    return "\n".join(lines)


def _line(key: str, text: str, lang: str) -> str:
    return f"- {_say(key, lang)}{pick((': ', '：'), lang)}{text}"


def _cuts(definition: Definition, lang: str) -> str:
    if not definition.cuts:
        return _say("derived", lang)
    ordered = sorted(definition.cuts, key=lambda cut: cut not in TIME_CUTS)
    labels = [f"{cut_label(cut, lang)} `{cut}`" for cut in ordered]
    return pick((", ", "、"), lang).join(labels)


def _tables(definition: Definition, lang: str) -> str:
    needed = [f"`{name}`" for name in definition.tables]
    text = pick((", ", "、"), lang).join(needed)
    if definition.optional:
        more = pick((", ", "、"), lang).join(f"`{name}`" for name in definition.optional)
        text += pick(
            (f"; {_say('optional', lang)} {more}", f"；{_say('optional', lang)}{more}"), lang
        )
    return text


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "docs")
