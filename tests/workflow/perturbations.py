"""What can happen to a finished study between two runs, and which rules have to run after each: told in advance."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.workflow.steps import (
    DATA,
    MODEL,
    RESULTS,
    STUDY,
    Step,
    another_version,
    append,
    both,
    clone_and_pull,
    edit,
    edit_without_records,
    flip,
    forget_one_record,
    forget_records,
    no_cache,
    only_pretrained,
    remove,
    replace_by_its_copy,
    results_of_an_older_commit,
    setting,
    touch_everything,
    write,
)

DRAWN = {"notebook", "report"}
GATHER = {"gather", "tabulate", "table2", "summary", "compare", "gallery", *DRAWN}  # of what was measured
EVALUATE = {"evaluate", *GATHER}
REFERENCES = {"references", *EVALUATE}  # what every evaluation reads
TRAIN = {"train", "frames", *EVALUATE}
NAMES = {"variants", "table2", "gallery", *DRAWN}  # what is made of the variants' names
TRAINING_SPLIT = {"prepare", "card", "embedding", "identity_encoder", "classifier", "train", "frames", *REFERENCES}


@dataclass(frozen=True)
class Perturbation:
    """One thing that is done to a finished study.

    what        in a table's words
    do          does it, in a checkout
    jobs        rules that have to run, whichever engine is started; empty: none
    damage      whether it concerns outputs, or inputs that no rule names
    dvc         whether DVC, which looks at whole folders and settings, calls the study stale
    restored    whether what was damaged is put back from DVC's cache instead, by the run; a dry run lists the jobs
    blind       whether DVC, which trusts sizes and times, does not see it: it records nothing wrong, Snakemake mends it
    refused     a word of the message with which both engines refuse to run
    """

    what: str
    do: Step
    jobs: frozenset[str] | set[str] = frozenset()
    damage: bool = False
    dvc: bool = True
    restored: bool = False
    blind: bool = False
    refused: str = ""


FIGURE = f"{RESULTS}/figures/figure6/land-to-summer.png"
INIT = "src/insm/methods/init.py"

SETTINGS = [
    Perturbation("nothing", lambda copy: None, dvc=False),
    Perturbation("keys in another order", setting("size: 16, train: 64", "train: 64, size: 16"), dvc=False),
    Perturbation("1.0 for 1", setting("lambda_rec: 1\n", "lambda_rec: 1.0\n"), dvc=False),
    Perturbation("a comment in the study file", append(STUDY, "# A remark.\n"), dvc=False),
    Perturbation("how often a training logs", setting("log_every: 1", "log_every: 2")),
    Perturbation("where to compute", setting("device: cpu", "device: auto")),
    Perturbation("a loss weight of one variant", setting("lambda_rec: 2", "lambda_rec: 3"), TRAIN | NAMES),
    Perturbation("the budget", setting("updates: 4, batch: 4", "updates: 5, batch: 4"), TRAIN | NAMES),
    Perturbation(
        "the classifier's budget",
        setting("classifier: { updates: 2", "classifier: { updates: 3"),
        {"classifier"} | REFERENCES | NAMES,
    ),
    Perturbation(
        "phi's budget",
        setting("features: 8, updates: 2", "features: 8, updates: 3"),
        {"embedding"} | REFERENCES | NAMES,
    ),
    Perturbation("the size of the training set", setting("train: 64", "train: 60"), TRAINING_SPLIT | NAMES),
    Perturbation("a variant's label", setting("label: Plain", "label: Simple"), NAMES),
    Perturbation("one more seed", setting("seeds: [0]", "seeds: [0, 1]"), (TRAIN | NAMES) - {"frames"}),  # of the first
    Perturbation("a variant more", setting("methods: [plain, other]", "methods: [plain, other, third]"), TRAIN | NAMES),
    Perturbation("a variant less", setting("methods: [plain, other]", "methods: [plain]"), GATHER | NAMES),
    Perturbation("no notebook", setting("notebooks: [figure6]", "notebooks: [diagnostics]"), DRAWN),
]

CODE = [
    Perturbation("a comment in a loss", append("src/insm/losses/gan.py", "\n# A remark.\n")),
    Perturbation("what a loss does", append("src/insm/losses/gan.py", "\nUNUSED = 1\n"), {"references"} | TRAIN),
    Perturbation("another layout of a method", edit(INIT, "\n\n\nclass", "\n\n\n\n\nclass")),
    Perturbation("a docstring of a method", edit(INIT, '"""', '"""Again: ')),
    Perturbation("what a method does", append(INIT, "\nUNUSED = 1\n"), TRAIN),
    Perturbation(
        "what a metric does, in a file dated 2001",
        append("src/insm/evaluation/metrics/accuracy.py", "\nUNUSED = 1\n", time=1e9),
        REFERENCES,
        damage=True,
    ),
    Perturbation("a command that no job calls", append("src/insm/commands/edit.py", "\nUNUSED = 1\n")),
    Perturbation("another method", append("src/insm/methods/relgan.py", "\nUNUSED = 1\n")),
    Perturbation(
        "the figures' style",
        append("src/insm/reporting/paper.mplstyle", "axes.titlepad: 5\n"),
        {"card", "gallery", *DRAWN},
        damage=True,
    ),
    Perturbation(
        "the galleries' style",
        append("src/insm/reporting/templates/gallery.css", "\n"),
        {"gallery", "report"},
        damage=True,
    ),
    Perturbation(
        "the notebooks' template, in a file dated 2001",
        append("src/insm/reporting/templates/notebook/index.html.j2", "\n", time=1e9),
        DRAWN,
        damage=True,
    ),
    Perturbation(
        "the report's template", append("src/insm/reporting/templates/report.html", "\n"), {"report"}, damage=True
    ),
    Perturbation("a list of another dataset's split", append("src/insm/datasets/splits/celeba.txt", "\n"), damage=True),
    Perturbation("a notebook", edit("notebooks/figure6.ipynb", "use_style()", "use_style();"), DRAWN),
    Perturbation("the paper's claims, in a file dated 2001", append("docs/paper/claims.yaml", "\n", time=1e9), DRAWN),
    Perturbation(
        "a rule's command",
        edit("workflow/rules/tables.smk", "insm job summary {", "insm job summary  {"),
        {"summary", *DRAWN},
    ),
    Perturbation("a page of the docs", append("docs/faq.md", "\n"), dvc=False),
]

DAMAGE = [
    Perturbation("everything touched", touch_everything, damage=True, dvc=False),
    Perturbation("a model replaced by its own copy", replace_by_its_copy, damage=True, dvc=False),
    Perturbation(
        "a byte of a model, times kept", flip(MODEL), TRAIN, damage=True, dvc=False, blind=True, restored=True
    ),
    Perturbation("a byte of a model", flip(MODEL, keep_times=False), TRAIN, damage=True, restored=True),
    Perturbation("another model in its place, older", another_version, TRAIN, damage=True, restored=True),
    Perturbation(
        "a byte of the training images, times kept",
        flip(f"{DATA}/land/train.npy"),
        TRAINING_SPLIT,
        damage=True,
        dvc=False,
        blind=True,
        restored=True,
    ),
    Perturbation(
        "a byte of phi, times kept",
        flip(f"{RESULTS}/pretrained/land/embedding.pt"),
        {"embedding"},
        damage=True,
        dvc=False,
        blind=True,
        restored=True,
    ),
    Perturbation(
        "a byte of translations, times kept",
        flip(f"{RESULTS}/translations/land/plain/seed0.npy"),
        EVALUATE,
        damage=True,
        dvc=False,
        blind=True,
        restored=True,
    ),
    Perturbation("a figure deleted", remove(FIGURE), DRAWN, damage=True, restored=True),
    Perturbation(
        "a figure too much", write(FIGURE.replace("summer", "autumn"), b"x"), DRAWN, damage=True, restored=True
    ),
    Perturbation("a figure overwritten", write(FIGURE, b"x"), DRAWN, damage=True, restored=True),
    Perturbation(
        "a log shortened", write(f"{RESULTS}/runs/land/plain/seed0/log.csv", b"x"), TRAIN, damage=True, restored=True
    ),
    Perturbation(
        "the card's numbers edited", append(f"{DATA}/land/card.json", " "), {"card", *DRAWN}, damage=True, restored=True
    ),
    Perturbation("the card's picture deleted", remove(f"{DATA}/land/card.png"), {"card", *DRAWN}, damage=True),
    Perturbation(
        "a table edited",
        append(f"{RESULTS}/tables/metrics.csv", "land,plain,0,accuracy,x,1,1\n"),
        {"tabulate", "table2", "summary", *DRAWN},
        damage=True,
    ),
    Perturbation("a table deleted", remove(f"{RESULTS}/tables/differences-land.csv"), {"compare", *DRAWN}, damage=True),
    Perturbation("a model deleted", remove(MODEL), TRAIN, damage=True),
    Perturbation(
        "a byte of a model, times kept, nothing in DVC's cache",
        both(no_cache, flip(MODEL)),
        TRAIN,
        damage=True,
    ),
    Perturbation(
        "the report overwritten", write(f"{RESULTS}/report/index.html", b"x"), {"report"}, damage=True, restored=True
    ),
    Perturbation("results of an older commit", results_of_an_older_commit, NAMES, damage=True, restored=True),
    Perturbation("all records of Snakemake deleted", forget_records, damage=True, dvc=False),
    Perturbation("a fresh clone that pulled", clone_and_pull, damage=True, dvc=False),
    Perturbation("a fresh clone that pulled, then a setting", edit_without_records, damage=True, refused="make pull"),
    Perturbation("a model without its record, then a setting", forget_one_record, damage=True, refused="make pull"),
    Perturbation("pretrained networks alone, then a setting", only_pretrained, damage=True, refused="make pull"),
]

ALL = SETTINGS + CODE + DAMAGE

FIRST = (
    "a rule's command",
    "a model deleted",
    "a table edited",
    "a table deleted",
    "the card's picture deleted",
    "the paper's claims, in a file dated 2001",
    "a variant less",
    "the figures' style",
    "a byte of a model, times kept, nothing in DVC's cache",
    "what a loss does",
    "a loss weight of one variant",
)
"""What happens most in a study, and makes jobs run: done before all else."""


def in_order(cases: Iterable[Perturbation]) -> list[Perturbation]:
    """Perturbations by what they are worth: those of FIRST, others that make jobs run, then those that make none run.

    What takes few rules comes before what takes many.
    """

    def place(case: Perturbation) -> tuple[int, int]:
        if case.what in FIRST:
            return 0, FIRST.index(case.what)
        return (1, len(case.jobs)) if case.jobs and not case.restored else (2, 0)

    return sorted(cases, key=place)
