"""The command `insm`: a tree of commands, each a thin wrapper around functions whose arguments are paths."""

import importlib
import os
import re
import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from insm.commands.help import help_of
from insm.support import refusals
from insm.support.errors import TemporaryError, UserError, suggest

# Command -> module in insm.commands that has a function of that name, and a line of help. Only the called command's
# module is imported (torch takes seconds).
PEOPLE = {
    "edit": ("edit", "Edit photos with a trained model."),
    "estimate": ("estimate", "Count what every training of a study takes, before any is run."),
    "train": ("train", "Train a study's runs without Snakemake, several at once, until a deadline."),
    "report": ("report", "Gather a study's executed notebooks in a site."),
    "status": ("status", "Tell how far the trainings of a study are."),
    "resume": ("resume", "Go on with a study that was stopped or killed."),
    "cancel": ("cancel", "End the run of a study in this folder, saved."),
    "doctor": ("doctor", "Check what a study needs of this machine or cluster."),
    "verify": ("verify", "Compare the files of a study with the records of how they were made."),
    "provenance": ("provenance", "Print the chain from a result back to raw bytes."),
    "showcase": ("showcase", "Put a study's executed notebooks and figures where a plain clone shows them."),
    "timings": ("timings", "Tell where a study's time went."),
}
DATA = {
    "list": ("raw_files", "List the datasets."),
    "info": ("raw_files", "Tell all about a dataset: attributes, files, mirrors, licence, citation."),
    "fetch": ("raw_files", "Download a dataset's raw files, verified, and unpack them."),
    "weights": ("raw_files", "Download the published weights of a feature extractor."),
    "check": ("data", "Check a prepared split, or every raw image of a study."),
    "preview": ("data", "Draw images of a prepared split, a row for each attribute value."),
    "crop": ("crop", "Crop a folder of photos to squares, around faces if you like."),
}
MODEL = {
    "export": ("model", "Export a trained run as a model that others can use."),
    "info": ("model", "Tell what a model is."),
    "card": ("model", "Write a model's card."),
}
VOTE = {
    "build": ("vote", "Make a blinded vote of a task's translations."),
    "serve": ("vote", "Serve a vote to raters."),
    "export": ("vote", "Count votes for Table 2."),
}
JOBS = {
    "configure": ("jobs.configure", "Check a study and resolve it to the settings of each of its jobs."),
    "pipeline": ("jobs.pipeline", "Write a study's pipeline for DVC."),
    "needs": ("jobs.needs", "Count what the jobs of a study need of a machine."),
    "variants": ("jobs.variants", "Write the names and settings of a task's method variants."),
    "fetch": ("jobs.fetch", "Download the raw files of a dataset."),
    "prepare": ("jobs.prepare", "Prepare one split of a task."),
    "card": ("jobs.card", "Write the data card of a task."),
    "embedding": ("jobs.embedding", "Make phi."),
    "identity-encoder": ("jobs.embedding", "Make the encoder of the identity distance."),
    "classifier": ("jobs.classifier", "Train the attribute classifier."),
    "train": ("jobs.train", "Train one run."),
    "ground-truth": ("jobs.ground_truth", "Render the exact counterfactuals of the test images."),
    "sample-edits": ("jobs.sample_edits", "Sample edits of several attributes at once."),
    "reuse": ("jobs.reuse", "Make a training the model of a variant that differs at test time."),
    "apply-edits": ("jobs.apply_edits", "Translate images to sampled edits."),
    "evaluate": ("jobs.evaluate", "Measure a run, or the reference rows of a task."),
    "gather": ("jobs.gather", "Gather what was measured of a task's runs."),
    "tuning": ("jobs.tuning", "Tabulate trials of settings, and which is taken."),
    "keep": ("jobs.keep", "Put outcomes of finished runs where git keeps them."),
    "curves": ("jobs.curves", "Write the learning curves of a task's runs."),
    "compare": ("jobs.compare", "Compute intervals, and differences between variants."),
    "tabulate": ("jobs.tabulate", "Gather the numbers of all tasks."),
    "table1": ("jobs.tabulate", "Write Table 1 beside the paper's."),
    "table2": ("jobs.tabulate", "Write Table 2 beside the paper's."),
    "table3": ("jobs.tabulate", "Write Table 3 beside the paper's."),
    "notebook": ("jobs.notebook", "Execute a notebook on a study's results."),
    "summary": ("jobs.summary", "Write a study's numbers in a few lines."),
    "frames": ("jobs.frames", "Take sample grids of a training from TensorBoard's files."),
    "gallery": ("jobs.gallery", "Make a page to browse a task's translations."),
    "verdict": ("jobs.verdict", "Decide the paper's claims by a study's numbers."),
}


class LazyGroup(TyperGroup):
    """A group that imports a command's module only when that command is called."""

    modules: dict[str, tuple[str, str]]
    groups: dict[str, typer.Typer] = {}

    def list_commands(self, ctx) -> list[str]:
        return [*self.modules, *self.groups]

    def get_command(self, ctx, cmd_name: str):
        """The group of that name, or a stand-in that has a command's name and help alone."""
        if cmd_name in self.groups:
            return typer.main.get_command(self.groups[cmd_name])
        return TyperCommand(cmd_name, help=self.modules[cmd_name][1]) if cmd_name in self.modules else None

    def resolve_command(self, ctx, args: list[str]):
        names = self.list_commands(ctx)
        if not args[0].startswith("-") and args[0] not in names:
            raise UserError(f"no command {args[0]!r}: choose from {', '.join(names)}{suggest(args[0], names)}")
        name, command, rest = super().resolve_command(ctx, args)
        if name in self.modules:
            module = importlib.import_module(f"insm.commands.{self.modules[name][0]}")
            single = application()
            single.command(name)(getattr(module, name.replace("-", "_")))
            command = typer.main.get_command(single)
            for parameter in command.params:
                if isinstance(parameter, TyperArgument | TyperOption) and parameter.name:
                    parameter.help = parameter.help or help_of(name, parameter.name)
        return name, command, rest


def application(
    group: type[TyperGroup] | None = None, name: str | None = None, completion: bool = False
) -> typer.Typer:
    """A Typer application: a single command, or a group that shows its help where no command is given."""
    return typer.Typer(
        cls=group,
        name=name,
        no_args_is_help=group is not None,
        add_completion=completion,
        pretty_exceptions_enable=False,
    )


class DataGroup(LazyGroup):
    """The commands of `insm data`."""

    modules = DATA


class ModelGroup(LazyGroup):
    """The commands of `insm model`."""

    modules = MODEL


class VoteGroup(LazyGroup):
    """The commands of `insm vote`."""

    modules = VOTE


class JobGroup(LazyGroup):
    """The commands of `insm job`."""

    modules = JOBS


data_app = application(DataGroup, "data")
model_app = application(ModelGroup, "model")
vote_app = application(VoteGroup, "vote")
job_app = application(JobGroup, "job")


class TopGroup(LazyGroup):
    """The commands that people call, and the groups."""

    modules = PEOPLE
    groups = {"data": data_app, "model": model_app, "vote": vote_app, "job": job_app}


app = application(TopGroup, completion=True)


@data_app.callback()
def data() -> None:
    """Datasets: what there is, where it comes from; checks and previews."""


@model_app.callback()
def model() -> None:
    """Trained models as files: export one, read its facts, write its card."""


@vote_app.callback()
def vote() -> None:
    """The paper's user study, blinded: people choose the best of the methods' images (docs/user-study.md)."""


@job_app.callback()
def job() -> None:
    """The steps of a study, as the workflow calls them: `snakemake` runs them all in order."""


def tell_version(wanted: bool) -> None:
    """Print the package's version, and end."""
    if wanted:
        print(f"insm {metadata.version('insm')}")
        raise typer.Exit


@app.callback()
def options(
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress lines."),
    version: bool = typer.Option(False, "--version", callback=tell_version, is_eager=True, help="Print the version."),
) -> None:
    """INformative Sample Mining: a reproduction of INIT. `snakemake` runs a whole study."""
    if quiet:
        os.environ["INSM_QUIET"] = "1"


def use_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale is another: names of files, texts and messages are UTF-8."""
    if sys.getfilesystemencoding().lower().replace("-", "") != "utf8":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def recording(arguments: list[str]) -> AbstractContextManager[None]:
    """Keep a record of what a step of a study reads and makes; other commands leave none."""
    if [word for word in arguments if not word.startswith("-")][:1] not in (["job"], ["report"]):
        return nullcontext()
    return importlib.import_module("insm.support.recording").recording(arguments)


def with_study(message: str) -> str:
    """A message whose advice to make a file of a study by Snakemake names that study, unless it is the default."""
    return re.sub(
        r"`snakemake (--force )?((?:data|results)/(?!study/)([^/ `]+)/)",
        lambda found: f"`snakemake --config study=config/{found[3]}.yaml {found[1] or ''}{found[2]}",
        message,
    )


def main() -> None:
    """Run the command line; a mistake that a person can mend is one line on stderr and exit code 2."""
    use_utf8()
    try:
        with recording(sys.argv[1:]):
            app()
    except UserError as error:
        refusals.keep(error)
        print(f"error: {with_study(' '.join(str(error).split()))}", file=sys.stderr)
        raise SystemExit(refusals.TRY_AGAIN if isinstance(error, TemporaryError) else 2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
