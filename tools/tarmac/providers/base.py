"""What makes instances: the protocol that every provider keeps, and what it may say of itself.

Every verb is idempotent under a uid: repeated after a crash it finds what it did and says so. A provider touches
only what carries its platform's uid. What it cannot do is refused by `capabilities`, before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from tarmac.errors import ConfigurationError
from tarmac.model.frozen import Frozen
from tarmac.model.plan import Desired, Observation
from tarmac.providers.delivery import Delivery
from tarmac.providers.secrets import SecretSink


class Capability(StrEnum):
    """What a provider may be asked beyond listing, observing, creating and deleting."""

    UPDATE = "update"
    ROTATE = "rotate"
    HEALTH = "health"
    USAGE = "usage"


class Capabilities(Frozen):
    """`categories` are the resource types' categories that it can make. `local_time` says that instants may be made
    up (`--now`), because nothing but this machine ever reads them. `parallel` is how many instances it may be asked
    about at the same time, from as many threads."""

    categories: frozenset[str]
    verbs: frozenset[Capability]
    local_time: bool = False
    parallel: int = 1


class Health(Frozen):
    """Whether an instance answers, and what is wrong if not."""

    healthy: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What a provider is opened with: the platform's uid, a folder that is its own, its own settings (which may hold
    secrets, so they are never shown), where the secrets go that it makes, and where files go that others act upon."""

    platform: str
    folder: Path
    options: Mapping[str, str] = field(repr=False)
    secrets: SecretSink | None = None
    delivery: Delivery | None = None

    def only(self, *known: str) -> None:
        """Refuse options that the provider does not know. A name that ends in a dot stands for all that begin so.

        Raises:
            ConfigurationError: it names the first that is unknown.
        """
        for name in sorted(self.options):
            if name not in known and not any(each.endswith(".") and name.startswith(each) for each in known):
                each = ", ".join(f"{one}NAME" if one.endswith(".") else one for one in known) or "none"
                raise ConfigurationError(f"there is no option {name}: it knows {each}")


@runtime_checkable
class Prepares(Protocol):
    """What a provider keeps too whose ground may be missing: a folder, a server."""

    def prepare(self) -> None:
        """Make sure that instances can be made, before the first is: raises ProviderError, which says what is in the
        way. Asked again it changes nothing."""
        ...


@runtime_checkable
class Maintains(Protocol):
    """What a provider keeps too whose instances need something between changes: backups, say."""

    def maintain(self, now: datetime) -> Iterator[str]:
        """Do what is due at `now` for every instance of the platform, and say each thing in a sentence. What fails for
        one stops no other; it is raised at the end, as a ProviderError. Asked again at once, nothing is due."""
        ...


class Mark(Frozen):
    """What all instances of a provider are told from other ones by. `text` is another one whenever `list_instances`
    (usage apart) or `validate` could answer something else; `changed` is when that was last so, by the clock of the
    place where they are kept."""

    text: str
    changed: datetime


@runtime_checkable
class Marks(Protocol):
    """What a provider keeps too that can tell whether its instances are those it has listed before, for much less than
    listing them again."""

    def mark(self) -> Mark:
        """Asked before `list_instances`, so that a change between the two makes the next mark another one. Raises
        ProviderError."""
        ...


@runtime_checkable
class Provider(Protocol):
    """One way to make instances. Every verb raises ProviderError, which says whether trying again can help."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def list_instances(self) -> tuple[Observation, ...]:
        """Everything that is there, of other platforms too (their tags tell), sorted by uid. An instance whose tags
        cannot be read is listed with the fault."""
        ...

    def observe(self, uid: str) -> Observation | None:
        """What is there under the uid, or None."""
        ...

    def validate(self, desired: Desired) -> tuple[str, ...]:
        """What about the wish this provider could never make, in sentences. Nothing is touched."""
        ...

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        """Make it. `ready_at` is noted as the ready instant once it is ready; a PENDING answer means that a later
        run observes. What exists under the uid already is left as it is and returned."""
        ...

    def update(self, uid: str, desired: Desired) -> Observation:
        """Make config and tags as wished; the ready instant stays."""
        ...

    def delete(self, uid: str) -> None:
        """Remove it. What is not there is no error."""
        ...

    def rotate(self, uid: str, now: datetime) -> str:
        """Replace its credentials; the answer is a reference to the new ones, never a secret."""
        ...

    def health(self, uid: str) -> Health:
        """Whether it answers."""
        ...
