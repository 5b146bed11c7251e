"""The paper's claims (docs/paper/claims.yaml): what it says, and the comparisons that test it."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from insm.support.errors import UserError
from insm.support.files import read_yaml
from insm.support.schema import Section, parse


class Comparison(Section):
    """A weighted sum of variants' numbers that the paper expects to be above or below 0."""

    task: Literal["table1", "table2a", "table2b"]
    """The paper's table of results on such images: faces, seasons, edges and photographs."""
    metric: str
    """A metric of docs/evaluation.md, `frechet` (a distance between sets, as a logarithm), or a number of a training:
    `curve_<metric>` (mean over its learning curve), `log_<measure>` (of its log)."""
    scope: str = "mean"
    """An attribute, `mean` over attributes, `all`, or what else the study's numbers have."""
    of: dict[str, float] = Field(min_length=1)
    """Variants of the study, or reference rows -> their weights."""
    sign: Literal[1, -1] = 1
    """1 if the sum is expected to be above 0, -1 if below."""
    pooled: bool = False
    """One variance over trainings for all variants: the main effects of a factorial."""
    name: str = ""
    """What sentences call it; if not given, its variants."""


class Claim(Section):
    """What the paper says and what would have to hold here."""

    id: str
    """Short name."""
    claim: str
    """In one sentence of our own."""
    quote: str
    """The paper's words."""
    section: str
    """Where they are."""
    evidence: list[Comparison] = []
    """What has to hold here, all of it; nothing where no experiment of this study can speak to the claim."""
    paper: str = ""
    """The paper's numbers."""
    note: str = ""
    """What a reader must know."""


class Inconsistency(Section):
    """Something in the paper that does not fit together."""

    id: str
    """Short name."""
    statement: str
    """In one sentence."""
    numbers: str
    """Those that expose it."""
    where: str
    """Section or table."""


class Claims(Section):
    """The file."""

    claims: list[Claim]
    """What experiments can speak to, or cannot."""
    inconsistencies: list[Inconsistency] = []
    """What the paper's own numbers contradict."""

    def variants(self, table: str) -> list[str]:
        """Every variant or reference row in a comparison on such images, in the order of the file."""
        comparisons = (one for claim in self.claims for one in claim.evidence if one.task == table)
        return [*dict.fromkeys(name for one in comparisons for name in one.of)]


def read_claims(path: Path) -> Claims:
    """The file of claims.

    Raises:
        UserError: it is missing, no YAML, or has other keys.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: restore it from git")
    return parse(Claims, read_yaml(path), path)
