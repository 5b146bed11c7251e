"""`insm data card`, `check` and `preview`: look at data, and be sure of it."""

from pathlib import Path

from insm import card as cards
from insm import pack as packs
from insm.commands.prepare import RAW, differences, draft, originals
from insm.config import PackConfig
from insm.datasets import load_dataset
from insm.errors import UserError
from insm.files import atomic, read_json, write_json
from insm.schema import parse
from insm.study import load_study


def card(train_config: Path, test_config: Path, train: Path, test: Path, output: Path) -> None:
    """Write the card of the packs TRAIN and TEST: OUTPUT (.md), and .json and .png beside it."""
    from insm import sheet  # only here: Matplotlib is slow to import

    configs: dict[str, PackConfig] = {
        split: parse(PackConfig, read_json(path), path)
        for split, path in (("train", train_config), ("test", test_config))
    }
    config, dataset = configs["train"], load_dataset(configs["train"].dataset)
    if dataset.published:
        config = config.model_copy(update={"source": originals(config)})
    files = {"train": train, "test": test}
    opened = {split: packs.load(path) for split, path in files.items()}
    asked = {split: c.count for split, c in configs.items()}
    numbers = cards.describe(config, dataset, files, opened, asked, fetched(configs["train"]))
    picture = output.with_suffix(".png")
    with atomic(picture) as part:
        sheet.save(sheet.card_figure(opened, dataset.attributes), part)
    with atomic(output) as part:
        part.write_text(cards.page(numbers, picture.name))
    write_json(output.with_suffix(".json"), numbers)


def fetched(config: PackConfig) -> dict[str, dict]:
    """What `fetch` recorded of the original files of a pack, unless the study names a folder of its own."""
    path = RAW / load_dataset(config.dataset).name / "checksums.json"
    return read_json(path) if config.source is None and path.exists() else {}


def check(path: Path, workers: int = 1, skip_broken: bool = False) -> None:
    """Check PATH: a pack (.npy) against its card, or every original picture of a study (.yaml) or one pack (.json).

    Broken pictures are an error, unless they are to be skipped and others are left.
    """
    if path.suffix == ".npy":
        cards.verify(path)
        print(f"{path}: {len(packs.load(path))} pictures, as the card says")
        return
    if path.suffix in (".yaml", ".yml"):
        data = [task.data for task in load_study(path).tasks.values()]
        wanted = [settings.pack(split) for settings in data for split in ("train", "test")]
    elif path.suffix == ".json":
        wanted = [parse(PackConfig, read_json(path), path)]
    else:
        raise UserError(f"{path} is no pack (.npy), study (.yaml) or settings of a pack (.json)")
    for want in wanted:
        for difference in differences(want):
            print(difference)
        originals, name = draft(want), f"{want.dataset}, {want.split}"
        broken = list(originals.work(lambda row, picture: None, workers, "checking").values())
        for reason in packs.reasons(broken):
            print(f"{name}: {reason}")
        if broken and (not (skip_broken or want.skip_broken) or len(broken) == len(originals)):
            raise UserError(f"{name}: {packs.complaint(broken, packs.CURE)}")
        print(f"{name}: {len(originals) - len(broken)} pictures are whole, {len(broken)} rows are broken")


def preview(pack: Path, output: Path) -> None:
    """Write pictures of PACK (.npy), each value of every bit in a row of its own, to OUTPUT (.png)."""
    from insm import sheet  # only here: Matplotlib is slow to import

    opened = packs.load(pack)
    with atomic(output) as part:
        sheet.save(sheet.sample_figure(opened, sheet.bits_of(opened)), part)
