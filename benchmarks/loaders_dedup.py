"""Proposing duplicates among 5,000 and 100,000 accounts: sizes beside each other.

Names are drawn from several hundred characters, real trades, places and forms; every thirtieth
account is a second entry under another spelling, mostly without credit code. How many of them are
found, and how many proposals are right, stands in the answer. Nothing installed does the same. The
files are made once in the system's temporary folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-dedup"
SIZES = (5_000, 100_000)
BRANDS = (
    "安邦宝博昌晨诚驰川达大德鼎东都恩尔发方飞丰福富高格冠光广国海涵瀚航豪浩禾和恒宏鸿华汇慧佳嘉坚建健江杰金锦晶精景"
    "九聚君骏凯康科坤蓝朗乐力立利联林凌隆龙伦迈茂美盟名铭明南能宁诺欧派鹏普奇启千乾强勤清庆全仁日荣融锐瑞润赛三森山"
    "尚升生盛圣胜石时世首舒顺思泰腾天田通同万威维伟文沃西熙先祥翔欣新信星兴雄旭轩雅亚扬阳耀业亿艺益溢银英永优友宇裕"
    "元源远悦云运泽展长兆哲真正智中众洲卓子宗"
)


def prepare() -> None:
    """Write the accounts and who is whose second entry."""
    import numpy as np
    import pandas as pd

    from workbench.loaders.dedup.vocabulary import CHINESE_TRADES, places
    from workbench.sample.names import credit_codes, phones

    FOLDER.mkdir(exist_ok=True)
    cities = sorted(name for name in places() if len(name) == 2 and not name.isascii())
    trades = CHINESE_TRADES.split("|")
    for size in SIZES:
        rng = np.random.default_rng(size)
        number = size * 29 // 30
        brand = rng.choice(list(BRANDS), (number, 3))
        long = rng.random(number) < 0.5
        frame = pd.DataFrame(
            {
                "place": rng.choice(cities, number),
                "brand": [
                    f"{a}{b}{c if more else ''}"
                    for (a, b, c), more in zip(brand, long, strict=True)
                ],
                "trade": rng.choice(trades, number),
                "form": rng.choice(
                    ["有限公司", "有限责任公司", "股份有限公司"], number, p=[0.8, 0.1, 0.1]
                ),
                "credit_code": credit_codes(np.full(number, "310000", object), rng),
                "phone": phones(number, rng),
            }
        )
        frame["name"] = frame["place"] + frame["brand"] + frame["trade"] + frame["form"]
        frame.loc[rng.random(number) < 0.15, "credit_code"] = None
        again = frame.sample(size - number, random_state=1).reset_index(names="original")
        again["name"] = again["brand"] + again["trade"] + "（" + again["place"] + "）有限公司"
        again.loc[rng.random(len(again)) < 0.75, "credit_code"] = None
        again.loc[rng.random(len(again)) < 0.5, "phone"] = None
        made = pd.concat([frame, again], ignore_index=True)
        made["account_id"] = [f"A{place:06d}" for place in range(len(made))]
        columns = ["account_id", "name", "credit_code", "phone", "original"]
        made[columns].to_parquet(FOLDER / f"{size}.parquet")


def proposing(size: int) -> Callable[[], Callable[[], object]]:
    """Propose the duplicates of one file."""

    def ready() -> Callable[[], object]:
        import pandas as pd

        from workbench.loaders.dedup import propose

        accounts = pd.read_parquet(FOLDER / f"{size}.parquet")
        again = accounts[accounts["original"].notna()]
        ids = accounts["account_id"].to_numpy()
        true = {
            frozenset(pair)
            for pair in zip(again["account_id"], ids[again["original"].astype(int)], strict=True)
        }
        propose(accounts[:50])  # imports

        def run() -> object:
            found = propose(accounts.drop(columns="original"))
            pairs = [
                frozenset(p) for p in zip(found["account_id"], found["duplicate_id"], strict=True)
            ]
            right = sum(pair in true for pair in pairs)
            return {
                "proposals": len(pairs),
                "precision": round(right / max(len(pairs), 1), 3),
                "recall": round(right / len(true), 3),
            }

        return run

    return ready


JOBS = [
    Job(
        title=f"duplicates among {size:,} accounts",
        ways={"workbench": proposing(size)},
        goal="under a minute for 100,000, a second or two for 5,000",
    )
    for size in SIZES
]

if __name__ == "__main__":
    main("benchmarks.loaders_dedup", JOBS, prepare)
