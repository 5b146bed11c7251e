"""A checkout of the project on the test cluster, and what can be done to a run of a study in it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from insm.support.files import read_json
from tests import ROOT

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
STATE = Path(os.environ.get("SLURM_TEST_STATE", "/var/tmp/slurm-test"))
RUN = "land/plain/seed0"
INTERVAL = 100  # steps between checkpoints, as in faults.yaml
OWN = ("logs", "benchmarks", "tensorboard", "attempts", "state", "config", "provenance")  # of one run, no results


def cluster(*words: str) -> str:
    """Output of a command of SLURM."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def wait_for(what: str, done: Callable[[], object], seconds: float = 900) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not so in time.
    """
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


class Trial:
    """A study in a checkout of its own.

    Args:
        folder: of the checkout.
        study: name of the study, whose file is tests/slurm/<study>.yaml.
        base: a trial to copy, with what has been run in it; else the checkout holds what git lists.

    A folder that is there already is taken as it is.
    """

    def __init__(self, folder: Path, study: str = "faults", base: "Trial | None" = None):
        self.folder, self.study = folder, study
        self.runs = folder / "results" / study / "runs" / RUN
        self.state = folder / "results" / study / "state"
        self.attempts = folder / "results" / study / "attempts" / RUN
        self.main: subprocess.Popen | None = None
        if folder.exists():
            return
        if base:
            shutil.copytree(base.folder, folder, symlinks=True)
        else:
            listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
            names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
            for name in filter(None, names):
                if not name.startswith(("docs/figures", "results/")) and (ROOT / name).exists():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
            shutil.copy2(HERE / f"{study}.yaml", folder / "config" / f"{study}.yaml")
            self.site()

    def site(self, **changes: str) -> None:
        """Write the site file, with lines of tests/slurm/site.yaml replaced."""
        text = (HERE / "site.yaml").read_text()
        for key, value in changes.items():
            text = re.sub(rf"^{key}:.*\n|\Z", "", text, count=1, flags=re.M) + f"{key}: {value}\n"
        (self.folder / "slurm" / "site.yaml").write_text(text)

    def command(self, *words: str) -> dict:
        """Arguments of subprocess for a command of this environment in the checkout."""
        places = (str(self.folder / "bin"), str(BIN), os.environ["PATH"])  # bin: commands in place of SLURM's
        environment = {"PATH": os.pathsep.join(places), "PYTHONPATH": str(self.folder / "src")}
        environment["INSM_PROGRESS"] = "all"  # so that logs tell each step that is repeated
        return {"args": [*words], "cwd": self.folder, "env": os.environ | environment, "text": True}

    def words(self, *targets: str, profile: str | None = "slurm", options: tuple[str, ...] = ()) -> list[str]:
        """A call of Snakemake for targets of the study: all of them without any."""
        words = ["snakemake", *(["--profile", profile] if profile else []), *options]
        return [*words, "--config", f"study=config/{self.study}.yaml", "--", *targets]

    def model(self) -> str:
        """The training's target."""
        return str((self.runs / "model.safetensors").relative_to(self.folder))

    def start(self, *options: str, profile: str | None = "slurm") -> None:
        """Start the literal `snakemake --profile slurm` in the background."""
        words = self.words(profile=profile, options=options)
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a script's background jobs ignore it
        with (self.folder / "main.log").open("a") as log:
            self.main = subprocess.Popen(
                **self.command(*words), stdout=log, stderr=log, start_new_session=True, preexec_fn=heed
            )

    def finish(self, seconds: float = 1500) -> int:
        """Wait for the end of the Snakemake that was started; its exit status."""
        assert self.main
        return self.main.wait(seconds)

    def run(self, *words: str, seconds: float = 900) -> subprocess.CompletedProcess:
        """Run a command to its end."""
        return subprocess.run(**self.command(*words), capture_output=True, timeout=seconds)

    def status(self) -> dict:
        """What the training last reported."""
        path = self.attempts / "status.json"
        return read_json(path) if path.exists() else {}

    def checkpoints(self) -> list[Path]:
        """The training's checkpoints, oldest first."""
        return sorted(self.state.glob("land/plain/*/step-*.pt"))

    def between_checkpoints(self, after: int = 1) -> None:
        """Wait until the training runs between two checkpoints, the `after`-th or a later one and the next."""

        def saved() -> bool:
            return any(int(path.stem[5:]) >= INTERVAL * after for path in self.checkpoints())

        wait_for(f"a checkpoint of step {INTERVAL * after}", saved)
        time.sleep(0.5)

    def logs(self) -> int:
        """How many attempts at the training have begun."""
        return len(list(self.attempts.glob("*.log")))

    def submissions(self) -> int:
        """How many jobs Snakemake has submitted for the training."""
        return len(re.findall(r"has been submitted.*/rule_train/", (self.folder / "main.log").read_text()))

    def plan(self) -> str:
        """What Snakemake would run for the model."""
        return self.run(*self.words(self.model(), options=("--dry-run",))).stdout

    def job(self) -> str:
        """Number of the training's job."""
        wait_for("the training's report", lambda: self.status().get("job"))
        return self.status()["job"]

    def queued(self) -> bool:
        """Whether the cluster has jobs of this trial."""
        return str(self.folder) in cluster("squeue", "--noheader", "--format=%Z").splitlines()

    def node(self) -> str:
        """Node of the training's job."""
        return cluster("squeue", "--noheader", f"--jobs={self.job()}", "--format=%N")

    def hashes(self) -> dict[str, str]:
        """Path -> hash of all results and data of the study: model, metrics, tables."""
        roots = (self.folder / "results" / self.study, self.folder / "data" / self.study)
        files = {path.relative_to(self.folder): path for root in roots for path in root.rglob("*") if path.is_file()}
        found = {name: path for name, path in files.items() if name.parts[2] not in OWN and name.name[0] != "."}
        return {str(name): sha256(path.read_bytes()).hexdigest() for name, path in sorted(found.items())}

    def spans(self) -> list[tuple[int, int]]:
        """(step resumed at, last step that the log tells) of every attempt, the oldest first."""
        spans = []
        for log in sorted(self.attempts.glob("*.log")):
            text = log.read_text()
            seen = [int(step) for step in re.findall(r"(?:^\S+  |stopped at step )(\d+)/", text, re.M)]
            resumed = re.search(r"resuming at step (\d+)/", text)
            begin = int(resumed[1]) if resumed else 0
            spans.append((begin, max([begin, *seen])))
        return spans

    def repeated(self) -> list[int]:
        """Steps that each attempt computed again, as far as logs tell: the last one seen before minus its first."""
        steps, last = [], 0
        for begin, end in self.spans():
            if end > begin:  # else it ended before its first step
                steps.append(max(0, last - begin))
                last = end
        return steps

    def end(self) -> None:
        """End everything that the trial started."""
        if self.main and self.main.poll() is None:
            os.killpg(self.main.pid, signal.SIGKILL)
            self.main.wait()
        subprocess.run(**self.command("insm", "cancel"), capture_output=True)


def daemon(name: str) -> int:
    """Process number of a daemon of the cluster: slurmd.gpu1, slurmctld, slurmdbd, ..."""
    return int((STATE / "run" / f"{name}.pid").read_text())


def kill_daemon(name: str) -> None:
    """SIGKILL a daemon."""
    os.kill(daemon(name), signal.SIGKILL)


def up() -> None:
    """Start what is not running of the cluster."""
    subprocess.run(["bash", str(HERE / "cluster" / "up.sh")], check=True, capture_output=True)
