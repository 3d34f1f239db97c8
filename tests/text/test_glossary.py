"""Glossary: the terms of the trade, and translations to avoid."""

import pytest

from workbench.errors import ParameterError
from workbench.text import Language
from workbench.text.checks import half_width_faults
from workbench.text.glossary import avoided_terms, term, terms, wrong_terms

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize(
    ("term_id", "en", "zh"),
    [
        ("quota", "quota", "销售指标"),
        ("rebate", "rebate", "返利"),
        ("win_rate", "win rate", "赢单率"),
        ("stage_probability", "stage probability", "赢率"),
        ("dealer", "dealer", "经销商"),
        ("agent", "agent", "代理商"),
        ("credit_split", "credit split", "业绩拆分"),
        ("past_due", "past due", "逾期"),
        ("ageing", "ageing", "账龄"),
        ("with_vat", "with VAT", "含税"),
        ("diversion", "cross-region diversion", "串货"),
    ],
)
def test_terms_that_must_be_right(term_id, en, zh):
    assert (term(term_id, EN), term(term_id, ZH)) == (en, zh)


def test_an_unknown_term_names_its_neighbours():
    with pytest.raises(ParameterError, match="quotas") as refused:
        term("quotas", EN)
    assert "quota" in refused.value.do


def test_the_table_is_in_order():
    assert len(terms()) > 100
    for each in terms().values():
        assert each.zh and each.en and each.id.replace("_", "a").isalnum() and each.id.islower()
        assert each.zh not in each.avoid_zh
        assert set(each.wrong_zh) <= set(each.avoid_zh)
        assert half_width_faults(each.zh, code="zh") == []
    right = {word for each in terms().values() for word in (each.zh, *each.also_zh)}
    wrong = {word for each in terms().values() for word in each.wrong_zh}
    assert [(bad, good) for bad in wrong for good in right if bad in good] == []


@pytest.mark.parametrize(
    ("en", "zh", "found"),
    [
        ("Rebate paid", "返利已付", []),
        ("Rebate paid", "回扣已付", ["回扣"]),
        ("Opportunities by stage", "各阶段商机", []),
        ("Opportunity lost", "机会丢失", ["机会"]),
        ("A chance to grow", "增长的机会", []),  # the English does not name the term
        ("Dealers and agents", "经销商与代理商", []),
        ("Dealers by region", "代理商按大区", ["代理商"]),
        ("Win rate of tenders", "招投标胜率", ["胜率"]),
        ("Scenario saved", "场景已保存", ["场景"]),
    ],
)
def test_avoided_words_count_where_the_term_is_meant(en, zh, found):
    assert [each.split(" ")[0] for each in avoided_terms(en, zh)] == found


def test_words_wrong_in_any_text():
    assert wrong_terms("返利按季结算，信用额度不变") == []
    assert wrong_terms("经销商回扣与配额")[0] == "配额 (use 销售指标)"
