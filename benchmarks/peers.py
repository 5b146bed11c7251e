"""The research code of other methods, driven unchanged from a checkout that the reader has: seconds of its own steps.

An adapter builds the repository's networks with its published settings and calls its own training code; no line of it
is copied. What it imports for logging, and data that it would download, is replaced by stand-ins. Where steps come in
two kinds, the discriminator's alone and the generator's (with or without the discriminator's), they take turns.
"""

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from insm.support.torchvision_import import torchvision  # noqa: F401 - before research code, which imports it too

ATTRIBUTES = 10
FIXED = 13  # attributes of AttGAN's discriminator, whatever is asked for
MANY = 10**9  # steps; also between what is done now and then


class Batches:
    """Endless batches of noise.

    Args:
        size, batch: of the images.
        turn: called where a step ends and the next one may begin.
        device: where they are, and the research code is to compute.
    """

    def __init__(self, size: int, batch: int, turn: Callable[[], None], device: torch.device):
        self.turn, self.untimed, self.device = turn, 0, device
        rng = torch.Generator().manual_seed(0)
        self.image, self.other = (
            (torch.rand(batch, 3, size, size, generator=rng) * 2 - 1).to(device) for _ in range(2)
        )
        self.labels = torch.randint(2, (batch, ATTRIBUTES), generator=rng).float().to(device)

    @property
    def on_gpu(self) -> bool:
        return self.device.type == "cuda"

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            if self.untimed:
                self.untimed -= 1
            else:
                self.turn()
            yield self.image, self.labels.clone()


def stand_in(*names: str) -> None:
    """Modules of those names whose every attribute is a callable that accepts all and does nothing."""
    for name in names:
        module = types.ModuleType(name)
        module.__all__ = []  # type: ignore[attr-defined]
        module.__getattr__ = lambda attribute: lambda *a, **k: SimpleNamespace()  # type: ignore[method-assign]
        sys.modules[name] = module


def stargan(batches: Batches, scratch: Path) -> None:
    """yunjey/stargan: its `Solver.train`, with a generator's update in every second step.

    It computes on a GPU wherever torch sees one.
    """
    from solver import Solver

    config = SimpleNamespace(
        c_dim=ATTRIBUTES, c2_dim=0, image_size=batches.image.shape[-1], g_conv_dim=64, d_conv_dim=64, g_repeat_num=6,
        d_repeat_num=6, lambda_cls=1, lambda_rec=10, lambda_gp=10, dataset="CelebA", batch_size=len(batches.image),
        num_iters=MANY, num_iters_decay=MANY, g_lr=1e-4, d_lr=1e-4, n_critic=2, beta1=0.5, beta2=0.999,
        resume_iters=None, selected_attrs=[str(k) for k in range(ATTRIBUTES)], test_iters=0, use_tensorboard=False,
        log_dir=scratch, sample_dir=scratch, model_save_dir=scratch, result_dir=scratch, log_step=MANY,
        sample_step=MANY, model_save_step=MANY, lr_update_step=MANY,
    )  # fmt: skip
    batches.untimed = 1  # images for samples
    Solver(batches, None, config).train()


def attgan(batches: Batches, scratch: Path) -> None:
    """elvisyjlin/AttGAN-PyTorch: its `trainD` and `trainG` in turns."""
    stand_in("torchsummary")
    from attgan import AttGAN

    arguments: dict[str, Any] = dict(
        mode="wgan", gpu=batches.on_gpu, multi_gpu=False, lambda_1=100, lambda_2=10, lambda_3=1, lambda_gp=10,
        enc_dim=64, enc_layers=5, enc_norm="batchnorm", enc_acti="lrelu", dec_dim=64, dec_layers=5,
        dec_norm="batchnorm", dec_acti="relu", n_attrs=FIXED, shortcut_layers=1, inject_layers=0,
        img_size=batches.image.shape[-1], dis_dim=64, dis_norm="instancenorm", dis_acti="lrelu", dis_fc_dim=1024,
        dis_fc_norm="none", dis_fc_acti="relu", dis_layers=5, lr=2e-4, betas=(0.5, 0.999),
    )  # fmt: skip
    batches.labels = torch.randint(2, (len(batches.image), FIXED)).float().to(batches.device)
    model = AttGAN(_Arguments(arguments))
    for step, (image, labels) in enumerate(batches):
        target = labels[torch.randperm(len(labels))]
        (model.trainG if step % 2 else model.trainD)(image, labels, labels - 0.5, target, target - 0.5)


class _Arguments(SimpleNamespace):
    """Arguments of a command, which that code also asks whether it has a name."""

    def __init__(self, values: dict[str, Any]):
        super().__init__(**values)

    def __contains__(self, name: str) -> bool:
        return hasattr(self, name)


def stgan(batches: Batches, scratch: Path) -> None:
    """bluestyle97/STGAN-pytorch: its `STGANAgent.train`, with a generator's update in every second step."""
    stand_in("torchsummary", "tensorboardX", "easydict", "yaml", "datasets", "utils", "utils.misc")
    if "tqdm" not in sys.modules:
        stand_in("tqdm")
    from agents import stgan as module

    config = SimpleNamespace(
        mode="train", cuda=batches.on_gpu, ngpu=1, dataset="noise", data_root="", crop_size=0,
        image_size=batches.image.shape[-1], g_conv_dim=64, d_conv_dim=64, d_fc_dim=1024, g_layers=5, d_layers=5,
        shortcut_layers=3, stu_kernel_size=3, use_stu=True, one_more_conv=True, checkpoint=None,
        attrs=[str(k) for k in range(ATTRIBUTES)],
        batch_size=len(batches.image), beta1=0.5, beta2=0.999, g_lr=2e-4, d_lr=2e-4, n_critic=2, thres_int=0.5,
        lambda_gp=10, lambda1=1, lambda2=10, lambda3=100, max_iters=MANY, lr_decay_iters=MANY, summary_step=MANY,
        sample_step=MANY, checkpoint_step=MANY, summary_dir=scratch, checkpoint_dir=scratch, log_dir=scratch,
        sample_dir=scratch,
    )  # fmt: skip
    module.noise_loader = lambda *_: SimpleNamespace(train_loader=batches, val_loader=batches)  # type: ignore[attr-defined]
    batches.untimed = 1  # images for samples
    module.STGANAgent(config).train()


def cyclegan(batches: Batches, scratch: Path) -> None:
    """junyanz/pytorch-CycleGAN-and-pix2pix, CycleGAN; a batch of ours is half of the one domain, half of the other."""
    half = len(batches.image) // 2
    one, other = batches.image[:half], batches.image[half : 2 * half]
    _two_domains(batches, scratch, one, other, "--model", "cycle_gan")


def pix2pix(batches: Batches, scratch: Path) -> None:
    """junyanz/pytorch-CycleGAN-and-pix2pix, Pix2pix, with the U-Net for the images' size."""
    network = f"unet_{batches.image.shape[-1]}"
    _two_domains(batches, scratch, batches.image, batches.other, "--model", "pix2pix", "--netG", network)


def _two_domains(batches: Batches, scratch: Path, one: Tensor, other: Tensor, *options: str) -> None:
    """Both models of that repository, with its own defaults: `set_input` and `optimize_parameters`."""
    gpu = "0" if batches.on_gpu else "-1"
    sys.argv = ["train.py", "--dataroot", "-", "--gpu_ids", gpu, "--checkpoints_dir", str(scratch), *options]
    from models import create_model
    from options.train_options import TrainOptions

    given = TrainOptions().parse()
    model = create_model(given)
    model.setup(given)
    for _ in batches:
        model.set_input({"A": one, "B": other, "A_paths": [], "B_paths": []})
        model.optimize_parameters()


class Peer(NamedTuple):
    """Research code."""

    repository: str
    train: Callable[[Batches, Path], None]  # trains without end
    round: tuple[int, ...]  # how many steps of each kind make five updates of D and one of G, or one of each


PEERS = {
    "stargan": Peer("yunjey/stargan", stargan, (4, 1)),
    "attgan": Peer("elvisyjlin/AttGAN-PyTorch", attgan, (5, 1)),
    "stgan": Peer("bluestyle97/STGAN-pytorch", stgan, (4, 1)),
    "cyclegan": Peer("junyanz/pytorch-CycleGAN-and-pix2pix", cyclegan, (1,)),
    "pix2pix": Peer("junyanz/pytorch-CycleGAN-and-pix2pix", pix2pix, (1,)),
}
