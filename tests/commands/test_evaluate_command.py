"""`insm evaluate`: what it refuses."""

from insm.commands.jobs.evaluate import evaluate


def test_identity_needs_its_network(tmp_path, complains):
    path = tmp_path / "none"
    with complains("identity", "insm recognise", "--identity_encoder"):
        evaluate("portraits", "cpu", "accuracy,identity", "classifier", *[path] * 6, [path])
