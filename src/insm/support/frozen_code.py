"""The code as it was when a run of Snakemake began: a job that finds another one on the disk ends without a result.

Snakemake records what a job made as made by the code of that time, wherever and whenever the job ran.
"""

import json
import os
import sys
from pathlib import Path

from insm.support.code_hash import syntax_hash
from insm.support.imports import loaded_files
from insm.support.refusals import TRY_AGAIN

CODE = "INSM_CODE"
"""Environment variable: the file of the source graph (`source_graph.graph_file`) of the run of Snakemake."""


def changed_code() -> list[str]:
    """Modules that this process has imported and that do something else than when the run began, as paths."""
    graph = Path(os.environ.get(CODE, ""))
    if not graph.is_file():
        return []
    frozen, since = json.loads(graph.read_text(encoding="utf-8"))["hashes"], graph.stat().st_ctime
    files = {f"src/insm/{name}": file for name, file in loaded_files().items()}
    touched = {name: file for name, file in files.items() if file.stat().st_ctime >= since}  # spares reading the others
    return [name for name, file in touched.items() if syntax_hash(file) != frozen.get(name)]


def check_code() -> None:
    """End this process, without a result, if its code is not that of the run of Snakemake to which it belongs."""
    if changed := changed_code():
        print(
            f"the code changed since this run of Snakemake began ({', '.join(changed)}): nothing is written; call "
            "snakemake again",
            file=sys.stderr,
            flush=True,
        )
        raise SystemExit(TRY_AGAIN)
