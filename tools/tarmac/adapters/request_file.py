"""A new request as a file: YAML that reads as a person would write it, put where nothing stands yet."""

from __future__ import annotations

import io
import os
import stat
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tarmac.adapters.yaml_reader import read_documents
from tarmac.errors import OutsideError, UsageError
from tarmac.model.json_value import JsonValue

_WIDTH = 110


def render_request(document: Mapping[str, JsonValue], comments: Mapping[str, str]) -> str:
    """YAML with comments before the keys that `comments` names (paths with dots).

    Raises:
        UsageError: a value that YAML, or our reader of it, cannot hold.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = io.StringIO()
    try:
        yaml.dump(_commented(document, comments, ""), written)
    except YAMLError:
        raise UsageError("a value holds characters that cannot stand in a YAML file") from None
    text = written.getvalue()
    try:
        read, findings = read_documents("request.yaml", text.encode())
    except UnicodeEncodeError:
        raise UsageError("a value holds characters that cannot stand in a YAML file") from None
    if findings or len(read) != 1 or read[0].data != document:
        said = findings[0].message if findings else "it would be read as something else"
        raise UsageError(f"a value cannot stand in a YAML file as it is: {said}")
    return text


def write_new(root: Path, path: str, text: str) -> None:
    """Write a file below `root` where nothing stands yet; no link is followed on the way.

    Raises:
        UsageError: something stands there already, or on the way there is something that is no folder.
        OutsideError: the disk refuses.
    """
    steps = path.split("/")
    folder = root
    try:
        for step in steps[:-1]:
            folder = folder / step
            if not os.path.lexists(folder):
                folder.mkdir()
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                raise UsageError(f"{folder.relative_to(root)} is no folder of its own: nothing is written through it")
        handle = os.open(folder / steps[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already: choose another name") from None
    except OSError as fault:
        raise OutsideError(f"{path} cannot be written: {fault.strerror}") from None


def _commented(value: JsonValue, comments: Mapping[str, str], path: str) -> object:
    from ruamel.yaml.comments import CommentedMap

    if not isinstance(value, Mapping):
        return value
    made = CommentedMap()
    for key, inside in value.items():
        below = f"{path}.{key}" if path else key
        made[key] = _commented(inside, comments, below)
        if below in comments:
            indent = 2 * below.count(".")
            comment = "\n".join(textwrap.wrap(comments[below], _WIDTH - indent - 2))
            made.yaml_set_comment_before_after_key(key, comment, indent=indent)
    return made
