"""What `insm data list` and `insm data info` tell of datasets, as rows of text."""

from insm.data.dataset import DATASETS, Dataset, Procedural, load_dataset
from insm.data.raw_files import RAW, UNPACKED


def dataset_rows() -> list[tuple[str, int, str, str, str]]:
    """Of every dataset: name, number of attributes, size of its raw files, whether they are here, licence."""
    rows = []
    for name in DATASETS.names():
        dataset = load_dataset(name)
        here = ("yes" if (RAW / name / UNPACKED).exists() else "no") if dataset.sources else "-"
        rows.append((name, len(dataset.attributes), download_size(dataset), here, licence(dataset)))
    return rows


def dataset_facts(name: str) -> list[tuple[str, str]]:
    """(Heading, text) of all about one dataset: attributes, raw files, mirrors, licence, citation."""
    dataset = load_dataset(name)
    facts = [
        ("dataset", name),
        ("attributes", ", ".join(dataset.attributes)),
        ("licence", licence(dataset)),
        ("homepage", dataset.homepage),
        ("citation", dataset.citation),
    ]
    for source in dataset.sources:
        size = f"{source.size:,} bytes" if source.size else "size not published"
        facts += [
            ("file", f"{RAW / name / source.name} ({size})"),
            ("checksum", source.checksum or "none published: the first download is trusted and recorded"),
            ("places", ", ".join(source.places)),
            *(("mirror", url) for url in source.urls),
            ("by hand", source.by_hand),
        ]
    return [(heading, text) for heading, text in facts if text]


def download_size(dataset: Dataset) -> str:
    """Megabytes of all raw files, where published."""
    sizes = [source.size for source in dataset.sources]
    total = sum(size or 0 for size in sizes)
    return "-" if not sizes else "unknown" if None in sizes else f"{total / 1e6:,.0f} MB"


def licence(dataset: Dataset) -> str:
    """The licence of the raw files, or why there is none to tell."""
    if dataset.licence:
        return dataset.licence
    if isinstance(dataset, Procedural):
        return "none needed: rendered by insm"
    return "unknown" if dataset.sources else "that of your own images"
