"""`insm job notebook`: execute a notebook on a study's results."""

from pathlib import Path

from insm.reporting import notebooks
from insm.support import records


def notebook(source: Path, results: Path, data: Path, output: Path, html: Path, figures: Path, tasks: str = "") -> None:
    """Execute SOURCE (.ipynb) on a study's RESULTS and DATA: OUTPUT (.ipynb), its copy HTML, and FIGURES (a folder).

    Equal results give equal bytes: no times, paths or versions of Python are kept.
    """
    opened = notebooks.execute(source, output, results, data, figures, tasks)
    for name, digest in opened.items():
        records.noted(Path(name), digest)
    notebooks.write_page(output, html)
    for path in sorted(figures.iterdir()):
        records.wrote(path)
