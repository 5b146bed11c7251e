"""What SLURM prints."""

import pytest

from insm.support.slurm import seconds


@pytest.mark.parametrize(("text", "expected"), [("45", 45), ("1:05", 65), ("2:00:00", 7200), ("1-00:00:10", 86410)])
def test_times(text, expected):
    assert seconds(text) == expected
