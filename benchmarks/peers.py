"""The research code of other methods, driven unchanged from a checkout that the reader has: seconds of its own steps.

An adapter builds the repository's networks with its published settings and calls its own training code; no line of it
is copied. What it imports for logging, and data that it would download, is replaced by stand-ins.
"""

import sys
import types
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

ATTRIBUTES = 10
FIXED = 13  # attributes of AttGAN's discriminator, whatever is asked for
Clock = Callable[[], float]


class Batches:
    """Endless batches of noise; when each was asked for tells how long the step before took."""

    def __init__(self, size: int, batch: int, clock: Clock):
        self.clock, self.asked = clock, list[float]()
        rng = torch.Generator().manual_seed(0)
        self.image = torch.rand(batch, 3, size, size, generator=rng) * 2 - 1
        self.labels = torch.randint(2, (batch, ATTRIBUTES), generator=rng).float()

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            self.asked.append(self.clock())
            yield self.image, self.labels.clone()

    def seconds(self) -> list[float]:
        """Of each step that was made."""
        times = [*self.asked, self.clock()]
        return [after - before for before, after in pairwise(times)]


def stand_in(*names: str) -> None:
    """Modules of those names whose every attribute is a callable that accepts all and does nothing."""
    for name in names:
        module = types.ModuleType(name)
        module.__all__ = []  # type: ignore[attr-defined]
        module.__getattr__ = lambda attribute: lambda *a, **k: SimpleNamespace()  # type: ignore[method-assign]
        sys.modules[name] = module


def stargan(path: Path, batches: Batches, steps: int, scratch: Path) -> list[float]:
    """yunjey/stargan: its `Solver.train`."""
    sys.path.insert(0, str(path))
    from solver import Solver

    never = 10**9
    config = SimpleNamespace(
        c_dim=ATTRIBUTES, c2_dim=0, image_size=batches.image.shape[-1], g_conv_dim=64, d_conv_dim=64, g_repeat_num=6,
        d_repeat_num=6, lambda_cls=1, lambda_rec=10, lambda_gp=10, dataset="CelebA", batch_size=len(batches.image),
        num_iters=steps, num_iters_decay=steps, g_lr=1e-4, d_lr=1e-4, n_critic=5, beta1=0.5, beta2=0.999,
        resume_iters=None, selected_attrs=[str(k) for k in range(ATTRIBUTES)], test_iters=0, use_tensorboard=False,
        log_dir=scratch, sample_dir=scratch, model_save_dir=scratch, result_dir=scratch, log_step=never,
        sample_step=never, model_save_step=never, lr_update_step=never,
    )  # fmt: skip
    Solver(batches, None, config).train()
    return batches.seconds()[1:]  # the first batch is for samples


def attgan(path: Path, batches: Batches, steps: int, scratch: Path) -> list[float]:
    """elvisyjlin/AttGAN-PyTorch: its `trainD` and `trainG`, five to one, each a step of its own there."""
    sys.path.insert(0, str(path))
    stand_in("torchsummary")
    from attgan import AttGAN

    arguments: dict[str, Any] = dict(
        mode="wgan", gpu=False, multi_gpu=False, lambda_1=100, lambda_2=10, lambda_3=1, lambda_gp=10, enc_dim=64,
        enc_layers=5, enc_norm="batchnorm", enc_acti="lrelu", dec_dim=64, dec_layers=5, dec_norm="batchnorm",
        dec_acti="relu", n_attrs=FIXED, shortcut_layers=1, inject_layers=0, img_size=batches.image.shape[-1],
        dis_dim=64, dis_norm="instancenorm", dis_acti="lrelu", dis_fc_dim=1024, dis_fc_norm="none", dis_fc_acti="relu",
        dis_layers=5, lr=2e-4, betas=(0.5, 0.999),
    )  # fmt: skip
    batches.labels = torch.randint(2, (len(batches.image), FIXED)).float()
    model = AttGAN(_Arguments(arguments))
    source = iter(batches)
    for step in range(steps):
        image, labels = next(source)
        target = labels[torch.randperm(len(labels))]
        given = image, labels, labels - 0.5, target, target - 0.5
        model.trainD(*given)
        if (step + 1) % 5 == 0:
            model.trainG(*given)
    return batches.seconds()


class _Arguments(SimpleNamespace):
    """Arguments of a command, which that code also asks whether it has a name."""

    def __init__(self, values: dict[str, Any]):
        super().__init__(**values)

    def __contains__(self, name: str) -> bool:
        return hasattr(self, name)


def stgan(path: Path, batches: Batches, steps: int, scratch: Path) -> list[float]:
    """bluestyle97/STGAN-pytorch: its `STGANAgent.train`."""
    sys.path.insert(0, str(path))
    stand_in("torchsummary", "tensorboardX", "easydict", "yaml", "datasets", "utils", "utils.misc")
    if "tqdm" not in sys.modules:
        stand_in("tqdm")
    from agents import stgan as module

    never = 10**9
    config = SimpleNamespace(
        mode="train", cuda=False, ngpu=1, dataset="noise", data_root="", crop_size=0,
        image_size=batches.image.shape[-1], g_conv_dim=64, d_conv_dim=64, d_fc_dim=1024, g_layers=5, d_layers=5,
        shortcut_layers=3, stu_kernel_size=3, use_stu=True, one_more_conv=True, checkpoint=None,
        attrs=[str(k) for k in range(ATTRIBUTES)],
        batch_size=len(batches.image), beta1=0.5, beta2=0.999, g_lr=2e-4, d_lr=2e-4, n_critic=5, thres_int=0.5,
        lambda_gp=10, lambda1=1, lambda2=10, lambda3=100, max_iters=steps, lr_decay_iters=never, summary_step=never,
        sample_step=never, checkpoint_step=never, summary_dir=scratch, checkpoint_dir=scratch, log_dir=scratch,
        sample_dir=scratch,
    )  # fmt: skip
    module.noise_loader = lambda *_: SimpleNamespace(train_loader=batches, val_loader=batches)  # type: ignore[attr-defined]
    module.STGANAgent(config).train()
    return batches.seconds()[1:]


PEERS = {
    "stargan": ("yunjey/stargan", stargan),
    "attgan": ("elvisyjlin/AttGAN-PyTorch", attgan),
    "stgan": ("bluestyle97/STGAN-pytorch", stgan),
}
