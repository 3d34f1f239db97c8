"""Pixels: a canvas of few colours, shapes laid on it with smooth edges, and its PNG.

A page has some twenty colours, and where one lies over the edge of another a few shades between:
one byte a pixel is enough, a quarter of what a general program holds and packs. Which shapes a
drawing is made of: `raster.py`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

#: Shades between ground and colour along an edge: one is the ground, the last the colour.
SHADES = 15
_SUBLINES = 5  # lines looked at in a row of pixels; along each the share covered is exact
#: A byte names so many.
COLOURS = 256
_STEP = 4  # between shades that are told apart, while there is room for them
_LEVEL = 3  # of compression
_LARGE = 4_000  # pixels of a box whose inside is worth filling by itself

RGB = tuple[int, int, int]
Polygons = Sequence[np.ndarray]


class Canvas:
    """A picture that is being drawn; the origin is its upper left corner, y goes down.

    Parameters
    ----------
    width, height : int
    ground : (int, int, int)
        Colour of all of it.
    colours : sequence of (int, int, int)
        All that will be laid on it, at most 255.
    """

    def __init__(self, width: int, height: int, ground: RGB, colours: Sequence[RGB]) -> None:
        self._rows = np.zeros((height, width + 1), np.uint8)  # a byte before each row, for the PNG
        self._pixels = self._rows[:, 1:]
        self._list = list(dict.fromkeys([ground, *colours]))
        self._numbers = {colour: number for number, colour in enumerate(self._list)}
        self._shades: dict[RGB, np.ndarray] = {}

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: RGB, share: float = 1.0
    ) -> None:
        """Fill a rectangle whose sides lie along the axes; `share` is how much of it covers."""
        height, width = self._pixels.shape
        across, x = _covered(left, right, width)
        down, y = _covered(top, bottom, height)
        if not (across.size and down.size):
            return
        if share == 1.0 and across.size * down.size > _LARGE:
            inside = [slice(int(part[0] < 1), len(part) - int(part[-1] < 1))
                      for part in (down, across)]  # fmt: skip
            rows, columns = (slice(y + inside[0].start, y + inside[0].stop),
                             slice(x + inside[1].start, x + inside[1].stop))  # fmt: skip
            self._pixels[rows, columns] = self._numbers[colour]
            for place in {0, len(down) - 1}:
                self.lay(shades(down[place] * across[None, :]), x, y + place, colour)
            for place in {0, len(across) - 1}:
                self.lay(
                    shades(across[place] * down[inside[0], None]), x + place, rows.start, colour
                )
        else:
            self.lay(shades(np.outer(down, across) * share), x, y, colour)

    def shape(self, polygons: Polygons, colour: RGB, share: float = 1.0) -> None:
        """Fill what lies inside polygons, each array of shape (points, 2) or (many, points, 2).

        Those that turn the same way may overlap; a hole turns the other way.
        """
        drawn = mask(polygons)
        if drawn is not None:
            covered, x, y = drawn
            self.lay(shades(covered * share), x, y, colour)

    def lay(self, levels: np.ndarray, x: int, y: int, colour: RGB) -> None:
        """Lay a colour over a part of the picture.

        Parameters
        ----------
        levels : ndarray of uint8, shape (rows, columns)
            From 0, the ground stays, to `SHADES`.
        x, y : int
            Its upper left corner; what lies outside is left out.
        """
        height, width = self._pixels.shape
        top, left = max(0, -y), max(0, -x)
        levels = levels[top : max(height - y, 0), left : max(width - x, 0)]
        if not levels.size:
            return
        y, x = y + top, x + left
        under = self._pixels[y : y + levels.shape[0], x : x + levels.shape[1]]
        pairs = under.astype(np.intp) * (SHADES + 1) + levels
        between = self._between(colour)
        found = between.take(pairs)
        if found.min() < 0:
            for pair in np.unique(pairs[found < 0]).tolist():
                ground, level = divmod(pair, SHADES + 1)
                between[pair] = self._mixed(ground, level, colour)
            found = between.take(pairs)
        under[...] = found

    def png(self) -> bytes:
        """Return the picture as PNG (W3C, 2003) with a palette."""
        height, width = self._pixels.shape
        palette = bytes(value for colour in self._list for value in colour)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            (
                _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
                _chunk(b"PLTE", palette),
                _chunk(b"IDAT", zlib.compress(self._rows.data, _LEVEL)),
                _chunk(b"IEND", b""),
            )
        )

    def _between(self, colour: RGB) -> np.ndarray:
        """Numbers of the shades between each ground and a colour; -1 where not yet known."""
        known = self._shades.get(colour)
        if known is None:
            known = np.full((COLOURS, SHADES + 1), -1, np.int16)
            known[:, 0], known[:, SHADES] = np.arange(COLOURS), self._numbers[colour]
            known = self._shades[colour] = known.ravel()
        return known

    def _mixed(self, ground: int, level: int, colour: RGB) -> int:
        share, below = level / SHADES, self._list[ground]
        return self._near([b + share * (c - b) for b, c in zip(below, colour, strict=True)])

    def _near(self, mixed: list[float]) -> int:
        """Number of a shade, or of one close to it: the fewer numbers are left, the less close.

        Along an edge a step of 4 in 255 is not seen, one of 16 hardly.
        """
        step = _STEP * (1 + len(self._list) * 4 // COLOURS)
        red, green, blue = (min(255, round(value / step) * step) for value in mixed)
        known = self._numbers.get((red, green, blue))
        if known is not None:
            return known
        if len(self._list) < COLOURS:
            return self._added((red, green, blue))
        apart = ((np.array(self._list) - (red, green, blue)) ** 2).sum(axis=1)
        return int(apart.argmin())

    def _added(self, colour: RGB) -> int:
        self._numbers[colour] = len(self._list)
        self._list.append(colour)
        return self._numbers[colour]


def mask(polygons: Polygons) -> tuple[np.ndarray, int, int] | None:
    """How much of each pixel polygons cover, and the place of the first pixel; None for nothing.

    Each line across a row of pixels is covered between the edges it meets, to the right of one
    that goes down and not of one that goes up; that is summed from left to right.
    """
    if not polygons:
        return None
    starts = np.concatenate([points.reshape(-1, 2) for points in polygons])
    ends = np.concatenate([_next(points).reshape(-1, 2) for points in polygons])
    left, top = np.floor(starts.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(starts.max(axis=0)).astype(int).tolist()
    width, height = right - left + 2, bottom - top
    (x, y), (dx, dy) = (starts - (left, top)).T, (ends - starts).T
    first = np.ceil(np.minimum(y, y + dy) * _SUBLINES - 0.5).astype(int)
    last = np.ceil(np.maximum(y, y + dy) * _SUBLINES - 0.5).astype(int)
    met = last - first
    if height <= 0 or not met.any():
        return None
    edge = np.repeat(np.arange(len(met)), met)
    line = np.arange(len(edge)) - np.repeat(np.cumsum(met) - met, met) + first[edge]
    at = x[edge] + ((line + 0.5) / _SUBLINES - y[edge]) * (dx[edge] / dy[edge])
    column = at.astype(int)
    part = at - column
    turn = np.where(dy[edge] > 0, 1.0, -1.0) / _SUBLINES
    place = line // _SUBLINES * width + column
    found = np.bincount(place, turn * (1 - part), height * width)
    found += np.bincount(place + 1, turn * part, height * width)
    covered = np.abs(np.cumsum(found.reshape(height, width), axis=1))[:, :-1]
    return np.minimum(covered, 1.0), left, top


def _next(points: np.ndarray) -> np.ndarray:
    """For each point of polygons the one after it; `numpy.roll` takes ten times as long."""
    return np.concatenate([points[..., 1:, :], points[..., :1, :]], axis=-2)


def shades(covered: np.ndarray) -> np.ndarray:
    """From shares covered, 0 to 1, to levels."""
    return (covered * SHADES + 0.5).astype(np.uint8)


def _covered(start: float, end: float, most: int) -> tuple[np.ndarray, int]:
    """How much of each pixel along an axis lies between two places, and the first such pixel."""
    start, end = max(min(start, end), 0.0), min(max(start, end), float(most))
    if end <= start:
        return np.empty(0), 0
    first = int(start)
    pixels = np.arange(first, int(np.ceil(end)))
    return np.minimum(pixels + 1, end) - np.maximum(pixels, start), first


@lru_cache(64)
def _turns(points: int) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def discs(centres: np.ndarray, radius: float) -> np.ndarray:
    """Circles as polygons that look round, shape (centres, points, 2)."""
    return centres[:, None, :] + radius * _turns(8 + 4 * int(np.sqrt(radius) + 0.5))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
