"""Administrative codes from names: which GB/T 2260 code do province, city and district stand for?

Names may lack 省, 市, 自治区, 地区 or 盟, be English, or stand together in one cell (浙江省杭州市,
"Hangzhou, Zhejiang"). A code is as fine as `data/china_prefectures.csv` goes: prefectures, and
counties directly under a province; the districts of a municipality have its own code. Nothing is
guessed: a name that two places bear needs its province.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Provincial level of GB/T 2260: first two digits, name, further names.
PROVINCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("11", "北京市", ("Beijing", "Peking")),
    ("12", "天津市", ("Tianjin",)),
    ("13", "河北省", ("Hebei",)),
    ("14", "山西省", ("Shanxi",)),
    ("15", "内蒙古自治区", ("内蒙", "Inner Mongolia", "Nei Mongol", "Neimenggu")),
    ("21", "辽宁省", ("Liaoning",)),
    ("22", "吉林省", ("Jilin",)),
    ("23", "黑龙江省", ("Heilongjiang",)),
    ("31", "上海市", ("Shanghai",)),
    ("32", "江苏省", ("Jiangsu",)),
    ("33", "浙江省", ("Zhejiang",)),
    ("34", "安徽省", ("Anhui",)),
    ("35", "福建省", ("Fujian",)),
    ("36", "江西省", ("Jiangxi",)),
    ("37", "山东省", ("Shandong",)),
    ("41", "河南省", ("Henan",)),
    ("42", "湖北省", ("Hubei",)),
    ("43", "湖南省", ("Hunan",)),
    ("44", "广东省", ("Guangdong",)),
    ("45", "广西壮族自治区", ("Guangxi",)),
    ("46", "海南省", ("Hainan",)),
    ("50", "重庆市", ("Chongqing",)),
    ("51", "四川省", ("Sichuan",)),
    ("52", "贵州省", ("Guizhou",)),
    ("53", "云南省", ("Yunnan",)),
    ("54", "西藏自治区", ("Tibet", "Xizang")),
    ("61", "陕西省", ("Shaanxi",)),
    ("62", "甘肃省", ("Gansu",)),
    ("63", "青海省", ("Qinghai",)),
    ("64", "宁夏回族自治区", ("Ningxia",)),
    ("65", "新疆维吾尔自治区", ("Xinjiang",)),
    ("71", "台湾省", ("Taiwan",)),
    ("81", "香港特别行政区", ("Hong Kong",)),
    ("82", "澳门特别行政区", ("Macao", "Macau")),
)

#: Provincial units without prefectures: districts have no code of their own here.
WHOLE = frozenset({"11", "12", "31", "50", "71", "81", "82"})

#: Names that prefectures bore within living memory of CRM data: renamed in 2010 and 2007.
FORMER_NAMES = {"襄樊": "420600", "思茅": "530800"}

#: What a flag says, in the order in which they are looked for; see `reasons.ROWS`.
PLACE_FLAGS = ("place_apart", "place_ambiguous", "place_unknown", "place_coarse")

_PEOPLES = (
    "朝鲜族|土家族|苗族|黎族|藏族|羌族|彝族|布依族|侗族|壮族|哈尼族|傣族|白族|景颇族|傈僳族|回族"
    "|蒙古族|蒙古|哈萨克|柯尔克孜|维吾尔"
)
_ENDING = re.compile(rf"(?:{_PEOPLES})*自治[区州县]$|特别行政区$|地区$|林区$|[省市盟县]$")
_ENGLISH_ENDING = re.compile(
    r"\b(province|city|prefecture|municipality|league|autonomous|region|sar|pr|china|p r c|prc)\b"
)
_APART = re.compile(r"[\s,，、/\\|>\-—–·;；]+")
_APART_ENGLISH = re.compile(r"[,/;|]|\s[-–—]\s")
_COUNTRY = re.compile(r"^(中华人民共和国|中国)")
# Words of a cell that name no place: 市辖区 "districts of the city", 省直辖县级行政区划.
_EMPTY = re.compile(r"^(市辖区|县|省?(自治区)?直辖县级行政(区划|单位)|其他|other)$", re.IGNORECASE)


def geo_codes(
    province: pa.Array | None, city: pa.Array | None, district: pa.Array | None
) -> tuple[pa.Array, pa.Array]:
    """Codes of places from the names of their levels, row by row.

    Parameters
    ----------
    province, city, district : pyarrow.Array of string or None
        Names as they stand, all of one length; None where a sheet has no such column.

    Returns
    -------
    (pyarrow.Array, pyarrow.Array) of string
        The code, null where unknown, ambiguous or at odds with the province; and one of
        `PLACE_FLAGS` where something is to be said, else null. "place_coarse": the province is
        known, the city is not, and the code is the province's.
    """
    import numpy as np
    import pyarrow as pa

    given = [_decoded(column) for column in (province, city, district)]
    n = next((len(column) for column in given if column is not None), 0)
    keys, words = np.zeros(n, np.int64), []
    for column in given:
        indices, names = _coded(column, n)
        keys = keys * (len(names) + 1) + indices
        words.append(names)
    unique, back = np.unique(keys, return_inverse=True)
    places = _places()
    found = [places.resolve(*triple) for triple in _triples(unique, words)]
    codes = pa.array([code for code, _ in found], pa.string())
    flags = pa.array([flag for _, flag in found], pa.string())
    return codes.take(pa.array(back)), flags.take(pa.array(back))


def _decoded(column: Any) -> Any:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _coded(column: Any, n: int) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Number of each row's name (0: none) and the names."""
    import numpy as np

    if column is None:
        return np.zeros(n, np.int64), []
    coded = column.dictionary_encode()
    indices = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return indices.astype(np.int64) + 1, coded.dictionary.to_pylist()


def _triples(keys: np.ndarray[Any, Any], words: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    for key in keys.tolist():
        triple = []
        for names in reversed(words):
            key, place = divmod(key, len(names) + 1)
            triple.append(names[place - 1] if place else "")
        yield triple[2], triple[1], triple[0]


@dataclass(frozen=True)
class _Places:
    """Names of places turned to codes.

    Attributes
    ----------
    provinces : dict of name to two digits
    areas : dict of name to codes of prefectures and counties that bear it
    counties : frozenset of codes of counties directly under a province
    longest : int
        Characters of the longest Chinese name.
    """

    provinces: dict[str, str]
    areas: dict[str, tuple[str, ...]]
    counties: frozenset[str]
    longest: int

    def resolve(self, province: str, city: str, district: str) -> tuple[str | None, str | None]:
        """Code and flag of one place."""
        first, second, third = self.words(province), self.words(city), self.words(district)
        part, rest = self._province(first, second)
        if part and any(self._elsewhere(part, word) for word in rest):
            return None, "place_apart"
        if part in WHOLE:
            return f"{part}0000", None
        areas, flag = self._inside(part, rest)
        if not areas and not flag:
            areas, flag = self._inside(part, third)
            areas = [code for code in areas if code in self.counties]
        if areas or flag:
            return (areas[0] if areas else None), flag
        if part is None:
            return None, "place_unknown" if first or second or third else None
        return f"{part}0000", "place_coarse" if set(rest) - self.provinces.keys() else None

    def _province(self, first: list[str], second: list[str]) -> tuple[str | None, list[str]]:
        """Province of the words, and the words that may name a city of it."""
        for word in first:
            if word in self.provinces:
                return self.provinces[word], [*_without(first, word), *second]
        rest = [*first, *second]
        for word in rest:
            alone = word not in self.areas or rest.count(word) > 1
            if word in self.provinces and alone:
                return self.provinces[word], _without(rest, word)
        return None, rest

    def _elsewhere(self, part: str, word: str) -> bool:
        """Whether a word names, for sure, a place outside the province.

        A short name does not: 朝阳 is a city in Liaoning and a district of Beijing.
        """
        codes = {code[:2] for code in self.areas.get(word, ())}
        if word in self.provinces:
            return part not in {*codes, self.provinces[word]}
        sure = word.isascii() or word.endswith(("市", "州", "盟", "地区"))
        return bool(codes) and sure and part not in codes

    def _inside(self, part: str | None, words: list[str]) -> tuple[list[str], str | None]:
        """The area that the first telling word names in the province, as a list of one or none."""
        for word in words:
            codes = [code for code in self.areas.get(word, ()) if part in (None, code[:2])]
            if len(codes) > 1 or (codes and part is None and word in self.provinces):
                return [], "place_ambiguous"
            if codes:
                return codes, None
        return [], None

    def words(self, text: str) -> list[str]:
        """Names that stand in a cell, as keys."""
        text = _COUNTRY.sub("", unicodedata.normalize("NFKC", text).strip())
        if not re.search(r"[㐀-鿿]", text):
            return [key for key in map(english_key, _APART_ENGLISH.split(text)) if key]
        found: list[str] = []
        for piece in _APART.split(text):
            found += self._apart(piece) if not piece.isascii() else [english_key(piece)]
        return [word for word in found if word and not _EMPTY.match(word)]

    def _apart(self, piece: str) -> Iterator[str]:
        """浙江省杭州市西湖区 as 浙江省, 杭州市, 西湖区: the longest known name first."""
        while piece:
            end = next(
                (n for n in range(min(self.longest, len(piece)), 1, -1) if self._heads(piece, n)),
                len(piece),
            )
            yield piece[:end]
            piece = piece[end:]

    def _heads(self, piece: str, end: int) -> bool:
        """Whether the first characters are a name and not the beginning of another (朝阳区)."""
        head, rest = piece[:end], piece[end:]
        return len(rest) != 1 and (head in self.provinces or head in self.areas)


def _without(words: list[str], word: str) -> list[str]:
    place = words.index(word)
    return words[:place] + words[place + 1 :]


def english_key(name: str) -> str:
    """An English name as a key: letters only, without marks and words such as Province."""
    plain = unicodedata.normalize("NFKD", name.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = _ENGLISH_ENDING.sub(" ", plain.replace(".", " ").replace("'", "").replace("’", ""))
    return re.sub(r"[^a-z]", "", plain)


@lru_cache(maxsize=1)
def _places() -> _Places:
    provinces, areas = {}, defaultdict(set)
    for code, name, others in PROVINCES:
        for form in (name, _ENDING.sub("", name), *others):
            provinces[form if not form.isascii() else english_key(form)] = code
    counties = set()
    text = files("workbench").joinpath("data", "china_prefectures.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        code = row["geo_code"]
        for form in _forms(row["name"]):
            areas[form].add(code)
        areas[english_key(row["name_en"])].add(code)
        if row["level"] == "county":
            counties.add(code)
    for name, code in FORMER_NAMES.items():
        areas[name].add(code)
        areas[f"{name}市"].add(code)
    return _Places(
        provinces,
        {name: tuple(sorted(codes)) for name, codes in areas.items()},
        frozenset(counties),
        max(len(name) for name in [*provinces, *areas] if not name.isascii()),
    )


def _forms(name: str) -> set[str]:
    """Names a prefecture or county goes by: 恩施土家族苗族自治州 is 恩施, 恩施州, 恩施市 too."""
    short = _ENDING.sub("", name)
    forms = {name}
    if len(short) > 1:
        forms.add(short)
    if name.endswith(("自治州", "地区", "盟")):  # its seat is a city of that name, or there is none
        forms |= {f"{short}市", f"{short}州" if name.endswith("州") else f"{short}地区"}
    return forms
