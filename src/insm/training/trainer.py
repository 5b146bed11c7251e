"""The only training loop: it makes a run's updates, logs, checkpoints, resumes."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from torch import nn

from insm.config.jobs import RunConfig, RuntimeConfig
from insm.data.images import save_png
from insm.data.prepared_split import PreparedSplit
from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.progress import Progress
from insm.support.runtime import setup
from insm.training import arithmetic, capture
from insm.training.attempt import Attempt
from insm.training.checkpoints import Checkpoints
from insm.training.curves import Curves
from insm.training.identity import hash_of_network, hash_of_split
from insm.training.model_file import Origin, save_model
from insm.training.monitor import Monitor
from insm.training.parallel import Processes
from insm.training.signals import Stop
from insm.training.snapshots import Snapshots
from insm.training.translator import Translator
from insm.training.updates import Updates


class Trainer:
    """Trains one run and writes its model, log and last sample grid.

    Args:
        run: what to train.
        prepared split: training images.
        embed: phi, for methods that use it.
        state: folder of the checkpoints; not an output, and kept until the result is recorded.
        board: folder for TensorBoard and DVCLive.
        runtime: how the run is computed and watched.
        attempts: folder of the lasting logs and of what `insm status` reads; none are kept without it.
        monitor: measures the curve of the accuracy; there is none without it.
    """

    def __init__(
        self,
        run: RunConfig,
        split: PreparedSplit,
        embed: nn.Module | None,
        state: Path,
        board: Path,
        runtime: RuntimeConfig | None = None,
        attempts: Path | None = None,
        monitor: Monitor | None = None,
    ):
        self.run, self.split, self.board, self.monitor = run, split, board, monitor
        self.runtime = runtime = runtime or RuntimeConfig()
        self.label = f"{run.task}/{run.variant}/seed{run.seed}"
        self.processes = Processes()
        self.device = self.processes.device(setup(runtime.device))
        arithmetic.begin(run.training, self.device)
        self.updates = Updates(run, split, embed, self.device)
        if run.training.cuda_graphs and self.processes.number > 1:
            raise UserError("key training.cuda_graphs: steps of several GPUs cannot be recorded: set it to false")
        arithmetic.use(self.updates, run.training, self.device)
        self.updates.gradients = self.processes.mean_gradients
        self.method, self.dataset, self.total = self.updates.method, self.updates.dataset, self.updates.total
        phi = getattr(self.method, "embed", None)  # moving averages are copies of networks that are not divided
        self.processes.divide(
            [*self.updates.players().values(), *([phi] if phi is not None else [])], run.training.batch
        )
        self.done = 0
        self.log: list[dict[str, float]] = []
        settings = run.model_dump(mode="json")
        identity = {"settings": settings, "data": hash_of_split(split), "phi": hash_of_network(embed)}
        self.checkpoints = Checkpoints(state, identity, self.label)
        self.snapshots = Snapshots(self.updates, self.checkpoints.folder, runtime.snapshots)
        self.attempt = Attempt(attempts if self.processes.first else None, self.total, run.training.batch)

    def fit(
        self, model: Path, log: Path, samples: Path, origin: Origin | None = None, snapshots: Path | None = None
    ) -> None:
        """Train from the last checkpoint to the end, then write the outputs.

        Args:
            model: weights (.safetensors); model.json beside it also tells their origin.
            log: losses over steps (.csv).
            samples: the last sample grid (.png).
            origin: where the training belongs and what it read.
            snapshots: the translator at `runtime.snapshots` points of the training (.safetensors).
        """
        if self.processes.first:
            self.checkpoints.claim()
        self.resume()
        if self.run.training.cuda_graphs:
            capture.use(self.updates)
        runtime, attempt = self.runtime, self.attempt
        progress = Progress(self.label, self.total, self.done, self.run.training.batch)
        attempt.begin(self.done)
        first, board = self.processes.first, self.board if self.processes.first else None
        with Stop() as stop, Curves(board, self.done, self.checkpoints.identity, runtime.dvclive) as curves:
            while self.done < self.total:
                self.step(self.done)
                self.done += 1
                if self.device.type == "cpu":  # elsewhere a look waits for the device
                    self.check_losses()
                if self.done % runtime.log_every == 0 or self.done == self.total:
                    losses, logged = (
                        {name: float(value) for name, value in values.items()}
                        for values in (self.updates.losses, self.updates.logged)
                    )
                    self.check_losses()
                    self.log.append({"step": self.done, **losses, **logged})
                    curves.write(self.done, {"loss": losses, "method": logged})
                    if first:
                        progress(self.done, losses)
                if first and self.done % runtime.sample_every == 0:
                    caption = "From the top: the image; toggled: " + ", ".join(self.dataset.attributes)
                    curves.image(self.done, self.sample_grid(), caption)
                if first and (self.done % runtime.sample_every == 0 or self.done == self.total):
                    curves.write(self.done, {"accuracy": self.accuracy()})
                if first:
                    self.snapshots.save(self.done)
                leaving = self.processes.any(stop.wanted(), self.device)
                due = self.done % runtime.checkpoint_every == 0 and self.checkpoints.affordable()
                if leaving or due or self.done == self.total:
                    self.save()
                attempt.progress(self.done)
                if leaving:
                    if first:
                        attempt.stopped(self.done)
                    self.processes.wait()  # the end of one would end those that still save
                    stop.leave(self.label, self.done, self.total)
        if first:
            self.publish(model, log, samples, origin or Origin(), snapshots)
        self.processes.wait()

    def publish(self, model: Path, log: Path, samples: Path, origin: Origin, snapshots: Path | None) -> None:
        """Write the outputs, if they are still this process's to write."""
        self.checkpoints.check_result()
        self.updates.average.replace()
        with atomic(log) as part:
            pd.DataFrame(self.log).to_csv(part, index=False, float_format="%.9g")
        with atomic(samples) as part, part.open("wb") as stream:
            save_png(self.sample_grid(), stream)
        if snapshots:
            self.snapshots.publish(snapshots)
        save_model(self.method, self.run, self.dataset, model, origin)
        self.checkpoints.finish()
        self.attempt.report("finished", self.done)

    def step(self, step: int) -> None:
        """One batch and every update that the method makes of it."""
        self.updates(step)

    def check_losses(self) -> None:
        """Refuse to go on after a loss that was not finite.

        Raises:
            UserError: there was one in this process.
        """
        for player, finite in self.updates.finite.items():
            if not finite:
                raise UserError(f"step {self.done}: the {player}'s loss is not finite: lower key optimiser.lr")

    def sample_grid(self) -> np.ndarray:
        """The first training images and their translations (`Translator.samples`)."""
        self.translators(training=False)
        with self.processes.alone():
            made = Translator(self.method, self.dataset, self.split, self.device).samples()
        self.translators(training=True)
        return made

    def accuracy(self) -> dict[str, float]:
        """Accuracy of the edits of validation images by now, for each attribute; nothing where it is not watched."""
        if self.monitor is None:
            return {}
        self.translators(training=False)
        with self.processes.alone():
            values = self.monitor(self.method, self.dataset, self.device)
        self.translators(training=True)
        return values

    def translators(self, training: bool) -> None:
        """Put the translating networks into training or test mode: batch norm and dropout differ."""
        for name in self.method.translators:
            getattr(self.method, name).train(training)

    def save(self) -> None:
        """Write everything that resuming needs.

        Raises:
            UserError: a loss was not finite, and so the weights may not be either.
        """
        self.check_losses()
        content = {"device": self.device.type, "log": self.log, **self.updates.state_dict()}
        if self.processes.first:
            self.checkpoints.save(self.done, content)
            self.attempt.saved(self.done)

    def resume(self) -> None:
        """Continue from the newest readable checkpoint, if there is any.

        Raises:
            UserError: it belongs to another run, other code, data or phi, or to another kind of device.
        """
        content = self.checkpoints.load("device", "log", *self.updates.state_dict(), device=self.device)
        if content is None:
            return
        moved = content["device"] != self.device.type and content["done"] < self.total
        if moved and not self.runtime.change_device:
            raise UserError(
                f"{self.label} was begun on device {content['device']}, not {self.device.type}, which computes "
                f"slightly other numbers: go on there, allow it with --change-device, or delete "
                f"{self.checkpoints.folder}"
            )
        self.updates.load_state_dict(content)
        self.done, self.log = content["done"], content["log"]
        print(f"{self.label}: resuming at step {self.done}/{self.total}", file=sys.stderr, flush=True)
