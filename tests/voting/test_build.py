"""A blinded study: complete, shuffled, and without a word of the methods in what raters get."""

import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from insm.commands.vote import build as build_command
from insm.voting.build import BuildConfig, build, parts_of, tasks_with_votes
from insm.voting.study import load_key, load_study
from tests.voting.example import IMAGES, METHODS, PAPER, make_results


def test_every_test_image_is_shown_with_the_four_methods_of_the_paper(blinded):
    key, study = load_key(blinded), load_study(blinded)
    assert [(row.method, row.label) for row in key.contenders] == [
        ("cyclegan", "CycleGAN"), ("stargan", "StarGAN"), ("stgan", "STGAN"), ("init", "INIT")
    ]  # fmt: skip
    assert sorted(shown.image for shown in key.items.values()) == list(range(IMAGES))
    for shown in key.items.values():
        assert sorted(shown.methods) == ["cyclegan", "init", "stargan", "stgan"]
    assert {item.id for item in study.items} == set(key.items) | set(key.attention)
    assert {item.target for item in study.items if item.id in key.items} == {"summer", "winter"}


def test_every_place_shows_the_image_of_the_method_that_the_key_names(blinded):
    key, study = load_key(blinded), load_study(blinded)
    colours = {"init": 0, "stargan": 40, "stgan": 80, "cyclegan": 120}  # the first variant of a method stands for it
    for item in study.items:
        if item.id in key.items:
            for file, method in zip(item.outputs, key.items[item.id].methods, strict=True):
                assert np.unique(np.asarray(Image.open(blinded / "site" / file))).tolist() == [colours[method]]


def test_methods_are_at_every_place(finished, tmp_path):
    _, key = build(*finished, PAPER, "vistas", tmp_path / "vote", BuildConfig(seed=0))
    assert len({shown.methods for shown in key.items.values()}) > IMAGES / 2


def test_nothing_that_raters_get_names_a_method(blinded):
    words = [*METHODS, *METHODS.values(), "label of", r"\w*gan", "seed", "results", "variants?"]
    pattern = re.compile("|".join(rf"\b{word}\b" for word in words), re.IGNORECASE)
    assert pattern.search((blinded / "key.json").read_text())  # it finds them where they are
    for path in (blinded / "site").rglob("*"):
        assert not pattern.search(str(path.relative_to(blinded)))
        if path.suffix == ".png":
            assert Image.open(path).info == {}
        elif path.is_file():
            assert not pattern.search(path.read_text()), path
    assert not pattern.search((blinded / "study.json").read_text())


def test_equal_seeds_give_equal_studies_and_others_others(finished, tmp_path):
    def study(name, seed):
        build(*finished, PAPER, "vistas", tmp_path / name, BuildConfig(seed=seed))
        return (tmp_path / name / "key.json").read_text(), (tmp_path / name / "site/study.js").read_text()

    assert study("a", 1) == study("b", 1)
    assert study("c", 2)[0] != study("d", 1)[0]


def test_without_a_seed_the_order_cannot_be_guessed():
    assert BuildConfig().seed != BuildConfig().seed


@pytest.mark.parametrize("items, per_rater, rounds", [(6, 3, 2), (547, 50, 2), (7, 10, 3)])
def test_parts_cover_every_item_evenly(items, per_rater, rounds):
    names, checks = [f"i{k}" for k in range(items)], ["c0", "c1"]
    config = BuildConfig(per_rater=per_rater, votes_per_item=rounds, attention_every=25)
    parts = parts_of(names, checks, config, np.random.default_rng(0))
    counts = Counter(name for part in parts for name in part if name in names)
    assert counts == dict.fromkeys(names, rounds)
    sizes = [len([name for name in part if name in names]) for part in parts]
    assert max(sizes) <= per_rater and max(sizes) - min(sizes) <= 1
    assert all(len(set(part)) == len(part) and part[0] in names for part in parts)
    assert all(set(checks) & set(part) for part in parts)


def test_an_attention_check_has_one_right_answer(blinded):
    key, study = load_key(blinded), load_study(blinded)
    assert key.attention
    for item in study.items:
        if item.id in key.attention:
            image = np.asarray(Image.open(blinded / "site" / item.input))
            same = [np.array_equal(image, np.asarray(Image.open(blinded / "site" / file))) for file in item.outputs]
            assert same == [k == key.attention[item.id] for k in range(4)]


def test_two_models_of_one_direction_each_are_one_method(tmp_path):
    methods = {"to-photo-1": "pix2pix", "init-p": "init", "to-edge-0": "pix2pix"}
    results, data = make_results(tmp_path, "footwear", methods)
    _, key = build(results, data, PAPER, "footwear", tmp_path / "vote", BuildConfig(seed=0))
    assert key.contenders[0].variants == {1: "to-photo-1", 0: "to-edge-0"}


def test_a_method_alone_is_refused(tmp_path, complains):
    results, data = make_results(tmp_path, "footwear", {"to-photo-1": "pix2pix", "init-p": "init"})
    with complains("a vote needs two methods", "footwear", "Pix2pix"):
        build(results, data, PAPER, "footwear", tmp_path / "vote", BuildConfig())


def test_the_tasks_that_the_paper_had_votes_on(finished, tmp_path, complains):
    assert tasks_with_votes(finished[0], PAPER) == ["vistas"]
    with complains(tmp_path, "no finished study"):
        tasks_with_votes(tmp_path, PAPER)
    (tmp_path / "config").mkdir()
    with complains(tmp_path, "--task"):
        tasks_with_votes(tmp_path, PAPER)


def test_the_command_builds_them(finished, tmp_path, capsys):
    results, data = finished
    build_command(results, output=tmp_path, data=data, paper=PAPER, per_rater=4, votes_per_item=1, attention_every=0)
    assert "6 comparisons of CycleGAN, StarGAN, STGAN, INIT in 2 parts of at most 3" in capsys.readouterr().out
    assert load_study(tmp_path / "vistas").parts and (tmp_path / "vistas/site/index.html").exists()


def test_a_study_is_never_overwritten(finished, blinded, complains):
    with complains("cannot make", "--output"):
        build(*finished, PAPER, "vistas", blinded, BuildConfig())
