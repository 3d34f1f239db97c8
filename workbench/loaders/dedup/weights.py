"""What evidence is worth: the assumptions behind a score, in one place.

Weights are log-odds that add up (Fellegi and Sunter, "A Theory for Record Linkage", JASA 1969), set
by hand from what the fields mean, not fitted to any company. Two legal entities are never one
account: different valid credit codes, and a company and its branch, are held under any threshold.
"""

from __future__ import annotations

#: Proposals below this score are not made: more likely than not.
LEAST = 0.5

#: Log-odds of evidence. A pair that meets at all starts at `met`: one in twenty.
WEIGHTS: dict[str, float] = {
    "met": -3.0,
    "same_credit_code": 8.0,
    "same_phone": 2.5,  # less the logarithm of the others that have it: shared switchboards
    "same_name": 6.0,  # place, core, trade and kind of form
    "same_name_without_form": 5.3,  # one form is missing or plain 公司
    "other_form": 4.0,  # 有限 against 股份: mostly the same company before and after
    "longer_trade": 2.5,  # 恒拓电子 and 恒拓电子科技 may be sisters
    "short_name": 2.2,  # 恒拓 for 深圳市恒拓电子有限公司
    "unlike_name": -2.5,
    "place_unsaid": -0.9,  # one name has a place, the other none
    "place_nowhere": -0.6,  # neither has
    "different_place": -7.0,
    "different_group": -4.0,  # 集团 stands above its companies
    "different_number": -4.0,  # 第一水泥厂 and 第二水泥厂
    "same_city": 0.7,  # where the names do not say it already
    "different_province": -1.5,
}
NEAR_SLOPE, NEAR_FROM, NEAR_MOST = 10.0, 0.55, 4.0

#: Scores that two legal entities cannot pass, whatever else agrees.
CEILINGS = {"different_credit_code": 0.05, "different_branch": 0.3}
