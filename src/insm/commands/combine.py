"""`insm choose` and `insm combine`: edits of several attributes at once, for Figures 1 and 5."""

from pathlib import Path

import numpy as np

from insm import pack as packs
from insm.commands.translate import Translator
from insm.datasets import load_dataset
from insm.datasets.base import Dataset
from insm.edits import SEED, changed, several, with_values
from insm.files import read_json, write_json
from insm.pack import Pack

FACES = 2  # test pictures per set of Figure 1
DRAWN = 8  # pictures of Figure 5, each with a set of its own
COUNT = 3  # attributes of a drawn set, as in Figure 1

Wishes = list[dict]  # each: figure, row of the test pack, values by attribute


def wishes_of(dataset: Dataset, train: Pack, test: Pack) -> Wishes:
    """What is asked for.

    Figure 1: the dataset's sets, each for the first test pictures that all of its values change and whose outcome is
    possible. Figure 5: for each of the first test pictures a set of three bits to be toggled, drawn with a fixed seed.
    """
    seen, bits = (pack.labels(dataset.attributes) for pack in (train, test))
    wishes = [
        {"figure": "figure1", "row": int(row), "values": values}
        for values in dataset.combinations
        for row in np.flatnonzero(changed(bits, dataset, values, seen))[:FACES]
    ]
    rng = np.random.default_rng(SEED)
    return wishes + [
        {"figure": "figure5", "row": row, "values": several(label, dataset, COUNT, seen, rng)}
        for row, label in enumerate(bits[:DRAWN])
    ]


def asked(wishes: Wishes, dataset: Dataset, test: Pack) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the test pack [K], their labels and the labels asked for, uint8 [K, A]."""
    rows = np.array([wish["row"] for wish in wishes], dtype=int)
    bits = test.labels(dataset.attributes)[rows]
    targets = [with_values(bits[k : k + 1], dataset, wish["values"]) for k, wish in enumerate(wishes)]
    return rows, bits, np.concatenate([bits[:0], *targets])


def choose(dataset: str, train: Path, test: Path, output: Path, truth: Path) -> None:
    """Write to OUTPUT (.json) which combined edits of pack TEST are asked for; labels of TRAIN tell what is possible.

    TRUTH gets their exact counterfactuals, uint8 [K, S, S, 3] (.npy), empty if there are none.
    """
    kind, pack = load_dataset(dataset), packs.load(test)
    wishes = wishes_of(kind, packs.load(train), pack)
    rows, _, targets = asked(wishes, kind, pack)
    pictures = kind.counterfactual(pack.table.iloc[rows].reset_index(drop=True), targets, pack.size)
    packs.save_array(pictures, truth)
    write_json(output, wishes)


def combine(model: Path, test: Path, wishes: Path, device: str, output: Path) -> None:
    """Translate pictures of the pack TEST with MODEL as WISHES asks; OUTPUT is uint8 [K, S, S, 3] (.npy)."""
    translator = Translator(model, test, device)
    rows, bits, targets = asked(read_json(wishes), translator.dataset, translator.pack)
    pictures = translator.pack.images[rows]
    packs.save_array(np.concatenate([pictures[:0], *translator(pictures, bits, targets)]), output)
