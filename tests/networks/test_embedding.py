"""phi: what `insm job embedding` writes is what training opens, frozen."""

import pytest
import torch

from insm.commands.jobs.embedding import embedding as make_embedding
from insm.data.images import to_tensor
from insm.data.preparation import save_split
from insm.networks import embedding
from insm.networks.embedding import EmbeddingConfig
from insm.support import torch_files
from insm.support.files import write_json
from insm.support.torchvision_import import torchvision

CPU = torch.device("cpu")


@pytest.fixture
def make(tmp_path, split):
    """Run `insm job embedding` with the given settings; returns its output."""
    save_split(split, tmp_path / "train.npy", tmp_path / "train.parquet")

    def make(name="phi.pt", **settings):
        config = EmbeddingConfig(widths=(4, 8), features=6, updates=2, batch=8, **settings)
        write_json(tmp_path / "embedding.json", config.model_dump(mode="json"))
        make_embedding(str(tmp_path / "embedding.json"), "portraits", "cpu", tmp_path / "train.npy", tmp_path / name)
        return tmp_path / name

    return make


@pytest.mark.parametrize("objective", ["identity", "attributes", "none"])
def test_phi_is_saved_and_opened_frozen(make, split, objective):
    path = make(objective=objective)
    phi, image = embedding.load(path, CPU), to_tensor(split.images)
    assert not phi.training and not any(p.requires_grad for p in phi.parameters())
    points = phi(image)
    assert points.shape == (24, 6) and points.isfinite().all()
    torch.testing.assert_close(points[:5], phi(image[:5]), atol=1e-5, rtol=1e-4)
    network = embedding.small_vgg(EmbeddingConfig(widths=(4, 8), features=6), 10, 32)
    network.load_state_dict(torch_files.load(path)["state"])
    assert torch.equal(points, network.eval().features(image))


def test_pretraining_is_reproducible(make):
    assert make("one.pt").read_bytes() == make("two.pt").read_bytes()
    assert make("one.pt").read_bytes() != make("three.pt", objective="attributes").read_bytes()


def test_without_an_objective_phi_stays_untrained(make):
    short, long = (torch_files.load(make(f"{n}.pt", objective="none", lr=n))["state"] for n in (1, 2))
    trained = torch_files.load(make("trained.pt"))["state"]
    assert all(torch.equal(short[name], long[name]) for name in short)
    assert any(not torch.equal(short[name], trained[name]) for name in short)


def test_gradients_flow_through_phi_to_images(make, split):
    image = to_tensor(split.images[:2]).requires_grad_()
    embedding.load(make(), CPU)(image).sum().backward()
    assert image.grad.abs().sum() > 0


@pytest.mark.slow
def test_published_weights(make, tmp_path, split):
    torch.manual_seed(0)
    vgg = torchvision.models.vgg16().eval()
    torch.save(vgg.state_dict(), tmp_path / "vgg16.pt")
    phi = embedding.load(make(weights=tmp_path / "vgg16.pt"), CPU)
    image = torch.full((1, 3, 32, 32), 0.5)
    with torch.inference_mode():
        points = phi(image)
        mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        features = vgg.avgpool(vgg.features((torch.full((1, 3, 224, 224), 0.75) - mean) / std)).flatten(1)
        expected = vgg.classifier[:5](features)
        phi.layer = "pool5_gap"
        pooled, maps = phi(image), vgg.features((torch.full((1, 3, 224, 224), 0.75) - mean) / std)
    assert points.shape == (1, 4096) and points.min() >= 0
    torch.testing.assert_close(points, expected, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(pooled, maps.mean(dim=(2, 3)), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(("layer", "last"), [("fc7", "ReLU"), ("fc7_pre_relu", "Linear")])
def test_layers_of_published_weights(layer, last):
    with torch.device("meta"):
        phi = embedding.PublishedVGG16("imagenet", layer)
    assert type(phi.vgg.classifier[-1]).__name__ == last
    assert phi.vgg.classifier[3].out_features == 4096


def test_weights_that_lack_a_layer_are_named(make, tmp_path, complains):
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "other.pt")
    with complains(tmp_path / "other.pt", "lacks features.0.bias", "embedding.weights"):
        make(weights=tmp_path / "other.pt")


def test_missing_weights_are_named(make, tmp_path, complains):
    with complains(tmp_path / "no.pt", "missing"):
        make(weights=tmp_path / "no.pt")
