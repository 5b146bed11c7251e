"""Committed outcomes: a run is done where its record has the identity that it would have now."""

import json

import pytest

from insm.support.outcomes import EqualCode, finished, first_runs, is_done, keep, original, same_settings

SETTINGS = {"run": {"seed": 0, "method": {"lr": 0.1, "aiw": {"clip": 3.0, "new": False}}}, "data": {"count": 8}}
EXPLICIT = {"run": {"method": {"aiw": {"clip": 3.0}}}, "data": {"count": 8}}


def known(**changes):
    return json.loads(json.dumps(SETTINGS)) | changes


@pytest.mark.parametrize(
    ("record", "now", "explicit", "same"),
    [
        (SETTINGS, SETTINGS, EXPLICIT, True),
        ({"a": 1}, {"a": 2}, {"a": 2}, False),
        ({"a": 1}, {"a": 1, "later": 0}, {"a": 1}, True),  # a key that came later, at its default
        ({"a": 1}, {"a": 1, "later": 5}, {"a": 1, "later": 5}, False),
        ({"a": 1, "gone": 0}, {"a": 1}, {}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "later": 0}}, {"a": {"b": 1}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "later": 7}}, {"a": {"b": 1, "later": 7}}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "later": {"c": 0}}}, {}, True),
        ({"a": {"b": 1}}, {"a": None}, {}, False),
        (None, {"a": 1}, {}, False),
    ],
)
def test_settings_are_the_same_but_for_later_keys_at_their_defaults(record, now, explicit, same):
    assert same_settings(record, now, explicit) is same


def test_a_run_is_done_with_the_code_of_its_record_or_code_proven_equal(tmp_path):
    record, pairs = tmp_path / "seed0.json", tmp_path / "equal.csv"
    identity = {"settings": SETTINGS, "code": "new"}
    assert not is_done(record, identity, EXPLICIT, EqualCode(pairs)), "no outcomes yet"
    record.write_text(json.dumps({"settings": SETTINGS, "code": "old"}))
    assert not is_done(record, identity, EXPLICIT, EqualCode(pairs)), "other code"
    pairs.write_text("before,after,proof\nold,between,300 equal steps\nbetween,new,models of results/full\n")
    assert is_done(record, identity, EXPLICIT, EqualCode(pairs))
    assert is_done(record, identity | {"code": "between"}, EXPLICIT, EqualCode(pairs))
    assert not is_done(record, identity | {"code": "newest"}, EXPLICIT, EqualCode(pairs))
    assert not is_done(record, identity | {"settings": known(data={"count": 9})}, EXPLICIT, EqualCode(pairs))


def test_equal_code_needs_a_proof(tmp_path, complains):
    path = tmp_path / "equal.csv"
    path.write_text("before,after,proof\nold,new,\n")
    with complains(str(path), "old", "no proof"):
        EqualCode(path)


def test_what_is_kept_are_finished_runs_alone_and_once(tmp_path):
    folder = tmp_path / "metrics" / "faces" / "init"
    folder.mkdir(parents=True)
    for name in ("seed0.numbers.parquet", "seed0.images.parquet", "seed0.json", "seed1.numbers.parquet"):
        (folder / name).write_text("{}" if name.endswith("json") else name)
    (tmp_path / "metrics" / "faces.numbers.parquet").write_text("all runs together")
    kept = [path.relative_to(tmp_path / "outcomes" / "faces" / "init").as_posix() for path in keep(tmp_path)]
    assert kept == ["seed0.images.parquet", "seed0.numbers.parquet", "seed0.json"], "the record comes last"
    assert not list(keep(tmp_path))
    (folder / "seed0.images.parquet").write_text("again")
    assert [path.name for path in keep(tmp_path)] == ["seed0.images.parquet"]


def test_pictures_are_kept_of_the_lowest_seed_alone(tmp_path):
    def finish(name, folder="faces/init"):
        place = tmp_path / "metrics" / folder
        place.mkdir(parents=True, exist_ok=True)
        for ending in ("images.parquet", "examples.png", "json"):
            (place / f"{name}.{ending}").write_text("{}" if ending == "json" else name)

    finish("references", "faces")
    finish("seed1")
    kept = {path.name for path in keep(tmp_path) if path.suffix == ".png"}
    assert kept == {"references.examples.png", "seed1.examples.png"}
    finish("seed10")
    finish("seed0")
    assert {path.name for path in keep(tmp_path) if path.suffix == ".png"} == {"seed0.examples.png"}
    assert first_runs(tmp_path) == [("faces", "init", 0)]


def test_the_plan_of_finished_runs_has_no_others():
    plan = {
        "runs": {"a": {"seeds": [0, 1], "method": "init"}, "b": {"seeds": [0], "method": "stargan"}},
        "settings": {"data": 1, "runs": {"a": {"0": "a0", "1": "a1"}, "b": {"0": "b0"}}},
        "variants": [{"variant": "a"}, {"variant": "b"}],
    }
    some = finished({"faces": plan, "shoes": plan}, {("faces", "a", 1)})
    assert some == {
        "faces": {
            "runs": {"a": {"seeds": [1], "method": "init"}},
            "settings": {"data": 1, "runs": {"a": {"1": "a1"}}},
            "variants": [{"variant": "a"}],
        }
    }
    assert finished({"faces": plan}, {("faces", "a", 0), ("faces", "a", 1), ("faces", "b", 0)}) == {"faces": plan}
    assert not finished({"faces": plan}, set())


def test_a_kept_file_is_a_copy_of_what_was_measured():
    assert original("results/trials/outcomes/faces/init/seed0.json") == "results/trials/metrics/faces/init/seed0.json"
    for name in ("results/trials/metrics/faces.csv", "data/trials/outcomes/a.npy", "results/outcomes", "outcomes"):
        assert original(name) is None


def test_runs_that_other_classifiers_measured_are_not_mixed(tmp_path, complains):
    folder = tmp_path / "metrics" / "faces" / "init"
    folder.mkdir(parents=True)

    def finish(seed, classifier):
        (folder / f"seed{seed}.json").write_text(json.dumps({"code": "c", "measured": {"classifiers": [classifier]}}))

    finish(0, "first")
    finish(1, "first")
    assert len(list(keep(tmp_path))) == 2
    finish(2, "second")
    with complains("seed2.json was measured by other classifiers", "seed0.json", "measure all runs of the task again"):
        list(keep(tmp_path))
    (folder / "seed2.json").unlink()
    finish(0, "first")
    assert not list(keep(tmp_path)), "kept already"


def test_runs_of_other_devices_are_not_mixed(tmp_path, complains):
    def finish(seed, gpu):
        record = tmp_path / f"metrics/faces/init/seed{seed}.json"
        training = tmp_path / f"provenance/runs/faces/init/seed{seed}/log.csv.json"
        for path, content in ((record, {"code": "c"}), (training, {"machine": {"gpu": gpu}})):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

    (tmp_path / "metrics/faces").mkdir(parents=True)
    (tmp_path / "metrics/faces/references.json").write_text("{}")
    finish(0, None)
    finish(1, None)
    assert len(list(keep(tmp_path))) == 3
    finish(2, "a GPU")
    with complains("seed2.json was trained on a GPU", "seed0.json on CPU", "one kind of device"):
        list(keep(tmp_path))
