"""What is done to a finished study, and to the project around it, by hand, by an editor or by an accident."""

import os
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Callable

from tests.workflow.conftest import Checkout

RESULTS, DATA = "results/tiny", "data/tiny"
STUDY, PIPELINE = "config/tiny.yaml", f"{RESULTS}/dvc.yaml"
MODEL = f"{RESULTS}/runs/land/plain/seed0/model.safetensors"

Step = Callable[[Checkout], object]


def setting(old: str, new: str) -> Step:
    """Edit the study file."""
    return edit(STUDY, old, new)


def edit(file: str, old: str, new: str, time: float | None = None) -> Step:
    """Replace a text of a file once; `time` (s since 1970): the file's time of change is set to it."""

    def do(copy: Checkout) -> None:
        path = copy.folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))
        if time is not None:
            os.utime(path, (time, time))

    return do


def append(file: str, text: str, time: float | None = None) -> Step:
    def do(copy: Checkout) -> None:
        path = copy.folder / file
        path.write_text(path.read_text() + text)
        if time is not None:
            os.utime(path, (time, time))

    return do


def flip(file: str, keep_times: bool = True) -> Step:
    """Change one byte in place; size and inode stay, and times where asked for."""

    def do(copy: Checkout) -> None:
        path = copy.folder / file
        before = path.stat()
        with path.open("r+b") as stream:
            stream.seek(-1, os.SEEK_END)
            last = stream.read(1)[0]
            stream.seek(-1, os.SEEK_END)
            stream.write(bytes([last ^ 1]))
        if keep_times:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return do


def remove(file: str) -> Step:
    def do(copy: Checkout) -> None:
        path = copy.folder / file
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return do


def write(file: str, content: bytes) -> Step:
    """Replace a file by another one, as an editor or a copy does."""

    def do(copy: Checkout) -> None:
        path = copy.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)

    return do


def both(*steps: Step) -> Step:
    def do(copy: Checkout) -> None:
        for step in steps:
            step(copy)

    return do


def touch_everything(copy: Checkout) -> None:
    for folder in ("config", "src", "workflow", "notebooks", DATA, RESULTS):
        for path in (copy.folder / folder).rglob("*"):
            if path.is_file() and path.name != ".snakemake_timestamp":
                path.touch()


def replace_by_its_copy(copy: Checkout) -> None:
    path = copy.folder / MODEL
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def another_version(copy: Checkout) -> None:
    """A model of another variant, copied over this one with its own, older time."""
    other = copy.folder / MODEL.replace("plain", "other")
    shutil.copy2(other, copy.folder / MODEL)
    os.utime(copy.folder / MODEL, (1e9, 1e9))


def forget_records(copy: Checkout) -> None:
    shutil.rmtree(copy.folder / ".snakemake")


def clone_and_pull(copy: Checkout) -> None:
    """Put a fresh clone, which has pulled, in the place of the checkout."""
    copy.run("dvc", "push", PIPELINE)
    clone = copy.clone("clone")
    clone.run("dvc", "pull", PIPELINE)
    shutil.rmtree(copy.folder)
    clone.folder.rename(copy.folder)


def edit_without_records(copy: Checkout) -> None:
    clone_and_pull(copy)
    setting("lambda_rec: 1", "lambda_rec: 3")(copy)


def forget_one_record(copy: Checkout) -> None:
    """Of a model, as if it came from elsewhere, then a setting of it."""
    name = urlsafe_b64encode(MODEL.encode()).decode()
    (copy.folder / ".snakemake/metadata" / name).unlink()
    setting("lambda_rec: 1", "lambda_rec: 3")(copy)


def only_pretrained(copy: Checkout) -> None:
    """Data and pretrained networks came from elsewhere, without models; then another length of phi's training."""
    forget_records(copy)
    for folder in ("runs", "translations", "metrics"):
        shutil.rmtree(copy.folder / RESULTS / folder)
    setting("features: 8, updates: 2", "features: 8, updates: 3")(copy)


def no_cache(copy: Checkout) -> None:
    shutil.rmtree(copy.folder / ".dvc/cache")


def results_of_an_older_commit(copy: Checkout) -> None:
    """Results that `dvc checkout` put there for the commit before this one."""
    setting("label: Plain", "label: Simple")(copy)
    copy.run("snakemake", "--config", f"study={STUDY}")
    copy.commit("Rename")
    copy.run("git", "checkout", "-q", "HEAD~1")
    copy.run("dvc", "checkout", PIPELINE)
    copy.run("git", "checkout", "-q", "main")
