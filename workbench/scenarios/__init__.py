"""Draws: the ground under every simulation.

`streams` gives random numbers by name, `uniforms` and `normals` designs of them, `correlated`
quantities that hang together, `cube` holds draws by period and key, `paired_difference` compares
two scenarios. How to use them: docs/draws.md.
"""

from workbench.scenarios.streams import Streams, streams
from workbench.scenarios.uniforms import blocks, normals, uniforms

__all__ = [
    "Streams",
    "blocks",
    "normals",
    "streams",
    "uniforms",
]
