"""Networks for 128 px at other sizes."""

import pytest

from insm.networks.scaling import levels


@pytest.mark.parametrize(("size", "number"), [(512, 6), (256, 6), (128, 6), (64, 5), (32, 4), (16, 3), (48, 4)])
def test_the_coarsest_map_keeps_its_size_below_128_px_and_grows_above(size, number):
    assert levels(size, 6) == number


@pytest.mark.parametrize("full", [4, 5, 6, 7])
def test_maps_end_as_large_as_at_128_px(full):
    for size in (16, 32, 64, 128):
        assert size >> levels(size, full) == 128 >> full


def test_there_is_always_a_level():
    assert levels(8, 3) == 1
