"""`insm job evaluate`: what it refuses."""

import json

from insm.commands.jobs.evaluate import evaluate


def test_identity_needs_its_network(tmp_path, complains):
    path = tmp_path / "none"
    settings = {"dataset": "portraits", "metrics": ["accuracy", "identity"], "features": "classifier", "labels": 10,
                "outcomes": "edits"}  # fmt: skip
    files = ("train", "truth_permuted", "numbers", "outcomes")
    with complains("identity", "insm job identity-encoder", "--identity-encoder"):
        evaluate(
            settings=json.dumps(settings), device="cpu", split=[f"test={path}"], truth=[path], classifier=[path],
            train_features=[path], **dict.fromkeys(files, path),
        )  # fmt: skip
