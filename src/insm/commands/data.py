"""`insm data check` and `preview`: look at data, and be sure of it."""

from pathlib import Path

from insm.data.checking import check_raw_images
from insm.data.prepared_split import load_split
from insm.data.settings import SplitConfig
from insm.reporting.data_card import verify
from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.schema import parse


def check(path: Path, workers: int = 1, skip_unreadable: bool = False) -> None:
    """Check PATH: a prepared split (.npy) against its card, or every raw image of a study (.yaml) or a split (.json).

    Unreadable images are an error, unless they are to be skipped and others are left.
    """
    if path.suffix == ".npy":
        verify(path)
        print(f"{path}: {len(load_split(path))} images, as the data card says")
        return
    for settings in split_settings(path):
        for line in check_raw_images(settings, workers, skip_unreadable):
            print(line)


def split_settings(path: Path) -> list[SplitConfig]:
    """The splits that a study (.yaml) or the settings of one split (.json) describe."""
    if path.suffix in (".yaml", ".yml"):
        from insm.config.study import load_study  # only here: it loads torch, which the rest does without

        return [task.data.split(split) for task in load_study(path).tasks.values() for split in ("train", "test")]
    if path.suffix == ".json":
        return [parse(SplitConfig, read_json(path), path)]
    raise UserError(f"{path} is no prepared split (.npy), study (.yaml) or settings of a split (.json)")


def preview(split: Path, output: Path) -> None:
    """Write images of the prepared split SPLIT (.npy) to OUTPUT (.png): a row for each value of every attribute."""
    from insm.reporting.data_card_figures import save_preview  # only here: Matplotlib is slow to import

    save_preview(load_split(split), output)
