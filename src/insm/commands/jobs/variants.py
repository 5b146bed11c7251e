"""`insm job variants`: what tables, figures and readers tell of a task's method variants."""

from pathlib import Path

import pandas as pd

from insm.commands.arguments import json_argument
from insm.reporting.tables import write_table
from insm.support.files import write_json


def variants(content: str, table: Path, settings: Path) -> None:
    """From CONTENT (JSON), write TABLE (.csv: what `config.plan.variants_of` tells) and SETTINGS (.json)."""
    task = json_argument(content)
    write_table(pd.DataFrame(task["variants"]), table)
    write_json(settings, task["settings"])
