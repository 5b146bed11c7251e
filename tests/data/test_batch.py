"""The truth of a paired batch."""

import torch

from insm.data.batch import Batch


def batch(partner: bool) -> Batch:
    source = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    target = torch.tensor([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    images = torch.stack([torch.full((3, 2, 2), float(k)) for k in range(6)])
    return Batch(images[:3], source, target, images[3:] if partner else None)


def test_truth_is_the_partner_where_the_label_changes_and_the_image_elsewhere():
    assert batch(True).truth[:, 0, 0, 0].tolist() == [0, 4, 5]
    assert batch(True).truth.shape == (3, 3, 2, 2)


def test_there_is_no_truth_without_partners():
    assert batch(False).truth is None
