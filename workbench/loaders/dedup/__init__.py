"""Accounts entered twice: find, let a person decide, merge, undo.

`names.py` (words in `vocabulary.py`) makes names comparable, `pairs.py` finds who could be one,
`score.py` proposes (names by `meetings.py`, assumptions in `weights.py`), `merge_file.py` asks,
`merge.py` (with `validity.py`, `remembered.py`) merges, `console.py` is the command.
"""

from workbench.loaders.dedup.merge import MergeResult, apply_merge, undo_merge
from workbench.loaders.dedup.merge_file import read_merge_file, write_merge_file
from workbench.loaders.dedup.names import normal_name
from workbench.loaders.dedup.remembered import merged_ids
from workbench.loaders.dedup.score import propose

__all__ = [
    "MergeResult",
    "apply_merge",
    "merged_ids",
    "normal_name",
    "propose",
    "read_merge_file",
    "undo_merge",
    "write_merge_file",
]
