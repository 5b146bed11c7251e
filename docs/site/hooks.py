"""Hooks of MkDocs: README and its neighbours are pages, and linked files of the repository are part of the site."""

import os
import re
from pathlib import Path

from mkdocs.structure.files import File, InclusionLevel

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "CHANGELOG.md": "CHANGELOG.md"}
"""Pages outside docs/ by their names in the site."""
SOURCES = {name: source for source, name in PAGES.items()}
LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def place(target: str, page: Path) -> str | None:
    """Where the site has the file that a page links to; None: it is no file of the repository."""
    path = Path(os.path.normpath(page.parent / target))
    if re.match(r"[a-z]+:", target) or not path.is_relative_to(ROOT) or not path.is_file():
        return None
    name = path.relative_to(ROOT).as_posix()
    return PAGES.get(name) or (name.removeprefix("docs/") if name.startswith("docs/") else f"files/{name}")


def source_of(uri: str) -> Path:
    """The file that a page of the site is made from."""
    if uri.startswith("files/"):
        return ROOT / uri.removeprefix("files/")
    return ROOT / SOURCES[uri] if uri in SOURCES else ROOT / "docs" / uri


def on_files(files, config):
    """Add the pages outside docs/, and every file outside docs/ that a page links to."""
    for source, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    for page in [file.src_uri for file in files.documentation_pages()]:
        source = source_of(page)
        for _, target, _ in LINK.findall(source.read_text(encoding="utf-8")):
            uri = place(target.partition("#")[0], source) or ""
            if uri.startswith("files/") and files.get_file_from_path(uri) is None:
                path = str(source_of(uri))
                files.append(File.generated(config, uri, abs_src_path=path, inclusion=InclusionLevel.NOT_IN_NAV))
    return files


def on_page_markdown(markdown, page, config, files):
    """Let links lead to where the site has their files."""
    source = source_of(page.file.src_uri)

    def rewritten(match: re.Match) -> str:
        target, hash_, anchor = match[2].partition("#")
        uri = place(target, source) if target else None
        if uri is None:
            return match[0]
        return f"{match[1]}{os.path.relpath(uri, Path(page.file.src_uri).parent)}{hash_}{anchor}{match[3]}"

    return LINK.sub(rewritten, markdown)
