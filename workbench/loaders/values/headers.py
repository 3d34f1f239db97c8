"""What a header says of the values below it: unit and currency, tax basis, per cent."""

from __future__ import annotations

import re
from typing import Literal

from workbench.loaders.values import amount_words as words
from workbench.loaders.values.texts import plain

_SEEN = words.one_of([*words.CURRENCIES, *words.SHARED])
_SCALES = words.one_of(words.MAGNITUDES)
_YUAN = words.one_of(words.YUAN)

#: A unit alone: 万元, USD'000, RMB million, 万美元, k€, 百万.
_UNIT = re.compile(
    rf"(?:单位|金额单位|币种|计量单位|IN|UNIT)? *[:=]? *(?P<first>{_SEEN})? *[/,]? *"
    rf"(?:(?P<zeros>'?000(?:,000|'000)?S?)|(?P<scale>{_SCALES})S?)? *"
    rf"(?P<yuan>{_YUAN})? *(?P<second>{_SEEN})?"
)
_BRACKETS = re.compile(r"[(\[{<【「]([^()\[\]{}<>【】「」]*)[)\]}>】」]")
_STATED = re.compile(r"单位 *[:=]? *(\S+)")
_TAIL = re.compile(rf"[ _\-/](?P<unit>(?:{_SEEN}|{_SCALES}|{_YUAN}|'000|000)+)$")

#: A unit at the end of a Chinese header without brackets: 合同金额万元, 金额-万元.
_ZH_TAIL = re.compile(
    rf"(?<=[\u4e00-\u9fff_\-/ ])(?P<unit>(?:百万|千万|亿|万)(?:{_YUAN}|美元|港元|欧元))$"
)


def unit_of(header: str) -> tuple[int, str]:
    """The unit that a header states.

    Parameters
    ----------
    header : str
        As 合同金额（万元）, 单位：万元, "Amount (USD'000)", "Revenue [RMB million]".

    Returns
    -------
    (int, str)
        What the values are multiplied by, and the ISO 4217 code; (1, "") where none is stated.
    """
    text = plain(header)
    inside = _BRACKETS.findall(text)
    candidates = [*inside, *_STATED.findall(text)]
    candidates += [part for whole in inside for part in re.split("[,:;/、 ]+", whole)]
    candidates += [m["unit"] for m in (_TAIL.search(text), _ZH_TAIL.search(text)) if m]
    found = [unit for unit in map(_unit, candidates) if unit != (1, "")]
    factor = next((unit[0] for unit in found if unit[0] != 1), 1)
    return factor, next((unit[1] for unit in found if unit[1]), "")


def _unit(text: str) -> tuple[int, str]:
    match = _UNIT.fullmatch(text.strip())
    if match is None:
        return 1, ""
    factor = 1
    if match["zeros"]:
        factor = 10 ** match["zeros"].count("0")
    elif match["scale"]:
        factor = 10 ** words.MAGNITUDES[match["scale"]]
    named = [word for word in (match["first"], match["second"]) if word]
    codes = [words.CURRENCIES.get(word) or words.SHARED[word][0] for word in named]
    return factor, codes[0] if codes else ("CNY" if match["yuan"] else "")


_EXCL = re.compile(
    r"不含税|未含税|未税|非含税|除税|不含增值税|税外"
    r"|(?:EXCL(?:UDING|\.)?|EX\.?|WITHOUT|BEFORE|NET OF|W/O) *(?:OF )?(?:VAT|TAX|GST)"
    r"|(?:VAT|TAX|GST)[ _\-]*(?:EXCL(?:UDED|USIVE|\.)?|FREE)"
    r"|\bUNTAXED\b|AMOUNT_UNTAXED|NET[ _]AMOUNT[ _]EX"
)
_INCL = re.compile(
    r"含税|价税合计|含增值税|税价合计|价税总"
    r"|(?:INCL(?:UDING|\.)?|WITH|INC\.?|AFTER) *(?:OF )?(?:VAT|TAX|GST)"
    r"|(?:VAT|TAX|GST)[ _\-]*(?:INCL(?:UDED|USIVE|\.)?)|\bGROSS OF TAX\b|AMOUNT_TAXED"
)
_EITHER = re.compile(r"是否含税|含税与否|含税/不含税|含税或不含税|含税标志|含税标识")


def tax_basis_of(header: str) -> Literal["incl", "excl", ""]:
    """Whether a header says with VAT (含税, 价税合计) or without (不含税, 未税).

    税前 and 税后 are words of pay, and 税额 is the tax itself: they say nothing here.
    """
    text = plain(header).replace(" ", " ")
    if _EITHER.search(text):
        return ""
    without = _EXCL.search(text)
    if without:
        return "" if _INCL.search(text.replace(without.group(), "")) else "excl"
    return "incl" if _INCL.search(text) else ""


def scale_of(header: str) -> Literal["percent", ""]:
    """Whether a header says that its numbers are percents: 可能性(%), "Win rate, %"."""
    text = plain(header)
    said = re.search(r"[(\[] *% *[)\]]|[,_ /]%$|百分比|PERCENT|[_ ]PCT\b|单位 *:? *%", text)
    return "percent" if said else ""
