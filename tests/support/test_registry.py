"""Registries: file names are entry names, an unknown one is answered with the nearest."""

import pytest

from insm.data.dataset import DATASETS, Dataset, load_dataset
from insm.networks.method import METHODS, Method, MethodConfig
from insm.support.errors import suggest


def test_shared_parts_are_no_entries():
    assert {"portraits", "vistas", "footwear", "fashion"} <= set(DATASETS.names())
    assert not {"base", "canvas", "edges", "layouts", "photographs", "shoe"} & set(DATASETS.names())
    assert "init" in METHODS.names() and "base" not in METHODS.names()


@pytest.mark.parametrize("name", DATASETS.names())
def test_every_dataset_module_holds_its_dataset(name):
    dataset = load_dataset(name)
    assert isinstance(dataset, Dataset) and dataset.name == name
    assert sorted(attribute for group in dataset.groups.values() for attribute in group) == sorted(dataset.attributes)
    assert all(set(group) <= set(dataset.attributes) for group in dataset.exclusive)


def test_a_dataset_with_attributes_of_its_own_takes_no_others(complains):
    with complains("portraits has its own attributes", "without `:Smiling`"):
        load_dataset("portraits:Smiling")


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_module_holds_method_and_config(name):
    module = METHODS.load(name)
    assert issubclass(module.Method, Method) and issubclass(module.Config, MethodConfig)


@pytest.mark.parametrize(
    ("registry", "word", "near"), [(DATASETS, "portrait", "portraits"), (METHODS, "innit", "init")]
)
def test_an_unknown_name_is_answered_with_the_nearest(complains, registry, word, near):
    with complains(repr(word), *registry.names(), f"did you mean {near!r}?"):
        registry.load(word)


@pytest.mark.parametrize("name", ["base", "", "../methods/init"])
def test_what_is_no_entry_cannot_be_loaded(complains, name):
    with complains(f"no dataset {name!r}"):
        DATASETS.load(name)


def test_suggest_is_silent_where_nothing_is_near():
    assert suggest("zebra", ["perm", "flip"]) == ""
    assert suggest("prem", ["perm", "flip"]) == "; did you mean 'perm'?"
