"""Calendars: working days in China, the Chinese New Year, the fiscal calendar of a company.

Which days are worked: `china.py`. How a period is compared around the New Year: `new_year.py`.
Fiscal months, quarters and years: `fiscal.py`. How dates are handed in: `days.py`.
"""

from workbench.calendars.china import WorkingCalendar, announced_years, festival_name
from workbench.calendars.fiscal import FiscalCalendar, Period
from workbench.calendars.new_year import (
    AlignedPart,
    aligned_parts,
    aligned_period,
    chinese_new_year,
    days_from_new_year,
    new_year_share,
    same_period,
)

__all__ = [
    "AlignedPart",
    "FiscalCalendar",
    "Period",
    "WorkingCalendar",
    "aligned_parts",
    "aligned_period",
    "announced_years",
    "chinese_new_year",
    "days_from_new_year",
    "festival_name",
    "new_year_share",
    "same_period",
]
