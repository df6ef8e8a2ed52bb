"""Secrets as files of this machine: one JSON file each, readable by its owner only. For one machine and for trying.

<folder>/<platform uid>/<uid>.json   mode 0600 in folders of mode 0700, replaced in one step, never through a link
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import Frozen
from tarmac.providers.secrets import SinkSettings, name_parts

_LIMIT = 64 * 1024


def secret_files(settings: SinkSettings) -> SecretFiles:
    """The sink in `folder`, an absolute path (default: a folder of this repository that git ignores).

    Raises:
        ConfigurationError: an unknown option, or a folder that is not named from the root of the disk.
    """
    unknown = sorted(set(settings.options) - {"folder"})
    if unknown:
        raise ConfigurationError(f"the secret sink file has no option {unknown[0]}: it knows folder")
    folder = Path(settings.options["folder"]) if "folder" in settings.options else settings.folder.absolute()
    if not folder.is_absolute():
        raise ConfigurationError("folder of the secret sink file is no absolute path: write it from / on")
    return SecretFiles(folder)


class SecretFiles(Frozen):
    """See the module."""

    folder: Path

    def reference(self, platform: str, uid: str) -> str:
        return "file:" + "/".join(name_parts(platform, uid)) + ".json"

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        name_parts(platform, uid)
        content = (json.dumps(dict(secret), indent=2, sort_keys=True) + "\n").encode()
        with _disk("keep"):
            place = self.folder / platform
            for folder in (self.folder, place):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _private(folder)
            new = place / f".{uid}.new"
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, place / f"{uid}.json")
            _settle(place)
        return self.reference(platform, uid)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        name_parts(platform, uid)
        try:
            handle = os.open(self.folder / platform / f"{uid}.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise _refused("read", fault) from None
        with _disk("read"), os.fdopen(handle, "rb") as file:
            content = file.read(_LIMIT)
        try:
            found: object = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ProviderError(f"the secret of {uid} is not what was written there", transient=False)
        return {str(name): str(value) for name, value in found.items()}

    def remove(self, platform: str, uid: str) -> None:
        name_parts(platform, uid)
        place = self.folder / platform
        with _disk("remove"):
            for name in (f".{uid}.new", f"{uid}.json"):
                (place / name).unlink(missing_ok=True)
            if place.is_dir():
                _settle(place)


def _private(folder: Path) -> None:
    about = os.lstat(folder)
    if not stat.S_ISDIR(about.st_mode):
        raise ProviderError(
            "the folder of the secrets is a link or no folder: a link is never followed", transient=False
        )
    if about.st_mode & 0o077:
        raise ProviderError("others may enter the folder of the secrets: set its mode to 0700", transient=False)


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(what: str, fault: OSError) -> ProviderError:
    return ProviderError(f"the disk does not let us {what} a secret: {fault.strerror}", transient=True)


@contextmanager
def _disk(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise _refused(what, fault) from None
