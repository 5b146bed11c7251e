"""The page that raters see, for a server and as static files."""

import json
from pathlib import Path

from jinja2 import Environment, PackageLoader

from insm.support.files import write_text
from insm.voting.study import Study

STATIC = ("vote.js", "vote.css")  # files of the page, beside its template


def page(static: bool) -> str:
    """The page of a study: the static one, which reads `study.js` beside it, or the server's."""
    template = Environment(loader=PackageLoader("insm.voting"), autoescape=True).get_template("vote.html")
    return template.render(static=static)


def write_page(study: Study, site: Path) -> None:
    """Write the static export of a study beside its images."""
    for name in STATIC:
        write_text(site / name, asset(name))
    # A script, not JSON: pages that are opened from a disk may not fetch files. `<` cannot end the script.
    content = json.dumps(study.model_dump(mode="json")).replace("<", "\\u003c")
    write_text(site / "study.js", f"window.STUDY = {content};\n")
    write_text(site / "index.html", page(static=True))


def asset(name: str) -> str:
    """The text of a file beside the page's template."""
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
