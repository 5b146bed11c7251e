"""A blinded study: what raters see (`study.json`, the folder `site`) and what only its owner knows (`key.json`)."""

from pathlib import Path

from pydantic import Field

from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.schema import Section, parse


class Item(Section):
    """One comparison as a rater sees it: an input and the outputs of the methods in a shuffled order."""

    id: str
    """Opaque: it tells neither image nor method."""
    target: str
    """What the input is to become, in words."""
    input: str
    """Its file, relative to the folder `site`."""
    outputs: tuple[str, ...] = Field(min_length=2)
    """Files of the outputs, by place."""


class Study(Section):
    """What raters see."""

    id: str
    """Of the study: answers to another one are refused."""
    size: int
    """Width and height of the images in pixels."""
    consent: str
    """What a rater agrees to."""
    items: tuple[Item, ...] = Field(min_length=1)
    """All comparisons, attention checks among them."""
    parts: tuple[tuple[str, ...], ...] = Field(min_length=1)
    """Items of each part in the order of showing; a rater gets one part."""

    def part(self, number: int) -> list[Item]:
        """The items of a part in the order of showing."""
        items = {item.id: item for item in self.items}
        return [items[name] for name in self.parts[number]]


class Contender(Section):
    """A method in the comparison."""

    method: str
    """Module in insm/methods."""
    label: str
    """What tables call it."""
    variants: dict[int, str]
    """Value of the attribute that is translated to -> the variant whose images stand for the method."""


class Shown(Section):
    """What an item shows."""

    image: int
    """Row of the test split."""
    attribute: str
    """The attribute that is toggled."""
    value: int
    """Its value after the edit."""
    methods: tuple[str, ...]
    """The method at each place."""


class Key(Section):
    """What only the owner of a study knows."""

    id: str
    """Of the study."""
    results: str
    """Folder of the results that are compared."""
    task: str
    """Of those results."""
    seed: int
    """Of every shuffle."""
    contenders: tuple[Contender, ...]
    """The methods, in the paper's order."""
    items: dict[str, Shown]
    """Item -> what it shows."""
    attention: dict[str, int]
    """Attention check -> its only right place."""


def load_study(folder: Path) -> Study:
    """What raters of the study in `folder` see.

    Raises:
        UserError: the file is missing or broken.
    """
    return _load(folder / "study.json", Study)


def load_key(folder: Path) -> Key:
    """What only the owner of the study in `folder` knows.

    Raises:
        UserError: the file is missing or broken.
    """
    return _load(folder / "key.json", Key)


def _load(path: Path, section: type[Section]):
    if not path.exists():
        raise UserError(f"{path} is missing: make the study with `insm vote build`")
    return parse(section, read_json(path), path)
