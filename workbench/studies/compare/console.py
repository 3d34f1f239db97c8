"""The differences between runs on the console: about a screen, the rest is in the HTML file."""

from __future__ import annotations

from workbench.studies.compare import view
from workbench.studies.compare.comparison import Comparison
from workbench.terminal import print_table

SENTENCES = 3
ROWS = 12


def print_comparison(compared: Comparison, *, everything: bool = False) -> None:
    """Print the finding, what it can come from, and the tables of differences.

    Parameters
    ----------
    compared : Comparison
    everything : bool
        All key figures that differ; else the largest changes.
    """
    finding = view.finding(compared)
    print(finding)
    print(view.lead(compared))
    for sentence in view.sentences(compared, most=SENTENCES):
        if sentence.rstrip(compared.lang.stop) != finding:
            print(sentence)
    for sentence in view.draws_sentences(compared):
        print(sentence)
    for part in view.parts(compared, everything=everything, most=ROWS):
        print()
        print(part.title)
        if part.reading:
            print(part.reading)
        if part.rows:
            print_table(part.heads, part.rows, right=sorted(part.numbers))
        if part.note:
            print(part.note)
