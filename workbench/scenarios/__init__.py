"""Draws: the ground under every simulation.

`streams` gives random numbers by name, `uniforms` and `normals` designs of them, `correlated`
quantities that hang together, `cube` holds draws by period and key, `paired_difference` compares
two scenarios. How to use them: docs/draws.md.
"""

from workbench.scenarios.copula import Dependence, correlated, dependence
from workbench.scenarios.cube import check_cube, cube, total
from workbench.scenarios.cube_files import load_cube, save_cube
from workbench.scenarios.marginals import quantiles
from workbench.scenarios.nearest import NearestCorrelation, nearest_correlation
from workbench.scenarios.paired import PairedDifference, paired_difference
from workbench.scenarios.streams import Streams, streams
from workbench.scenarios.uniforms import blocks, normals, uniforms

__all__ = [
    "Dependence",
    "NearestCorrelation",
    "PairedDifference",
    "Streams",
    "blocks",
    "check_cube",
    "correlated",
    "cube",
    "dependence",
    "load_cube",
    "nearest_correlation",
    "normals",
    "paired_difference",
    "quantiles",
    "save_cube",
    "streams",
    "total",
    "uniforms",
]
