"""Records of a finished study: they name every file, stay as they are when a job runs again, and tell damage."""

import os

from tests.workflow.conftest import Checkout

MODEL = "results/tiny/runs/land/plain/seed0/model.safetensors"
TABLE = "results/tiny/tables/metrics.csv"


def damage(checkout: Checkout, name: str) -> None:
    """Change one bit of a file, but neither its size nor its time."""
    path = checkout.folder / name
    content, status = path.read_bytes(), path.stat()
    path.unlink()  # DVC may have linked it to its cache
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_every_file_has_a_record_and_a_number_leads_to_the_prepared_split(finished):
    told = finished.run("insm", "verify", "results/tiny").stdout
    count = told.split(":")[1].split()[0]
    assert f"{count} files: {count} as recorded" in told
    chain = finished.run("insm", "provenance", TABLE).stdout
    assert "data/tiny/land/train.npy" in chain and "from no file: drawn by the code" in chain


def test_a_repeated_job_changes_no_record(tiny):
    (tiny.folder / TABLE).unlink()
    tiny.snakemake("tables", study="tiny")
    assert tiny.run("git", "status", "--porcelain").stdout == ""


def test_one_wrong_bit_is_named_and_never_used(tiny):
    damage(tiny, MODEL)
    done = tiny.run("insm", "verify", "results/tiny", check=False)
    assert done.returncode == 1 and f"{MODEL}: differ: 1 of" in done.stdout
    done = tiny.run("insm", "model", "export", MODEL.rpartition("/")[0], "exported", check=False)
    assert done.returncode == 2 and "other bytes" in done.stderr
