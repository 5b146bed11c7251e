"""`insm job card`: the data card of a task."""

from pathlib import Path

from insm.commands.arguments import settings
from insm.data.prepared_split import load_split
from insm.data.settings import SplitConfig
from insm.reporting import data_card
from insm.support.files import atomic, write_json


def card(train_config: str, test_config: str, train: Path, test: Path, output: Path) -> None:
    """Write the card of the prepared splits TRAIN and TEST: OUTPUT (.md), and .json and .png beside it."""
    from insm.reporting import data_card_figures  # only here: Matplotlib is slow to import

    configs = {"train": settings(SplitConfig, train_config), "test": settings(SplitConfig, test_config)}
    files = {"train": train, "test": test}
    opened = {name: load_split(path) for name, path in files.items()}
    numbers, attributes = data_card.describe(configs, files, opened)
    image = output.with_suffix(".png")
    with atomic(image) as part:
        data_card_figures.save(data_card_figures.card_figure(opened, attributes), part)
    with atomic(output) as part:
        part.write_text(data_card.page(numbers, image.name))
    write_json(output.with_suffix(".json"), numbers)
