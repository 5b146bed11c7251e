"""The pool of earlier fakes."""

import pytest
import torch

from insm.networks.image_pool import ImagePool, draw_exchange
from insm.support.runtime import generator


def numbered(start: int, count: int) -> torch.Tensor:
    """Images that show their number."""
    return torch.arange(start, start + count).float().view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


def feed(pool: ImagePool, start: int, count: int, batch: int, rng) -> list[int]:
    """Numbers of the images that come back when `count` are shown in batches; the pool has seen `start` before."""
    shown = [
        pool.exchange(numbered(k, batch), draw_exchange(pool.capacity, k, batch, rng))
        for k in range(start, start + count, batch)
    ]
    assert all(torch.equal(x, x[:, :1, :1, :1].expand_as(x)) for x in shown), "images stay whole"
    return torch.cat(shown)[:, 0, 0, 0].int().tolist()


def one_by_one(capacity: int, batches: list[int], rng) -> tuple[list[int], list[int]]:
    """The reference: a list of images, exchanged one after the other; what is shown, and what the pool holds then."""
    pool, shown = [], []
    for number in range(sum(batches)):
        if len(pool) < capacity:
            pool.append(number)
            shown.append(number)
        elif torch.rand((), generator=rng) < 0.5:
            place = int(torch.randint(capacity, (), generator=rng))
            shown.append(pool[place])
            pool[place] = number
        else:
            shown.append(number)
    return shown, pool


@pytest.mark.parametrize(("capacity", "batch"), [(1, 4), (3, 1), (3, 8), (50, 8), (10, 7)])
def test_the_exchange_is_that_of_a_list(capacity, batch):
    pool = ImagePool(capacity, 2)
    shown = feed(pool, 0, 20 * batch, batch, generator(3))
    assert (shown, pool.images[:, 0, 0, 0].int().tolist()) == one_by_one(capacity, [batch] * 20, generator(3))


@pytest.mark.parametrize("batch", [1, 5, 8])
def test_the_first_images_pass_through(batch):
    pool = ImagePool(40, 2)
    assert feed(pool, 0, 40, batch, generator(0)) == list(range(40))
    assert torch.equal(pool.images, numbered(0, 40))


def test_a_batch_may_fill_the_pool_and_go_on():
    pool, rng = ImagePool(3, 2), generator(0)
    shown = feed(pool, 0, 64, 64, rng)
    assert shown[:3] == [0, 1, 2]
    assert sorted([*shown[3:], *pool.images[:, 0, 0, 0].int().tolist()]) == list(range(64)), (
        "nothing is lost or doubled"
    )


def test_later_half_of_the_images_are_swapped_for_earlier_ones():
    pool, rng = ImagePool(50, 2), generator(0)
    feed(pool, 0, 50, 5, rng)
    shown = feed(pool, 50, 4000, 8, rng)
    swapped = [(number, now) for now, number in enumerate(shown, start=50) if number != now]
    assert len(swapped) / 4000 == pytest.approx(0.5, abs=0.03)
    assert all(number < now for number, now in swapped), "only earlier fakes"
    assert len({number for number, _ in swapped}) == len(swapped), "each comes back once"
    kept = pool.images[:, 0, 0, 0].int().tolist()
    assert len(set(kept)) == 50 and not set(kept) & set(shown[50:]), "the pool holds what has not come back"
    ages = [now - number for number, now in swapped[200:]]
    assert sum(ages) / len(ages) == pytest.approx(100, rel=0.15), "50 places, one of them renewed every other image"


def test_equal_random_numbers_give_equal_draws_and_a_restored_pool_goes_on():
    one, two = ImagePool(10, 2), ImagePool(10, 2)
    feed(one, 0, 40, 4, generator(0))
    two.load_state_dict(one.state_dict())
    assert feed(one, 40, 40, 4, generator(1)) == feed(two, 40, 40, 4, generator(1))
    assert torch.equal(one.images, two.images)
    assert feed(one, 80, 40, 4, generator(2)) != feed(two, 80, 40, 4, generator(3))


def test_a_half_full_pool_is_restored_as_such():
    one, two = ImagePool(10, 2), ImagePool(10, 2)
    feed(one, 0, 6, 3, generator(0))
    two.load_state_dict(one.state_dict())
    assert feed(two, 6, 4, 4, generator(1)) == [6, 7, 8, 9]


def test_a_state_without_pool_leaves_it_alone():
    module = torch.nn.ModuleList([ImagePool(4, 2), torch.nn.Linear(1, 1)])
    feed(module[0], 0, 3, 3, generator(0))
    module.load_state_dict({f"1.{name}": value for name, value in module[1].state_dict().items()})
    assert torch.equal(module[0].images[:3], numbered(0, 3))


def test_images_come_back_without_gradient_and_are_copies():
    pool, fakes = ImagePool(4, 2), torch.rand(2, 3, 2, 2, requires_grad=True)
    shown = pool.exchange(fakes, draw_exchange(4, 0, 2, generator(0)))
    assert not shown.requires_grad and not pool.images.requires_grad
    shown.zero_()
    assert torch.equal(pool.images[:2], fakes)


def test_no_capacity_passes_everything_through():
    assert feed(ImagePool(0, 2), 0, 20, 5, generator(0)) == list(range(20))
