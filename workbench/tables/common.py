"""Columns that many tables share: references, money companions, validity, choices of the trade."""

from __future__ import annotations

from typing import Any

from workbench.tables.declare import Both, Column, Kind

PRODUCT_LINES: dict[str, Both] = {
    "equipment": ("Equipment", "设备"),
    "consumables": ("Consumables", "耗材"),
    "service": ("Service", "服务"),
}
CHANNELS: dict[str, Both] = {
    "direct": ("Direct", "直销"),
    "dealer": ("Dealers", "经销"),
    "ecommerce": ("E-commerce", "电商"),
}
TAX_BASIS_CHOICES: dict[str, Both] = {
    "incl": ("with VAT", "含税"),
    "excl": ("without VAT", "不含税"),
}
FORECAST_CATEGORIES: dict[str, Both] = {
    "commit": ("Commit", "承诺"),
    "best_case": ("Best case", "争取"),
    "pipeline": ("Pipeline", "储备"),
    "omitted": ("Left out", "不计入"),
}
TIERS: dict[str, Both] = {
    "floor": ("Floor", "保底"),
    "base": ("Base", "基准"),
    "stretch": ("Stretch", "挑战"),
}
LEVELS: dict[str, Both] = {
    "company": ("Company", "全公司"),
    "region": ("Region", "大区"),
    "province": ("Province", "省区"),
    "team": ("Team", "团队"),
    "rep": ("Rep", "个人"),
    "product_line": ("Product line", "产品线"),
    "channel": ("Channel", "渠道"),
}
APPROVALS: dict[str, Both] = {
    "none": ("Within the rep's own limit", "无需审批"),
    "manager": ("Manager", "经理审批"),
    "director": ("Director", "总监审批"),
    "special": ("Special price approval", "特价审批"),
}


def col(
    name: str, kind: Kind, en: str, zh: str, help_en: str, help_zh: str, **options: Any
) -> Column:
    """A column from its name, kind, titles and helps."""
    return Column(name, kind, (en, zh), (help_en, help_zh), **options)


def key(name: str, en: str, zh: str) -> Column:
    """The id of a row, unique text."""
    return col(name, "id", en, zh, "Identifies the row; text.", "该行的唯一编号，文本。")


def account_ref(*, needed: bool = True) -> Column:
    """Reference to `account`."""
    return col(
        "account_id",
        "id",
        "Account",
        "客户编号",
        "Customer company (legal entity).",
        "客户公司（法人主体）。",
        references="account.account_id",
        needed=needed,
    )


def rep_ref(
    name: str = "rep_id", en: str = "Rep", zh: str = "销售员", *, needed: bool = True
) -> Column:
    """Reference to `rep`."""
    return col(
        name,
        "id",
        en,
        zh,
        "Rep responsible at the time.",
        "当时负责的销售员。",
        references="rep.rep_id",
        needed=needed,
    )


def team_ref(*, needed: bool = False) -> Column:
    """Reference to `team`."""
    return col(
        "team_id",
        "id",
        "Team",
        "团队编号",
        "Team responsible at the time.",
        "当时负责的团队。",
        references="team.team_id",
        needed=needed,
    )


def product_ref(*, needed: bool = True) -> Column:
    """Reference to `product`."""
    return col(
        "product_id",
        "id",
        "Product",
        "产品编号",
        "Product sold.",
        "所售产品。",
        references="product.product_id",
        needed=needed,
    )


def partner_ref(*, needed: bool = True) -> Column:
    """Reference to `partner`."""
    return col(
        "partner_id",
        "id",
        "Channel partner",
        "渠道商编号",
        "Dealer, agent or other channel partner.",
        "经销商、代理商或其他渠道商。",
        references="partner.partner_id",
        needed=needed,
    )


def region(*, needed: bool = True) -> Column:
    """Sales region of the time, not an administrative one."""
    return col(
        "region",
        "text",
        "Region",
        "大区",
        "Sales region at the time; not an administrative division.",
        "当时所属的销售大区，并非行政区划。",
        needed=needed,
    )


def geo_ref(name: str = "geo_code", *, needed: bool = False) -> Column:
    """GB/T 2260 code."""
    return col(
        name,
        "id",
        "Administrative code",
        "行政区划代码",
        "Code of GB/T 2260, six digits, text.",
        "GB/T 2260代码，六位数字，文本。",
        references="geo_unit.geo_code",
        check="geo_code",
        needed=needed,
    )


def product_line(*, needed: bool = True) -> Column:
    """Product line of the company; the sample uses equipment, consumables, service."""
    return col(
        "product_line",
        "text",
        "Product line",
        "产品线",
        "Product line; labels of codes stand in company.yaml.",
        "产品线，代码的名称见company.yaml。",
        needed=needed,
    )


def channel(*, needed: bool = True) -> Column:
    """Sales channel."""
    return col(
        "channel",
        "choice",
        "Channel",
        "渠道",
        "How the sale reached the customer.",
        "销售到达客户的途径。",
        choices=CHANNELS,
        needed=needed,
    )


def currency() -> Column:
    """ISO 4217 code of the row's money."""
    return col(
        "currency",
        "text",
        "Currency",
        "币种",
        "ISO 4217 code of the amounts of the row.",
        "该行金额的ISO 4217币种代码。",
        pattern=r"[A-Z]{3}",
    )


def tax_basis() -> Column:
    """Whether the row's amounts hold VAT."""
    return col(
        "tax_basis",
        "choice",
        "Tax basis",
        "税口径",
        "Whether the amounts of the row are with or without VAT.",
        "该行金额含税或不含税。",
        choices=TAX_BASIS_CHOICES,
    )


def tax_rate(*, needed: bool = True) -> Column:
    """VAT rate of the line."""
    return col(
        "tax_rate",
        "share",
        "VAT rate",
        "税率",
        "VAT rate of the line: 13, 9, 6, 3, 1 or 0%.",
        "该行增值税税率：13、9、6、3、1或0%。",
        unit="share",
        minimum=0,
        maximum=0.2,
        needed=needed,
    )


def money(
    name: str,
    en: str,
    zh: str,
    help_en: str,
    help_zh: str,
    *,
    basis: str = "tax_basis",
    **more: Any,
) -> Column:
    """An amount to the cent; `basis` is incl, excl, none or the row's column."""
    return col(
        name,
        more.pop("kind", "money"),
        en,
        zh,
        help_en,
        help_zh,
        currency="currency",
        tax_basis=basis,
        **more,
    )


def taxed_money() -> tuple[Column, ...]:
    """Companions of an amount whose basis the row states: currency, basis, rate."""
    return (currency(), tax_basis(), tax_rate())


def validity() -> tuple[Column, Column]:
    """First and last day on which the row holds; an empty end means until further notice."""
    return (
        col(
            "valid_from",
            "date",
            "Valid from",
            "生效日",
            "First day on which the row holds.",
            "该行生效的第一天。",
        ),
        col(
            "valid_to",
            "date",
            "Valid to",
            "失效日",
            "Last day on which the row holds; empty while it still does.",
            "该行有效的最后一天；仍有效时为空。",
            needed=False,
        ),
    )


def names(en: str, zh: str) -> tuple[Column, Column]:
    """A name, and its English form where there is one."""
    return (
        col("name", "text", en, zh, "Name as used in the company.", "公司内使用的名称。"),
        col(
            "name_en",
            "text",
            f"{en} (English)",
            f"{zh}（英文）",
            "English name, shown in English reports.",
            "英文名称，用于英文报告。",
            needed=False,
        ),
    )
