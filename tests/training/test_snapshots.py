"""Learning curves: the translator at points of a training, which goes on as if nobody had looked."""

import os
import signal

import pytest
import torch

from insm.config.jobs import RuntimeConfig
from insm.networks.model_file import open_model
from insm.networks.snapshots import read_snapshots
from insm.training.snapshots import steps_of
from insm.training.trainer import Trainer
from tests.training.test_trainer import Embed, run_config

POINTS = 3
RUNTIME = RuntimeConfig(device="cpu", log_every=2, checkpoint_every=2, sample_every=3)


@pytest.fixture
def train(split, tmp_path):
    """Train a run in a folder of that name, with `points` of its curve."""

    def train(name, points=POINTS, run=None, step=lambda step: None):
        folder = tmp_path / name
        runtime = RUNTIME.model_copy(update={"snapshots": points})
        trainer = Trainer(run or run_config(), split, Embed(), folder / "state", folder / "board", runtime)
        inner = trainer.step
        trainer.step = lambda number: (step(number), inner(number))[1]
        outputs = [folder / file for file in ("model.safetensors", "log.csv", "samples.png", "snapshots.safetensors")]
        trainer.fit(*outputs[:3], snapshots=outputs[3] if points else None)
        return outputs

    return train


def test_points_are_evenly_spaced_and_end_with_the_training():
    assert steps_of(2500, 10) == [250 * k for k in range(1, 11)]
    assert steps_of(7, 3) == [2, 5, 7]
    assert steps_of(2, 10) == [1, 2]


def test_a_training_is_the_same_with_and_without_a_curve(train):
    without, with_one = train("without", points=0), train("with")
    for one, other in zip(without[:3], with_one[:3], strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert not without[3].exists()


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_the_last_point_translates_like_the_model_and_the_first_does_not(train, ema):
    run = run_config()
    model, *_, curve = train("run", run=run.model_copy(update={"method": run.method | {"ema": ema}}))
    finished, _ = open_model(model)
    points = dict(read_snapshots(curve, model, torch.device("cpu")))
    assert list(points) == [2, 4, 6]
    image, label = torch.rand(2, 3, 32, 32) * 2 - 1, torch.ones(2, 10)
    with torch.inference_mode():
        end = finished.translate(image, label, label)
        gaps = [(point.translate(image, label, label) - end).abs().max().item() for point in points.values()]
    assert gaps[-1] < 2e-3 < gaps[0]


def test_a_resumed_training_has_the_same_curve(train):
    def stop(step):
        if step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        train("stopped", step=stop)
    assert train("stopped")[3].read_bytes() == train("undisturbed")[3].read_bytes()
