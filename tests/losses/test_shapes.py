"""The shapes that annotations promise are checked in every test (tests/conftest.py): wrong ones raise."""

import pytest
import torch
from jaxtyping import TypeCheckError

from insm.data.batch import Batch
from insm.losses.gan import gradient_penalty, minus_log_real
from insm.losses.importance import delta_l, importance


def test_a_batch_of_unequal_lengths_is_refused():
    image, labels = torch.zeros(4, 3, 8, 8), torch.zeros(4, 2)
    Batch(image, labels, labels, image)
    for wrong in (
        (image, labels[:3], labels, None),
        (image, labels, labels, image[..., :4]),
        (labels, labels, labels, None),
    ):
        with pytest.raises(TypeCheckError):
            Batch(*wrong)


def test_losses_refuse_wrong_shapes():
    with pytest.raises(TypeCheckError):
        minus_log_real(torch.zeros(4, 8, 8))
    image = torch.zeros(2, 3, 4, 4)
    with pytest.raises(TypeCheckError):
        gradient_penalty(lambda x: x, image, image, torch.zeros(2))


def test_importance_refuses_wrong_shapes():
    with pytest.raises(TypeCheckError):
        importance(torch.zeros(4, 1), "selfnorm")
    with pytest.raises(TypeCheckError):
        delta_l(torch.zeros(3, 4))
