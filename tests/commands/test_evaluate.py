"""`insm job evaluate`: what it refuses."""

from insm.commands.jobs.evaluate import evaluate


def test_identity_needs_its_network(tmp_path, complains):
    path = tmp_path / "none"
    files = ("train", "test", "classifier", "truth", "truth_permuted", "numbers", "outcomes")
    with complains("identity", "insm job identity-encoder", "--identity-encoder"):
        evaluate(
            dataset="portraits", device="cpu", metrics="accuracy,identity", **dict.fromkeys(files, path),
            run=["full/0"], edits=[path], permuted=[path],
        )  # fmt: skip
