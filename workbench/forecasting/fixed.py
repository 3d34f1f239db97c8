"""A total that a planner fixes, as it is written: ``east=320000000`` or 华东=3.2亿.

Light, because parameters are checked before anything is computed. What a lock makes of a forecast:
`outlook/judgement.py`.
"""

from __future__ import annotations

import unicodedata

from workbench.params import broken_rule


def read_lock(text: str) -> tuple[str, float]:
    """Read an entry: node and total.

    Parameters
    ----------
    text : str
        Full-width signs are read too, amounts as the import reads them (3.2亿, 320,000,000).

    Raises
    ------
    PydanticCustomError
        If it cannot be read: for a validator, in both languages.
    """
    from workbench.loaders.values import parse_money

    node, _, value = unicodedata.normalize("NFKC", text).partition("=")
    total = parse_money(value.replace("_", "")).value
    if not node.strip() or total is None:
        raise broken_rule(
            f"{text!r} is not read: write node=total, as east=320000000",
            f"无法识别“{text}”：请写作 节点=合计，如 华东=3.2亿",
        )
    return node.strip(), float(total)
