"""Where customers are: administrative areas by GB/T 2260 and the sales regions made of them.

Codes and names of provinces and prefectures are those of the Ministry of Civil Affairs, resident
population of provinces that of the census of 2020 (in 10,000 people). How much industry a
province has (`weight`) is invented in rough proportion to its manufacturing.
"""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.parameters import REGIONS
from workbench.sample.world import Frame

STANDARD = np.datetime64("2008-02-01", "D")  # GB/T 2260-2007 came into force

# Code, name, English, region, population, industry weight.
PROVINCES = (
    ("11", "北京市", "Beijing", "north", 2189, 2.4),
    ("12", "天津市", "Tianjin", "north", 1387, 2.2),
    ("13", "河北省", "Hebei", "north", 7461, 3.2),
    ("14", "山西省", "Shanxi", "north", 3492, 1.7),
    ("15", "内蒙古自治区", "Inner Mongolia", "north", 2405, 1.4),
    ("21", "辽宁省", "Liaoning", "northwest_northeast", 4259, 2.5),
    ("22", "吉林省", "Jilin", "northwest_northeast", 2407, 1.1),
    ("23", "黑龙江省", "Heilongjiang", "northwest_northeast", 3185, 1.0),
    ("31", "上海市", "Shanghai", "east", 2487, 5.2),
    ("32", "江苏省", "Jiangsu", "east", 8475, 12.5),
    ("33", "浙江省", "Zhejiang", "east", 6457, 9.4),
    ("34", "安徽省", "Anhui", "east", 6103, 3.9),
    ("35", "福建省", "Fujian", "south", 4154, 4.2),
    ("36", "江西省", "Jiangxi", "central", 4519, 2.4),
    ("37", "山东省", "Shandong", "north", 10153, 7.2),
    ("41", "河南省", "Henan", "central", 9937, 4.4),
    ("42", "湖北省", "Hubei", "central", 5775, 4.2),
    ("43", "湖南省", "Hunan", "central", 6644, 3.4),
    ("44", "广东省", "Guangdong", "south", 12601, 13.0),
    ("45", "广西壮族自治区", "Guangxi", "south", 5013, 1.7),
    ("46", "海南省", "Hainan", "south", 1008, 0.4),
    ("50", "重庆市", "Chongqing", "southwest", 3205, 2.6),
    ("51", "四川省", "Sichuan", "southwest", 8367, 4.3),
    ("52", "贵州省", "Guizhou", "southwest", 3856, 1.1),
    ("53", "云南省", "Yunnan", "southwest", 4721, 1.3),
    ("54", "西藏自治区", "Tibet", "southwest", 365, 0.1),
    ("61", "陕西省", "Shaanxi", "northwest_northeast", 3953, 2.1),
    ("62", "甘肃省", "Gansu", "northwest_northeast", 2502, 0.7),
    ("63", "青海省", "Qinghai", "northwest_northeast", 592, 0.2),
    ("64", "宁夏回族自治区", "Ningxia", "northwest_northeast", 720, 0.4),
    ("65", "新疆维吾尔自治区", "Xinjiang", "northwest_northeast", 2585, 0.9),
    ("71", "台湾省", "Taiwan", "", None, 0.0),
    ("81", "香港特别行政区", "Hong Kong", "", None, 0.0),
    ("82", "澳门特别行政区", "Macao", "", None, 0.0),
)
# Provinces that belonged to another region before a January: code -> (region, year it ended).
MOVES = {"34": ("central", 2024), "36": ("south", 2025)}
# Spread of a province's potential around its industry (log units), the territory effect.
TERRITORY_SD = 0.28


def per_frame(frame: Frame) -> None:
    """Set `frame.geo`, `frame.province_region`; add geo_unit; hide the potential of provinces."""
    frame.geo = _provinces(frame)
    frame.province_region = _regions(frame)
    areas = prefectures()
    frame.add("geo_unit", _geo_units(frame, areas))
    known = frame.geo["weight"] > 0
    frame.hide(
        "provinces",
        pd.DataFrame(
            {
                "geo_code": frame.geo["geo_code"],
                "region": [region or None for region in frame.geo["region"]],
                "industry_weight": frame.geo["weight"],
                "potential_index": frame.geo["potential"].round(4),
            }
        )[known],
    )


def prefectures() -> pd.DataFrame:
    """Areas below the provinces: geo_code, name, name_en, level, valid_from (GB/T 2260)."""
    text = files("workbench").joinpath("data", "china_prefectures.csv").read_text("utf-8")
    frame = pd.DataFrame(list(csv.DictReader(text.splitlines())))
    since = frame["valid_from"].replace("", str(STANDARD))
    return frame.assign(valid_from=since.to_numpy().astype("datetime64[D]"))


def _provinces(frame: Frame) -> pd.DataFrame:
    """One row a province; `cities` holds the codes of its prefectures, the capital first."""
    columns = ["code", "name", "name_en", "region", "population", "weight"]
    geo = pd.DataFrame(list(PROVINCES), columns=columns)
    geo["geo_code"] = geo["code"] + "0000"
    shock = frame.rng("geography/potential").standard_normal(len(geo))
    geo["potential"] = np.exp(TERRITORY_SD * shock) if frame.on("territory") else 1.0
    if not frame.on("territory"):
        people = geo["population"].astype(float).fillna(0)
        geo["weight"] = (people / people.sum() * geo["weight"].sum()).round(4)
    codes = prefectures()["geo_code"]
    cities = {code: list(codes[codes.str[:2] == code]) for code in geo["code"]}
    geo["cities"] = [cities[row.code] or [row.geo_code] for row in geo.itertuples()]
    return geo


def _regions(frame: Frame) -> NDArray[np.int64]:
    years = np.unique(frame.calendar.year)
    places = [REGIONS.index(region) if region else -1 for region in frame.geo["region"]]
    regions = np.repeat(np.array(places)[:, None], len(years), axis=1)
    if frame.on("reorganisation"):
        for code, (before, until) in MOVES.items():
            row = frame.geo.index[frame.geo["code"] == code][0]
            regions[row, years < until] = REGIONS.index(before)
    return regions


def _geo_units(frame: Frame, areas: pd.DataFrame) -> pd.DataFrame:
    upper = pd.DataFrame(
        {
            "geo_code": frame.geo["geo_code"],
            "name": frame.geo["name"],
            "name_en": frame.geo["name_en"],
            "level": "province",
            "parent_code": None,
            "region": [region or None for region in frame.geo["region"]],
            "population": frame.geo["population"].astype(float),
            "valid_from": STANDARD,
        }
    )
    region = dict(zip(frame.geo["code"], upper["region"], strict=True))
    lower = areas.assign(
        parent_code=areas["geo_code"].str[:2] + "0000",
        region=areas["geo_code"].str[:2].map(region),
        population=np.nan,
    )
    units = pd.concat([upper, lower[upper.columns]], ignore_index=True)
    units["valid_to"] = pd.Series(pd.NaT, index=units.index, dtype="datetime64[s]")
    return units.sort_values("geo_code", ignore_index=True)
