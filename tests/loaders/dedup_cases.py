"""Pairs of accounts as CRMs hold them, invented names: one company or two?

Each case: what it is about, the two rows, whether a person would call them one company. Credit
codes are made with their check character from an invented organisation.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.tables.checks import credit_check_character


def code(number: int) -> str:
    """A credit code that passes the check, invented."""
    first = f"9131000099{number:07d}"
    return first + credit_check_character(first)


Row = dict[str, Any]
Case = tuple[str, Row, Row, bool]


def n(name: str, **facts: Any) -> Row:
    """A row of `account`."""
    return {"name": name, **facts}


SAME: list[Case] = [
    ("width of brackets", n("恒拓电子（上海）有限公司"), n("恒拓电子(上海)有限公司"), True),
    ("place in brackets", n("上海澜岳电子有限公司"), n("澜岳电子（上海）有限公司"), True),
    ("limited in two words", n("青岛岑禾食品有限公司"), n("青岛岑禾食品有限责任公司"), True),
    ("full width, spaces", n("ＡＢＱ 科技（苏州）有限公司"), n("abq科技(苏州)有限公司"), True),
    ("city with and without 市", n("深圳市砺舟科技有限公司"), n("深圳砺舟科技有限公司"), True),
    ("province before city", n("广东省佛山市朔钧建材有限公司"), n("佛山朔钧建材有限公司"), True),
    ("district in the name", n("杭州市余杭区麓衡五金有限公司"), n("杭州麓衡五金有限公司"), True),
    ("county-level city", n("昆山市珩屿精密模具有限公司"),
     n("珩屿精密模具（昆山）有限公司"), True),
    ("remark behind", n("宁波矩川轴承有限公司（停用）"), n("宁波矩川轴承有限公司"), True),
    ("former name in brackets", n("济南翊桁化工有限公司（原济南旭桁化工有限公司）"),
     n("济南旭桁化工有限公司"), True),
    ("former name in its column", n("合肥霁枢新能源有限公司", former_name="合肥霁枢光伏有限公司"),
     n("合肥霁枢光伏有限公司"), True),
    ("both renamed from one", n("长沙铠汀智能装备有限公司", former_name="长沙铠汀机械厂"),
     n("长沙铠汀机械有限公司", former_name="长沙铠汀机械厂"), True),
    ("no form", n("成都骐岫生物科技"), n("成都骐岫生物科技有限公司"), True),
    ("no place, same city", n("翎渡自动化设备有限公司", geo_code="320500"),
     n("苏州翎渡自动化设备有限公司", geo_code="320500"), True),
    ("before and after shares", n("福建曜芷纸业有限公司"), n("福建曜芷纸业股份有限公司"), True),
    ("code agrees, renamed", n("武汉沅策软件有限公司", credit_code=code(1)),
     n("湖北沅策数字技术有限公司", credit_code=code(1)), True),
    ("code agrees, typed small", n("泓臻阀门", credit_code=code(2).lower()),
     n("温州泓臻阀门有限公司", credit_code=code(2)), True),
    ("short name, same phone", n("钧谦", phone="0532-8765 4321"),
     n("青岛钧谦机电设备有限公司", phone="+86 532 87654321"), True),
    ("longer trade, same phone", n("无锡璟弋电气有限公司", phone="13800138123"),
     n("无锡璟弋电气设备有限公司", phone="138-0013-8123"), True),
    ("slip in a long name", n("西安昱澈航空液压技术研究所有限公司"),
     n("西安昱澈航空液压技术研究有限公司"), True),
    ("English form", n("Lanheng Precision Co., Ltd."),
     n("LANHENG PRECISION COMPANY LIMITED"), True),
    ("English place", n("Foshan Qiaosuo Ceramics Co.,Ltd"),
     n("Qiaosuo Ceramics (Foshan) Co., Ltd."), True),
    ("English typing slip", n("Weicheng Semiconductors Inc."),
     n("Weicheng Semiconducters Inc"), True),
    ("English name in the other column", n("Yuzhan Pharmaceuticals Ltd"),
     n("上海屿湛药业有限公司", name_en="Yuzhan Pharmaceuticals Co., Ltd."), True),
    ("autonomous region", n("内蒙古自治区岚衡乳业有限公司"), n("内蒙古岚衡乳业有限公司"), True),
    ("same branch twice", n("汉溯物流有限公司上海分公司"),
     n("汉溯物流有限公司（上海分公司）"), True),
    ("works and company, same phone", n("常州砚仞轴承厂", phone="0519-85551234"),
     n("常州砚仞轴承有限公司", phone="051985551234"), True),
    ("one character left out, same city", n("大连朗峤船舶电气自动化有限公司", geo_code="210200"),
     n("大连朗峤船舶电自动化有限公司", geo_code="210200"), True),
    ("brand mistyped, short", n("南京蔚棠化工有限公司"),
     n("南京蔚堂化工有限公司"), True),
    ("abbreviated brand", n("中溯机械"), n("中原溯源机械有限公司"), True),
]  # fmt: skip

OTHER: list[Case] = [
    ("company of another city", n("上海潮岑电子有限公司"), n("苏州潮岑电子有限公司"), False),
    ("brackets name another city", n("淮岑电子（上海）有限公司"),
     n("淮岑电子（深圳）有限公司"), False),
    ("group and company", n("衡杉集团有限公司"),
     n("衡杉有限公司"), False),
    ("group and company of a trade", n("上海衡槿（集团）股份有限公司"),
     n("上海衡槿电子股份有限公司"),
     False),
    ("head and branch", n("汉珩物流有限公司"), n("汉珩物流有限公司上海分公司"), False),
    ("two branches", n("汉霁物流有限公司北京分公司"), n("汉霁物流有限公司上海分公司"), False),
    ("branch with the head's code", n("翎禾保险有限公司", credit_code=code(3)),
     n("翎禾保险有限公司大连营业部", credit_code=code(3)), False),
    ("same name, other codes", n("岑岳商贸有限公司", credit_code=code(4)),
     n("岑岳商贸有限公司", credit_code=code(5)), False),
    ("sisters of two trades", n("宁波矩泓轴承有限公司"), n("宁波矩泓食品有限公司"), False),
    ("sisters, one phone", n("宁波矩翊轴承有限公司", phone="0574-87650000"),
     n("宁波峤序物业有限公司", phone="0574-87650000"), False),
    ("sisters of near trades", n("无锡璟钊电气有限公司"), n("无锡璟钊电气设备有限公司"), False),
    ("one character of the brand", n("山东翎杉拓化工有限公司"), n("山东翎汀拓化工有限公司"), False),
    ("short brands", n("上海泓衡贸易有限公司"), n("上海泓恒科技有限公司"), False),
    ("same trade only", n("济南昱祺环保科技有限公司"), n("济南铠策环保科技有限公司"), False),
    ("same place and form only", n("厦门朔宁有限公司"), n("厦门翊宁有限公司"), False),
    ("short name without more", n("钧湛"), n("青岛钧湛机电设备有限公司"), False),
    ("short name in another province", n("钧沅机电", geo_code="440100"),
     n("青岛钧沅机电有限公司", geo_code="370200"), False),
    ("China company and city company", n("朗科仪（中国）有限公司"),
     n("朗科仪（上海）有限公司"), False),
    ("same person's two firms", n("王记五金店", phone="13900001111"),
     n("长顺运输有限公司", phone="13900001111"), False),
    ("one phone for a placeholder", n("苏峤", phone="00000000000"),
     n("苏屿", phone="00000000000"), False),
    ("partnership of the same brand", n("杭州麓祺投资合伙企业（有限合伙）"),
     n("杭州麓祺投资有限公司"), False),
    ("English sisters", n("Suqiao Precision Co., Ltd."), n("Suqiao Logistics Co., Ltd."), False),
    ("English, another place", n("Yaohong Ceramics (Foshan) Co., Ltd."),
     n("Yaohong Ceramics (Jingdezhen) Co., Ltd."), False),
    ("hospitals of one university", n("沅江大学附属第一医院"), n("沅江大学附属第二医院"), False),
    ("numbered plants", n("济宁霁山第一水泥厂"), n("济宁霁山第二水泥厂"), False),
    ("numbered plants, one phone", n("济宁泓山第一水泥制品厂", phone="0537-2233445"),
     n("济宁泓山第二水泥制品厂", phone="0537-2233445"), False),
    ("two translations alike", n("岚泽贸易有限公司", name_en="Lanze Trading Co., Ltd."),
     n("澜择商贸有限公司", name_en="Lanze Trading Co., Ltd."), False),
    ("county offices", n("澜县水务局"), n("珩县水务局"), False),
]  # fmt: skip


def accounts(cases: list[Case]) -> pd.DataFrame:
    """The rows of all cases as one table `account`; ids are case and side."""
    rows = [
        {"account_id": f"{place:03d}{side}", **row}
        for place, (_, one, other, _) in enumerate(cases)
        for side, row in (("a", one), ("b", other))
    ]
    columns = ["account_id", "name", "name_en", "credit_code", "phone", "former_name", "geo_code"]
    return pd.DataFrame(rows).reindex(columns=columns)
