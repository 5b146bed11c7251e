"""The database of votes: one vote for each rater and item, parts shared out evenly."""

import sqlite3
import threading

import pytest

from insm.voting.answers import from_database
from insm.voting.database import AlreadyVoted, Rater, Votes
from insm.voting.study import load_study


@pytest.fixture
def study(blinded):
    return load_study(blinded)


@pytest.fixture
def votes(study, tmp_path):
    votes = Votes(tmp_path / "votes.sqlite", study, raters=10)
    yield votes
    votes.close()


def test_a_second_vote_is_refused_and_the_first_stands(votes, study):
    _, rater = votes.join()
    item = study.part(rater.part)[0].id
    votes.vote(rater, item, 2)
    for place in (2, 3, None):
        with pytest.raises(AlreadyVoted) as error:
            votes.vote(rater, item, place)
        assert error.value.place == 2
    assert votes.answered(rater) == {item: 2}


def test_raters_get_different_parts_until_all_are_given(votes, study):
    parts = [votes.join()[1].part for _ in range(2 * len(study.parts))]
    assert sorted(parts) == sorted([*range(len(study.parts))] * 2)


def test_an_abandoned_part_is_given_again(votes, study):
    raters = [votes.join()[1] for _ in study.parts]
    for item in study.parts[1]:
        votes.vote(raters[1], item, 0)
    votes.writing.execute("UPDATE rater SET active = 0 WHERE part = 2")
    assert votes.join()[1].part == 2


def test_the_study_has_room_for_so_many_raters(votes):
    assert all(votes.join() for _ in range(10))
    assert votes.join() is None


def test_an_invite_code_leads_back_to_the_same_rater(votes):
    token, rater = votes.join("code-of-a")
    again, same = votes.join("code-of-a")
    assert same == rater and again != token
    assert votes.rater(again) == rater and votes.rater(token) is None
    assert votes.join("code-of-b")[1] != rater


def test_neither_tokens_nor_codes_are_stored(votes, tmp_path):
    token, _ = votes.join("a-secret-code")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("votes.sqlite*"))
    assert token.encode() not in content and b"a-secret-code" not in content


def test_votes_outlive_a_process_that_never_closed_the_database(votes, study, tmp_path):
    _, rater = votes.join()
    votes.vote(rater, study.part(rater.part)[0].id, None)
    table = from_database(tmp_path / "votes.sqlite", study)  # another connection sees what is committed
    assert table.place.isna().tolist() == [True]


def test_threads_that_vote_at_once_lose_and_double_nothing(votes, study):
    _, rater = votes.join()
    item, outcomes = study.part(rater.part)[0].id, []

    def vote(place):
        try:
            votes.vote(rater, item, place)
            outcomes.append(place)
        except AlreadyVoted:
            pass

    threads = [threading.Thread(target=vote, args=[k % 4]) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1 and votes.answered(rater) == {item: outcomes[0]}


def test_changes_that_cannot_be_stored_are_told_and_leave_nothing(votes, study):
    _, rater = votes.join()
    with pytest.raises(sqlite3.IntegrityError):
        votes.vote(Rater(99, rater.part), study.part(rater.part)[0].id, 0)  # no such rater
    assert votes.rows() == []
    votes.vote(rater, study.part(rater.part)[0].id, 0)  # and the next one is stored
    assert len(votes.rows()) == 1


def test_changes_are_finished_before_the_database_closes(study, tmp_path):
    votes = Votes(tmp_path / "closing.sqlite", study)
    raters = [votes.join()[1] for _ in range(4)]
    items = [(rater, item.id) for rater in raters for item in study.part(rater.part)]
    threads = [threading.Thread(target=votes.vote, args=[rater, item, 0]) for rater, item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    votes.close()
    assert len(from_database(tmp_path / "closing.sqlite", study)) == len(items)


def test_the_database_of_another_study_is_refused(votes, study, tmp_path, complains):
    other = study.model_copy(update={"id": "another"})
    with complains("votes.sqlite", "another study"):
        Votes(tmp_path / "votes.sqlite", other)


def test_a_file_that_is_no_database_is_refused(study, tmp_path, complains):
    (tmp_path / "broken.sqlite").write_text("no database" * 100)
    with complains("broken.sqlite", "--database"):
        Votes(tmp_path / "broken.sqlite", study)
