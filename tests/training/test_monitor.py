"""The accuracy that is watched during a training: right, and without any influence on what is trained."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.data.prepared_split import load_split
from insm.networks.classifier import Classifier
from insm.support import torch_files
from insm.support.recording import recording
from insm.support.records import Current
from insm.training.monitor import Monitor
from tests.training.test_trainer import NAMES, RUNTIME, Embed, run_config

PORTRAITS = load_dataset("portraits")


class Reads(nn.Module):
    """A classifier that sees an attribute where the mean of the image is above zero, and draws random numbers."""

    def forward(self, image):
        torch.rand(3)
        return image.mean(dim=(1, 2, 3))[:, None].expand(-1, len(PORTRAITS.attributes))


class Paints:
    """A method that answers with a white image where the first attribute is wanted, else a black one."""

    class config:
        translates_to = (0, 1)

    def translate(self, image, source, target):
        return (2 * target[:, 0] - 1)[:, None, None, None].expand(image.shape)


def monitor(split):
    """A monitor that needs no files."""
    made = Monitor(Path("none.npy"), Path("none.pt"))
    made.split, made.classifier = split, Reads()
    return made


def test_it_counts_edits_that_are_read_as_wanted(split):
    values = monitor(split)(Paints(), PORTRAITS, torch.device("cpu"))
    first, second = PORTRAITS.attributes[:2]
    labels = split.labels(PORTRAITS.attributes)
    assert values[first] == 1
    cleared = (labels[:, 0] == 1) & (labels[:, 1] == 0)  # black and blond hair exclude each other
    read = (labels[:, 0] == 1) & ~cleared
    assert values[second] == pytest.approx(np.mean(read == (labels[:, 1] == 0)))
    assert values["mean"] == pytest.approx(np.mean([values[name] for name in PORTRAITS.attributes]))


def test_it_waits_for_nothing(tmp_path):
    assert Monitor(tmp_path / "validation.npy", tmp_path / "classifier.pt")(None, PORTRAITS, torch.device("cpu")) == {}


def test_it_opens_the_study_s_own_files_once_both_are_there(split, tmp_path):
    watch = Monitor(tmp_path / "validation.npy", tmp_path / "classifier.pt")
    save_split(split, tmp_path / "validation.npy", tmp_path / "validation.parquet")
    assert watch(None, PORTRAITS, torch.device("cpu")) == {}
    attributes = len(PORTRAITS.attributes)
    torch_files.save({"n_attr": attributes, "state": Classifier(attributes).state_dict()}, tmp_path / "classifier.pt")
    values = watch(Paints(), PORTRAITS, torch.device("cpu"))
    assert set(values) == {"mean", *PORTRAITS.attributes} and all(0 <= value <= 1 for value in values.values())


def test_what_it_opens_is_no_input_of_the_training(split, tmp_path):
    """Otherwise the record tells whether the classifier was there by then, and differs from clone to clone."""
    save_split(split, tmp_path / "validation.npy", tmp_path / "validation.parquet")
    attributes = len(PORTRAITS.attributes)
    torch_files.save({"n_attr": attributes, "state": Classifier(attributes).state_dict()}, tmp_path / "classifier.pt")
    with recording(["job", "train"]):
        assert Monitor(tmp_path / "validation.npy", tmp_path / "classifier.pt").ready(torch.device("cpu"))
        assert Current.job is not None and not Current.job.inputs
        load_split(tmp_path / "validation.npy")
        assert Current.job.inputs, "as another job would open it"


def test_a_watched_training_gives_the_same_bytes(split, tmp_path):
    from insm.training.trainer import Trainer

    made, watched = [], []
    for name, watch in (("watched", monitor(split)), ("alone", None)):
        folder = tmp_path / name
        trainer = Trainer(run_config(), split, Embed(), folder / "state", folder / "board", RUNTIME, None, watch)
        if watch:
            trainer.accuracy = lambda inner=trainer.accuracy: watched.append(inner()) or watched[-1]
        trainer.fit(*(folder / output for output in NAMES))
        made.append([(folder / output).read_bytes() for output in NAMES])
    assert (
        made[0] == made[1] and [set(values) for values in watched] == [{"mean", *PORTRAITS.attributes}] * 2
    )  # after steps 3 and 6
