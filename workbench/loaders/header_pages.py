"""Which headers of which system are known, verified or inferred, as a page in each language.

`python -m workbench.loaders.header_pages docs` writes both pages; a test holds them in step with
`facts/headers.csv`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from workbench.loaders.headers import Fact, facts
from workbench.tables import TABLES

FILES = {"en": "import_systems.md", "zh": "import_systems.zh-CN.md"}

SYSTEMS: dict[str, tuple[str, str]] = {
    "zoho": ("Zoho CRM", "Zoho CRM"),
    "fxiaoke": ("Fxiaoke", "纷享销客"),
    "salesforce": ("Salesforce", "Salesforce"),
    "hubspot": ("HubSpot", "HubSpot"),
    "odoo": ("Odoo", "Odoo"),
    "dynamics365": ("Dynamics 365", "Dynamics 365"),
    "erpnext": ("ERPNext", "ERPNext"),
    "espocrm": ("EspoCRM", "EspoCRM"),
    "suitecrm": ("SuiteCRM", "SuiteCRM"),
    "frappe_crm": ("Frappe CRM", "Frappe CRM"),
    "cordys": ("Cordys CRM", "Cordys CRM"),
    "generic_zh": ("Free-form Chinese sheets", "自由格式的中文表格"),
    "generic_en": ("Free-form English sheets", "自由格式的英文表格"),
}

_TEXT = {
    "title": ("# Headers that import knows", "# 导入所识别的表头"),
    "lead": (
        "Made from `workbench/loaders/facts/headers.csv` by `python -m"
        " workbench.loaders.header_pages docs`; do not edit by hand. **Verified** headers were seen"
        " in the documents or the code of the system, or in exports that public code reads;"
        " **inferred** ones are translated or general knowledge: look at what the import report"
        " says it made of them. Sources: `workbench/loaders/facts/README.md`. Case, width, spaces,"
        " underscores, units in brackets and a `*` make no difference. Our own templates and"
        " exports are known by the names and labels of the"
        " [data dictionary](data_dictionary.md). A header that stands nowhere here is not guessed:"
        " it is listed as unused in the report.",
        "由`workbench/loaders/facts/headers.csv`生成，请勿手工修改"
        "（`python -m workbench.loaders.header_pages docs`）。"
        "**已核实**的表头见于该系统的文档或代码，"
        "或见于公开代码所读取的导出文件；**推断**的表头为翻译或常识，请查看导入报告对其的处理。"
        "来源见`workbench/loaders/facts/README.md`。大小写、全半角、空格、下划线、括号中的单位与`*`均不影响识别。"
        "我方模板与导出文件按[数据字典](data_dictionary.zh-CN.md)的列名与名称识别。"
        "此处没有的表头不作猜测，在报告中列为未使用。",
    ),
    "head": (
        "| System | Verified | Inferred |",
        "| 系统 | 已核实 | 推断 |",
    ),
    "columns": ("| Column | Verified | Inferred |", "| 列 | 已核实 | 推断 |"),
    "unused": ("known, not used", "已知但不使用"),
    "no_table": ("no table of ours", "无对应的表"),
}


def page(lang: str) -> str:
    """The page in "en" or "zh", as Markdown."""
    by_system: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts():
        by_system[fact.system].append(fact)
    parts = [_say("title", lang), _say("lead", lang), _contents(by_system, lang)]
    parts += [_section(system, by_system[system], lang) for system in SYSTEMS]
    return "\n\n".join(parts) + "\n"


def write(folder: str | Path) -> list[Path]:
    """Write both pages into a folder and return their paths."""
    paths = [Path(folder) / name for name in FILES.values()]
    for lang, path in zip(FILES, paths, strict=True):
        path.write_text(page(lang), encoding="utf-8")
    return paths


def _say(key: str, lang: str) -> str:
    return _TEXT[key][0 if lang == "en" else 1]


def _contents(by_system: dict[str, list[Fact]], lang: str) -> str:
    rows = []
    for system, names in SYSTEMS.items():
        known = by_system[system]
        verified = sum(fact.verified for fact in known)
        name = names[0 if lang == "en" else 1]
        rows.append(f"| [{name}](#{system}) | {verified:,} | {len(known) - verified:,} |")
    return "\n".join([_say("head", lang), "|---|---:|---:|", *rows])


def _section(system: str, known: list[Fact], lang: str) -> str:
    name = SYSTEMS[system][0 if lang == "en" else 1]
    by_object: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in known:
        by_object[fact.object, fact.table].append(fact)
    parts = [f'<a id="{system}"></a>\n\n## {name}']
    parts += [_object(thing, table, group, lang) for (thing, table), group in by_object.items()]
    return "\n\n".join(parts)


def _object(thing: str, table: str, known: list[Fact], lang: str) -> str:
    title = TABLES[table].title(lang) if table else _say("no_table", lang)
    shown = "" if thing == "sheet" else f"{thing} → "
    by_target: dict[str, list[Fact]] = defaultdict(list)
    for fact in known:
        by_target[fact.target or ""].append(fact)
    unused = by_target.pop("", [])
    rows = [_row(f"`{target}`", group) for target, group in by_target.items()]
    rows += [_row(_say("unused", lang), unused)] if unused else []
    head = f"### {shown}{title}" + (f" `{table}`" if table else "")
    return "\n".join([head, "", _say("columns", lang), "|---|---|---|", *rows])


def _row(name: str, known: Iterable[Fact]) -> str:
    sides: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for fact in known:
        sides[fact.verified][fact.header] = None
    cells = [" · ".join(map(_plain, sides[verified])) for verified in (True, False)]
    return f"| {name} | {cells[0]} | {cells[1]} |"


def _plain(header: str) -> str:
    """A header that Markdown leaves alone."""
    return header.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("$", "\\$")


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "docs")
