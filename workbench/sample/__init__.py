"""The sample company: a causal simulation with known truth (`docs/sample_company.md`).

`generate(folder)` writes it. Rooms, in the order they run: `geography`, `season`,
`organisation`, `products` (shared frame); `accounts`, `pool`, `demand`, `deals`, `leads`,
`activities` (demand); `dealers`, `lines`, `money`, `people`, `plans`, `market`, `cut` (what
follows). `parameters` and `effects` say what is planted, `ranges` what the files measure.
"""

from workbench.sample.effects import effects
from workbench.sample.generate import SampleSummary, generate

__all__ = ["SampleSummary", "effects", "generate"]
