"""Company names made comparable: which parts does a name have, however it was typed?

上海恒拓电子有限公司, 恒拓电子（上海）有限责任公司 and 恒拓电子(上海市)有限公司 have the same place,
core, trade and kind of form. Words they are made of: `vocabulary.py`; pairs of names: `pairs.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench.loaders.dedup.vocabulary import (
    BRANCHES,
    CHINESE_FORMS,
    CHINESE_TRADES,
    ENGLISH_FORMS,
    ENGLISH_TRADES,
    FORMER,
    NATION,
    REMARKS,
    alternatives,
    places,
)
from workbench.loaders.dedup.words import (
    HAN,
    SPACES,
    cut,
    first,
    is_said,
    looked_up,
    pulled,
    replaced,
    split,
    trimmed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

#: Parts of a name, in the order of the frame that `normal_name` returns.
PARTS = ("place", "core", "trade", "form", "group", "branch", "former")

_PLAIN = (
    (r"[\[{【〔〖〈《「『<]", "("),
    (r"[\]}】〕〗〉》」』>]", ")"),
    (r"[.'’`·•・]", ""),
    (r"\band\b|\+", "&"),
    (rf"[^{HAN}\pL\pN()&]+", " "),
    (r"\( *\)", " "),
    *SPACES,
)

# 昆山市 is 昆山; but 城市, 超市, 门市, 股市, 都市, 夜市, 上市 and 集市 are words.
_TOWN = r"^(\p{Han}{1,3}[^\P{Han}城超门股都夜上集])市(\p{Han}{2,})"
# 浦东新区, 余杭区, 嘉善县; but not 开发区, 园区, 社区, 保税区 and the like.
_DISTRICT = (
    r"^(?:\p{Han}{2,3}新区|\p{Han}{1,2}[^\P{Han}新社园发业术税济景小校厂片特]区|\p{Han}{1,2}县)"
)
_SEATS = "公司|集团|厂|银行|医院|大学|学院|研究院|研究所|中心|商行"
_BRANCH = ((r"[省市](分|办|营|代)", r"\1"), ("第|^ ", ""))
_TRADES_AT_MOST = 5  # words of trade in one name
_NUMBER = r"第?[一二三四五六七八九十\d]*"


def normal_name(names: pd.Series) -> pd.DataFrame:
    """Split names of companies into comparable parts.

    Parameters
    ----------
    names : pandas.Series of text, shape (n,)
        Names in Chinese, English or both; missing ones give empty parts.

    Returns
    -------
    pandas.DataFrame
        Same index. `place` (six-digit code of GB/T 2260, "000000" for 中国 in brackets), `core`
        (the brand, 字号), `trade` (行业, as written), `form` (limited, shares, company,
        partnership, individual, cooperative), `branch` (分公司 and the like, as written) and
        `former` (name given in brackets as the earlier one), each "" where there is none;
        `group` is true where 集团 stands in front of the form.

    Notes
    -----
    Order of the parts after the rules on the registration of enterprise names
    (企业名称登记管理规定). 有限公司 and 有限责任公司 are one form in law; 股份有限公司 is another.
    """
    import pandas as pd
    import pyarrow as pa

    texts = pa.array(names.astype(object), pa.string(), from_pandas=True)
    coded = texts.fill_null("").dictionary_encode()
    parts = _parts(coded.dictionary)
    columns = {name: parts[name].take(coded.indices).to_pandas() for name in PARTS}
    return pd.DataFrame(columns).set_index(names.index)


def plain_text(names: pa.Array) -> pa.Array:
    """Names in one width and case, one kind of bracket, no punctuation, no needless space."""
    import pyarrow.compute as pc

    text = pc.utf8_lower(pc.utf8_normalize(names, "NFKC"))
    return pc.utf8_trim_whitespace(replaced(text, _PLAIN))


def _parts(names: pa.Array) -> dict[str, Any]:
    """Parts of distinct names: brackets first, then from the end to the front."""
    text, inner = _brackets(plain_text(names))
    text, branch = _branch(text)
    text, form, group = _form(text)
    text, place = _place(text, inner["place"])
    core, trade = _trade(text)
    return {
        "place": place,
        "core": core,
        "trade": trade,
        "form": looked_up(first(form, inner["form"]), _kinds()),
        "group": is_said(first(group, inner["group"])),
        "branch": replaced(first(branch, inner["branch"]), _BRANCH),
        "former": inner["former"],
    }


def _brackets(text: pa.Array) -> tuple[pa.Array, dict[str, pa.Array]]:
    """The names without brackets, and what of known meaning stood in them.

    恒拓电子(昆山)有限公司 becomes 昆山恒拓电子有限公司; longer remarks stay where they are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    bracketed = pc.match_substring(text, "(")
    some, found = text.filter(bracketed), {}
    for name, pattern in _inner_patterns():
        some, found[name] = pulled(some, rf"\((?P<found>{pattern})\)")
    some, found["place"] = _inner_place(some)
    found["former"] = replaced(found["former"], ((rf"^(?:{FORMER}) *", ""),))
    some = replaced(
        some, ((rf"^(.+)\(([{HAN}]{{1,4}})\)(.*)$", r"\2\1\3"), (r"[()]", " "), *SPACES)
    )
    nothing = pa.array([""] * len(text), pa.string())
    inner = {name: pc.replace_with_mask(nothing, bracketed, each) for name, each in found.items()}
    whole = pc.replace_with_mask(text, bracketed, some)
    return replaced(whole, (("[()]", ""), (r"^[ &]+|[ &]+$", ""))), inner


def _inner_patterns() -> tuple[tuple[str, str], ...]:
    return (
        ("former", rf"(?:{FORMER}) *[^()]+"),
        ("remark", REMARKS),
        ("branch", rf"[^()]*(?:{BRANCHES})"),
        ("group", "集团|group"),
        ("form", alternatives(_kinds())),
    )


def _inner_place(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """A place that stands alone in the first or last brackets."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array([*places(), *NATION])
    place = pc.utf8_slice_codeunits(text, 0, 0)
    for pattern in (
        r"^(?P<head>[^()]*)\((?P<inner>[^()]*)\)(?P<tail>.*)$",
        r"^(?P<head>.*)\((?P<inner>[^()]*)\)(?P<tail>[^()]*)$",
    ):
        parts = pc.extract_regex(text, pattern)
        head, inner, tail = (pc.struct_field(parts, each) for each in ("head", "inner", "tail"))
        known = pc.and_(pc.equal(place, ""), pc.is_in(inner, names)).fill_null(False)
        rest = replaced(pc.binary_join_element_wise(head, tail, " "), SPACES)
        place, text = pc.if_else(known, inner, place), pc.if_else(known, trimmed(rest), text)
    return text, place


def _branch(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The company and its branch: 恒拓有限公司 and 上海分公司."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pc.match_substring_regex(text, f"(?:{BRANCHES})$")
    seated = rf"^(?P<head>.+?(?:{_SEATS}))(?P<tail>.{{0,12}}?(?:{BRANCHES}))$"
    alone = rf"^(?P<head>.{{2,}}?)(?P<tail>{_NUMBER} ?(?:{BRANCHES}))$"
    head, tail = split(text.filter(ends), seated)
    head, more = split(head, alone)
    short, place = cut(head, places(), least=2)
    placed = pc.and_(is_said(more), is_said(place))
    head = pc.if_else(placed, short, head)
    more = pc.if_else(placed, pc.binary_join_element_wise(place, more, ""), more)
    nothing = pa.array([""] * len(text), pa.string())
    return pc.replace_with_mask(text, ends, trimmed(head)), pc.replace_with_mask(
        nothing, ends, first(tail, more)
    )


def _form(text: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """What stands before the form, the form, and 集团 or group in front of it."""
    rest, form = cut(text, _spaced(_kinds()))
    rest, group = cut(rest, ["集团", " group"])
    return rest, trimmed(form), group


def _place(text: pa.Array, inner: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What stands behind the place, and its code: of the place in brackets before one in front.

    A second place is one only if it lies in the first: 北京重庆火锅 stands in 北京.
    """
    import pyarrow.compute as pc

    codes = {**places(), **NATION}
    code = looked_up(inner, codes)
    heads = [name if not name.isascii() else f"{name} " for name in places()]
    for _ in range(2):
        rest, name = cut(text, heads, front=True, least=2)
        found = looked_up(trimmed(name), codes)
        inside = pc.equal(pc.utf8_slice_codeunits(code, 0, 2), pc.utf8_slice_codeunits(found, 0, 2))
        taken = pc.and_(is_said(found), pc.or_(pc.equal(code, ""), inside))
        city = pc.not_equal(pc.utf8_slice_codeunits(found, 2, 6), "0000")
        text = pc.if_else(taken, rest, text)
        code = pc.if_else(pc.and_(taken, pc.or_(city, pc.equal(code, ""))), found, code)
    without_district = replaced(text, ((_DISTRICT + r"(\p{Han}{2,})", r"\1"),))
    text = pc.if_else(is_said(code), without_district, text)
    return replaced(text, ((_TOWN, r"\1\2"),)), code


def _trade(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Brand and trade; the brand keeps at least two characters."""
    import pyarrow.compute as pc

    words = [*CHINESE_TRADES.split("|"), *_spaced(ENGLISH_TRADES.split("|"))]
    trade = pc.utf8_slice_codeunits(text, 0, 0)
    for _ in range(_TRADES_AT_MOST):
        text, word = cut(text, words, least=2)
        if not pc.any(is_said(word)).as_py():
            break
        trade = pc.binary_join_element_wise(word, trade, "")
    return text, trimmed(trade)


def _spaced(words: Iterable[str]) -> list[str]:
    """Words as they end a name: English ones stand apart."""
    return [word if not word.isascii() else f" {word}" for word in words]


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    """Legal forms and their kinds."""
    return {
        form: kind
        for declared in (CHINESE_FORMS, ENGLISH_FORMS)
        for kind, words in declared.items()
        for form in words.split("|")
    }
