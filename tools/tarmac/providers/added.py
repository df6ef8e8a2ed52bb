"""What an installed package adds as an entry point: found by its name, loaded, and opened. Whatever fails there is the
package's fault, and is said to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from tarmac.errors import ConfigurationError, OutsideError, ProviderError, TarmacError
from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

T = TypeVar("T")


def added_names(group: str) -> frozenset[str]:
    """Under which names installed packages add something."""
    return frozenset(_entry_points(group).names)


def _entry_points(group: str) -> EntryPoints:
    # Loaded here: what reads packages takes longer to load than most commands that ask for a provider of our own.
    from importlib.metadata import entry_points

    return entry_points(group=group)


class Added(Frozen):
    """What an installed package adds as an entry point, and what it is called where something is wrong with it: that
    is the package's fault."""

    make: object
    called: str

    @classmethod
    def find(cls, group: str, name: str, what: str, ours: Iterable[str]) -> Added:
        """The one of that name.

        Raises:
            ConfigurationError: there is none, or it cannot be loaded.
        """
        added = _entry_points(group)
        if name not in added.names:
            known = ", ".join(sorted({*ours, *added.names}))
            raise ConfigurationError(f"there is no {what} {name!r}: choose one of {known}")
        point = added[name]
        package = "an installed package" if point.dist is None else f"package {point.dist.name} {point.dist.version}"
        called = f"{what} {name} of {package}, {point.value},"
        try:
            return cls(point.load(), called)
        except (ImportError, AttributeError) as fault:
            raise ConfigurationError(f"{called} cannot be loaded: {fault}") from None
        except Exception as fault:  # the code of another package fails in any way
            raise ConfigurationError(f"{called} cannot be loaded: {slip(fault)}") from fault

    def opened(self, settings: object) -> object:
        """What it makes with these settings.

        Raises:
            ConfigurationError: it cannot work with them, or fails.
        """
        try:
            return self.make(settings) if callable(self.make) else None
        except TarmacError:
            raise
        except Exception as fault:  # the code of another package fails in any way
            raise ConfigurationError(f"{self.called} cannot be opened: {slip(fault)}") from fault


def held(act: Callable[[], T], called: str) -> T:
    """What `act`, a verb of the package, answers.

    Raises:
        ProviderError: it failed; where that is a slip, and no error of ours, it says so of `called`.
    """
    try:
        return act()
    except ProviderError:
        raise
    except TarmacError as fault:
        raise ProviderError(str(fault), transient=isinstance(fault, OutsideError)) from fault
    except Exception as fault:  # the code of another package fails in any way
        # No change of the request mends it, and whoever mends it does not touch the request.
        raise ProviderError(f"{called} has a defect: {slip(fault)}", transient=True) from fault


def slip(fault: Exception) -> str:
    """Which mistake was made, and where; not its text, as that may hold what nobody shall read: a password, say."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return f"{type(fault).__name__}{place}"
