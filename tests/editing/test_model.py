"""Editing from Python: every kind of image comes back as it was given, and edited as the method itself would."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

import insm
from insm.data.images import to_tensor, to_uint8
from insm.editing.files import Wish, edits_of
from insm.editing.model import UnlikeTraining
from insm.editing.photos import is_rendered
from insm.networks.model_file import read_info, save, weights_of
from tests.editing.conftest import SETTINGS, classifier_of, info_of, method_of

ALL = dict.fromkeys(
    ("Black_Hair", "Blond_Hair", "Brown_Hair", "Bangs", "Smiling", "Male", "Pale_Skin", "Eyeglasses"), 0
)
SOURCE = ALL | {"No_Beard": 1, "Young": 1}


@pytest.fixture
def model(folder):
    return insm.load(folder)


def expected(portraits, images, **targets):
    """What the method makes of images [N, 32, 32, 3] whose attributes are SOURCE."""
    labels = [[(SOURCE | change)[name] for name in portraits.attributes] for change in ({}, targets)]
    source, target = (torch.tensor([row] * len(images)).float() for row in labels)
    with torch.no_grad():
        return to_uint8(method_of().translate(to_tensor(images), source, target))


def test_at_the_models_size_an_edit_is_the_methods_translation(model, split, portraits):
    edited = model.edit(split.images[:5], source=SOURCE, Smiling=1, Male=1)
    assert (edited == expected(portraits, split.images[:5], Smiling=1, Male=1)).all()


def test_a_batch_is_edited_like_its_images_one_by_one(model, split):
    batch = model.edit(split.images[:4], source=SOURCE, Smiling=1)
    single = [model.edit(image, source=SOURCE, Smiling=1) for image in split.images[:4]]
    assert np.abs(batch.astype(int) - np.stack(single)).max() <= 1


def test_each_image_of_a_batch_may_have_its_own_target(model, split):
    both = model.edit(split.images[[0, 0]], source=SOURCE, Smiling=[1, 0])
    assert (both[0] != both[1]).any()
    assert np.abs(both[0].astype(int) - model.edit(split.images[0], source=SOURCE, Smiling=1)).max() <= 1


def test_every_kind_of_image_comes_back_as_it_was_given(model, split, tmp_path):
    array = split.images[0]
    edited = model.edit(array, Smiling=1)
    picture = Image.fromarray(array)
    picture.save(tmp_path / "photo.png")
    assert edited.shape == array.shape and edited.dtype == np.uint8
    assert (np.asarray(model.edit(picture, Smiling=1)) == edited).all()
    assert (np.asarray(model.edit(tmp_path / "photo.png", Smiling=1)) == edited).all()
    for dtype in (torch.float32, torch.float64):
        tensor = to_tensor(array[None])[0].to(dtype)
        made = model.edit(tensor, Smiling=1)
        assert made.shape == tensor.shape and made.dtype == dtype and made.abs().max() <= 1
        assert (to_uint8(made[None])[0] == edited).all()
        assert torch.equal(model.edit(tensor[None], Smiling=1)[0], made)
    one, two = model.edit([picture, array], Smiling=1)
    assert isinstance(one, Image.Image) and np.abs(np.asarray(one).astype(int) - edited).max() <= 1
    assert two.shape == array.shape


@pytest.mark.parametrize(("width", "height"), [(32, 32), (200, 120), (45, 300), (20, 31), (1, 1)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "P", "LA", "RGBA", "I;16", "1"])
def test_any_size_and_mode_is_edited_at_its_own_size(model, width, height, mode):
    image = Image.new("RGB" if mode == "LA" else mode, (width, height)).convert(mode)
    edited = model.edit(image, source=SOURCE, Smiling=1)
    assert edited.size == (width, height) and edited.mode == "RGB"


def test_an_image_turned_by_its_orientation_tag_comes_back_upright(model, tmp_path):
    image, exif = Image.new("RGB", (64, 40), "navy"), Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert model.edit(tmp_path / "turned.jpg", Smiling=1).size == (40, 64)
    assert model.edit(Image.open(tmp_path / "turned.jpg"), Smiling=1).size == (40, 64)


@pytest.mark.parametrize(
    "image", [None, 3, [], np.zeros((4, 4)), np.zeros((4, 4, 3)), np.zeros((0, 4, 4, 3), np.uint8),
              torch.zeros(3, 4, 4).int(), torch.zeros(4, 4, 3), torch.full((3, 4, 4), 255.0),
              torch.full((3, 4, 4), float("nan")), Image.new("F", (4, 4))],
)  # fmt: skip
def test_what_is_no_image_is_refused_in_one_line(model, image, complains):
    with complains("edit" if not hasattr(image, "shape") else "images"):
        model.edit(image, Smiling=1)


def test_mistakes_of_attributes_are_one_line(model, split, complains):
    with complains("2 values for 3 images"):
        model.edit(split.images[:3], Smiling=[1, 0])
    image = split.images[0]
    with complains("no attribute 'Smile'", "did you mean 'Smiling'"):
        model.edit(image, Smile=1)
    with complains("Smiling", "0 or 1"):
        model.edit(image, Smiling=0.5)
    with complains("Black_Hair and Blond_Hair exclude each other"):
        model.edit(image, Black_Hair=1, Blond_Hair=1)
    with complains("no attribute 'Wings'"):
        model.edit(image, source={"Wings": 1}, Smiling=1)


def test_one_hair_colour_takes_the_place_of_another(model, split):
    labels = np.array([[1, 0, 0, 0, 0, 0, 1, 1, 0, 0]], dtype=np.uint8)
    assert model.targets(labels, {"Blond_Hair": 1}).tolist() == [[0, 1, 0, 0, 0, 0, 1, 1, 0, 0]]
    assert (model.read(split.images, {}).labels[:, :3].sum(axis=1) <= 1).all(), "predicted, they exclude each other too"


def test_an_image_stays_in_exactly_one_domain(tmp_path, folder, portraits, split, complains):
    info = read_info(folder)
    hair = (("Black_Hair", "Blond_Hair", "Brown_Hair"),)
    (tmp_path / "model/model.json").write_text(info.model_copy(update={"exactly_one": hair}).model_dump_json())
    model = insm.load(folder)
    labels = model.read(split.images, {}).labels
    assert (labels[:, :3].sum(axis=1) == 1).all()
    assert (model.targets(labels, {"Blond_Hair": 1})[:, :3] == [0, 1, 0]).all()
    blond = model.targets(labels, {"Blond_Hair": 1})
    with complains("exactly one of Black_Hair, Blond_Hair, Brown_Hair"):
        model.targets(blond, {"Blond_Hair": 0})
    wish = Wish({}, toggle_all=True)
    edits = edits_of(model, model.read(split.images[:1], {"Blond_Hair": 1}), wish)
    assert "Blond_Hair=0" not in edits and "Black_Hair=1" in edits and len(edits) == 9


def test_attributes_are_predicted_unless_they_are_given(model, split):
    reading = model.read(split.images, {"Male": 1})
    with torch.no_grad():
        logits = classifier_of()(to_tensor(split.images)).numpy()
    np.testing.assert_allclose(reading.probabilities, 1 / (1 + np.exp(-logits)), rtol=1e-4)
    assert (reading.labels[:, 5] == 1).all()
    assert (reading.labels[:, [3, 4, 6, 7, 8, 9]] == (logits > 0)[:, [3, 4, 6, 7, 8, 9]]).all()
    told = model.probabilities(split.images[:2])
    assert [row["Smiling"] for row in told] == pytest.approx(reading.probabilities[:2, 4])


def test_without_a_classifier_all_attributes_have_to_be_given(tmp_path, split, portraits, complains):
    save(weights_of(method_of()), info_of(portraits), tmp_path / "model.safetensors")
    model = insm.load(tmp_path)
    with complains("no classifier", "Young=0 or 1"):
        model.edit(split.images[0], source={"Male": 0}, Smiling=1)
    with complains("no classifier"):
        model.probabilities(split.images[0])
    assert (
        model.edit(split.images[:1], source=SOURCE, Smiling=1) == expected(portraits, split.images[:1], Smiling=1)
    ).all()


def test_strength_scales_the_edit_where_the_method_has_one(model, split, tmp_path, portraits, complains):
    image = split.images[0]
    own, same, weak = (model.edit(image, source=SOURCE, strength=s, Smiling=1) for s in (None, 2.0, 0.1))
    assert (own == same).all() and (own != weak).any()
    with complains("strength -1", "above 0"):
        model.edit(image, source=SOURCE, strength=-1, Smiling=1)
    settings = {
        "method": "init",
        "generator": {"width": 4, "downs": 1, "blocks": 1},
        "discriminator": {"width": 4, "downs": 1},
    }
    save(weights_of(method_of(settings)), info_of(portraits, settings), tmp_path / "model.safetensors")
    with complains("method init has no strength"):
        insm.load(tmp_path).edit(image, source=SOURCE, strength=2, Smiling=1)


def test_the_opened_model_is_left_as_it_was(model, split):
    first = model.edit(split.images[0], source=SOURCE, Smiling=1)
    model.edit(split.images[0], source=SOURCE, strength=0.5, Smiling=0)
    assert (model.edit(split.images[0], source=SOURCE, Smiling=1) == first).all()


def test_a_damaged_classifier_is_refused(folder, complains):
    path = folder / "classifier.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    with complains(path, "other bytes"):
        insm.load(folder)
    path.unlink()
    with complains(path, "cannot be read"):
        insm.load(folder)


def test_a_model_that_is_not_there_names_those_that_are(complains, tmp_path):
    with complains("no model 'portrait'", "did you mean 'portraits'"):
        insm.load("portrait")
    with complains(tmp_path, "missing"):
        insm.load(tmp_path)


def test_a_folder_of_edited_images_does_not_hide_the_shipped_model_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vistas").mkdir()
    assert insm.load("vistas").info.dataset == "vistas"


def test_a_run_uses_its_studys_classifier(tmp_path, split, portraits):
    from insm.support import torch_files

    run = tmp_path / "results/tiny/runs/portraits/attgan/seed0"
    save(weights_of(method_of()), info_of(portraits), run / "model.safetensors")
    content = {"n_attr": 10, "size": 32, "state": classifier_of().state_dict()}
    content["config"] = {"objective": "attributes", "widths": [4, 8], "features": 8}
    torch_files.save(content, tmp_path / "results/tiny/pretrained/portraits/classifier.pt")
    labels = insm.load(run).read(split.images, {}).labels
    assert (labels[:, 4] == (classifier_of()(to_tensor(split.images)).detach().numpy()[:, 4] > 0)).all()


def test_the_shipped_model_changes_what_it_is_asked_to(portraits):
    model = insm.load("portraits")
    table = portraits.sample(40, np.random.default_rng(5))
    images, labels = portraits.render(table, model.size), table[list(portraits.attributes)].to_numpy()
    reading = model.read(images, {})
    assert (reading.labels == labels).mean() > 0.97
    for name in ("Smiling", "Blond_Hair"):
        edited = model.translate(reading, model.targets(reading.labels, {name: 1}))
        told = np.array([row[name] for row in model.probabilities(edited)]) > 0.5
        assert told.mean() > 0.8


def test_a_photograph_draws_a_warning_and_rendered_faces_do_not(portraits):
    from skimage.data import astronaut

    model = insm.load("portraits")
    with pytest.warns(UnlikeTraining, match="image 0: unlike the training images"):
        model.edit(astronaut(), Smiling=1)
    images = portraits.render(portraits.sample(100, np.random.default_rng(6)), model.size)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.edit(images[:1], Smiling=1)
    assert not caught
    assert model.read(images, {}).unlike.mean() < 0.1


@pytest.mark.parametrize("name", insm.list_models())
def test_a_shipped_model_edits_the_rendered_example_that_goes_with_it(name):
    model = insm.load(name)
    assert is_rendered(model.example)
    with Image.open(model.example) as image, warnings.catch_warnings():
        warnings.simplefilter("error")
        before = model.probabilities(image)[0]
        attribute = "Smiling" if name == "portraits" else model.attributes[0]
        assert name != "footwear" or before[attribute] < 0.5, "the example is a drawing"
        wanted = int(before[attribute] < 0.5)
        edited = model.edit(image, **{attribute: wanted})
    assert edited.size == (256, 256) and (model.probabilities(edited)[0][attribute] > 0.5) == wanted


def test_importing_insm_is_cheap_and_lists_what_there_is():
    loaded = "print(*sorted({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    code = f"import insm, sys; {loaded}; print(*insm.list_datasets())"
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert lines[0] == "" and "portraits" in lines[1]
    assert {"init", "stargan", SETTINGS["method"]} <= set(insm.list_methods())
    assert "portraits" in insm.list_models()
