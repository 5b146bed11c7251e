"""Studies: the shipped ones are valid, mistakes are answered with file, key and the nearest match."""

from pathlib import Path

import pytest
import yaml

from insm.config.jobs import RunConfig
from insm.config.plan import jobs_of, plan_of, run_config
from insm.config.study import load_study
from insm.networks.method import METHODS
from insm.support.schema import Section, parse
from tests import ROOT

CONFIGS = sorted((ROOT / "config").glob("*.yaml"))
STUDY = """
name: tiny
seeds: [0, 1]
tasks:
  faces:
    data: { dataset: portraits, size: 32, train: 64, test: 8 }
    training: { updates: 10, batch: 8 }
    methods: [plain]
methods:
  plain: { method: init, lambda_rec: 3, generator: { width: 8 } }
"""


@pytest.fixture
def write(tmp_path):
    """Write the study with one dotted key set to a value; returns its path."""

    def write(key, value):
        study = yaml.safe_load(STUDY)
        *folders, last = key.split(".")
        section = study
        for folder in folders:
            section = section[folder]
        section[last] = value
        (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(study))
        return tmp_path / "tiny.yaml"

    return write


def sections(base=Section) -> list[type[Section]]:
    for name in METHODS.names():
        METHODS.load(name)
    found = [one for child in base.__subclasses__() for one in [child, *sections(child)]]
    return [one for one in found if one.__module__.startswith("insm.")]  # not those of other tests


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_studies_are_valid(path):
    study = load_study(path)
    assert study.name == path.stem
    for name, task in study.tasks.items():
        for variant in task.methods:
            run = run_config(study, name, variant, study.seeds[0])
            assert run.method_config() == study.method_config(variant)


def test_the_study_of_these_tests_is_valid(write):
    study = load_study(write("seeds", [3]))
    assert study.seeds == (3,) and study.tasks["faces"].data.size == 32
    assert study.method_config("plain").weight("rec") == 3 and study.method_config("plain").weight("adv") == 1


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("seedz", [0], ["unknown key seedz", "did you mean 'seeds'?"]),
        ("tasks.faces.training.bach", 8, ["unknown key tasks.faces.training.bach", "updates", "did you mean 'batch'?"]),
        ("tasks.faces.dato", {}, ["unknown key tasks.faces.dato", "did you mean 'data'?"]),
        ("methods.plain.generator.widht", 4, ["methods.plain.generator.widht", "did you mean 'width'?"]),
        ("tasks.faces.training.batch", "many", ["key tasks.faces.training.batch", "integer", "'many'"]),
        ("tasks.faces.training.batch", 0, ["key tasks.faces.training.batch", "greater than or equal to 2"]),
        ("tasks.faces.data.size", 33, ["key tasks.faces.data.size", "multiple of 16", "33"]),
        ("tasks.faces.training.target", "prem", ["key tasks.faces.training.target", "did you mean 'perm'?"]),
        ("tasks.faces.training.epochs", 2, ["key tasks.faces.training", "exactly one of"]),
        ("tasks.faces.data.dataset", "portrait", ["no dataset 'portrait'", "did you mean 'portraits'?"]),
        ("tasks.faces.data.dataset", "folder", ["key tasks.faces.data.dataset", "as in `folder:Smiling,Male`"]),
        ("tasks.faces.data.dataset", "folder:pears:A", ["key tasks.faces.data.dataset", "did you mean 'pairs'?"]),
        ("tasks.faces.data.dataset", "vistas:A", ["key tasks.faces.data.dataset", "write `vistas` without `:A`"]),
        ("tasks.faces.methods", ["plane"], ["key tasks.faces.methods", "no method variant 'plane'", "mean 'plain'?"]),
        ("tasks.faces.methods", [], ["key tasks.faces.methods", "at least 1"]),
        ("methods.plain", {"lambda_rec": 1}, ["key methods.plain", "names no `method`", "init"]),
        ("methods.plain.method", "innit", ["no method 'innit'", "did you mean 'init'?"]),
        ("methods.plain.lambda_rec", -1, ["key methods.plain.lambda_rec", "-1"]),
        ("name", "My Study", ["key name", "'My Study'"]),
        ("seeds", [-1], ["key seeds.0", "-1"]),
    ],
)
def test_a_mistake_is_answered_with_file_key_and_cure(write, complains, key, value, words):
    path = write(key, value)
    with complains(path, *words):
        load_study(path)


@pytest.mark.parametrize(("text", "word"), [("- a\n- b", "mapping"), ("", "mapping"), ("a: [1", "not valid YAML")])
def test_what_is_no_study_is_named(tmp_path, complains, text, word):
    (tmp_path / "tiny.yaml").write_text(text)
    with complains(tmp_path / "tiny.yaml", word):
        load_study(tmp_path / "tiny.yaml")


def test_a_missing_study_is_answered_with_the_nearest(write, complains):
    path = write("seeds", [0])
    with complains(path.with_name("tinny.yaml"), "missing", f"did you mean '{path}'?"):
        load_study(path.with_name("tinny.yaml"))


@pytest.mark.parametrize("section", sections(), ids=lambda section: f"{section.__module__}.{section.__name__}")
def test_every_field_is_described(section):
    for name, field in section.model_fields.items():
        assert field.description and field.description[-1] in ".)", f"{section.__name__}.{name}"


def test_the_embedded_studies_share_their_methods():
    study, full, images, fashion, budget = (
        load_study(CONFIGS[0].parent / f"{name}.yaml") for name in ("study", "full", "images", "fashion-full", "budget")
    )
    assert study.methods.items() <= full.methods.items()
    assert images.methods.items() <= full.methods.items()
    assert fashion.methods.items() <= full.methods.items()
    assert budget.methods["init-c"] == study.methods["init-c"]


def test_a_run_survives_its_file(write):
    run = run_config(load_study(write("seeds", [5])), "faces", "plain", 5)
    assert parse(RunConfig, run.model_dump(mode="json"), Path("run.json")) == run
    assert run.method["generator"]["width"] == 8 and run.method["optimiser"]["lr"] > 0, "defaults are spelled out"


STARGAN = {"method": "stargan"}
CYCLEGAN = {"method": "cyclegan"}
MISFITS = {
    "ten attributes": ("portraits", {}, CYCLEGAN, ["two domains", "10 attributes", "dataset of one attribute"]),
    "no pairs": ("vistas", {}, {"method": "pix2pix"}, ["pix2pix learns from pairs", "vistas has none"]),
    "no truth": ("vistas", {}, STARGAN | {"lambda_l1": 1}, ["lambda_l1", "vistas has no pairs", "set lambda_l1 to 0"]),
    "one domain": ("vistas", {"sampling": "rare"}, CYCLEGAN, ["both domains", "set training.sampling to balanced"]),
    "two images": ("vistas", {"batch": 2}, {"method": "relgan"}, ["compares 3", "set training.batch to 3"]),
    "levels": ("vistas", {}, STARGAN | {"discriminator": {"levels": 6}}, ["key discriminator.levels", "32 px"]),
    "odd size": ("footwear", {"size": 48}, {"method": "pix2pix"}, ["key data.size", "48 px", "power of two"]),
    "patches of one pixel": ("vistas", {"size": 16}, {"method": "init"}, ["step fails", "16 px", "fewer levels"]),
    "one domain's patches": (
        "vistas", {"size": 16, "sampling": "balanced"}, CYCLEGAN, ["training step fails", "16 px", "larger images"]
    ),
    "no room for a kernel": ("footwear", {"size": 16}, {"method": "pix2pix"}, ["training step fails", "Kernel size"]),
    "halvings": ("vistas", {}, {"method": "attgan", "generator": {"levels": 6}}, ["key generator.levels", "32 px"]),
}  # fmt: skip


@pytest.mark.parametrize("case", MISFITS)
def test_a_task_that_a_method_cannot_learn_is_told_before_any_job(write, complains, case):
    dataset, changes, method, words = MISFITS[case]
    path = write("methods.plain", method)
    study = yaml.safe_load(path.read_text())
    task = study["tasks"]["faces"]
    task["data"] |= {"dataset": dataset, "size": changes.get("size", 32)}
    task["training"] |= {key: value for key, value in changes.items() if key != "size"}
    path.write_text(yaml.safe_dump(study))
    with complains(path, "key tasks.faces.methods: plain: ", *words):
        load_study(path)


@pytest.mark.parametrize("judge", ["identity_encoder", "lpips", "features"])
def test_nobody_is_judged_by_what_init_trains_with(write, complains, judge):
    path = write("methods.plain", STARGAN)
    study = yaml.safe_load(path.read_text())
    study["tasks"]["faces"]["embedding"] = {"weights": "vgg.pt", "normalise": "vggface"}
    if judge == "identity_encoder":
        study["tasks"]["faces"]["identity_encoder"] = {"weights": "vgg.pt"}
    else:
        study[judge] = {"lpips": "vgg.pt", "features": "vggface:vgg.pt"}[judge]
    path.write_text(yaml.safe_dump(study))
    with complains(path, judge, "phi of tasks.faces", "choose others"):
        load_study(path)
    path.write_text(path.read_text().replace("vgg.pt", "other.pt", 1))
    load_study(path)


def test_a_task_that_a_method_can_learn_is_accepted(write):
    path = write("methods.plain", CYCLEGAN)
    study = yaml.safe_load(path.read_text())
    study["tasks"]["faces"]["data"]["dataset"] = "vistas"
    study["tasks"]["faces"]["training"]["sampling"] = "balanced"
    path.write_text(yaml.safe_dump(study))
    assert load_study(path).method_config("plain").method == "cyclegan"


@pytest.mark.parametrize("layout", ["", "pairs:", "domains:"])
def test_a_folder_of_ones_own_needs_no_files_before_the_first_job(write, layout):
    path = write("tasks.faces.data.dataset", f"folder:{layout}Hat")
    study = load_study(path)
    task = plan_of(study)["tasks"]["faces"]
    assert (task["dataset"], task["module"], task["fetched"]) == (f"folder:{layout}Hat", "folder", False)
    assert run_config(study, "faces", "plain", 0).dataset == f"folder:{layout}Hat"


def test_splits_inherit_what_the_task_says_of_unreadable_images(write):
    assert load_study(write("tasks.faces.data.skip_unreadable", True)).tasks["faces"].data.split("test").skip_unreadable


# Generator updates of the paper's equal epochs, as the table in docs/paper-map.md has them.
EQUAL_EPOCHS = {
    "portraits": {"init-c": 185_600, "stargan": 37_120, "attgan": 30_933, "stgan": 30_933},
    "seasons": {"init-seasons": 13_700, "stargan": 2_740, "stgan-seasons": 2_283, "cyclegan": 13_700},
    "shoes": {"init-paired": 622_800, "stargan-paired": 124_560, "attgan-paired": 103_800, "pix2pix-photo": 622_800},
}


@pytest.mark.parametrize(
    ("task", "variant"), [(task, variant) for task, row in EQUAL_EPOCHS.items() for variant in row]
)
def test_equal_epochs_mean_the_generator_updates_that_the_docs_tell(task, variant):
    study = load_study(ROOT / "config" / "paper.yaml")
    config, settings = study.method_config(variant), study.tasks[task]
    updates = settings.training.steps(settings.data.train, config) * config.generator_updates_per_step
    assert round(updates) == EQUAL_EPOCHS[task][variant]
    assert f"{EQUAL_EPOCHS[task][variant]:,}" in (ROOT / "docs" / "paper-map.md").read_text()


@pytest.mark.parametrize(
    ("features", "module", "file"),
    [
        ("my/net.pt", "torchscript", "my/net.pt"),
        ("inception:legacy", "inception", "data/weights/inception/pt_inception-2015-12-05-6726825d.pth"),
        ("inception:clean:my/weights.pth", "inception", "my/weights.pth"),
        ("vggface:my/faces.pth", "vggface", "my/faces.pth"),
    ],
)
def test_features_name_an_extractor_and_its_files(write, features, module, file):
    plan = plan_of(load_study(write("features", features)))
    assert plan["features"] == features
    assert plan["extractor"] == {"modules": [f"evaluation.extractors.{module}"], "files": [file]}


def test_the_classifiers_features_need_no_files(write):
    plan = plan_of(load_study(write("seeds", [0])))
    assert plan["features"] == "classifier" and plan["extractor"] == {"modules": [], "files": []}


def test_wrong_features_are_told_before_any_job(write, complains):
    for features, words in {
        "inception": ("key features", "inception:legacy"),
        "inception:clear": ("key features", "did you mean 'clean'"),
        "inceptoin:clean": ("key features", "did you mean 'inception'"),
        "vggface": ("key features", "vggface:<file>"),
    }.items():
        with complains(*words):
            plan_of(load_study(write("features", features)))


def test_photographs_have_no_draws_of_the_test_split(write, complains):
    for key in ("test_draw", "test_draws"):
        path = write("tasks.faces.data", {"dataset": "celeba_hq", "size": 32, "train": 64, "test": 8, key: 3})
        with complains(f"key tasks.faces.data.{key}: celeba_hq has one test split"):
            load_study(path)


def test_a_variant_reuses_only_what_would_be_trained_alike(write, complains):
    own = {"method": "attgan", "generator": {"width": 4}}
    variants = {"plain": own, "twice": own | {"trained_as": "plain", "test_intensity": 3}}

    def load(**changes):
        path = write("methods", variants | {"twice": variants["twice"] | changes})
        content = yaml.safe_load(path.read_text())
        content["tasks"]["faces"]["methods"] = ["plain", "twice"]
        path.write_text(yaml.safe_dump(content))
        return load_study(path)

    plan = plan_of(load())
    assert [run["trained_as"] for run in plan["tasks"]["faces"]["runs"].values()] == [None, "plain"]
    jobs = jobs_of(plan)
    assert (jobs["train"], jobs["reuse"], jobs["evaluate"]) == (2, 2, 4)
    with complains("key methods.twice.trained_as: plain is trained with other values of lambda_rec", "test_intensity"):
        load(lambda_rec=7)
    with complains("key methods.twice.trained_as: twice is no variant of tasks.faces.methods that is trained itself"):
        load(trained_as="twice")
