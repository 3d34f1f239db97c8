"""Findings about lines of orders and quotes: signs, prices, and amounts that do not multiply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.outcome import Finding
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np

PRICED = ("order_line", "quote")

#: Numbers of cancelled documents begin so: "C536379" beside "536365".
_CANCELLED = r"[Cc][-_ ]?\d.*"


def cancellations(view: View) -> Iterator[Finding]:
    """Negative lines whose number says that they cancel another."""
    negative = _negative(view)
    marked = negative & _marked(view)
    if marked.any():
        yield view.finding("cancellations", marked.sum(), example=_number(view, marked))


def negative_quantity(view: View) -> Iterator[Finding]:
    """Negative lines without such a mark: returns, or corrections of stock that are no sales."""
    negative = _negative(view)
    bare = negative & ~_marked(view)
    if bare.any():
        yield view.finding("negative_quantity", bare.sum(), example=_number(view, bare))


def zero_price(view: View) -> Iterator[Finding]:
    """Lines given away, or corrections."""
    for name in ("net_price", "list_price"):
        if view.has(name):
            zero = view.numbers(name) == 0
            if zero.any():
                yield view.finding("zero_price", zero.sum(), column=name, example=view.key_of(zero))


def negative_price(view: View) -> Iterator[Finding]:
    """Prices below 0: corrections of money, not lines of goods."""
    for name in ("net_price", "list_price"):
        if view.has(name):
            below = view.numbers(name) < 0
            if below.any():
                example = view.key_of(below)
                yield view.finding("negative_price", below.sum(), column=name, example=example)


def amount_apart(view: View) -> Iterator[Finding]:
    """Amounts that are not quantity times price, beyond what rounding explains."""
    import numpy as np

    if not view.has("quantity", "net_price", "amount"):
        return
    quantity, amount = view.numbers("quantity"), view.numbers("amount")
    product = quantity * view.numbers("net_price")
    # Half a cent of the price for each piece: sheets show prices to the cent.
    apart = np.abs(amount - product) > 0.01 + 0.005 * np.abs(quantity)
    if apart.any():
        place = int(apart.argmax())
        yield view.finding(
            "amount_apart", apart.sum(), (amount == amount).sum(), example=view.key_of(apart),
            value=f"{amount[place]:.2f}", product=f"{product[place]:.2f}",
        )  # fmt: skip


def above_list(view: View) -> Iterator[Finding]:
    """Net prices above the list price of the same line."""
    if view.has("net_price", "list_price"):
        net, listed = view.numbers("net_price"), view.numbers("list_price")
        above = (net > listed * 1.0001) & (listed > 0)
        if above.any():
            yield view.finding("above_list", above.sum(), example=view.key_of(above))


RULES = (
    Rule(
        "cancellations",
        mark(
            "{count} of {of} rows ({share}) cancel others: their number begins with C and the"
            " quantity is negative, as in {example}. They lower sales; they are no orders."
        ),
        cancellations,
        tables=("order_line",),
    ),
    Rule(
        "negative_quantity",
        mark(
            "{count} of {of} rows ({share}) have a negative quantity without the mark of a"
            " cancellation, such as {example}: returns, or corrections of stock that are no sales?"
        ),
        negative_quantity,
        tables=("order_line", "quote", "delivery", "sell_out"),
    ),
    Rule(
        "zero_price",
        mark("{column} is 0 in {count} of {of} rows, such as {example}: free goods, or no sales?"),
        zero_price,
        tables=(*PRICED, "product"),
    ),
    Rule(
        "negative_price",
        mark("{column} is below 0 in {count} of {of} rows, such as {example}: no price of goods."),
        negative_price,
        tables=(*PRICED, "product"),
    ),
    Rule(
        "amount_apart",
        mark(
            "The amount is not quantity times price in {count} of {of} rows: {value} instead of"
            " {product} in {example}."
        ),
        amount_apart,
        tables=("order_line",),
    ),
    Rule(
        "above_list",
        mark("The net price is above the list price in {count} of {of} rows, such as {example}."),
        above_list,
        tables=PRICED,
    ),
)


def _negative(view: View) -> np.ndarray[Any, Any]:
    import numpy as np

    return view.numbers("quantity") < 0 if view.has("quantity") else np.zeros(len(view), bool)


def _marked(view: View) -> np.ndarray[Any, Any]:
    """Negative lines whose order (or key, or any text as it stood) is named as a cancellation."""
    import numpy as np

    at = np.flatnonzero(_negative(view))
    columns = [view.frame[n] for n in ("order_id", "order_line_id") if view.has(n)]
    if view.raw is not None and len(view.raw) == len(view):
        columns += [view.raw[header] for header in view.raw]
    marked = np.zeros(len(view), bool)
    for values in columns:
        texts = values.iloc[at].astype("str").str
        marked[at] |= texts.fullmatch(_CANCELLED).fillna(False).to_numpy(dtype=bool)
    return marked


def _number(view: View, where: np.ndarray[Any, Any]) -> str:
    """Number of the order of the first such row, its key without one."""
    if view.has("order_id"):
        return str(view.frame["order_id"].iloc[int(where.argmax())])
    return view.key_of(where)
