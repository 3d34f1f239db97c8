"""Words and numbers for people, in English and Chinese.

`Language` says sentences and writes numbers; `mark` marks a sentence said elsewhere, `later` tells
one where no language is known. Fonts: `workbench.text.fonts`. Terms: `glossary`. Checks of
typography and catalogues: `checks`, `extract`.
"""

from workbench.text.language import Language
from workbench.text.later import later
from workbench.text.money import Scale

__all__ = ["Language", "Scale", "later", "mark"]


def mark(msgid: str) -> str:
    """Mark an English sentence for translation where it stands, to be said later.

    `lang.say` wants literals, so that the check of the catalogues finds them; a table of
    sentences marks each of its own: ``TITLES = {"price": mark("Price")}``.
    """
    return msgid
