"""Words that company names are made of: places, trades, legal forms, branches, remarks.

A registered Chinese name is place, brand, trade and form (行政区划, 字号, 行业, 组织形式), in that
order; the place may also stand in brackets after the trade. Patterns are read by RE2 (Arrow), so
they look neither ahead nor back. How they are used: `names.py`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from workbench.loaders.places import PROVINCES

#: Short names of places that are brands as often as places; only 东方市 is a place, 东方 is not.
BRANDS_TOO = frozenset({"东方", "朝阳", "安康", "大同", "万宁", "通化", "长治", "保山"})

#: In brackets: the company that stands for the whole country, apart from those of its cities.
NATION = {"中国": "000000", "china": "000000"}

#: Legal forms, as normalised text ends in them; what they mean stands before.
CHINESE_FORMS: dict[str, str] = {
    "shares": "股份有限责任公司|股份有限公司|股份公司",
    "limited": "有限责任公司|有限公司",
    "company": "总公司|公司",
    "partnership": "特殊普通合伙企业|特殊普通合伙|有限合伙企业|有限合伙|普通合伙企业|普通合伙"
    "|合伙企业",
    "individual": "个体工商户|个人独资企业|个人独资",
    "cooperative": "专业合作社|合作社",
}
ENGLISH_FORMS: dict[str, str] = {
    "limited": "company limited|co limited|co ltd|coltd|pte ltd|pty ltd|private limited|pvt ltd"
    "|sdn bhd|limited|ltd|llc|gmbh|sarl|srl|bv|kft|sp z oo|spzoo|oy|aps|doo",
    "shares": "incorporated|inc|corporation|corp|plc|ag|se|spa|sa|nv|ab|asa|kk|jsc",
    "partnership": "llp|lp|gmbh&co kg|gmbh co kg|kg|ohg",
    "company": "company|co",
}

#: Trades of Chinese names, after the classes of GB/T 4754 as registers shorten them. Words of a
#: brand that also stand here do no harm: at least two characters stay with the brand.
CHINESE_TRADES = (
    "科技|技术|实业|工业|产业|企业|贸易|商贸|经贸|工贸|进出口|国际|国际贸易|物资|供应链|物流|"
    "运输|货运|速运|快递|仓储|电子|电子商务|电器|电气|电力|电源|电缆|电线|线缆|电机|机电|"
    "机械|机床|机械设备|机电设备|设备|装备|制造|智能|智造|自动化|仪器|仪表|仪器仪表|精密|"
    "精工|模具|五金|轴承|阀门|泵业|传动|液压|工具|汽车|汽车零部件|汽车部件|零部件|汽配|车业|"
    "半导体|微电子|光电|光学|集成电路|通信|通讯|信息|网络|软件|数据|计算机|系统|系统集成|"
    "系统工程|化工|化学|石化|新材料|材料|涂料|橡胶|塑料|塑胶|塑业|树脂|玻璃|陶瓷|建材|建筑|"
    "建筑工程|建设|建设工程|工程|安装|装饰|装修|设计|管业|管道|钢铁|钢结构|金属|金属制品|"
    "铝业|铜业|矿业|冶金|能源|新能源|光伏|环保|环境|水务|燃气|石油|天然气|食品|饮料|调味品|"
    "乳业|酒业|粮油|农业|农牧|畜牧|饲料|种业|生物|生物科技|生物技术|生物制药|医药|药业|制药|"
    "医疗|医疗器械|医疗设备|健康|保健品|日化|化妆品|纺织|服装|服饰|鞋业|皮革|家具|家居|纸业|"
    "包装|印刷|印务|文化|传媒|文化传播|广告|教育|咨询|管理|企业管理|服务|投资|控股|资本|金融|"
    "保险|地产|房地产|房地产开发|置业|物业|开发|酒店|餐饮|旅游|商业|百货|超市|连锁|销售|经营|"
    "制品|用品|厂"
)
ENGLISH_TRADES = (
    "technology|technologies|tech|science|sciences|industry|industries|industrial|trading|"
    "trade|international|import|export|electronics|electronic|electric|electrical|machinery|"
    "equipment|manufacturing|mfg|automation|instruments|precision|tools|automotive|auto|"
    "parts|bearings|valves|semiconductor|semiconductors|optoelectronics|communications|"
    "information|network|networks|software|data|systems|solutions|chemical|chemicals|"
    "materials|coatings|plastics|rubber|glass|ceramics|building|construction|engineering|"
    "design|pipes|steel|metal|metals|energy|power|environmental|water|food|foods|beverage|"
    "beverages|agriculture|feed|biotech|biotechnology|biopharma|pharmaceutical|"
    "pharmaceuticals|pharma|medical|healthcare|textile|textiles|apparel|furniture|paper|"
    "packaging|printing|media|education|consulting|services|service|investment|holdings|"
    "holding|logistics|supply|chain|development|products|enterprises"
)

#: Ends of a name that make it a branch of the company named before.
BRANCHES = (
    "分公司|分厂|分行|支行|分店|分部|分院|分校|分所|分中心|办事处|营业部|经营部|事业部|项目部"
    "|代表处|联络处|门市部|门店|branch office|branch|representative office|rep office"
)

#: Remarks that people write behind a name in a CRM.
REMARKS = (
    "停用|已停用|作废|已作废|注销|已注销|重复|重复客户|勿用|勿动|测试|新|旧|老|已更名|更名|总部|本部"
    "|正式|待删|待删除|合并|vip|重点|大客户|客户|old|new|duplicate|do not use|inactive|test"
)
_PEOPLES = (
    "朝鲜族|土家族|苗族|黎族|藏族|羌族|彝族|布依族|侗族|壮族|哈尼族|傣族|白族|景颇族|傈僳族|"
    "回族|蒙古族|蒙古|哈萨克|柯尔克孜|维吾尔"
)
FORMER = "原名称|原名|原|曾用名|前身为|前身|旧名|formerly known as|formerly|f k a|fka"


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Names of places in lower case, with or without 省 and 市, to their six-digit codes.

    A name that a province and a prefecture bear (吉林, 海南) is the province; an English one that
    two prefectures bear (Suzhou) is none.
    """
    codes: dict[str, str] = {}
    english: dict[str, set[str]] = defaultdict(set)
    for row in _prefectures():
        english[row["name_en"].lower().replace("'", "")].add(row["geo_code"])
        for name in _forms(row["name"]):
            codes[name] = row["geo_code"]
    codes |= {name: min(found) for name, found in english.items() if len(found) == 1}
    for digits, name, others in PROVINCES:
        for form in (*_forms(name), *(other.lower() for other in others)):
            codes[form] = f"{digits}0000"
    for name in BRANDS_TOO:
        codes.pop(name, None)
    return codes


def city_names(code: str) -> dict[str, str]:
    """Names of provinces and prefectures by their six-digit code, in "en" or "zh"."""
    chinese = code.startswith("zh")
    names = {
        f"{digits}0000": name if chinese else next(other for other in others if other.isascii())
        for digits, name, others in PROVINCES
    }
    return names | {
        row["geo_code"]: row["name" if chinese else "name_en"] for row in _prefectures()
    }


def alternatives(words: Iterable[str]) -> str:
    """Alternatives of a pattern, the longest first, so that it wins."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def _forms(name: str) -> set[str]:
    """广西壮族自治区 is 广西 and 广西省 as well; 延边朝鲜族自治州 is 延边, 延边州."""
    for people in ("自治区", "自治州", "自治县", "特别行政区"):
        if name.endswith(people):
            short = _without_people(name.removesuffix(people))
            return {name, short, short + people[-1], f"{short}省" if people == "自治区" else short}
    short = name
    for ending in ("地区", "林区", "省", "市", "盟", "县"):
        short = short.removesuffix(ending) if len(short) - len(ending) > 1 else short
    return {name, short, f"{short}市"} if name.endswith(("地区", "盟")) else {name, short}


def _without_people(name: str) -> str:
    """延边朝鲜族 is 延边: what stands before the name of a people."""
    found = [name.find(people) for people in _PEOPLES.split("|") if name.find(people) > 1]
    return name[: min(found)] if found else name


def _prefectures() -> list[dict[str, str]]:
    text = files("workbench").joinpath("data", "china_prefectures.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
