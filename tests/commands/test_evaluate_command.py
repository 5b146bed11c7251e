"""`insm evaluate`: what it refuses."""

from insm.commands.evaluate import evaluate


def test_identity_needs_its_network(tmp_path, complains):
    path = tmp_path / "none"
    with complains("identity", "insm recognise", "--recogniser"):
        evaluate("portraits", "cpu", "accuracy,identity", "classifier", *[path] * 6, [path])
