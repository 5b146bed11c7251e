"""The gallery: a page without links to elsewhere that shows the right images, scores, cases, hops and curves."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from insm.reporting.frames import save_frames
from insm.reporting.gallery import BYTES, MOST, cases, chosen_images, gallery, scores_in_words, sprite
from insm.reporting.gallery_runs import POINTS, curves, hop_family, training_steps
from insm.reporting.translations import TaskImages
from insm.support import records
from insm.support.files import atomic, read_json, write_json
from insm.support.recording import recording
from tests.reporting.example_gallery import METHODS, TASK, make_gallery_results
from tests.voting.example import IMAGES


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return make_gallery_results(tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def page(folders):
    return gallery(*folders, TASK)


@pytest.fixture(scope="module")
def content(page):
    return json.loads(re.search(r'<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL)[1])


def decoded(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))))


def test_the_page_loads_nothing_from_elsewhere(page):
    assert not re.search(r"(src|href)=\"(?!index\.html)", page)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_sprites_hold_the_images_row_by_row(content):
    assert content["images"] == list(range(IMAGES))
    for k, variant in enumerate(content["variants"]):
        assert decoded(variant["sprite"]).shape == (IMAGES * 32, 32, 3)
        assert np.unique(decoded(variant["sprite"])).tolist() == [40 * k]
    assert np.unique(decoded(content["truth"])).tolist() == [200]


def test_a_sprite_keeps_order_and_reduces_large_images():
    images = np.arange(6, dtype=np.uint8).reshape(3, 2, 1, 1, 1) * np.ones((1, 1, 256, 256, 3), dtype=np.uint8)
    sheet = decoded(sprite(images))
    assert sheet.shape == (3 * 128, 2 * 128, 3)
    assert sheet[::128, ::128, 0].tolist() == [[0, 1], [2, 3], [4, 5]]


def test_edits_that_a_variant_does_not_make_have_no_scores(content):
    by_name = {variant["name"]: variant["scores"] for variant in content["variants"]}
    assert [scores[0] is None for scores in by_name["label of cycle"]] == [image % 2 == 0 for image in range(IMAGES)]
    assert by_name["label of first"][1] == ["classified as the target; identity distance: 0.500; L1 to truth: 0.1000"]


def test_best_and_worst_are_by_distance_to_the_truth(content):
    first = content["variants"][0]
    assert [edit["image"] for edit in first["best"]["edits"]] == [0, 1, 2]
    assert [edit["image"] for edit in first["worst"]["edits"]] == [5, 4, 3]


def test_missed_edits_are_those_that_are_not_classified_as_the_target(content):
    first, _, cycle = content["variants"]
    assert sorted(edit["image"] for edit in first["missed"]["edits"]) == [0, 2, 4]
    assert (first["missed"]["share"], cycle["missed"]["share"]) == ("3 of 6", "0 of 3")
    assert cycle["missed"]["edits"] == []
    assert content["order"] == ["counterfactual_l1"]


def test_without_a_truth_the_classifier_decides_what_is_best():
    rows = pd.DataFrame({"accuracy": [0.0, 1.0, 1.0, 0.0], "identity": [0.1, 0.3, 0.2, 0.4]})
    best, worst = cases(rows)
    assert best.index.tolist() == [2, 1] and worst.index.tolist() == [3, 0]


def test_a_score_of_an_unknown_metric_is_told_under_its_name():
    row = pd.Series({"image": 0, "attribute": "A", "variant": "v", "seed": "0", "accuracy": 0.0, "new_score": 0.25})
    assert scores_in_words(row) == "not classified as the target; new score: 0.25"


def test_hops_are_of_variants_that_differ_in_nothing_else():
    def init(hops, **more):
        return {"method": "init", "mst": {"hops": hops, "reduce": "mean"}} | more

    methods = {
        "a": init(2, aiw=False),
        "b": init(3),
        "c": init(2),
        "d": init(1),
        "e": init(1),
        "f": {"method": "stargan"},
    }
    assert hop_family(methods) == [{"hops": 1, "variant": 3}, {"hops": 2, "variant": 2}, {"hops": 3, "variant": 1}]
    assert hop_family({"a": init(2, aiw=False), "d": init(1)}) == []
    assert hop_family({"f": {"method": "stargan"}}) == []


def test_curves_are_thinned_and_one_outlier_does_not_set_the_range():
    values = np.r_[np.linspace(0, 1, 999), 1e6]
    (plot,) = curves({"x": pd.DataFrame({"step": range(1000), "adv_loss": values})})
    assert plot["name"] == "adv loss" and plot["high"] < 10
    assert len(plot["lines"][0]["steps"]) == len(plot["lines"][0]["values"]) <= POINTS + POINTS // 4


def test_curves_of_terms_that_only_some_methods_have(content):
    lines = {plot["name"]: [line["label"] for line in plot["lines"]] for plot in content["curves"]}
    assert lines["adv"] == [f"label of {name}" for name in METHODS] and lines["only cycle"] == ["label of cycle"]


def test_training_steps_are_the_frames_and_end_with_the_last_samples(tmp_path):
    results, data = make_gallery_results(tmp_path)
    images = TaskImages(results, data, TASK)
    run = tmp_path / "results/small"
    save_frames({100: b"one", 1200: b"two"}, run / "runs" / TASK / "first/seed0/frames.zip")
    Image.new("RGB", (8, 8), (99, 99, 99)).save(run / "runs" / TASK / "first/seed0/samples.png")
    steps = training_steps(results, images, "first")
    assert [step for step, _ in steps] == ["step 100", "step 1,200", "end"]
    assert [png for _, png in steps[:2]] == [b"one", b"two"]
    assert np.asarray(Image.open(io.BytesIO(steps[-1][1])))[0, 0, 0] == 99
    assert training_steps(results, images, "cycle") == []


def test_the_last_samples_are_compared_with_their_record_and_noted(tmp_path, monkeypatch, complains):
    results, data = make_gallery_results(tmp_path)
    images = TaskImages(results, data, TASK)
    samples = Path(results, "runs", TASK, "first/seed0/samples.png")
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    with recording(["job", "train"]), atomic(samples) as part:
        part.write_bytes(b"samples")
    with recording(["job", "gallery"]):
        write_json(Path(results, "report/gallery.json"), len(training_steps(results, images, "first")))
    record = read_json(Path(results, "provenance/report/gallery.json.json"))
    assert f"results/small/runs/{TASK}/first/seed0/samples.png" in record["inputs"]
    records._index.cache_clear()
    samples.write_bytes(b"other")
    with complains(samples, "other bytes"):
        training_steps(results, images, "first")
    records._index.cache_clear()


@pytest.mark.parametrize("size, attributes", [(32, 1), (32, 10), (256, 10)])
def test_the_number_of_images_keeps_the_page_small(size, attributes):
    rows = chosen_images(300, 9, size, attributes)
    assert 4 <= len(rows) <= MOST and len(set(rows)) == len(rows) and sorted(rows) == list(rows)
    assert len(rows) == 4 or len(rows) * 9 * attributes * 2 * min(size, 128) ** 2 <= BYTES
    assert np.array_equal(rows, chosen_images(300, 9, size, attributes))


def test_texts_cannot_end_the_script_that_holds_them(tmp_path):
    results, data = make_gallery_results(tmp_path)
    table = tmp_path / "results/small/config" / TASK / "variants.csv"
    table.write_text(table.read_text().replace("label of first", "</script><script>alert(1)</script>"))
    assert "<script>alert" not in gallery(results, data, TASK)
