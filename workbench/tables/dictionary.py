"""The data dictionary: every declared table and column, as one page in each language.

`python -m workbench.tables.dictionary docs` writes both pages; a test holds them in step.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.tables import AREAS, TABLES, Table
from workbench.tables.template import kind_label, limits, needed_label

FILES = {"en": "data_dictionary.md", "zh": "data_dictionary.zh-CN.md"}

_TEXT = {
    "en": {
        "title": "# Data dictionary",
        "lead": (
            "Made from the declarations in `workbench/tables/` by "
            "`python -m workbench.tables.dictionary docs`; do not edit by hand. "
            "Every money column has a currency and a tax basis; ids are text; dates are dates. "
            "An empty sheet for a table: `workbench template NAME -o NAME.xlsx`."
        ),
        "key": "Key",
        "head": "| Column | Label | Needed | Kind | Unit, values, reference | Meaning |",
    },
    "zh": {
        "title": "# 数据字典",
        "lead": (
            "由`workbench/tables/`中的声明生成，请勿手工修改"
            "（`python -m workbench.tables.dictionary docs`）。"
            "每个金额列都有币种与税口径；编号为文本；日期为日期。"
            "生成空白表：`workbench template NAME -o NAME.xlsx`。"
        ),
        "key": "主键",
        "head": "| 列名 | 名称 | 必填 | 类型 | 单位、可选值、引用 | 含义 |",
    },
}


def page(lang: str) -> str:
    """The data dictionary in "en" or "zh", as Markdown."""
    text = _TEXT[lang]
    parts = [text["title"], text["lead"], _contents(lang)]
    for area, names in AREAS.items():
        parts.append(f"## {names[lang == 'zh']}")
        parts += [_section(declared, lang) for declared in _of_area(area)]
    return "\n\n".join(parts) + "\n"


def write(folder: str | Path) -> list[Path]:
    """Write both pages into a folder and return their paths."""
    paths = [Path(folder) / name for name in FILES.values()]
    for lang, path in zip(FILES, paths, strict=True):
        path.write_text(page(lang), encoding="utf-8")
    return paths


def _of_area(area: str) -> list[Table]:
    return [declared for declared in TABLES.values() if declared.area == area]


def _contents(lang: str) -> str:
    lines = []
    for area, names in AREAS.items():
        links = ", " if lang == "en" else "、"
        tables = links.join(f"[{t.title(lang)}](#{t.name})" for t in _of_area(area))
        lines.append(f"- **{names[lang == 'zh']}**{': ' if lang == 'en' else '：'}{tables}")
    return "\n".join(lines)


def _section(declared: Table, lang: str) -> str:
    text = _TEXT[lang]
    rows = [
        f"| `{column.name}` | {column.title(lang)} | {needed_label(column, lang)} "
        f"| {kind_label(column, lang)} | {limits(column, lang)} | {column.help(lang)} |"
        for column in declared.columns
    ]
    colon = ": " if lang == "en" else "："
    keys = ", ".join(f"`{name}`" for name in declared.key)
    return "\n".join(
        [
            f'<a id="{declared.name}"></a>',
            "",
            f"### {declared.title(lang)} `{declared.name}`",
            "",
            f"{declared.help(lang)} {text['key']}{colon}{keys}",
            "",
            text["head"],
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "docs")
