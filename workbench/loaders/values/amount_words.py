"""Words around a number: currencies, magnitudes, about, missing, not yet known.

All as `texts.plain` leaves them: half width, capital letters, one kind of dash and space.
"""

from __future__ import annotations

import re

#: Nothing to read.
MISSING = frozenset(
    ["", "/", "\\", "N/A", "NA", "N.A.", "N.A", "NULL", "NONE", "NIL", "(NULL)", "(NONE)",
     "<NA>", "<NULL>", "BLANK", "(BLANK)", "EMPTY", "无", "暂无", "空", "(空)", "(空白)", "未填",
     "未填写", "没有", "不适用"]
)  # fmt: skip

#: There will be a value, or it is kept back: that is worth asking for.
NOT_YET = frozenset(
    ["待定", "面议", "待确认", "待商议", "待商定", "待议", "待补充", "待补", "待填", "待核实",
     "未定", "未知", "不详", "另议", "协商", "电议", "详谈", "保密", "TBD", "TBC", "TBA", "T.B.D.",
     "TO BE CONFIRMED", "TO BE DETERMINED", "TO BE DECIDED", "UNKNOWN", "NEGOTIABLE", "PENDING",
     "?", "??", "???"]
)  # fmt: skip

#: What a spreadsheet shows where a formula failed; the 9 stands for any digit (#DIV/0!).
SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/9!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)|#+")

#: Numerals in words, those of contracts included; read by nobody without a doubt.
NUMERALS = re.compile(
    r"[零〇一二三四五六七八九两十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億弍参點点]+(?:[元圆块角分整正]+)*"
)

#: Signs of currencies that name one currency only (ISO 4217).
CURRENCIES: dict[str, str] = {
    "CNY": "CNY", "RMB": "CNY", "CNH": "CNY", "人民币": "CNY",
    "USD": "USD", "US$": "USD", "U.S.$": "USD", "美元": "USD", "美金": "USD", "美刀": "USD",
    "EUR": "EUR", "€": "EUR", "欧元": "EUR",
    "HKD": "HKD", "HK$": "HKD", "港币": "HKD", "港元": "HKD", "港纸": "HKD",
    "JPY": "JPY", "円": "JPY", "日元": "JPY", "日圆": "JPY", "JP¥": "JPY",
    "GBP": "GBP", "£": "GBP", "英镑": "GBP",
    "TWD": "TWD", "NT$": "TWD", "新台币": "TWD", "台币": "TWD",
    "MOP": "MOP", "MOP$": "MOP", "澳门元": "MOP", "澳门币": "MOP",
    "KRW": "KRW", "₩": "KRW", "韩元": "KRW",
    "SGD": "SGD", "S$": "SGD", "新加坡元": "SGD", "新加坡币": "SGD", "新元": "SGD",
    "AUD": "AUD", "A$": "AUD", "AU$": "AUD", "澳元": "AUD", "澳币": "AUD",
    "CAD": "CAD", "C$": "CAD", "CA$": "CAD", "加元": "CAD", "加币": "CAD",
    "NZD": "NZD", "NZ$": "NZD", "CHF": "CHF", "瑞士法郎": "CHF", "瑞郎": "CHF",
    "INR": "INR", "₹": "INR", "印度卢比": "INR", "RUB": "RUB", "₽": "RUB", "卢布": "RUB",
    "THB": "THB", "฿": "THB", "泰铢": "THB", "MYR": "MYR", "马币": "MYR", "林吉特": "MYR",
    "VND": "VND", "₫": "VND", "越南盾": "VND", "IDR": "IDR", "印尼盾": "IDR", "PHP": "PHP",
    "BRL": "BRL", "R$": "BRL", "MXN": "MXN", "AED": "AED", "SAR": "SAR", "ZAR": "ZAR",
    "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN", "TRY": "TRY", "KZT": "KZT",
}  # fmt: skip

#: Signs that several currencies share: the usual one, and those that another word may make of it.
SHARED: dict[str, tuple[str, frozenset[str]]] = {
    "¥": ("CNY", frozenset(["CNY", "JPY"])),
    "$": ("USD", frozenset(["USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD", "MOP", "MXN"])),
}

#: The unit of a currency in Chinese, whatever the currency; yuan where no other is named.
YUAN = ("元", "圆", "块", "块钱")

#: Powers of ten.
MAGNITUDES: dict[str, int] = {
    "万亿": 12, "千亿": 11, "百亿": 10, "十亿": 9, "亿": 8, "千万": 7, "百万": 6, "十万": 5,
    "万": 4, "千": 3, "百": 2, "W": 4, "K": 3, "M": 6, "MM": 6, "MN": 6, "MIO": 6, "MLN": 6,
    "MIL": 6, "B": 9, "BN": 9, "THOUSAND": 3, "MILLION": 6, "MILLIONS": 6, "BILLION": 9,
    "BILLIONS": 9, "TRILLION": 12, "仟": 3, "萬": 4, "億": 8,
}  # fmt: skip

#: Parts of a currency unit in Chinese: 3元5角2分.
SMALL_UNITS: dict[str, int] = {"元": 0, "圆": 0, "块": 0, "角": -1, "毛": -1, "分": -2}

ABOUT_BEFORE = (
    "约为", "约", "大约", "大概", "近", "将近", "接近", "差不多", "~", "≈", "≒",
    "CA.", "CA", "C.", "APPROX.", "APPROX", "APPROXIMATELY", "ABOUT", "CIRCA", "AROUND",
)  # fmt: skip
ABOUT_AFTER = ("左右", "上下", "余", "多", "许", "+", "APPROX.", "APPROX")
BOUND_BEFORE = (
    ">=", "<=", ">", "<", "≥", "≤", "≧", "≦", "超过", "超", "不低于", "不少于", "不超过", "不高于",
    "不足", "至少", "至多", "最多", "最少", "最高", "最低", "大于", "小于", "高于", "低于",
    "UP TO", "AT LEAST", "AT MOST", "MORE THAN", "LESS THAN", "OVER", "UNDER", "MIN", "MAX",
)  # fmt: skip
BOUND_AFTER = ("以上", "以下", "以内", "之内", "起", "封顶", "OR MORE", "OR LESS")


def one_of(words: object) -> str:
    """A pattern that takes the longest of these words."""
    listed = sorted(map(str, words), key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(map(re.escape, listed))
