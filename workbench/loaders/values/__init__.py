"""Values out of texts: money, percents, dates, discounts, ids; one text or a column at once.

Every function comes twice: `parse_...` for a text, `..._column` for a column, both by one grammar.
What only the column can tell (8/9/2024, 60 or 0.6, 1.234) is gathered as evidence first; it is
read block by block and decided once.
"""

from workbench.loaders.values.date_order import DateContext, DateEvidence
from workbench.loaders.values.dates import date_column, parse_date
from workbench.loaders.values.discount import (
    DiscountContext,
    DiscountEvidence,
    discount_column,
    parse_discount,
)
from workbench.loaders.values.headers import scale_of, tax_basis_of, unit_of
from workbench.loaders.values.ids import clean_id, clean_phone, id_column
from workbench.loaders.values.money import MoneyContext, MoneyEvidence, money_column, parse_money
from workbench.loaders.values.parsed import FLAGS, Parsed, ParsedColumn, flag_bit, flag_names
from workbench.loaders.values.percent import (
    PercentContext,
    PercentEvidence,
    parse_percent,
    percent_column,
)

__all__ = [
    "FLAGS",
    "DateContext",
    "DateEvidence",
    "DiscountContext",
    "DiscountEvidence",
    "MoneyContext",
    "MoneyEvidence",
    "Parsed",
    "ParsedColumn",
    "PercentContext",
    "PercentEvidence",
    "clean_id",
    "clean_phone",
    "date_column",
    "discount_column",
    "flag_bit",
    "flag_names",
    "id_column",
    "money_column",
    "parse_date",
    "parse_discount",
    "parse_money",
    "parse_percent",
    "percent_column",
    "scale_of",
    "tax_basis_of",
    "unit_of",
]
