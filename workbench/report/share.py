"""A page in a few words, to paste into a chat: finding, key figures, as-of date."""

from __future__ import annotations

from workbench.errors import ParameterError
from workbench.report.marks import Mark
from workbench.report.page import Page, Tile
from workbench.text import Language


def share_text(page: Page, *, limit: int = 200) -> str:
    """Say a page in at most `limit` characters.

    The finding always stands, then as many tiles as fit, in their order; a tile whose figure the
    finding already gives is passed over. Every amount carries its unit, so the text stands alone.

    Parameters
    ----------
    page : Page
    limit : int
        Most characters, counted as a chat program counts them.

    Returns
    -------
    str
        One line, in the language of the page.

    Raises
    ------
    ParameterError
        If not even the finding and the date fit.
    """
    lang = page.lang
    as_of = page.foot.data_as_of.split(lang.comma)[0]
    gap = lang.pick(" ", "")
    head = f"{page.name}{lang.colon}{page.finding}{lang.stop}"
    end = f"{lang.say('Data as of {date}', date=as_of)}{lang.stop}"
    if len(head) + len(gap) + len(end) > limit:
        head = f"{page.finding}{lang.stop}"
    said: list[str] = []
    for tile in page.tiles:
        longer = _joined(head, [*said, tile_words(tile, lang)], end, lang)
        if tile.said() not in page.finding and len(longer) <= limit:
            said.append(tile_words(tile, lang))
    text = _joined(head, said, end, lang)
    if len(text) > limit:
        raise ParameterError(
            f"the finding needs {len(text)} characters", where="limit", do="raise the limit"
        )
    return text


def tile_words(tile: Tile, lang: Language) -> str:
    """Say a tile: 回款额3.97亿元（同比+2.9%）, "Collections CNY 397.0 million (+2.9% ...)"."""
    change = tile.change.text if isinstance(tile.change, Mark) else tile.change
    against = tile.against.split(lang.comma)[0]
    order = [change, against] if lang.code == "en" else [against, change]
    aside = lang.pick(" ", "").join(filter(None, order))
    words = lang.pick(" ", "").join([tile.label, tile.said()])
    return words + (lang.paren(aside) if aside else "")


def _joined(head: str, said: list[str], end: str, lang: Language) -> str:
    middle = lang.semicolon.join(said) + lang.stop if said else ""
    return lang.sentences([head, middle, end])
