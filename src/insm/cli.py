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
    "data": "data",
    "fetch": "data",
    "prepare": "prepare",
    "embed": "embed",
    "classify": "classify",
    "train": "train",
    "translate": "translate",
    "choose": "combine",
    "combine": "combine",
    "truth": "evaluate",
    "evaluate": "evaluate",
    "tabulate": "tabulate",
    "table1": "tabulate",
    "table2": "tabulate",
    "table3": "tabulate",
    "timings": "timings",
}


class LazyGroup(TyperGroup):
    """Loads a command's module when it is called."""

    def list_commands(self, ctx) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx, name: str):
        if name not in COMMANDS:
            return None
        function = getattr(importlib.import_module(f"insm.commands.{COMMANDS[name]}"), name)
        if isinstance(function, typer.Typer):  # a group of commands
            return typer.main.get_command(function)
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(function)
        return typer.main.get_command(single)


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


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
