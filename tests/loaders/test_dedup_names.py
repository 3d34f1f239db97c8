"""Names of companies: parts, and one result for all the ways in which people type a name."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.loaders.dedup import normal_name
from workbench.loaders.dedup.names import PARTS
from workbench.loaders.dedup.vocabulary import CHINESE_TRADES

SHANGHAI, SHENZHEN, SUZHOU, FOSHAN = "310000", "440300", "320500", "440600"

# name; place, core, trade, form
PLAIN = [
    ("上海恒拓电子有限公司", SHANGHAI, "恒拓", "电子", "limited"),
    ("恒拓电子（上海）有限责任公司", SHANGHAI, "恒拓", "电子", "limited"),
    ("恒拓电子(上海市)有限公司", SHANGHAI, "恒拓", "电子", "limited"),
    ("广东省深圳市恒拓电子科技股份有限公司", SHENZHEN, "恒拓", "电子科技", "shares"),
    ("深圳市南山区恒拓电子科技有限公司", SHENZHEN, "恒拓", "电子科技", "limited"),
    ("上海浦东新区恒拓实业总公司", SHANGHAI, "恒拓", "实业", "company"),
    ("ＡＢＣ　科技（苏州）有限公司", SUZHOU, "abc", "科技", "limited"),
    ("内蒙古恒拓乳业有限公司", "150000", "恒拓", "乳业", "limited"),
    ("广西壮族自治区恒拓饲料有限公司", "450000", "恒拓", "饲料", "limited"),
    ("延边恒拓食品有限公司", "222400", "恒拓", "食品", "limited"),
    ("恒拓投资合伙企业（有限合伙）", "", "恒拓", "投资", "partnership"),
    ("朗科仪（中国）有限公司", "000000", "朗科仪", "", "limited"),
    ("恒拓", "", "恒拓", "", ""),
    ("恒拓食品专业合作社", "", "恒拓", "食品", "cooperative"),
    ("Foshan Hengtuo Electronics Co., Ltd.", FOSHAN, "hengtuo", "electronics", "limited"),
    ("Hengtuo Electronics (Foshan) Company Limited", FOSHAN, "hengtuo", "electronics", "limited"),
    ("Hengtuo Technologies, Inc.", "", "hengtuo", "technologies", "shares"),
    ("HENGTUO Technology GmbH & Co. KG", "", "hengtuo", "technology", "partnership"),
    ("Heng and Tuo Trading Pte. Ltd.", "", "heng&tuo", "trading", "limited"),
    ("", "", "", "", ""),
]

# Names in which a word looks like a part and is none.
NOT_A_PART = [
    ("东方衡电气股份有限公司", "", "东方衡", "电气", "shares"),  # 东方市 is a place, 东方 is not
    ("家家超市有限公司", "", "家家", "超市", "limited"),  # not a town called 家家超
    ("北京重庆火锅有限公司", "110000", "重庆火锅", "", "limited"),  # one seat only
    ("苏州工业园区恒拓电子有限公司", SUZHOU, "工业园区恒拓", "电子", "limited"),  # no district
    ("上海公司", "", "上海", "", "company"),  # a name needs a core
    ("Texaco", "", "texaco", "", ""),  # no "co" cut off
    ("科技有限公司", "", "科技", "", "limited"),  # nor the last two characters
]


@pytest.mark.parametrize(("name", "place", "core", "trade", "form"), PLAIN + NOT_A_PART)
def test_parts_of_a_name(name: str, place: str, core: str, trade: str, form: str) -> None:
    found = normal_name(pd.Series([name])).iloc[0]
    assert tuple(found[["place", "core", "trade", "form"]]) == (place, core, trade, form)


@pytest.mark.parametrize(
    ("name", "group", "branch", "former"),
    [
        ("恒拓控股集团有限公司", True, "", ""),
        ("恒拓（集团）股份有限公司", True, "", ""),
        ("Hengtuo Group Ltd", True, "", ""),
        ("恒拓集团电子有限公司", False, "", ""),  # a company of the group
        ("恒拓电子有限公司上海分公司", False, "上海分公司", ""),
        ("恒拓电子有限公司(上海市分公司)", False, "上海分公司", ""),
        ("恒拓电子有限公司第二分公司", False, "二分公司", ""),
        ("恒拓电子上海办事处", False, "上海办事处", ""),
        ("恒拓电子有限公司（原：恒达电子有限公司）", False, "", "恒达电子有限公司"),
        ("恒拓电子有限公司【曾用名 恒达电子】", False, "", "恒达电子"),
        ("恒拓电子有限公司（停用）", False, "", ""),
    ],
)
def test_group_branch_and_former_name(name: str, group: bool, branch: str, former: str) -> None:
    found = normal_name(pd.Series([name])).iloc[0]
    assert (found["group"], found["branch"], found["former"]) == (group, branch, former)
    assert found["core"] in ("恒拓", "hengtuo", "恒拓集团")


def test_missing_names_and_the_index_stay() -> None:
    found = normal_name(pd.Series([None, "恒拓", float("nan")], index=["x", "y", "z"]))
    assert list(found.index) == ["x", "y", "z"]
    assert list(found.columns) == list(PARTS)
    assert found["core"].tolist() == ["", "恒拓", ""]


BRAND = st.text("澜珩砺溯峤翊骐璟霁昱沅蔚岑矩朗钧铠翎曜泓", min_size=2, max_size=4)
TRADE = st.sampled_from(CHINESE_TRADES.split("|"))
PLACE = st.sampled_from(
    [("上海", "市"), ("广东", "省"), ("苏州", "市"), ("呼和浩特", "市"), ("宁夏", "")]
)


@settings(max_examples=20)
@given(brand=BRAND, trade=TRADE, place=PLACE, noise=st.sampled_from([" ", "　", "·", "-", ""]))
def test_all_spellings_of_a_name_have_the_same_parts(
    brand: str, trade: str, place: tuple[str, str], noise: str
) -> None:
    short, ending = place
    spellings = [
        f"{short}{brand}{trade}有限公司",
        f"{short}{ending}{brand}{trade}有限责任公司",
        f"{short}{noise}{brand}{noise}{trade} 有限公司 ",
        f"{brand}{trade}（{short}）有限公司",
        f"{brand}{trade}({short}{ending})有限责任公司",
        f"{brand}{trade}[{short}] 有限公司(停用)",
    ]
    found = normal_name(pd.Series(spellings))
    assert len(found.drop_duplicates()) == 1, found
    assert found["core"].iloc[0] + found["trade"].iloc[0] == brand + trade


@settings(max_examples=20)
@given(st.lists(st.text(max_size=25), min_size=2, max_size=12))
def test_no_text_fails_and_each_name_stands_for_itself(names: list[str]) -> None:
    together = normal_name(pd.Series(names, dtype=object))
    half = normal_name(pd.Series(names[::-2], dtype=object))
    assert half.to_numpy().tolist() == together.iloc[::-2].to_numpy().tolist()
