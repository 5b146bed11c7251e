"""Inception's features against pytorch-fid, clean-fid and torch-fidelity, which get the same random weights."""

import cleanfid.fid
import numpy as np
import pytest
import torch
from cleanfid import inception_pytorch as cleanfid_network
from cleanfid.inception_torchscript import InceptionV3W
from PIL import Image
from pytorch_fid import fid_score
from pytorch_fid import inception as pytorch_fid_network
from torch_fidelity import FeatureExtractorInceptionV3

from insm.evaluation.extractor import parse
from insm.evaluation.extractors.inception import WEIGHTS, Extractor
from insm.evaluation.resize import RESIZES, corner_weights
from insm.networks.inception import features_of, inception

CPU = torch.device("cpu")


@pytest.fixture
def files(images, tmp_path):
    """The images as PNG files."""
    paths = [str(tmp_path / f"{k}.png") for k in range(len(images))]
    for image, path in zip(images, paths, strict=True):
        Image.fromarray(image).save(path)
    return paths


def reference_network(module, weights, monkeypatch, **options):
    """The network of pytorch-fid, or of clean-fid's copy of it, with weights from a file."""
    monkeypatch.setattr(module, "load_state_dict_from_url", lambda *_, **__: torch.load(weights, weights_only=True))
    return module.InceptionV3([3], **options).eval()


def close(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape == (4, 2048) and ours.dtype == np.float32
    assert ours.std(axis=0).max() > 0.01 * ours.max(), "features that tell images apart"
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


def test_pytorch_fid_has_the_features_of_legacy(features, weights, files, monkeypatch):
    network = reference_network(pytorch_fid_network, weights, monkeypatch)
    close(features["legacy"], fid_score.get_activations(files, network, batch_size=4, num_workers=0))


def test_clean_fids_legacy_mode_has_the_features_of_legacy(features, weights, files, monkeypatch):
    network = reference_network(cleanfid_network, weights, monkeypatch, resize_input=False)
    model = lambda x: network(x / 255)[0].flatten(1)  # noqa: E731
    close(features["legacy"], clean_fid_features(files, model, "legacy_pytorch"))


def test_clean_fids_clean_mode_has_the_features_of_clean(features, weights, files, monkeypatch, tmp_path):
    """Its network is a TorchScript file with an attribute `layers`; here with the blocks of its other network."""
    holder = torch.nn.Module()
    blocks = torch.nn.Sequential(*reference_network(cleanfid_network, weights, monkeypatch).blocks)
    holder.layers = torch.jit.trace(blocks, torch.zeros(1, 3, 80, 80), check_trace=False)
    torch.jit.script(holder).save(str(tmp_path / "inception-2015-12-05.pt"))
    model = InceptionV3W(str(tmp_path), download=False)
    with torch.jit.optimized_execution(False):  # would take longer than the features
        close(features["clean"], clean_fid_features(files, model, "clean"))


def clean_fid_features(files, model, mode):
    return cleanfid.fid.get_files_features(files, model, num_workers=0, device=CPU, mode=mode, verbose=False)


def test_torch_fidelity_has_the_features_of_tensorflow(features, weights, images):
    network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(weights))
    close(features["tensorflow"], network(torch.from_numpy(images).permute(0, 3, 1, 2))[0].numpy())


def test_modes_differ(features):
    for a, b in (("legacy", "clean"), ("legacy", "tensorflow"), ("clean", "tensorflow")):
        assert np.abs(features[a] - features[b]).max() > 0.01 * features[a].max(), (a, b)


def test_images_of_the_networks_own_size_are_only_scaled():
    image = np.arange(299 * 299 * 3, dtype=np.uint32).astype(np.uint8).reshape(1, 299, 299, 3)
    values = image.transpose(0, 3, 1, 2).astype(np.float32)
    np.testing.assert_allclose(RESIZES["legacy"](image, CPU).numpy(), values / 127.5 - 1, atol=1e-6)
    for mode in ("clean", "tensorflow"):
        np.testing.assert_allclose(RESIZES[mode](image, CPU).numpy(), (values - 128) / 128, atol=1e-6)


@pytest.mark.parametrize("mode", RESIZES)
@pytest.mark.parametrize("size", [16, 640])
def test_a_flat_colour_stays_flat(mode, size):
    image = np.full((1, size, size, 3), (0, 128, 255), dtype=np.uint8)
    resized = RESIZES[mode](image, CPU)
    assert resized.shape == (1, 3, 299, 299) and resized.dtype == torch.float32
    assert resized.amax(dim=(2, 3)).numpy() == pytest.approx(resized.amin(dim=(2, 3)).numpy(), abs=1e-5)
    assert resized[0, :, 0, 0].tolist() == pytest.approx([-1, 0, 1], abs=0.01)


def test_only_clean_antialiases():
    """Stripes of one pixel in a large image become grey; the others see aliases of black and white."""
    stripes = np.tile(np.array([0, 255], dtype=np.uint8), (1200, 600))[None, ..., None].repeat(3, axis=3)
    contrast = {mode: float(resize(stripes, CPU)[..., 5:-5].abs().max()) for mode, resize in RESIZES.items()}
    assert contrast["clean"] < 0.02 and min(contrast["legacy"], contrast["tensorflow"]) > 0.9


@pytest.mark.parametrize("size", [1, 26, 299, 1000])
def test_corner_weights_are_shares_of_neighbours(size):
    table = corner_weights(size)
    np.testing.assert_allclose(table.sum(dim=1), 1, rtol=1e-6)
    assert table[0, 0] == 1 and ((table > 0).sum(dim=1) <= 2).all()


def test_the_network_takes_the_published_file():
    """Its 566 variants, 95.6 MB in float32 beside names and headers."""
    state = inception().state_dict()
    size = sum(value.numel() * value.element_size() for value in state.values())
    assert len(state) == 566 and 0.99 < size / WEIGHTS.size < 1
    assert WEIGHTS.checksum.removeprefix("sha256:").startswith(WEIGHTS.name[-12:-4]), "which PyTorch compares"


def test_folding_batch_norm_changes_no_feature(weights):
    network, image = inception(), torch.rand(1, 3, 299, 299) * 2 - 1
    network.load_state_dict(torch.load(weights, weights_only=True))
    seen = []
    network.fc.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    with torch.inference_mode():
        assert network(image).shape == (1, 1008)
        np.testing.assert_allclose(features_of(network)(image), seen[0], rtol=1e-4, atol=1e-5 * float(seen[0].max()))


def test_only_the_published_weights_make_a_fid(weights, monkeypatch):
    name, extractor = parse(f"inception:clean:{weights}")
    assert name == "inception" and extractor.files == (weights,)
    assert extractor.open(CPU).names == {"frechet": "frechet_random_clean", "kernel": "kernel_random_clean"}
    monkeypatch.setattr("pooch.file_hash", lambda path: WEIGHTS.checksum.removeprefix("sha256:"))
    assert extractor.open(CPU).names == {"frechet": "fid_clean", "kernel": "kid_clean"}


def test_without_a_file_the_fetched_one_is_meant():
    assert str(Extractor("legacy").path) == f"data/weights/inception/{WEIGHTS.name}"


def test_mistakes_are_one_line(weights, tmp_path, complains):
    for spelling in ("inception", "inception:"):
        with complains("inception:legacy", "inception:clean"):
            parse(spelling)
    with complains("'claen'", "did you mean 'clean'"):
        parse("inception:claen")
    with complains("'incepton'", "did you mean 'inception'"):
        parse("incepton:clean")
    with complains(tmp_path / "none.pth", "is missing", "insm weights inception"):
        parse(f"inception:clean:{tmp_path / 'none.pth'}")[1].open(CPU)
    other = tmp_path / "other.pth"
    torch.save({"fc.weight": torch.zeros(10, 4)}, other)
    with complains(other, "another network"):
        parse(f"inception:clean:{other}")[1].open(CPU)
