"""codeowners: the CODEOWNERS file that follows from the model."""

from __future__ import annotations

from dataclasses import dataclass

from tarmac.app.deps import Reading
from tarmac.app.load import load
from tarmac.approvals.codeowners import PATH, generate
from tarmac.errors import ConfigurationError
from tarmac.model.trees import Source

# GitHub reads no larger file.
_LIMIT = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CodeOwnersResult:
    """The text that should stand in the file, the text that does (None: there is no file), and problems."""

    wanted: str
    present: str | None
    problems: tuple[str, ...]

    @property
    def fresh(self) -> bool:
        """Whether the file says what the model means."""
        return self.present == self.wanted and not self.problems


def codeowners(source: Source, reading: Reading) -> CodeOwnersResult:
    """Compare a tree's CODEOWNERS with its model.

    Raises:
        ConfigurationError: there are no entities, or the file would be larger than GitHub reads.
    """
    catalog = load(source, reading).catalog
    if not catalog.entities:
        raise ConfigurationError(f"{catalog.revision} holds no entities. Name the repository's root with --root")
    generated = generate(catalog)
    if len(generated.text.encode()) > _LIMIT:
        raise ConfigurationError("CODEOWNERS would be larger than 3 MiB, and GitHub would not read it at all")
    entries = [entry for entry in source.entries() if entry.path == PATH]
    present = None
    for _, content in source.read(entries, _LIMIT):
        present = content.decode("utf-8", "replace") if isinstance(content, bytes) else None
    return CodeOwnersResult(generated.text, present, generated.problems)
