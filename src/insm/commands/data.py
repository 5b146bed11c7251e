"""`insm data check` and `preview`: look at data, and be sure of it."""

from pathlib import Path

from insm.config.study import load_study
from insm.data.lazy_split import CURE, complaint, reasons
from insm.data.prepared_split import load_split
from insm.data.raw_files import count_differences, lazy_split_of
from insm.data.settings import SplitConfig
from insm.reporting import data_card
from insm.support.errors import UserError
from insm.support.files import atomic, read_json
from insm.support.schema import parse


def check(path: Path, workers: int = 1, skip_broken: bool = False) -> None:
    """Check PATH: a prepared split (.npy) against its card, or every original image of a study (.yaml) or one prepared split (.json).

    Broken images are an error, unless they are to be skipped and others are left.
    """
    if path.suffix == ".npy":
        data_card.verify(path)
        print(f"{path}: {len(load_split(path))} images, as the card says")
        return
    if path.suffix in (".yaml", ".yml"):
        data = [task.data for task in load_study(path).tasks.values()]
        wanted = [settings.split(split) for settings in data for split in ("train", "test")]
    elif path.suffix == ".json":
        wanted = [parse(SplitConfig, read_json(path), path)]
    else:
        raise UserError(f"{path} is no prepared split (.npy), study (.yaml) or settings of a prepared split (.json)")
    for want in wanted:
        for difference in count_differences(want):
            print(difference)
        originals, name = lazy_split_of(want), f"{want.dataset}, {want.split}"
        broken = list(originals.work(lambda row, image: None, workers, "checking").values())
        for reason in reasons(broken):
            print(f"{name}: {reason}")
        if broken and (not (skip_broken or want.skip_broken) or len(broken) == len(originals)):
            raise UserError(f"{name}: {complaint(broken, CURE)}")
        print(f"{name}: {len(originals) - len(broken)} images are whole, {len(broken)} rows are broken")


def preview(split: Path, output: Path) -> None:
    """Write images of PACK (.npy), each value of every attribute in a row of its own, to OUTPUT (.png)."""
    from insm.reporting import data_card_figures  # only here: Matplotlib is slow to import

    opened = load_split(split)
    with atomic(output) as part:
        data_card_figures.save(data_card_figures.sample_figure(opened, data_card_figures.labels_of(opened)), part)
