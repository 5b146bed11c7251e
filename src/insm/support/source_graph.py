"""Which files of the package a job's result depends on, and one hash of what they do.

The workflow gives that hash to its rules as a parameter: a comment or another layout reruns nothing, and a change of
what the code does reruns exactly the jobs whose imports reach it, whatever the times of the files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from insm.support.code_hash import syntax_hash
from insm.support.files import read_json, write_json
from insm.support.imports import PACKAGE, imported

READ = {
    "insm.datasets.celeba": ["datasets/splits/celeba.txt"],
    "insm.datasets.celeba_hq": ["datasets/splits/celeba_hq_test.txt"],
    "insm.datasets.edges2shoes": ["datasets/splits/edges2shoes.txt"],
    "insm.reporting.figures": ["reporting/paper.mplstyle"],
    "insm.reporting.gallery": [f"reporting/templates/gallery.{ending}" for ending in ("html", "css", "js")],
    "insm.reporting.site": ["reporting/templates/report.html"],
}
"""Files beside the code, below the package, by the module that reads them."""


@dataclass(frozen=True)
class SourceGraph:
    """The package's modules.

    files       module -> its file and the files that it reads, relative to the project's folder
    imports     module -> modules of the package that it imports
    hashes      file -> hash of what it does (`syntax_hash`)
    """

    files: dict[str, list[str]]
    imports: dict[str, list[str]]
    hashes: dict[str, str]

    def closure(self, modules: Iterable[str]) -> list[str]:
        """Files of modules, of the package itself and of all that they import, directly or not; sorted.

        Args:
            modules: names below the package, such as `commands.jobs.train`.

        Raises:
            KeyError: there is no such module.
        """
        wanted, found = ["insm", *(f"insm.{name}" for name in modules)], set()
        while wanted:
            module = wanted.pop()
            if module not in found:
                found.add(module)
                wanted += self.imports[module]
        return sorted({file for module in found for file in self.files[module]})

    def hash(self, modules: Iterable[str], others: Iterable[Path] = ()) -> str:
        """Hash of what modules and all that they import do, and of other files' content: 16 hexadecimal digits.

        A file counts with its path, so that a move is a change too.
        """
        known = {file: self.hashes[file] for file in self.closure(modules)}
        known |= {path.as_posix(): syntax_hash(path) for path in others}
        return sha256("".join(f"{file} {known[file]}\n" for file in sorted(known)).encode()).hexdigest()[:16]


def package_files() -> list[Path]:
    """The package's Python files and those that its modules read, sorted."""
    return sorted({*PACKAGE.rglob("*.py"), *(PACKAGE / name for names in READ.values() for name in names)})


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of files' paths and bytes; missing files are left out."""
    parts = [f"{_relative(path)}\n".encode() + path.read_bytes() for path in paths if path.is_file()]
    return sha256(b"".join(parts)).hexdigest()


def source_graph(cache: Path) -> SourceGraph:
    """The graph of the package, made once for each content of its files; `cache` as for `graph_file`."""
    return SourceGraph(**read_json(graph_file(cache)))


def graph_file(cache: Path) -> Path:
    """The file of the graph of the package, written if it is not there.

    Args:
        cache: its folder; those of earlier contents stay there, some kilobytes each.
    """
    kept = cache / f"code-{digest(package_files())[:16]}.json"
    if not kept.exists():
        write_json(kept, _graph())
    return kept


def _graph() -> dict[str, dict]:
    modules = {_module(path): path for path in PACKAGE.rglob("*.py")}
    return {
        "files": {
            module: [_relative(path), *(_relative(PACKAGE / name) for name in READ.get(module, []))]
            for module, path in modules.items()
        },
        "imports": {module: sorted(imported(module)) for module in modules},
        "hashes": {_relative(path): syntax_hash(path) for path in package_files()},
    }


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _relative(path: Path) -> str:
    """A path as it is in every clone: below src/ for the package, else as given."""
    return f"src/{path.relative_to(PACKAGE.parent).as_posix()}" if path.is_relative_to(PACKAGE) else path.as_posix()
