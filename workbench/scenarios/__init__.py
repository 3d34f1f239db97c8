"""Draws: the ground under every simulation.

`streams` gives random numbers by name, `uniforms` and `normals` designs of them, `correlated`
quantities that hang together, `cube` holds draws by period and key, `paired_difference` compares
two scenarios. How to use them: docs/draws.md.
"""

from workbench.scenarios.cube import check_cube, cube, total
from workbench.scenarios.paired import PairedDifference, paired_difference
from workbench.scenarios.streams import Streams, streams
from workbench.scenarios.uniforms import blocks, normals, uniforms

__all__ = [
    "PairedDifference",
    "Streams",
    "blocks",
    "check_cube",
    "cube",
    "normals",
    "paired_difference",
    "streams",
    "total",
    "uniforms",
]
