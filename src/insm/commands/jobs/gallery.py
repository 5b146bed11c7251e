"""`insm job gallery`: a page to browse the translations of a task."""

from pathlib import Path

from insm.reporting.gallery import gallery as gallery_of
from insm.support.files import write_text


def gallery(results: Path, data: Path, task: str, output: Path) -> None:
    """Write OUTPUT (.html), a page of TASK that needs no server and no network.

    RESULTS and DATA are the folders of a study's results and prepared splits.
    """
    write_text(output, gallery_of(str(results), str(data), task))
