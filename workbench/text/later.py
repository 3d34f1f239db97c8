"""A sentence told where no language is known, and said in the reader's where it is shown.

Engines raise their errors without a language; whoever shows one has it: `Language.again`.
"""

from __future__ import annotations

from typing import Any


class Later(str):
    """An English sentence that remembers what it was made of, for `Language.again`.

    Attributes
    ----------
    msgid : str
        The sentence with its {fields}.
    fields : dict of str to any
        What stands in them.
    """

    __slots__ = ("fields", "msgid")

    msgid: str
    fields: dict[str, Any]

    def __new__(cls, msgid: str, fields: dict[str, Any]) -> Later:
        """Fill the fields in."""
        english = {n: each[0] if isinstance(each, tuple) else each for n, each in fields.items()}
        self = super().__new__(cls, msgid.format(**english))
        self.msgid, self.fields = msgid, fields
        return self

    def __getnewargs__(self) -> tuple[str, dict[str, Any]]:  # type: ignore[override]
        """What makes the same sentence in another process."""
        return self.msgid, self.fields


def later(msgid: str, /, **fields: Any) -> Later:
    """Tell a sentence in English that can be said in another language later.

    Parameters
    ----------
    msgid : str
        The English sentence; a literal, so that the check of the catalogues finds it.
    **fields
        Texts for the fields. Those of `later` are said in the language as well; a pair is a name
        in English and Chinese.
    """
    return Later(msgid, fields)
