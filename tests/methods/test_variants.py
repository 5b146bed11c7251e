"""The committed method variants: what `as-printed` and `literal-content` take from the paper to the letter."""

import pytest

from insm.config.study import load_study
from tests import ROOT


@pytest.mark.parametrize("name", ["study", "paper"])
def test_as_printed_follows_the_printed_objective_in_everything(name):
    config = load_study(ROOT / f"config/{name}.yaml").method_config("as-printed")
    assert (config.gan, config.update_order) == ("minimax", "generator")
    assert (config.aiw.enabled, config.aiw.apply_to, config.aiw.weight) == (True, "both", "literal")
    assert (config.delta_l.reduce, config.delta_l.optimum, config.delta_l.r) == ("sum", "two_r", 1)
    assert (config.mst.hops, config.mst.chain, config.mst.reduce) == (2, "separate", "sum")
    assert config.lambda_rec == config.lambda_l1 == 0


@pytest.mark.parametrize("name", ["study", "paper"])
def test_literal_content_has_no_content_term_and_all_other_defaults(name):
    config = load_study(ROOT / f"config/{name}.yaml").method_config("literal-content")
    plain = type(config)(method="init")
    sized = {"optimiser", "generator", "discriminator"}
    assert config.model_dump(exclude=sized) == plain.model_dump(exclude=sized)
