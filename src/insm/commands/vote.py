"""`insm vote`: the paper's user study, blinded: build it, serve it, export its votes."""

from pathlib import Path
from typing import Annotated

import typer

from insm.support.errors import UserError

PAPER = Path(__file__).parents[1] / "voting" / "paper_results.yaml"
Folder = Annotated[Path, typer.Argument(help="What `insm vote build` wrote.")]
Database = Annotated[Path | None, typer.Option(help="File of votes; votes.sqlite in the folder by default.")]


def build(
    results: Annotated[Path, typer.Argument(help="Folder of a study's results, such as results/study.")],
    task: Annotated[str | None, typer.Option(help="Of the study; all that the paper had votes on by default.")] = None,
    output: Annotated[Path | None, typer.Option(help="New folder; RESULTS/voting by default.")] = None,
    data: Annotated[Path | None, typer.Option(help="Prepared splits; data/<name of RESULTS> by default.")] = None,
    paper: Annotated[Path, typer.Option(help="The paper's numbers: they name its four methods.")] = PAPER,
    per_rater: Annotated[int, typer.Option(min=1, help="Comparisons for one rater, at most.")] = 50,
    votes_per_item: Annotated[int, typer.Option(min=1, help="Raters for each comparison.")] = 2,
    attention_every: Annotated[int, typer.Option(min=0, help="Comparisons to one attention check; 0: none.")] = 25,
    seed: Annotated[int | None, typer.Option(min=0, help="Of every shuffle; random by default.")] = None,
    consent: Annotated[Path | None, typer.Option(help="A text that raters agree to.")] = None,
) -> None:
    """Build a blinded vote over every test image of a task, in a folder of the task's name.

    The folder's part `site` is a page that works without a server; `key.json` tells which method made which image: keep
    it to yourself.
    """
    from insm.voting.build import BuildConfig, tasks_with_votes
    from insm.voting.build import build as build_study

    settings: dict[str, int | str] = {
        "per_rater": per_rater,
        "votes_per_item": votes_per_item,
        "attention_every": attention_every,
    }
    if seed is not None:
        settings["seed"] = seed
    if consent:
        try:
            settings["consent"] = consent.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{consent} cannot be read ({error}): name a text file with --consent") from None
    config, splits = BuildConfig.model_validate(settings), data or Path("data", results.name)
    for name in [task] if task else tasks_with_votes(results, paper):
        folder = (output or results / "voting") / name
        study, key = build_study(results, splits, paper, name, folder, config)
        methods = ", ".join(row.label for row in key.contenders)
        print(
            f"{folder}: {len(key.items)} comparisons of {methods} in {len(study.parts)} parts of at most "
            f"{max(map(len, study.parts))}, one for each rater.\n"
            f"Serve it with `insm vote serve {folder}`, or publish {folder / 'site'}, from which raters send files."
        )


def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    database: Database = None,
    invites: Annotated[Path | None, typer.Option(help="Invite codes, one a line; else anybody may vote.")] = None,
    raters: Annotated[int, typer.Option(min=1, help="How many raters may join.")] = 1000,
    https: Annotated[bool, typer.Option("--https", help="People reach it through a proxy that speaks HTTPS.")] = False,
) -> None:
    """Serve a blinded vote. Progress is on the page /admin; its password is in FOLDER/admin-token."""
    try:
        from insm.voting.serving import serve as serve_study
    except ImportError as error:
        raise UserError(f"{error.name} is not installed: run `pip install 'insm[vote]'`") from None
    serve_study(folder, host, port, database or folder / "votes.sqlite", invites, raters, https)


def export(
    folder: Folder,
    answers: Annotated[list[Path] | None, typer.Argument(help="Files that raters of the static page sent.")] = None,
    output: Annotated[Path | None, typer.Option(help="Table; RESULTS/tables/votes-TASK.csv by default.")] = None,
    database: Database = None,
    attention: Annotated[float, typer.Option(min=0, max=1, help="Fraction of attention checks to pass.")] = 0.75,
) -> None:
    """Count the votes: shares with intervals, agreement of raters, position bias.

    Writes the table that the notebook of Table 2 reads, and FOLDER/votes.csv with every vote; neither says who voted.
    """
    import pandas as pd

    from insm.reporting.tables import write_table
    from insm.voting.analysis import shares
    from insm.voting.answers import from_database, from_files, unblinded, without_inattentive
    from insm.voting.study import load_key, load_study

    study, key = load_study(folder), load_key(folder)
    source = database or folder / "votes.sqlite"
    votes = from_files(answers or (), study)
    if database or source.exists():
        votes = pd.concat([votes, from_database(source, study)])
    kept, excluded = without_inattentive(votes, key, attention)
    if kept.empty:
        raise UserError(f"{folder}: no votes to export: serve the study, or name files of answers")
    table = output or Path(key.results, "tables", f"votes-{key.task}.csv")
    rows = unblinded(kept, key)
    write_table(rows, folder / "votes.csv")
    write_table(shares(rows, key, excluded), table)
    print(
        f"{table}: {len(rows)} votes of {rows.rater.nunique()} raters; {excluded} raters left out by attention checks."
    )
