"""`Language`: every sentence and number people see, in English or Chinese.

The language is passed, never global. How numbers, money and dates are written stands in
`numbers.py`, `money.py` and `dates.py`; the Chinese sentences in `catalogues/zh_CN`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.errors import ParameterError
from workbench.text import dates, judgement, messages, money, numbers
from workbench.text.later import Later, later
from workbench.text.money import Scale

_CHANCES = {0.5: ("十", "五"), 0.8: ("十", "八"), 0.9: ("十", "九"), 0.95: ("二十", "十九")}


@dataclass(frozen=True, slots=True)
class Language:
    """English or Chinese.

    Parameters
    ----------
    code : {"en", "zh"}
        The language; `Language("zh")` is Simplified Chinese as written in mainland China.

    Raises
    ------
    ParameterError
        If the code is neither.

    Examples
    --------
    >>> Language("zh").money(386e6, currency="CNY")
    '3.86亿元'
    >>> Language("en").money(386e6, currency="CNY")
    'CNY 386 million'
    """

    code: str

    def __post_init__(self) -> None:
        if self.code not in ("en", "zh"):
            raise ParameterError(
                later("language {code} is unknown", code=repr(self.code)),
                do=later("choose {one} or {other}", one="en", other="zh"),
            )

    @property
    def html(self) -> str:
        """The value of the `lang` attribute of a page."""
        return self.pick("en", "zh-CN")

    # -- sentences

    def say(self, msgid: str, /, *, context: str | None = None, **fields: Any) -> str:
        """Say a sentence, its {fields} filled in.

        Parameters
        ----------
        msgid : str
            The English sentence; a literal, or one marked with `workbench.text.mark`, so that
            the check of the catalogues finds it.
        context : str, optional
            Tells apart English words with two Chinese meanings (gettext's msgctxt).
        **fields : str or int
            Texts for the fields; numbers are formatted by the caller.

        Returns
        -------
        str
            The sentence; English where the Chinese is missing, which a test finds.
        """
        found = messages.chinese().get((context, msgid)) if self.code == "zh" else None
        return (found or msgid).format(**fields)

    def again(self, text: str) -> str:
        """Say a text of `workbench.text.later`, or one that was marked, in this language.

        A text that is neither is returned as it is.
        """
        if isinstance(text, Later):
            fields = {
                name: self.pick(*each)
                if isinstance(each, tuple)
                else self.again(each)
                if isinstance(each, Later)
                else each
                for name, each in text.fields.items()
            }
            return self.say(text.msgid, **fields)
        return text if "{" in text or "}" in text else self.say(text)

    def say_n(
        self, one: str, many: str, n: int, /, *, context: str | None = None, **fields: Any
    ) -> str:
        """Say a sentence that counts: `one` for n = 1, else `many`; {n} is filled in."""
        fields = {"n": self.number(n), **fields}
        if self.code == "zh":
            return self.say(one, context=context, **fields)
        return (one if n == 1 else many).format(**fields)

    def pick(self, en: str, zh: str) -> str:
        """Choose one of two given texts."""
        return zh if self.code == "zh" else en

    # -- numbers

    def number(self, value: Any, *, decimals: int = 0) -> str:
        """Write a number: "1,234.5"; a missing one is –."""
        return numbers.plain(value, decimals)

    def signed(self, value: Any, *, decimals: int = 0) -> str:
        """Write a change with its sign: "+420", "−420"; zero has none."""
        return numbers.signed(value, decimals)

    def percent(self, value: Any, *, decimals: int = 1) -> str:
        """Write a share in per cent: 0.082 is "8.2%"."""
        return self._ended(numbers.plain(numbers.times(value, 100), decimals), "%")

    def signed_percent(self, value: Any, *, decimals: int = 1) -> str:
        """Write a relative change: 0.082 is "+8.2%". For a change of a rate: `points`."""
        return self._ended(numbers.signed(numbers.times(value, 100), decimals), "%")

    def points(self, value: Any, *, decimals: int = 1, sign: bool = True) -> str:
        """Write a change of a rate: −0.012 is −1.2个百分点, "−1.2 pp"."""
        write = numbers.signed if sign else numbers.plain
        text = write(numbers.times(value, 100), decimals)
        return self._ended(text, self.pick(" pp", "个百分点"))

    def probability(self, value: Any) -> str:
        """Write a probability in whole per cent: "41%", "<1%", ">99%"."""
        return numbers.probability(value)

    def ratio(self, value: Any, *, decimals: int = 1) -> str:
        """Write a multiple: 2.4倍, "2.4×"."""
        return self._ended(self.number(value, decimals=decimals), self.pick("×", "倍"))

    def days(self, value: Any, *, decimals: int = 0) -> str:
        """Write a number of days: 49天, "49 days", "1 day"."""
        return self.count(value, one="day", many="days", zh="天", decimals=decimals)

    def count(self, value: Any, *, one: str, many: str, zh: str, decimals: int = 0) -> str:
        """Write a count with its noun or measure word: 212家, "212 customers"."""
        text = self.number(value, decimals=decimals)
        return self._ended(text, self.pick(f" {one if text == '1' else many}", zh))

    def change(self, now: Any, before: Any, *, decimals: int = 1) -> str:
        """Write the relative change from `before` to `now`: "+8.2%".

        A base that is missing, zero or negative gives no rate (–): show the difference then.
        """
        if numbers.is_missing(now) or numbers.is_missing(before) or before <= 0:
            return numbers.MISSING
        rate = numbers.exact(now) / numbers.exact(before) - 1
        return self.signed_percent(rate, decimals=decimals)

    def triangle(
        self,
        change: Any,
        direction: str,
        *,
        value: Any = None,
        band: tuple[float, float] | None = None,
    ) -> str:
        """Return ▲▼ favourable, △▽ unfavourable or ""; see `judgement.favourable`."""
        return judgement.triangle(change, direction, value=value, band=band)

    # -- money

    def money(self, value: Any, *, currency: str = "CNY", sign: bool = False) -> str:
        """Write an amount for running text: 3.86亿元, "CNY 386 million"."""
        return money.phrase(value, currency=currency, code=self.code, sign=sign)

    def signed_money(self, value: Any, *, currency: str = "CNY") -> str:
        """Write a change of an amount: +2,930万元, "CNY +29.3 million"."""
        return self.money(value, currency=currency, sign=True)

    def money_parts(
        self, value: Any, *, currency: str = "CNY", sign: bool = False
    ) -> tuple[str, str]:
        """Split an amount into figure and unit for a tile: ("3.86", "亿元")."""
        return money.parts(value, currency=currency, code=self.code, sign=sign)

    def exact_money(self, value: Any, *, currency: str = "CNY", decimals: int = 2) -> str:
        """Write an amount to the cent, for unit prices and pay: 2,310.10元, "CNY 2,310.10"."""
        return money.exact(value, currency=currency, code=self.code, decimals=decimals)

    def scale(self, values: Any, *, currency: str | None = "CNY", coarse: bool = False) -> Scale:
        """Choose one unit for a whole table or chart; see `money.scale`."""
        return money.scale(values, currency=currency, code=self.code, coarse=coarse)

    # -- intervals

    def interval(
        self, low: Any, high: Any, *, currency: str | None = None, decimals: int | None = None
    ) -> str:
        """Write a range of amounts or numbers: 6.9–7.6亿元, "CNY 690–760 million".

        Without `decimals` as few are written as keep the two ends apart. Where an end is
        negative, a word stands between them instead of a dash.
        """
        return money.interval(low, high, currency=currency, code=self.code, decimals=decimals)

    def percent_interval(self, low: Any, high: Any, *, decimals: int = 0) -> str:
        """Write a range of shares: "28–46%"."""
        ends = [numbers.times(end, 100) for end in (low, high)]
        text = money.span(*ends, decimals=decimals, code=self.code)
        return self._ended(text, "%")

    def often(self, interval: str, *, share: float = 0.8) -> str:
        """Word an interval for managers: 十次有八次落在6.9–7.6亿元, "80% interval CNY 690 ..."."""
        if self.code == "en" or share not in _CHANCES:
            return f"{self.percent(share, decimals=0)}{self.pick(' interval ', '区间')}{interval}"
        times, hits = _CHANCES[share]
        return f"{times}次有{hits}次落在{interval}"

    # -- dates

    def date(self, value: Any, *, style: str = "iso") -> str:
        """Write a day: 2026-07-31; style "long" 2026年7月31日, "short" 7月31日."""
        return dates.day(value, code=self.code, style=style)

    def month(self, value: Any, *, year: bool = False, long: bool = False) -> str:
        """Write a month given as 1–12, date, period, "2026-07": 7月, "Jul"; `year` adds it."""
        return dates.month(value, code=self.code, year=year, long=long)

    def months(self, first: Any, last: Any) -> str:
        """Write a run of months without a year: 1–2月, "Jan–Feb"."""
        return dates.months(first, last, code=self.code)

    def quarter(self, year: int, number: int, *, short: bool = False) -> str:
        """Write a quarter: 2026年一季度, "Q1 2026"; `short` 2026Q1."""
        return dates.quarter(year, number, code=self.code, short=short)

    def year(self, first: int, last: int | None = None) -> str:
        """Write a year or a run of years: 2026年, 2024–2026年."""
        return dates.years(first, last, code=self.code)

    def fiscal_year(self, year: int) -> str:
        """Write a fiscal year: 2026财年, "FY2026"."""
        return self.pick(f"FY{year}", f"{year}财年")

    def period(self, start: Any, end: Any = None, *, long: bool = False) -> str:
        """Write a period, both ends included: 2026年1–7月, "Jan–Jul 2026".

        `long` is for titles: "January to July 2026".
        """
        return dates.period(start, end, code=self.code, long=long)

    # -- punctuation

    @property
    def comma(self) -> str:
        """Comma between clauses, with its space in English."""
        return self.pick(", ", "，")

    @property
    def pause(self) -> str:
        """Comma between the items of a list: 、."""
        return self.pick(", ", "、")

    @property
    def semicolon(self) -> str:
        """Semicolon, with its space in English."""
        return self.pick("; ", "；")

    @property
    def colon(self) -> str:
        """Colon, with its space in English."""
        return self.pick(": ", "：")

    @property
    def stop(self) -> str:
        """Full stop, without a space after it."""
        return self.pick(".", "。")

    @property
    def open(self) -> str:
        """Opening bracket, with the space before it in English."""
        return self.pick(" (", "（")

    @property
    def close(self) -> str:
        """Closing bracket."""
        return self.pick(")", "）")

    def paren(self, text: str) -> str:
        """Put a text in brackets to follow another: （text）, " (text)"."""
        return f"{self.open}{text}{self.close}"

    def join(self, items: Iterable[str], *, last: str = "and") -> str:
        """Join a list: 甲、乙和丙, "A, B and C"; `last` is "and", "or" or "" for none."""
        texts = [str(item) for item in items]
        words = {"and": (" and ", "和"), "or": (" or ", "或"), "": (self.pause, self.pause)}
        if len(texts) < 2:
            return "".join(texts)
        return self.pause.join(texts[:-1]) + self.pick(*words[last]) + texts[-1]

    def sentences(self, texts: Iterable[str]) -> str:
        """Set sentences one after the other; empty ones disappear."""
        return self.pick(" ", "").join(text for text in texts if text)

    def _ended(self, text: str, ending: str) -> str:
        return text if text == numbers.MISSING else text + ending
