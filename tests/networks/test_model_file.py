"""The model file: what is saved is opened again, bit for bit; what is foreign or damaged is refused in one line."""

import json
import pickle

import pytest
import safetensors.torch
import torch

from insm.networks import model_file
from insm.networks.method import METHODS, method_config
from insm.networks.model_file import ModelInfo, open_model, read_info, save, weights_of

SETTINGS = {
    "method": "attgan",
    "generator": {"width": 4},
    "discriminator": {"width": 4, "features": 8},
    "test_intensity": 1.5,
}
ATTRIBUTES = ("Smiling", "Male", "Young")


def method_of(settings=SETTINGS, size=32):
    torch.manual_seed(0)
    config = method_config(settings, "method")
    return METHODS.load(config.method).Method(config, len(ATTRIBUTES), size).eval()


def info_of(settings=SETTINGS, **changes):
    return ModelInfo(
        **{"study": "s", "dataset": "portraits", "attributes": ATTRIBUTES, "size": 32, "run": {"method": settings}}
        | changes
    )


@pytest.fixture
def saved(tmp_path):
    """A model's folder."""
    save(weights_of(method_of()), info_of(), tmp_path / "model" / "model.safetensors")
    return tmp_path / "model"


def edit(path, **changes):
    file = path / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_an_opened_model_has_the_same_weights_and_translates_alike(saved):
    method, opened = method_of(), open_model(saved)[0]
    assert not opened.training
    ours, theirs = method.state_dict(), opened.state_dict()
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    image, source = torch.rand(2, 3, 32, 32) * 2 - 1, torch.zeros(2, 3)
    with torch.no_grad():
        assert torch.equal(method.translate(image, source, 1 - source), opened.translate(image, source, 1 - source))


@pytest.mark.parametrize("name", ["", "model.json", "model.safetensors"])
def test_a_folder_or_either_file_names_a_model(saved, name):
    assert read_info(saved / name).attributes == ATTRIBUTES


def test_equal_models_are_equal_bytes(saved, tmp_path):
    weights = dict(reversed(weights_of(method_of()).items()))
    save(weights, info_of(), tmp_path / "again" / "model.safetensors")
    for name in ("model.json", "model.safetensors"):
        assert (saved / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_any_reader_of_safetensors_finds_the_networks_names(saved):
    names = safetensors.torch.load_file(saved / "model.safetensors").keys()
    assert {name.partition(".")[0] for name in names} == {"generator", "discriminator"}


def test_the_generator_alone_is_enough(tmp_path, complains):
    save(weights_of(method_of(), ("generator",)), info_of(), tmp_path / "model.safetensors")
    opened = open_model(tmp_path)[0]
    ours = method_of().generator.state_dict()
    assert all(torch.equal(ours[name], value) for name, value in opened.generator.state_dict().items())
    save(weights_of(method_of(), ("discriminator",)), info_of(), tmp_path / "model.safetensors")
    with complains(tmp_path, "weights of another method than attgan"):
        open_model(tmp_path)


def test_a_key_of_the_method_may_be_set_otherwise(saved, complains):
    assert open_model(saved, test_intensity=3)[0].config.test_intensity == 3
    with complains(saved / "model.json", "test_intensity", "greater than 0"):
        open_model(saved, test_intensity=-1)


def test_every_damaged_byte_is_noticed(saved, complains):
    file = saved / "model.safetensors"
    whole = file.read_bytes()
    for place in (0, 9, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with complains(file, "other bytes than", saved / "model.json"):
            open_model(saved)
    file.write_bytes(whole[:-100])
    with complains(file, "other bytes"):
        open_model(saved)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xff" * 64, (10**12).to_bytes(8, "little") + b"{}"])
def test_a_foreign_file_with_a_fitting_hash_is_refused(saved, complains, content):
    (saved / "model.safetensors").write_bytes(content)
    edit(saved, sha256=model_file.sha256(content).hexdigest())
    with complains(saved / "model.safetensors", "no whole safetensors file"):
        open_model(saved)


class Trap:
    """Unpickling it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_in_place_of_weights_runs_no_code(saved, tmp_path, complains):
    content = pickle.dumps(Trap(tmp_path / "trapped"))
    (saved / "model.safetensors").write_bytes(content)
    edit(saved, sha256=model_file.sha256(content).hexdigest())
    with complains("no whole safetensors file"):
        open_model(saved)
    assert not (tmp_path / "trapped").exists()
    (tmp_path / "model.pt").write_bytes(content)
    with complains(tmp_path / "model.pt", "is no model"):
        open_model(tmp_path / "model.pt")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, ["format 2", "update insm"]),
        ({"format": "one"}, ["key format"]),
        ({"attributes": []}, ["key attributes"]),
        ({"size": -3}, ["key size"]),
        ({"colour": 1}, ["unknown key colour"]),
        ({"run": {}}, ["key run.method is missing"]),
        ({"run": {"method": {"method": "os"}}}, ["no method 'os'"]),
        ({"run": {"method": {"method": "../../evil"}}}, ["no method '../../evil'"]),
        ({"run": {"method": SETTINGS | {"wings": 2}}}, ["run.method.wings"]),
        ({"run": {"method": SETTINGS | {"generator": {"width": 8}}}}, ["weights of another method than attgan"]),
        ({"run": {"method": {"method": "init"}}}, ["weights of another method than init"]),
        ({"run": {"method": SETTINGS | {"discriminator": {"features": 10**10}}}}, ["run.method", "numbers, more than"]),
        ({"run": {"method": SETTINGS | {"discriminator": {"features": 10**30}}}}, ["run.method"]),
        ({"size": 2**40}, ["key size", "4096"]),
        ({"run": {"method": {}}}, ["key run.method"]),
        ({"attributes": ["Smiling", "Smiling"]}, ["stands twice"]),
        ({"exclusive": [["Smiling", "Nope"]]}, ["'Nope'", "none of the attributes"]),
        ({"licence": "CC0\x1b[2J"}, ["control characters"]),
    ],
)
def test_a_json_that_does_not_fit_is_told_in_one_line(saved, complains, changes, words):
    edit(saved, **changes)
    with complains(saved, *words):
        open_model(saved)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\xff\xfe"])
def test_a_json_of_something_else_is_refused(saved, complains, text):
    (saved / "model.json").write_text(text, encoding="latin-1")
    with complains(saved / "model.json"):
        open_model(saved)


def test_a_missing_file_is_named(saved, complains):
    with complains(saved.parent / "no", "is no model"):
        open_model(saved.parent / "no")
    (saved / "model.json").unlink()
    with complains(saved / "model.json", "missing"):
        open_model(saved)
