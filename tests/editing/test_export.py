"""Exporting a run: the model edits like the run, and its facts and card tell what it is."""

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
import torch

import insm
from insm.data import checksums
from insm.editing import card as cards
from insm.editing.export import Sources, example, export, metrics_of, shrink, sources_of
from insm.editing.photos import is_rendered
from insm.editing.predictor import Predictor
from insm.networks.model_file import open_model, read_info, save, weights_of
from insm.support import torch_files
from tests.editing.conftest import SMALL, classifier_of, info_of, method_of


@pytest.fixture
def run(tmp_path, portraits):
    """A run's folder in a study's results, with the files that an export reads."""
    results, data = tmp_path / "results/tiny", tmp_path / "data/tiny/portraits"
    data.mkdir(parents=True)
    for number, name in enumerate(("train", "test")):
        split = portraits.build(name, 40, 32, number)
        np.save(data / f"{name}.npy", split.images)
        split.table.to_parquet(data / f"{name}.parquet")
        checksums.record(data / f"{name}.npy", data / f"{name}.parquet")
    content = {"n_attr": 10, "size": 32, "config": SMALL.model_dump(mode="json"), "state": classifier_of().state_dict()}
    torch_files.save(content, results / "pretrained/portraits/classifier.pt")
    (results / "tables").mkdir()
    pd.DataFrame(
        [
            ("attgan", "accuracy", "mean", 0.75, 0.7, 0.8),
            ("attgan", "accuracy", "Smiling", 0.5, None, None),
            ("attgan", "frechet_classifier_perm_train", "all", 10, 9, 11),
            ("init-c", "accuracy", "mean", 0.9, 0.8, 1),
        ],
        columns=["variant", "metric", "scope", "value", "low", "high"],
    ).to_csv(results / "tables/intervals-portraits.csv", index=False)
    run = results / "runs/portraits/attgan/seed0"
    save(weights_of(method_of()), info_of(portraits), run / "model.safetensors")
    return run


pytestmark = pytest.mark.filterwarnings("ignore::insm.editing.model.UnlikeTraining")


@pytest.fixture
def sources(run):
    return sources_of(run, read_info(run))


def test_an_exported_model_edits_like_its_run(run, sources, split, tmp_path):
    export(run, tmp_path / "model", sources, half=False)
    one, two = insm.load(run), insm.load(tmp_path / "model")
    assert (one.edit(split.images[:4], Smiling=1) == two.edit(split.images[:4], Smiling=1)).all()
    weights = weights_of(open_model(run)[0], ("generator",))
    stored = weights_of(open_model(tmp_path / "model")[0], ("generator",))
    assert all((weights[name] == stored[name]).all() for name in weights)
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert names == {"model.safetensors", "model.json", "classifier.safetensors", "example.png"}


def test_half_precision_halves_the_file_and_changes_an_edit_little(run, sources, split, tmp_path):
    for half in (False, True):
        export(run, tmp_path / str(half), sources, half)
    sizes = [(tmp_path / str(half) / "model.safetensors").stat().st_size for half in (False, True)]
    assert sizes[1] < 0.6 * sizes[0]
    one, two = (insm.load(tmp_path / str(half)).edit(split.images, Smiling=1).astype(int) for half in (False, True))
    assert np.abs(one - two).mean() < 1 and (one != two).any()


def test_the_facts_are_of_the_studys_files(run, sources, tmp_path):
    info = export(run, tmp_path / "model", sources, half=False)
    assert info == read_info(tmp_path / "model")
    assert info.run == read_info(run).run and info.study == "s"
    assert [(m.scope, m.value, m.low, m.high) for m in info.metrics] == [
        ("mean", 0.75, 0.7, 0.8), ("Smiling", 0.5, None, None)
    ]  # fmt: skip
    images, table = np.load(sources.test), pd.read_parquet(sources.test.with_suffix(".parquet"))
    predicted = Predictor(classifier_of())(images)[0] > 0.5
    for k, name in enumerate(info.attributes):
        hits = (predicted[:, k] == (table[name] == 1)).mean()
        assert info.predictor.accuracy[name] == pytest.approx(hits, abs=1e-4)


def test_the_example_is_the_test_image_of_that_row_rendered_larger(run, sources, portraits):
    info, table = read_info(run), pd.read_parquet(sources.test.with_suffix(".parquet"))
    labels = table.loc[[3], list(info.attributes)].to_numpy()
    image = example(portraits, table, 3, info, lambda squares: (labels, None))
    assert (image == portraits.render(table.iloc[[3]], 256)[0]).all()


def test_an_example_that_is_read_wrongly_once_it_is_shrunk_has_the_models_size_enlarged(run, sources, portraits):
    info, table = read_info(run), pd.read_parquet(sources.test.with_suffix(".parquet"))
    labels = table.loc[[3], list(info.attributes)].to_numpy()
    image = example(portraits, table, 3, info, lambda squares: (1 - labels, None))
    assert (image == portraits.render(table.iloc[[3]], 32)[0].repeat(8, axis=0).repeat(8, axis=1)).all()


def test_the_example_says_that_it_is_rendered(run, sources, tmp_path, complains):
    export(run, tmp_path / "model", sources, half=False, row=3)
    assert is_rendered(insm.load(tmp_path / "model").example)
    with complains("--example 40", "0 to 39"):
        export(run, tmp_path / "model", sources, half=False, row=40)


def test_one_training_image_in_a_hundred_is_beyond_the_limit(run, sources, tmp_path):
    export(run, tmp_path / "model", sources, half=False)
    unlike = insm.load(tmp_path / "model").read(np.load(sources.train), {}).unlike
    assert unlike.sum() == 1, "40 images: the farthest"


def test_the_distance_is_mahalanobis(run, sources, tmp_path):
    from scipy.spatial.distance import mahalanobis

    from insm.editing.predictor import RIDGE, statistics_of

    features = np.random.default_rng(0).normal(size=(500, 6)) @ np.diag([1, 2, 3, 4, 5, 6])
    covariance = np.cov(features.T)
    inverse = np.linalg.inv(covariance + RIDGE * np.trace(covariance) / 6 * np.eye(6))
    expected = [mahalanobis(row, features.mean(axis=0), inverse) for row in features[:20]]
    np.testing.assert_allclose(statistics_of(features).distance(features[:20]), expected, rtol=1e-4)


def test_a_run_outside_of_a_study_needs_its_files_named(tmp_path, portraits, complains):
    save(weights_of(method_of()), info_of(portraits), tmp_path / "model.safetensors")
    with complains("--classifier", "--train", "--test"):
        sources_of(tmp_path, read_info(tmp_path))


def test_files_that_do_not_belong_together_are_refused(run, sources, portraits, tmp_path, complains):
    content = {"n_attr": 3, "size": 32, "config": SMALL.model_dump(mode="json"), "state": {}}
    torch_files.save(content, tmp_path / "three.pt")
    with complains("three.pt", "3 attributes", "10"):
        export(run, tmp_path / "model", sources._replace(classifier=tmp_path / "three.pt"), half=False)
    phi = content | {"n_attr": 10, "config": SMALL.model_dump(mode="json") | {"objective": "identity"}}
    torch_files.save(phi, tmp_path / "phi.pt")
    with complains("phi.pt", "does not classify"):
        export(run, tmp_path / "model", sources._replace(classifier=tmp_path / "phi.pt"), half=False)
    small = portraits.build("train", 4, 16, 0)
    np.save(tmp_path / "small.npy", small.images)
    small.table.to_parquet(tmp_path / "small.parquet")
    with complains("small.npy", "16 px", "32 px"):
        export(run, tmp_path / "model", sources._replace(train=tmp_path / "small.npy"), half=False)


def test_the_card_tells_data_numbers_use_and_risks(run, sources, tmp_path):
    info = export(run, tmp_path / "model", sources, half=False)
    text = cards.card(info, "faces")
    for words in (
        "# Model card: faces", "attgan (`attgan`), seed 0", "licence: none needed: rendered by insm", info.sha256,
        "| mean | 0.750 | 0.700 to 0.800 |", "| Smiling | 0.500 |  |", "## Intended use", "## Risks", "consent",
    ):  # fmt: skip
        assert words in text, words
    assert "Not known" in cards.card(info.model_copy(update={"metrics": ()}), "faces")


def test_metrics_are_empty_without_a_table():
    assert metrics_of(None, "attgan") == ()


def test_the_resnet_of_a_study_may_go_with_it(run, sources, tmp_path, split):
    from insm.networks.classifier import Classifier

    torch_files.save({"n_attr": 10, "state": Classifier(10).state_dict()}, tmp_path / "resnet.pt")
    info = export(run, tmp_path / "model", sources._replace(classifier=tmp_path / "resnet.pt"), half=False)
    assert info.predictor.config is None
    assert insm.load(tmp_path / "model").read(split.images, {}).probabilities.shape == (24, 10)


def test_the_command_writes_the_model_with_its_card(run, tmp_path, capsys):
    from insm.commands.model import card, info
    from insm.commands.model import export as command

    command(run, tmp_path / "faces")
    assert "insm edit" in capsys.readouterr().out
    assert (tmp_path / "faces/README.md").read_text().startswith("# Model card: faces")
    info(str(tmp_path / "faces"))
    assert "attgan" in capsys.readouterr().out
    info(str(tmp_path / "faces"), as_json=True)
    assert json.loads(capsys.readouterr().out)["attributes"][4] == "Smiling"
    card(str(tmp_path / "faces"))
    assert "## Risks" in capsys.readouterr().out


def test_the_commit_is_empty_outside_of_a_checkout(tmp_path, monkeypatch):
    from insm.editing.export import commit

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert commit() == ""
    for words in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "a"],
    ):
        subprocess.run(["git", *words], check=True)
    assert len(commit()) == 40


def test_sources_without_a_table_have_no_metrics(run):
    (run.parents[3] / "tables/intervals-portraits.csv").unlink()
    found = sources_of(run, read_info(run))
    assert isinstance(found, Sources) and found.intervals is None


def test_a_model_for_git_is_what_translates_in_half_precision(run, tmp_path):
    shrink(run, tmp_path / "small", largest=10**6)
    whole, small = (open_model(path)[0].state_dict() for path in (run, tmp_path / "small"))
    halves = {name: value for name, value in small.items() if name.startswith("generator")}
    assert (
        halves
        and (tmp_path / "small/model.safetensors").stat().st_size < (run / "model.safetensors").stat().st_size / 2
    )
    for name, value in halves.items():
        assert torch.equal(value, whole[name].half().to(value.dtype) if value.is_floating_point() else whole[name])
    shrink(run, tmp_path / "none", largest=1000)
    assert not (tmp_path / "none").exists()
