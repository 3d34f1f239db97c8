"""Invented names in Chinese and English: companies, people, phones, credit codes.

Company names join three characters that no trade directory uses together to a trade and a legal
form. Phone numbers start with 100, which no network uses; credit codes carry the right check
character but an invented organisation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.tables.checks import CREDIT_ALPHABET, CREDIT_WEIGHTS

Texts = NDArray[Any]


def _readings(characters: str, readings: str) -> dict[str, str]:
    return dict(zip(characters, readings.split(), strict=True))


# Characters of company names with their reading; any three make a name.
FIRST = _readings(
    "澜珩砺溯峤翊骐璟霁昱沅蔚岑矩朗钧铠翎曜泓",
    "Lan Heng Li Su Qiao Yi Qi Jing Ji Yu Yuan Wei Cen Ju Lang Jun Kai Ling Yao Hong",
)
MIDDLE = _readings(
    "屿禾砚棠岫桁舟笙榆朔栖枢麓芷柘杉槿汀驿渡",
    "Yu He Yan Tang Xiu Hang Zhou Sheng Yu Shuo Qi Shu Lu Zhi Zhe Shan Jin Ting Yi Du",
)
LAST = _readings(
    "衡拓仞祺硕澈轩钊臻谦弋序彻旻湛策辰皋苒逸",
    "Heng Tuo Ren Qi Shuo Che Xuan Zhao Zhen Qian Yi Xu Che Min Zhan Ce Chen Gao Ran Yi",
)
TRADES = {
    "food": (("食品", "Foods"), ("饮料", "Beverages"), ("调味品", "Seasonings")),
    "pharma": (("药业", "Pharmaceuticals"), ("生物制药", "Biopharma"), ("医疗器械", "Medical")),
    "electronics": (("电子", "Electronics"), ("半导体", "Semiconductors"), ("电器", "Electric")),
    "automotive": (("汽车部件", "Auto Parts"), ("传动", "Drives"), ("轴承", "Bearings")),
    "chemicals": (("化工", "Chemicals"), ("新材料", "Materials"), ("涂料", "Coatings")),
    "building": (("建材", "Building Materials"), ("管业", "Pipes"), ("线缆", "Cables")),
    "dealer": (("机电设备", "Machinery Trading"), ("商贸", "Trading"), ("自动化", "Automation")),
}
FORMS = (("有限公司", "Co., Ltd."), ("有限责任公司", "Co., Ltd."), ("股份有限公司", "Co., Ltd."))
FORM_SHARES = (0.78, 0.12, 0.10)

SURNAMES = _readings(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余",
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo "
    "Zheng Liang Xie Song Tang Xu Deng Han Feng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai "
    "Jiang Yu",
)
GIVEN = _readings(
    "伟敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂晨思雨嘉子欣浩宇博文佳琪雪梅建国志远晓东",
    "wei min jing li qiang lei yang yan yong jun jie juan tao ming chao xiu xia ping gang "
    "gui chen si yu jia zi xin hao yu bo wen jia qi xue mei jian guo zhi yuan xiao dong",
)


def company_names(
    place: Texts, place_en: Texts, industry: Texts, rng: np.random.Generator
) -> pd.DataFrame:
    """Names of companies.

    Parameters
    ----------
    place, place_en : text arrays, shape (n,)
        Short name of the place each company carries in front.
    industry : text array, shape (n,)
        Keys of TRADES.

    Returns
    -------
    pandas.DataFrame
        name, name_en, and their parts place, brand, trade, form (for second spellings). No two
        of the first 8,000 share a brand; beyond, place and trade tell them apart.
    """
    count = len(place)
    brand, brand_en = _brands(count, rng)
    pick = rng.integers(0, 3, count)
    trade, trade_en = (
        np.array([[each[part] for each in TRADES[key]] for key in TRADES], object)
        for part in (0, 1)
    )
    row = np.searchsorted(sorted(TRADES), industry)
    row = np.array([list(TRADES).index(key) for key in sorted(TRADES)])[row]
    form = rng.choice(len(FORMS), count, p=FORM_SHARES)
    forms = np.array([each[0] for each in FORMS], object)[form]
    trade, trade_en = trade[row, pick], trade_en[row, pick]
    return pd.DataFrame(
        {
            "name": place + brand + trade + forms,
            "name_en": place_en + " " + brand_en + " " + trade_en + " Co., Ltd.",
            "place": place,
            "brand": brand,
            "trade": trade,
            "form": forms,
        }
    )


def people(count: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """Names of people, Chinese and English."""
    surnames, surnames_en = _both(SURNAMES)
    given, given_en = _both(GIVEN)
    weights = 1.0 / (np.arange(len(surnames)) + 4)
    family = rng.choice(len(surnames), count, p=weights / weights.sum())
    one, two = rng.integers(0, len(given), (2, count))
    single = rng.random(count) < 0.22
    chinese = surnames[family] + given[one] + np.where(single, "", given[two])
    first = given_en[one] + np.where(single, "", given_en[two])
    english = np.char.capitalize(first.astype(str)).astype(object) + " " + surnames_en[family]
    return chinese, english


def phones(count: int, rng: np.random.Generator) -> Texts:
    """Phone numbers of eleven digits that no network uses."""
    numbers = pd.Series(rng.integers(0, 10**8, count))
    return ("100" + numbers.astype(str).str.zfill(8)).to_numpy(object)


def credit_codes(province: Texts, rng: np.random.Generator) -> Texts:
    """Unified social credit codes with the right check character (GB 32100-2015).

    Parameters
    ----------
    province : text array, shape (n,)
        First two digits of the administrative code.
    """
    alphabet = np.array(list(CREDIT_ALPHABET))
    count = len(province)
    digits = np.zeros((count, 17), np.int64)
    digits[:, 0], digits[:, 1] = 9, 1
    codes = province.astype(str)
    digits[:, 2] = np.array([int(code[0]) for code in codes])
    digits[:, 3] = np.array([int(code[1]) for code in codes])
    digits[:, 5] = 1  # a district of the capital; enough for an invented company
    digits[:, 8:16] = rng.integers(0, 10, (count, 8))
    digits[:, 16] = rng.integers(0, 31, count)
    check = -(digits * np.array(CREDIT_WEIGHTS)).sum(axis=1) % 31
    letters = alphabet[np.column_stack([digits, check])]
    return np.array(["".join(row) for row in letters], object)


def _brands(count: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    parts = [_both(each) for each in (FIRST, MIDDLE, LAST)]
    sizes = [len(part[0]) for part in parts]
    total = int(np.prod(sizes))
    order = rng.permutation(total)
    number = order[np.arange(count) % total]
    places = np.unravel_index(number, sizes)
    chinese = sum(
        (part[0][at] for part, at in zip(parts, places, strict=True)), np.array("", object)
    )
    english = [part[1][at] for part, at in zip(parts, places, strict=True)]
    lower = [np.char.lower(each.astype(str)).astype(object) for each in english[1:]]
    return chinese, english[0] + lower[0] + lower[1]


def _both(readings: dict[str, str]) -> tuple[Texts, Texts]:
    return np.array(list(readings), object), np.array(list(readings.values()), object)
