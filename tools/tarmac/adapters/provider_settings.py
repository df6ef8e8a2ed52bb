"""How a platform says where its providers are: a YAML file outside the repository, named by --providers.

    version: 1
    secrets: {sink: file, options: {folder: /var/lib/tarmac/secrets}}
    providers:
      postgresql:
        options:
          host: db.internal
          user: tarmac
          password: {file: /run/secrets/tarmac-db}     # or {env: TARMAC_DB_PASSWORD}

An option is a text, a whole number, true or false, or says where its value stands: in a file of its own or in a
variable of the environment. What is named as a secret has to be said in one of those two ways.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from tarmac.adapters.yaml_reader import read_documents
from tarmac.errors import UsageError
from tarmac.model.documents import Document
from tarmac.model.findings import Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, mapping
from tarmac.model.json_value import Path as Steps
from tarmac.model.shown import shown, visible

VERSION = 1
_LIMIT = 64 * 1024
_ROOT = frozenset({"version", "secrets", "providers"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}\Z")
# A key that is called like a secret must not hold one.
_SECRET = re.compile(r"password|passphrase|secret|token|credential|private", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """What the file says: the options by provider, and the secret sink (None: the default one). Values of options may
    be secrets, so they are never shown."""

    providers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    sink: str | None = None
    sink_options: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_provider_file(path: Path, root: Path, environment: Mapping[str, str], known: Collection[str]) -> ProviderFile:
    """The settings that a file holds, for some of the `known` providers.

    Raises:
        UsageError: it lies in the repository, cannot be read, or does not hold what it should; with where and what.
    """
    if path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{_called(path)} lies in the repository: keep the providers' settings outside, never in git")
    documents, findings = read_documents(path.name, _content(path, _called(path)))
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise UsageError(f"{finding.place}: {finding.message}")
    if len(documents) != 1:
        raise UsageError(f"{_called(path)} holds {len(documents)} documents: write one, with version and providers")
    return _Reader(documents[0], path.resolve().parent, environment, known).read()


class _Reader(Frozen):
    document: Document
    folder: Path
    environment: Mapping[str, str]
    known: Collection[str]

    def read(self) -> ProviderFile:
        data = self.document.data
        self._only((), _ROOT)
        version = data.get("version")
        if isinstance(version, bool) or version != VERSION:
            self._refuse(("version",), f"version is {shown(version)}: write version: {VERSION}")
        providers = {name: self._options(("providers", name)) for name in self._names(("providers",))}
        sink, options = None, {}
        if "secrets" in data:
            self._only(("secrets",), frozenset({"sink", "options"}))
            name = mapping(data, "secrets").get("sink")
            if not isinstance(name, str) or not name:
                self._refuse(("secrets", "sink"), "secrets needs a sink: write its name, such as file")
            sink, options = name, self._values(("secrets", "options"))
        return ProviderFile(MappingProxyType(providers), sink, MappingProxyType(options))

    def _options(self, path: tuple[str, ...]) -> Mapping[str, str]:
        if path[-1] not in self.known:
            # Its options would go to nobody.
            self._refuse(path, f"there is no provider {path[-1]}: write one of {', '.join(sorted(self.known))}")
        self._only(path, frozenset({"options"}))
        return MappingProxyType(self._values((*path, "options")))

    def _values(self, path: tuple[str, ...]) -> dict[str, str]:
        return {name: self._value((*path, name)) for name in self._names(path)}

    def _value(self, path: tuple[str, ...]) -> str:
        given = self._at(path)
        if isinstance(given, Mapping):
            if len(given) == 1:
                ((source, where),) = given.items()
                if source in ("env", "file") and isinstance(where, str) and where:
                    return self._from_environment(path, where) if source == "env" else self._from_file(path, where)
            self._refuse(path, "write a text, a whole number, true or false, {env: NAME} or {file: PATH}")
        if _SECRET.search(path[-1]):
            self._refuse(path, f"{path[-1]} is not written into the file: write {{env: NAME}} or {{file: PATH}}")
        if isinstance(given, bool):
            return "true" if given else "false"
        if isinstance(given, (str, int)):
            return str(given)
        self._refuse(path, f"{shown(given)} is no text, whole number, true or false: put it in quotes")

    def _from_environment(self, path: tuple[str, ...], name: str) -> str:
        value = self.environment.get(name)
        if not value:
            self._refuse(path, f"the environment has no variable {visible(name)}")
        return value

    def _from_file(self, path: tuple[str, ...], name: str) -> str:
        if "\x00" in name:
            self._refuse(path, "no file has such a name")
        content = _content(self.folder / name, f"the file of {path[-1]}")
        try:
            text = content.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            self._refuse(path, "the file is not UTF-8")
        if not text:
            self._refuse(path, "the file is empty")
        return text

    def _names(self, path: Steps) -> Iterator[str]:
        given = self._at(path)
        if given is None:
            return
        if not isinstance(given, Mapping):
            self._refuse(path, f"{shown(given)} is no mapping: write names with their values")
        for name in given:
            if not _NAME.match(name):
                self._refuse((*path, name), f"{shown(name)} is no name: write letters, digits, '.', '-' and '_'")
            yield name

    def _only(self, path: Steps, allowed: frozenset[str]) -> None:
        given = self._at(path)
        if given is not None and not isinstance(given, Mapping):
            self._refuse(path, f"{shown(given)} is no mapping: write {', '.join(sorted(allowed))}")
        for name in mapping(given):
            if name not in allowed:
                self._refuse((*path, name), f"unknown field {shown(name)}: write one of {', '.join(sorted(allowed))}")

    def _at(self, path: Steps) -> JsonValue:
        here: JsonValue = self.document.data
        for step in path:
            here = here.get(step) if isinstance(here, Mapping) and isinstance(step, str) else None
        return here

    def _refuse(self, path: Steps, message: str) -> NoReturn:
        raise UsageError(f"{self.document.places.key(path)}: {message}")


def process_environment() -> Mapping[str, str]:
    """The variables of this process."""
    return os.environ


def _content(path: Path, called: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "no file has such a name"
        raise UsageError(f"{called} cannot be read: {why}") from None
    if len(content) > _LIMIT:
        raise UsageError(f"{called} is larger than {_LIMIT} bytes")
    return content


def _called(path: Path) -> str:
    return visible(str(path), 200)
