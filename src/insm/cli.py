"""The command `insm`: thin wrappers around functions whose arguments are paths."""

import importlib
import os
import sys

import typer
from typer.core import TyperGroup

from insm.errors import UserError

# Command -> module in insm.commands. Only the module of the command at hand is imported (torch takes seconds).
COMMANDS = {
    "configure": "configure",
    "estimate": "estimate",
    "fetch": "fetch",
    "weights": "weights",
    "prepare": "prepare",
    "embed": "embed",
    "recognise": "embed",
    "classify": "classify",
    "train": "train",
    "translate": "translate",
    "choose": "combine",
    "combine": "combine",
    "truth": "evaluate",
    "evaluate": "evaluate",
    "compare": "compare",
    "tabulate": "tabulate",
    "table1": "tabulate",
    "table2": "tabulate",
    "table3": "tabulate",
    "verdict": "verdict",
    "report": "report",
    "timings": "timings",
}
# The same for the commands of `insm data`.
DATA = {
    "list": "originals",
    "info": "originals",
    "fetch": "originals",
    "card": "data",
    "check": "data",
    "preview": "data",
}


class LazyGroup(TyperGroup):
    """Loads a command's module when it is called."""

    modules = COMMANDS

    def list_commands(self, ctx) -> list[str]:
        return list(self.modules)

    def get_command(self, ctx, name: str):
        if name not in self.modules:
            return None
        function = getattr(importlib.import_module(f"insm.commands.{self.modules[name]}"), name)
        single = typer.Typer(**OPTIONS)
        single.command(name)(function)
        return typer.main.get_command(single)


class DataGroup(LazyGroup):
    """The commands of `insm data`."""

    modules = DATA


class TopGroup(LazyGroup):
    """All commands, and the group `data`."""

    def list_commands(self, ctx) -> list[str]:
        return [*super().list_commands(ctx), "data"]

    def get_command(self, ctx, name: str):
        return typer.main.get_command(data_app) if name == "data" else super().get_command(ctx, name)


OPTIONS = {"add_completion": False, "pretty_exceptions_enable": False}
app = typer.Typer(cls=TopGroup, no_args_is_help=True, **OPTIONS)
data_app = typer.Typer(cls=DataGroup, name="data", no_args_is_help=True, **OPTIONS)


@data_app.callback()
def data() -> None:
    """Datasets: what there is, where it comes from; their cards, checks and previews."""


@app.callback()
def options(quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress lines.")) -> None:
    """INformative Sample Mining: the steps of the study. `snakemake` runs them all in order."""
    if quiet:
        os.environ["INSM_QUIET"] = "1"


def main() -> None:
    """Run the command line; a mistake that a person can mend is one line on stderr and exit code 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
