"""Adam and its learning rate over a run."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveFloat

from insm.support.schema import Section


class OptimiserConfig(Section):
    """Adam, one for each network that is trained."""

    lr: PositiveFloat = 1e-4
    """Learning rate."""
    lr_decay: Literal["none", "linear", "tenth", "released"] = "none"
    """"none": constant. Others are constant for half of the run, then "linear" falls to 0, "tenth" drops to a tenth,
    "released" follows StarGAN's released code: 100 decrements of 1e-5 of the rate."""
    beta1: NonNegativeFloat = 0.5
    """Decay of the first moment."""
    beta2: NonNegativeFloat = 0.999
    """Decay of the second moment."""

    def rate(self, step: int, total: int) -> float:
        """Learning rate of a step (from 0) in a run of `total` steps."""
        late = max(0.0, 2 * step / total - 1)  # 0 in the first half, 1 at the end
        match self.lr_decay:
            case "none":
                return self.lr
            case "linear":
                return self.lr * (1 - late)
            case "tenth":
                return self.lr if step < total / 2 else self.lr / 10
            case "released":
                decrements = max(0, 100 * (2 * step - total) // total)  # in integers: 100 * late rounds
                return self.lr * (1 - decrements * 1e-5)
