"""Checks of typography: good texts pass, each fault is found."""

import pytest

from workbench.text.checks import english_faults, half_width_faults, texts_of_html


@pytest.mark.parametrize(
    "text",
    [
        "累计收入3.86亿元，同比+8.2%；增长的62%来自渠道补货，终端动销仅+2%",
        "十次有八次落在6.9–7.6亿元，完成基准目标概率41%",
        "数据截至2026-07-31，时间12:30，单号PO-2026-001",
        "价格−420，销量+560（不含税）",
        "大区 × 产品线",
        "销售分析 2026年1–7月",
        "▲ +5.6% 同比",
        "保底 6.8 · 95%",
        "38% （36–40%）",
        "+830（+2.3%）",
        "−1至−5",
        "图：收入。",
        "见文件report.html与order_line.csv",
        "“引用”与《书名》……",
        "1–7月累计1,234.5万元",
        'Revenue is CNY 386 million, up 8.2% (62% of the growth is channel stock); it\'s "fine".',
        "2026-07-31",
        "Jan–Jul 2026, 690–760; A-1 and x-ray, run --set k=-v",
        "",
    ],
)
def test_good_texts_pass(text):
    assert half_width_faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("收入3.86亿元,同比+8.2%", "punctuation"),
        ("同比+8.2%,环比持平", "punctuation"),
        ("单位: 万元", "punctuation"),
        ("完成了吗?", "punctuation"),
        ("CNY:收入", "punctuation"),
        ("收入(不含税)", "bracket"),
        ("（含税)", "bracket"),
        ("收入增长. 利润下降", "full stop"),
        ("未完...待续", "dots"),
        ('所谓"增长"', "straight quote"),
        ("在手 312 个", "around a number"),
        ("须在 0–15% 之间", "around a number"),
        ("共 {n} 单", "around a number"),
        ("在手312 个", "its unit"),
        ("用时{n} 秒", "its unit"),
        ("收入， 同比", "typed space"),
        ("同比-5%", "hyphen instead of minus"),
        ("change: -5.2%", "hyphen instead of minus"),
        ("-0.5", "hyphen instead of minus"),
        ("约6.9-7.6亿元", "range"),
        ("interval 690-760", "range"),
        ("1~7月", "tilde"),
        ("1～7月", "tilde"),
        ("大区-省区", "hyphen between Chinese"),
        ("收入，，同比", "two punctuation marks"),
        ("It is “quoted”", "curly quote"),
        ("it’s", "curly quote"),
        ("Revenue（net）", "full-width"),
    ],
)
def test_each_fault_is_found_with_its_place(text, fault):
    found = half_width_faults(text)
    assert any(fault in each for each in found), found
    assert all("…" in each for each in found)


def test_the_language_of_the_page_decides_where_it_is_known():
    assert half_width_faults("+830（pp）", code="zh") == []
    assert half_width_faults("+830（pp）", code="en") != []


@pytest.mark.parametrize(
    "text",
    [
        "收入3.86亿元，CRM中的KPI与DSO",
        "运行 `workbench run sales_analysis --lang zh`",
        "列order_line.amount_net，文件company.yaml",
        "单号PO-2026-001，CNY，USD",
        "方案A与Pareto图",
    ],
)
def test_code_ids_and_abbreviations_may_stand_in_chinese(text):
    assert english_faults(text) == []


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("收入：Revenue is up，同比", "Revenue is up"),
        ("Sales by region", "Sales by region"),
        ("缺少表（add the table）", "add the table"),
    ],
)
def test_english_left_in_chinese_is_found(text, run):
    assert english_faults(text) == [run]


def test_names_may_be_allowed_and_single_words_asked_for():
    assert english_faults("Sales Workbench生成", allowed=["Sales Workbench"]) == []
    assert english_faults("大区 Revenue") == []
    assert english_faults("大区 Revenue", least=1) == ["Revenue"]


def test_texts_of_a_page():
    page = """<!doctype html><html lang="zh-CN"><head><title>销售 分析</title>
    <style>p { color: red }</style><script>var x = "no";</script></head>
    <body><h1>收入<b>3.86</b>亿元</h1><p>一<br>二<p>三
    <td>1<td>2</table><code>pip install x</code><span lang="en">English here</span>
    <p>值<span>3</span> <small>天</small>
    <img src="a.png" alt="图的说明"><svg aria-label="瀑布图"><text>价格</text></svg>
    &lt;1%</body></html>"""
    assert texts_of_html(page) == [
        "销售 分析", "收入3.86亿元", "一", "二", "三", "1", "2", "值", "3", "天",
        "图的说明", "瀑布图", "价格", "<1%",
    ]  # fmt: skip
