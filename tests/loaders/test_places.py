"""Names of places as codes of GB/T 2260."""

from __future__ import annotations

import csv
from importlib.resources import files

import pyarrow as pa
import pytest

from workbench.loaders.places import PLACE_FLAGS, PROVINCES, geo_codes
from workbench.loaders.reasons import REASONS
from workbench.tables.checks import PROVINCE_CODES


def place(province: str = "", city: str = "", district: str = "") -> tuple[str | None, str | None]:
    columns = [pa.array([text or None], pa.string()) for text in (province, city, district)]
    codes, flags = geo_codes(*columns)
    return codes[0].as_py(), flags[0].as_py()


def listed() -> list[dict[str, str]]:
    text = files("workbench").joinpath("data", "china_prefectures.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(
    ("names", "code"),
    [
        # with and without the word for the level
        (("浙江省", "杭州市", "西湖区"), "330100"),
        (("浙江", "杭州"), "330100"),
        (("广西壮族自治区", "南宁市"), "450100"),
        (("广西", "南宁"), "450100"),
        (("内蒙古", "锡林郭勒盟"), "152500"),
        (("内蒙", "锡林郭勒"), "152500"),
        (("新疆", "喀什地区"), "653100"),
        (("新疆", "伊犁"), "654000"),
        (("湖北", "恩施州"), "422800"),
        (("云南省", "大理市"), "532900"),
        (("四川", "阿坝藏族羌族自治州"), "513200"),
        # municipalities: with districts, with themselves as city
        (("北京市", "市辖区", "朝阳区"), "110000"),
        (("上海", "上海市", "浦东新区"), "310000"),
        (("", "重庆"), "500000"),
        (("北京", "朝阳"), "110000"),
        (("香港特别行政区",), "810000"),
        (("台湾",), "710000"),
        # counties directly under a province; cities without districts
        (("湖北省", "省直辖县级行政区划", "仙桃市"), "429004"),
        (("湖北", "仙桃"), "429004"),
        (("海南", "", "白沙黎族自治县"), "469025"),
        (("湖北", "神农架林区"), "429021"),
        (("广东", "东莞市", "虎门镇"), "441900"),
        (("广东", "中山"), "442000"),
        # the city alone, where only one bears the name
        (("", "深圳市"), "440300"),
        (("", "朝阳"), "211300"),
        (("深圳",), "440300"),
        # several levels in one cell
        (("浙江省杭州市西湖区",), "330100"),
        (("", "浙江杭州"), "330100"),
        (("浙江-宁波-鄞州",), "330200"),
        (("中国 江苏 苏州工业园区",), "320500"),
        (("吉林省吉林市",), "220200"),
        (("北京市朝阳区",), "110000"),
        # one name for two levels, told apart by the parent
        (("吉林", "吉林"), "220200"),
        (("吉林省", "吉林市船营区"), "220200"),
        (("", "吉林市"), "220200"),
        (("青海", "海南"), "632500"),
        (("海南", "海口"), "460100"),
        (("海南",), "460000"),
        # English
        (("Zhejiang Province", "Hangzhou City"), "330100"),
        (("Zhejiang", "HANGZHOU"), "330100"),
        (("", "Hangzhou, Zhejiang, China"), "330100"),
        (("Shaanxi", "Xi'an"), "610100"),
        (("Shaanxi", "Xian"), "610100"),
        (("", "Ürümqi"), "650100"),
        (("Inner Mongolia Autonomous Region", "Baotou"), "150200"),
        (("Jiangsu", "Suzhou"), "320500"),
        (("Anhui", "Suzhou"), "341300"),
        (("", "Jilin, Jilin"), "220200"),
        (("Tibet",), "540000"),
        (("浙江", "Ningbo"), "330200"),
        # former names
        (("湖北", "襄樊市"), "420600"),
        # full-width and spaces
        (("　浙江省 ", " 杭州市"), "330100"),
    ],
)
def test_names_of_places(names, code):
    assert place(*names) == (code, None)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("", "吉林"), (None, "place_ambiguous")),
        (("", "海南"), (None, "place_ambiguous")),
        (("", "Suzhou"), (None, "place_ambiguous")),
        (("", "Jilin"), (None, "place_ambiguous")),
        (("浙江", "深圳市"), (None, "place_apart")),
        (("上海", "杭州市"), (None, "place_apart")),
        (("浙江省", "江苏省"), (None, "place_apart")),
        (("Zhejiang", "Shenzhen"), (None, "place_apart")),
        (("", "", "朝阳区"), (None, "place_unknown")),
        (("", "朝阳区"), (None, "place_unknown")),
        (("", "", "朝阳"), (None, "place_unknown")),
        (("", "通化县"), (None, "place_unknown")),
        (("火星", "某市"), (None, "place_unknown")),
        (("", "Springfield"), (None, "place_unknown")),
        (("浙江", "义乌"), ("330000", "place_coarse")),
        (("浙江义乌",), ("330000", "place_coarse")),
        (("", "市辖区"), (None, None)),
        (("", ""), (None, None)),
        (("浙江",), ("330000", None)),
    ],
)
def test_what_is_not_certain_is_not_guessed(names, expected):
    assert place(*names) == expected


def test_every_listed_place_is_found_by_its_names_with_its_province():
    names = {code: name for code, name, _ in PROVINCES}
    english = {code: others[-1] for code, _, others in PROVINCES}
    rows = listed()
    codes = pa.array([row["geo_code"] for row in rows])
    own = pa.array([names[row["geo_code"][:2]] for row in rows])
    found, flags = geo_codes(own, pa.array([row["name"] for row in rows]), None)
    assert (found.equals(codes), flags.null_count) == (True, len(rows))
    own = pa.array([english[row["geo_code"][:2]] for row in rows])
    found, _ = geo_codes(own, pa.array([row["name_en"] for row in rows]), None)
    wrong = [(row, code) for row, code in zip(rows, found.to_pylist(), strict=True)
             if code not in (row["geo_code"], None)]  # fmt: skip
    assert wrong == []


def test_rows_keep_their_order_and_missing_columns_are_allowed():
    city = pa.chunked_array([["杭州", None], ["宁波", "杭州"]])
    codes, flags = geo_codes(None, city, None)
    assert codes.to_pylist() == ["330100", None, "330200", "330100"]
    assert flags.null_count == 4
    codes, flags = geo_codes(None, pa.array([], pa.string()), None)
    assert (len(codes), len(flags)) == (0, 0)


def test_provinces_are_those_of_the_standard():
    assert {code for code, *_ in PROVINCES} == PROVINCE_CODES


def test_every_flag_is_declared_with_a_sentence():
    assert set(PLACE_FLAGS) <= set(REASONS)
