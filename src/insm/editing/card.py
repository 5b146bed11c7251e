"""The card of a model (Mitchell et al., FAT* 2019), as Markdown, from what `model.json` tells."""

from insm.networks.model_file import WEIGHTS, Metric, ModelInfo

UNSET = (None, False)  # switches of the training that are off are not named
NAMES = {
    "accuracy": "attribute accuracy: edits that the study's classifier reads as asked",
    "preservation": "preservation: other attributes that the edit leaves alone",
    "counterfactual_l1": "L1 distance to the exact edited image",
    "identity": "identity distance between input and edit (0: the same)",
}
USE = """\
## Intended use

Research and teaching: to look at what a model of the study does, to compare methods, to reproduce the study's
figures. It was trained on {size} px images of the dataset `{dataset}` and is of use on images like those. On others,
such as photos of people where the training images were rendered, expect poor edits; `insm edit` warns where an image
is unlike the training images.

## Risks

Editing a photo of a person changes how that person appears to look, feel or age. Do not publish edits of people
without their consent, do not pass edits off as photographs, and do not use edits or predicted attributes to decide
about anybody. Labels such as `Male`, `Young` or `Pale_Skin` are what annotators saw, or what a renderer was told; they
are coarse, binary, and no facts about a person. Rates of attributes in the training data carry over: rare values are
predicted and edited worse. Every image that `insm edit` writes says in its metadata that it was edited and by which
model.
"""


def card(info: ModelInfo, name: str) -> str:
    """The card of a model that is called `name`."""
    run, size = info.run, f"{info.size} px"
    method = run["method"]["method"]
    facts = {
        "method": f"{method} (`{run.get('variant')}`), seed {run.get('seed')}",
        "task": f"{run.get('task')} of the study `{info.study or 'unknown'}`",
        "training data": f"`{info.dataset}` at {size}; licence: {info.licence or 'unknown'}",
        "attributes": ", ".join(info.attributes),
        "training": ", ".join(f"{key} {value}" for key, value in run.get("training", {}).items() if value not in UNSET),
        "exported from commit": info.commit or "unknown",
        f"SHA-256 of {WEIGHTS}": info.sha256,
    }
    rows = "\n".join(f"| {key} | {value} |" for key, value in facts.items())
    use = USE.format(size=info.size, dataset=info.dataset)
    parts = [f"# Model card: {name}\n", f"| | |\n|---|---|\n{rows}\n", use]
    parts.append(
        "## Evaluation\n\n" + (_metrics(info) if info.metrics else "Not known: the study has no table of it.\n")
    )
    if info.predictor is not None:
        parts.append("## The classifier beside it\n\n" + _classifier(info))
    return "\n".join(parts)


def _metrics(info: ModelInfo) -> str:
    """A table a metric: estimate and 95 % interval over test images."""
    tables = []
    for metric in dict.fromkeys(row.metric for row in info.metrics):
        rows = [f"| {row.scope} | {row.value:.3f} | {_interval(row)} |" for row in info.metrics if row.metric == metric]
        head = f"{NAMES.get(metric, metric).capitalize()}\n\n| | value | 95 % interval |\n|---|---|---|\n"
        tables.append(head + "\n".join(rows) + "\n")
    return "On the task's test images, which no method was trained on.\n\n" + "\n".join(tables)


def _interval(row: Metric) -> str:
    return "" if row.low is None or row.high is None else f"{row.low:.3f} to {row.high:.3f}"


def _classifier(info: ModelInfo) -> str:
    assert info.predictor is not None
    network = "a small VGG" if info.predictor.config else "the evaluation's ResNet-18"
    rows = "\n".join(f"| {name} | {value:.1%} |" for name, value in info.predictor.accuracy.items())
    return (
        f"It predicts the attributes of an image before the edit ({network}). Fraction of test images that it predicts "
        f"rightly:\n\n| attribute | accuracy |\n|---|---|\n{rows}\n"
    )
