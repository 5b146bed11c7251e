"""Checkpoints in a folder, and what tells trainings apart."""

import pytest

from insm.training.checkpoints import Checkpoints
from insm.training.identity import code_now, differences


def saved(folder, *steps):
    checkpoints = Checkpoints(folder, {"settings": {"lr": 1}}, "run")
    checkpoints.claim()
    for step in steps:
        checkpoints.save(step, {"value": step})
    return checkpoints


def test_the_two_newest_are_kept_and_the_newest_is_loaded(tmp_path):
    checkpoints = saved(tmp_path, 5, 10, 15)
    assert [path.name for path in checkpoints.files()] == ["step-000000015.pt", "step-000000010.pt"]
    assert checkpoints.load("value")["value"] == 15


def test_without_a_readable_one_there_is_none(tmp_path, capsys):
    checkpoints = saved(tmp_path, 5)
    checkpoints.files()[0].write_bytes(b"")
    assert checkpoints.load("value") is None
    assert "warning" in capsys.readouterr().err


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_flipped_bit_is_not_loaded(tmp_path, place):
    checkpoints = Checkpoints(tmp_path, {}, "run")
    checkpoints.save(1, {"value": "x" * 1000})
    file = checkpoints.files()[0]
    content = bytearray(file.read_bytes())
    where = content.index(b"x" * 1000) + int(1000 * place)
    content[where] ^= 1
    file.write_bytes(content)
    assert checkpoints.load("value") is None


def test_a_slow_checkpoint_is_left_out_until_it_costs_two_percent(tmp_path, monkeypatch):
    checkpoints = saved(tmp_path, 5)
    now = checkpoints.saved
    monkeypatch.setattr("time.monotonic", lambda: now)
    assert checkpoints.affordable(), "a quick one"
    checkpoints.took = 10.0
    now += 499
    assert not checkpoints.affordable()
    now += 2
    assert checkpoints.affordable()


def test_only_the_newest_owner_saves(tmp_path):
    old, new = saved(tmp_path, 5), saved(tmp_path)
    with pytest.raises(SystemExit):
        old.save(10, {"value": 10})
    new.save(7, {"value": 7})
    assert [path.name for path in new.files()] == ["step-000000007.pt", "step-000000005.pt"]


def test_a_result_of_code_that_changed_meanwhile_is_not_written(tmp_path, monkeypatch, capsys):
    checkpoints = saved(tmp_path, 5)
    checkpoints.check_result()
    monkeypatch.setattr("insm.training.checkpoints.code_now", lambda: code_now() | {"training/identity.py": "other"})
    with pytest.raises(SystemExit) as left:
        checkpoints.check_result()
    assert left.value.code == 75 and "training/identity.py" in capsys.readouterr().err


def test_differences_name_what_differs():
    before = {"settings": {"seed": 0, "lr": 1}, "phi": None, "code": {"a.py": "1", "b.py": "2"}}
    now = {"settings": {"seed": 1, "lr": 1}, "phi": "9", "code": {"a.py": "1", "c.py": "3"}}
    assert differences(before, now) == ["settings.seed: 0 -> 1", "phi: None -> 9"]
    assert differences({"code": {"a.py": "1"}}, {"code": {"a.py": "2"}}) == ["code.a.py: 1 -> 2"]


def test_whatever_bit_of_the_archive_is_wrong_the_checkpoint_before_is_used(tmp_path):
    checkpoints = Checkpoints(tmp_path, {}, "run")
    checkpoints.save(1, {"value": 1})
    checkpoints.save(2, {"value": 2})
    file = checkpoints.files()[0]
    content = file.read_bytes()
    directory = content.index(b"PK\x01\x02")  # of the archive: what is said of each of its files
    for place in range(directory, directory + 200):
        for bit in (0, 6):
            file.write_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])
            assert checkpoints.load("value")["value"] in (1, 2)


def test_a_training_of_other_settings_is_taken_over_too(tmp_path):
    old, new = (Checkpoints(tmp_path / f"seed0-{key}", {}, "run") for key in ("a", "b"))
    old.claim()
    new.claim()
    with pytest.raises(SystemExit):
        old.save(1, {})
    assert Checkpoints(tmp_path / "seed1-a", {}, "run").owner != old.owner
