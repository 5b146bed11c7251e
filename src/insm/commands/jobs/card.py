"""`insm job card`: the data card of a task."""

from pathlib import Path

from insm.commands.arguments import settings
from insm.data.settings import SplitConfig
from insm.reporting.data_card import write_card


def card(train_config: str, test_config: str, train: Path, test: Path, output: Path) -> None:
    """Write the card of the prepared splits TRAIN and TEST (.npy): OUTPUT (.md), and .json and .png beside it."""
    configs = {"train": settings(SplitConfig, train_config), "test": settings(SplitConfig, test_config)}
    write_card(configs, {"train": train, "test": test}, output)
