"""Write the sample company of the repository and the table of what it measures.

    python -m workbench.sample

writes `data/sample` and, in `docs/sample_company.md`, the table between its two marks.
"""

from __future__ import annotations

from pathlib import Path

from workbench.sample.generate import generate
from workbench.sample.ranges import markdown, measured

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main(project: Path = Path()) -> None:
    """Generate the small company and measure it."""
    folder, page = project / "data" / "sample", project / "docs" / "sample_company.md"
    summary = generate(folder)
    table = measured(folder)
    if page.exists():
        text = page.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        page.write_text(f"{before}{BEGIN}\n{markdown(table)}\n{END}{after}", encoding="utf-8")
    print(f"{sum(summary.rows.values()):,} rows, {summary.bytes / 1e6:.2f} MB in {folder}")
    for row in table[~table["inside"]].itertuples():
        print(f"outside its range: {row.what}: {row.value:g}, planted {row.low:g} to {row.high:g}")


if __name__ == "__main__":
    main()
