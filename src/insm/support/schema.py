"""The base of every configuration section: frozen, typed, unknown keys rejected, mistakes told in one line."""

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator

from insm.support.errors import UserError, suggest


class Section(BaseModel):
    """A frozen part of a configuration. Every field has a description; physical quantities name their unit."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def complete(cls, values: Any) -> Any:
        """What a nested section leaves out comes from this class's own default for it, not from the nested class's."""
        if not isinstance(values, dict):
            return values
        defaults = {name: field.default for name, field in cls.model_fields.items() if name in values}
        return values | {
            name: merged(default.model_dump(), values[name])
            for name, default in defaults.items()
            if isinstance(default, Section) and isinstance(values[name], dict)
        }

    @field_validator("*", mode="before")
    @classmethod
    def numbers_are_no_switches(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse `true` where a number is meant: Python reads it as 1."""
        wanted = cls.model_fields[info.field_name or ""].annotation
        if _holds(value) and not _allows(wanted):
            raise ValueError("true and false are no values of this key")
        return value


def _holds(value: Any) -> bool:
    """Whether a value is a truth value, or a list with one."""
    return isinstance(value, bool) or (isinstance(value, list | tuple) and any(map(_holds, value)))


def _allows(annotation: Any) -> bool:
    """Whether a type allows truth values, or anything."""
    return annotation in (bool, Any) or any(map(_allows, get_args(annotation)))


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Nested settings with changes: a section keeps the keys that are not changed."""
    nested = {
        key: merged(base[key], value)
        for key, value in changes.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return base | changes | nested


def parse(section: type[Section], content: Any, path: Path) -> Any:
    """Validate `content` (read from `path`) as a configuration section."""
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold a mapping of keys, not {type(content).__name__}")
    try:
        return section.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {explain(error, section)}") from None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def explain(error: ValidationError, root: type[Section], prefix: str = "") -> str:
    """The first problem in one line: dotted key, what is wrong, the nearest allowed key."""
    problems = error.errors()  # a mistyped key explains that another one is missing, so it comes first
    problem = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
    where = [part for part in problem["loc"] if not str(part).startswith("function-")]
    key = prefix + ".".join(map(str, where))
    if problem["type"] == "extra_forbidden":
        allowed = _fields(root, where[:-1])
        return f"unknown key {key}: allowed here are {', '.join(allowed)}{suggest(str(where[-1]), allowed)}"
    if problem["type"] == "missing":
        return f"key {key}: is required{_description(root, where)}"
    if problem["type"] == "string_type":  # no, on, 12 and 2020-01-01 are no words in YAML
        return f"key {key}: must be a text, but YAML reads it as {problem['input']!r}: put it in quotes"
    if problem["type"] in ("tuple_type", "list_type"):
        return f"key {key}: must be a list, such as [{problem['input']!r}], got {problem['input']!r}"
    got = f", got {problem['input']!r}" if isinstance(problem["input"], (str, int, float, bool)) else ""
    near = ""
    if problem["type"] == "literal_error" and isinstance(problem["input"], str):
        near = suggest(problem["input"], problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    return f"key {key.rstrip('.')}: {problem['msg'].removeprefix('Value error, ')}{got}{near}"


def _description(root: Any, path: list) -> str:
    """What a field's docstring says, to tell what a missing key is for."""
    try:
        for part in path[:-1]:
            root = root.model_fields[part].annotation if hasattr(root, "model_fields") else root.__args__[-1]
        text = root.model_fields[path[-1]].description
    except (AttributeError, KeyError, IndexError, TypeError):  # not a field of a section
        return ""
    return f" ({' '.join(text.split()).rstrip('.')})" if text else ""


def _fields(section: Any, path: list) -> list[str]:
    """Field names of the section that `path` leads to from `section`."""
    for part in path:
        if isinstance(section, type) and issubclass(section, Section):
            section = section.model_fields[part].annotation
        else:  # a dict of sections: its value type
            section = section.__args__[-1]
    return list(section.model_fields)
