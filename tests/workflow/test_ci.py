"""What hosted continuous integration does beside `.ci/run`: the whole history, and a report to look at."""

import yaml

from tests import ROOT
from tests.workflow.conftest import REPORT, Checkout, leave_report


def test_the_report_is_left_where_it_is_asked_for(tmp_path, monkeypatch):
    for name in ("report/index.html", "provenance/runs/a.json"):
        path = tmp_path / "insm/results/smoke" / name
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.delenv(REPORT, raising=False)
    leave_report(Checkout(tmp_path / "insm"))
    monkeypatch.setenv(REPORT, str(tmp_path / "left"))
    for _ in range(2):
        leave_report(Checkout(tmp_path / "insm"))
    files = {str(path.relative_to(tmp_path / "left")) for path in (tmp_path / "left").rglob("*") if path.is_file()}
    assert files == {"report/index.html", "provenance/runs/a.json"}


def test_the_hosted_run_has_all_commits_and_uploads_the_report():
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]["steps"]
    used = {step["uses"].partition("@")[0]: step for step in steps if "uses" in step}
    assert used["actions/checkout"]["with"]["fetch-depth"] == 0
    (run,) = (step for step in steps if step.get("run") == ".ci/run")
    assert used["actions/upload-artifact"]["with"]["path"] == run["env"][REPORT]
