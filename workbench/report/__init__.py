"""Pages and their parts: what a reader gets to see of a study.

Page and tiles: `page.py`. Tables: `tables.py`. Boxes and sentences: `boxes.py`. Sections below
the first page: `section.py`. One long picture: `picture.py`. A few lines to paste: `share.py`.
The report of an import: `import_page.py`; what is private in it: `masking.py`.
"""

from workbench.report.blocks import Block
from workbench.report.boxes import MissingBox, Reading, SoWhat, WarningBox
from workbench.report.cells import Col
from workbench.report.marks import Mark, judge
from workbench.report.page import Foot, Page, Tile
from workbench.report.section import Section
from workbench.report.share import share_text
from workbench.report.style import bare, style
from workbench.report.tables import TableView, heat_note

__all__ = [
    "Block",
    "Col",
    "Foot",
    "Mark",
    "MissingBox",
    "Page",
    "Reading",
    "Section",
    "SoWhat",
    "TableView",
    "Tile",
    "WarningBox",
    "bare",
    "heat_note",
    "judge",
    "share_text",
    "style",
]
