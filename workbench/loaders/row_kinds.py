"""What a row below the header is: data, a total, a subtotal, or nothing.

A total is a row whose label says so (合计, 小计, Total) while its other texts are missing; a
customer called 合计科技 is a customer. The footer (制表：, 注：, page 1 of 3) is no data either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from workbench.loaders.raw import DATA, SUBTOTAL, TOTAL

#: What may stand for a total, loosely; for a quick look at whole columns (RE2). Whatever it finds
#: is looked at again by `is_total_label`.
TOTAL_HINT = (
    r"(?i)(计|总\s*数|累\s*计|total|totals|sum|overall)[\s:：]*([(（].*[)）])?[\s:：\d,.]*$"
)

_WHOLE = {
    "合计", "总计", "共计", "总合计", "合计数", "总和", "全部合计", "本页合计", "本表合计", "累计",
    "本月合计", "本年累计", "本年合计", "年度合计", "全年合计", "总数", "汇总", "合计金额",
    "金额合计", "total", "totals", "grandtotal", "grandtotals", "sum", "overall", "overalltotal",
    "sumtotal", "totalsum", "reporttotal", "totalamount", "generaltotal",
}  # fmt: skip

_PART = {"小计", "本页小计", "分计", "subtotal", "sub-total", "subtotals", "subsum"}

#: "华东小计", "East subtotal", "1月合计", "East Total": a part named beside the word.
_NAMED_PART = re.compile(r".{1,24}(小计|合计|总计|汇总)|.{1,40}\s(sub-?\s?)?totals?", re.IGNORECASE)

#: A name and what it says: "制表人：张三", "单位：万元".
LABELLED = re.compile(r"[^:：\d]{1,12}[:：](?!//)")

_FOOTER = re.compile(
    r"(注|备注|说明|附注|制表|填表|审核|编制|复核|打印|导出|数据来源|统计口径|第\s*\d+\s*页|共\s*\d+\s*[页条]"
    r"|本表|以上|\*|※|note|source|page\s*\d|generated|exported|printed|prepared|copyright|confidential)",
    re.IGNORECASE,
)

_CODES = "cny|rmb|usd|eur|gbp|jpy|hkd|twd|mop|sgd|krw|inr|aud|cad|chf|nzd|thb|vnd|myr|idr|php"
_NUMBER = re.compile(
    rf"[-+(]?\s*(?:{_CODES}|人民币|us\$|hk\$|[¥$€£])?\s*[-+]?\s*\d[\d,.'\s]*(?:e[-+]?\d+)?"
    rf"\s*(?:[%‰万亿千百元折成角分]|人民币|美元|{_CODES})*\s*\)?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{2,4}[-/.年]\d{1,2}([-/.月](\d{1,4}日?)?)?([T\s]*\d{1,2}[:时]\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*"
    r"|\d{1,2}[-\s][a-z]{3,9}[-\s]\d{2,4}.*|[a-z]{3,9}\s\d{1,2},?\s\d{4}.*|\d{1,2}:\d{2}(:\d{2})?",
    re.IGNORECASE,
)
_TRUTH = {"true", "false", "是", "否", "yes", "no", "√", "-", "--", "/", "n/a", "#n/a", "null"}


def is_value(cell: str) -> bool:
    """Whether a text is a number, an amount, a date, a truth value or a dash: not a name."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if text.lower() in _TRUTH:
        return True
    if not any(char.isdigit() for char in text):
        return False
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def squeeze(text: str) -> str:
    """A text in one form: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def total_kind(label: str) -> int:
    """TOTAL, SUBTOTAL or DATA, by the label alone."""
    squeezed = _bare(squeeze(label))
    if squeezed in _WHOLE:
        return TOTAL
    if squeezed in _PART or _NAMED_PART.fullmatch(_bare(unicodedata.normalize("NFKC", label))):
        return SUBTOTAL
    return DATA


def is_total_label(label: str) -> bool:
    """Whether a label says total or subtotal."""
    return total_kind(label) != DATA


def row_kind(cells: Sequence[str | None], usual_texts: float) -> int:
    """Kind of a row that holds a label of a total somewhere.

    Parameters
    ----------
    cells : sequence of str or None
    usual_texts : float
        Texts in a usual data row; a total lacks most of them.

    Returns
    -------
    int
        DATA, TOTAL or SUBTOTAL.
    """
    texts = [(i, cell) for i, cell in enumerate(cells) if cell and not is_value(cell)]
    for place, (_, cell) in enumerate(texts):
        kind = total_kind(cell)
        if kind == DATA:
            continue
        plain = squeeze(cell)[:1] > "\x7f" and _bare(squeeze(cell)) in _WHOLE | _PART
        allowed = 0.4 * (usual_texts - 1)
        if plain and place < 2:  # nobody is called 合计; the group's name may stand before it
            allowed = max(1.0, 0.5 * (usual_texts - 1))
        if len(texts) - 1 <= max(allowed, 0):
            return kind
    return DATA


def is_footer(cells: Sequence[str | None], after_total: bool) -> bool:
    """Whether a row at the end of a sheet is a note below the table.

    Parameters
    ----------
    cells : sequence of str or None
    after_total : bool
        A total stands before it: then a single text is a note whatever it says.
    """
    filled = [cell for cell in cells if cell]
    if len(cells) > 1 and filled and all(LABELLED.match(cell) for cell in filled):
        return True
    if len(filled) != 1 or len(cells) < 2 or is_value(filled[0]):
        return False
    return after_total or bool(_FOOTER.match(filled[0]))


def _bare(text: str) -> str:
    """A label without colons, a note in brackets or a count behind it."""
    text = re.sub(r"[(（\[][^)）\]]*[)）\]]", "", text)
    return re.sub(r"[\s:：]*[\d,.]*[条笔项个]?(记录|records)?[\s:：]*$", "", text).strip()
