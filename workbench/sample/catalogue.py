"""What the company makes: families and products with names, list prices and weights.

Prices are list prices with VAT of mid 2025 in CNY. Weights say how a channel's sales of a line
fall on products.
"""

from __future__ import annotations

from typing import NamedTuple


class Family(NamedTuple):
    """A family of products: its line, names, price range, number, and weight by channel."""

    code: str
    line: str
    zh: str
    en: str
    low: float
    high: float
    number: int
    direct: float
    dealer: float
    online: float


FAMILIES = (
    Family("laser_marker", "equipment", "激光打标机", "Laser marker", 120e3, 620e3, 5, 34, 14, 0),
    Family("inkjet_coder", "equipment", "喷码机", "Inkjet coder", 48e3, 160e3, 5, 26, 36, 0),
    Family("labeller", "equipment", "贴标机", "Labeller", 85e3, 420e3, 4, 22, 22, 0),
    Family("vision_checker", "equipment", "视觉检测机", "Vision checker", 90e3, 380e3, 3, 16, 8, 0),
    Family("benchtop", "equipment", "台式打码机", "Benchtop coder", 9e3, 26e3, 4, 2, 20, 100),
    Family("ink", "consumables", "墨水", "Ink", 380, 1_600, 9, 34, 34, 32),
    Family("solvent", "consumables", "溶剂", "Solvent", 220, 720, 6, 20, 20, 18),
    Family("ribbon", "consumables", "色带", "Ribbon", 90, 420, 7, 14, 16, 24),
    Family("label_stock", "consumables", "标签料", "Label stock", 130, 900, 7, 16, 16, 14),
    Family("filter", "consumables", "滤芯", "Filter", 160, 980, 5, 8, 7, 6),
    Family("nozzle_kit", "consumables", "喷头组件", "Nozzle kit", 1_900, 9_800, 4, 8, 7, 6),
    Family("maintenance", "service", "维保服务", "Maintenance", 6e3, 48e3, 4, 50, 45, 10),
    Family("repair", "service", "维修服务", "Repair", 1_800, 16e3, 3, 30, 30, 40),
    Family("calibration", "service", "校准服务", "Calibration", 1_500, 9e3, 3, 20, 25, 50),
)
SERIES = ("A", "C", "E", "F", "G", "K", "M", "P", "R", "T")
