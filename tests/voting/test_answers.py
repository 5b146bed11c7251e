"""Votes from files and databases: checked, attention checks applied, unblinded without personal data."""

import pandas as pd
import pytest

from insm.commands.vote import export
from insm.support.files import write_json
from insm.voting.answers import from_database, from_files, unblinded, without_inattentive
from insm.voting.database import Votes
from insm.voting.study import load_key, load_study

RATER = "0123456789abcdef01234567"


@pytest.fixture
def study(blinded):
    return load_study(blinded)


@pytest.fixture
def key(blinded):
    return load_key(blinded)


@pytest.fixture
def answer(study, tmp_path):
    """Writes a file of answers; keys given replace those of a good one."""

    def write(name="answers.json", place=0, **changes):
        content = {"study": study.id, "rater": RATER, "part": 0, "votes": dict.fromkeys(study.parts[0], place)}
        write_json(tmp_path / name, content | changes)
        return tmp_path / name

    return write


def test_a_file_of_answers_is_read(answer, study):
    votes = from_files([answer(place=3)], study)
    assert votes["item"].tolist() == sorted(study.parts[0])
    assert set(votes.place) == {3} and set(votes.rater) == {RATER}


def test_a_rater_who_sends_two_files_counts_once(answer, study):
    votes = from_files([answer(place=3), answer("again.json", place=1)], study)
    assert len(votes) == len(study.parts[0]) and set(votes.place) == {3}


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"study": "another"}, ["another study"]),
        ({"rater": "<script>alert(1)</script>"}, ["rater"]),
        ({"part": -1}, ["part"]),
        ({"part": 99}, ["not shown"]),
        ({"votes": {"../../key.json": 0}}, ["not shown"]),
        ({"extra": "field"}, ["unknown key extra"]),
    ],
)
def test_a_forged_file_is_refused(answer, study, complains, changes, words):
    path = answer(**changes)
    with complains(path, *words):
        from_files([path], study)


@pytest.mark.parametrize("place", [4, -1, 10**9])
def test_a_choice_that_does_not_exist_is_refused(answer, study, complains, place):
    path = answer(place=place)
    with complains(path, "does not exist"):
        from_files([path], study)


def test_a_huge_file_is_refused(tmp_path, study, complains):
    (tmp_path / "huge.json").write_text(" " * (10**6 + 1))
    with complains("huge.json", "too large"):
        from_files([tmp_path / "huge.json"], study)


def test_raters_who_fail_attention_checks_are_left_out(study, key):
    part = study.parts[0]
    right = [(("good", name, key.attention.get(name, 0))) for name in part]
    wrong = [(("poor", name, (key.attention[name] + 1) % 4 if name in key.attention else 0)) for name in part]
    unsure = [(("unsure", name, None)) for name in part]
    votes = pd.DataFrame([*right, *wrong, *unsure], columns=["rater", "item", "place"]).astype({"place": "Int64"})
    kept, excluded = without_inattentive(votes, key, 0.75)
    assert excluded == 2 and set(kept.rater) == {"good"}
    assert set(kept["item"]) == set(part) & set(key.items)
    assert without_inattentive(votes, key, 0)[1] == 0


def test_votes_go_to_the_method_that_was_at_the_place(answer, study, key):
    votes, _ = without_inattentive(from_files([answer(place=2)], study), key, 0)
    rows = unblinded(votes, key).set_index("image")
    for name in set(study.parts[0]) & set(key.items):
        shown = key.items[name]
        assert rows.method[shown.image] == shown.methods[2] and rows.place[shown.image] == 3


def test_export_writes_counts_and_no_personal_data(blinded, study, key, answer, tmp_path):
    database = Votes(blinded / "votes.sqlite", study)
    for _ in study.parts:
        _, rater = database.join()
        for item in study.part(rater.part):
            database.vote(rater, item.id, key.attention.get(item.id, 1))
    database.close()
    output = tmp_path / "votes-vistas.csv"
    export(blinded, [answer(place=None)], output, attention=0.0)
    table, rows = pd.read_csv(output), pd.read_csv(blinded / "votes.csv")
    assert table.method.tolist() == [row.method for row in key.contenders]
    assert table.votes.sum() == 12 and table.cannot_tell[0] == 3 and table.place_2[0] == 12
    assert list(rows) == ["rater", "image", "attribute", "value", "method", "place"]
    assert rows.rater.nunique() == len(study.parts) + 1
    assert RATER not in (blinded / "votes.csv").read_text()


def test_without_votes_nothing_is_exported(blinded, tmp_path, complains):
    with complains("no votes"):
        export(blinded, [], tmp_path / "votes.csv", attention=0.75)
    assert not (tmp_path / "votes.csv").exists()


def test_a_database_of_another_study_is_refused(blinded, study, tmp_path, complains):
    Votes(tmp_path / "other.sqlite", study.model_copy(update={"id": "another"})).close()
    with complains("other.sqlite", "another study"):
        from_database(tmp_path / "other.sqlite", study)
