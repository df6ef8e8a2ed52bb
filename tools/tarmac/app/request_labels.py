"""The labels that a new request needs: what the tag policies ask for and neither the type nor anything else gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarmac.app.request_answers import label_value, text_answer
from tarmac.catalog.index import Catalog
from tarmac.catalog.tags import DERIVED, normalized
from tarmac.errors import UsageError
from tarmac.model.documents import Entity
from tarmac.model.expressions import Expressions
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import text, texts
from tarmac.model.shown import visible
from tarmac.rules.tag import TagFault, live_faults


class LabelQuestion(Frozen):
    """A label to be asked for. `choices` are the values that it may have, none where they are not listed; `wanted` says
    in words what it needs, "" where any value will do."""

    key: str
    choices: tuple[str, ...]
    wanted: str

    @property
    def bounds(self) -> str:
        """What may be answered, in words."""
        return "|".join(self.choices) or self.wanted or "VALUE"


class Labels(Frozen):
    """What the tag policies of a catalog ask of a request of one type in one environment."""

    catalog: Catalog
    kind: Entity
    environment: str
    expressions: Expressions

    def checked(self, labels: Mapping[str, str]) -> Mapping[str, str]:
        """The labels, of which none has a value that it must not have.

        Raises:
            UsageError: one has; the message says what it needs.
        """
        for key, value in labels.items():
            text_answer("label", key)
            label_value(key, value)
        for policy, fault in self._faults(labels):
            given = normalized(labels.items(), policy.mapping("spec", "normalize"))
            if fault.key in given:
                needs = f": it needs {fault.wanted}" if fault.wanted else ""
                raise UsageError(f"label {visible(fault.key)}={visible(given[fault.key])} cannot be{needs}")
        return labels

    def missing(self, labels: Mapping[str, str]) -> tuple[LabelQuestion, ...]:
        """The labels that are still to be given, each once, in the order of the policies."""
        found: dict[str, LabelQuestion] = {}
        for policy, fault in self._faults(labels):
            if fault.key not in self._seen(labels, policy):
                found.setdefault(fault.key, LabelQuestion(fault.key, _choices(policy, fault.key), fault.wanted))
        return tuple(found.values())

    def _faults(self, labels: Mapping[str, str]) -> Iterator[tuple[Entity, TagFault]]:
        policies = {policy.name: policy for policy in self.catalog.of_kind("tagpolicy")}
        for fault in live_faults(self._tags(labels), self.catalog, self.expressions):
            if fault.key not in DERIVED and fault.policy in policies:
                yield policies[fault.policy], fault

    def _seen(self, labels: Mapping[str, str], policy: Entity) -> Mapping[str, str]:
        return normalized(self._tags(labels).items(), policy.mapping("spec", "normalize"))

    def _tags(self, labels: Mapping[str, str]) -> Mapping[str, str]:
        own = self.kind.mapping("spec", "tags")
        given = {key: value for key, value in own.items() if isinstance(value, str)} | dict(labels)
        return given | {"environment": self.environment}


def label_pairs(pairs: Sequence[str]) -> Mapping[str, str]:
    """`--label key=value`.

    Raises:
        UsageError: it is no such pair, or a key is given twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--label {visible(pair)!r}: write key=value")
        if key in found:
            raise UsageError(f"--label {visible(key)} is given twice")
        found[key] = value
    return found


def _choices(policy: Entity, key: str) -> tuple[str, ...]:
    rules = (rule for rule in policy.items("spec", "tags") if text(rule, "key") == key)
    return next((values for rule in rules if (values := texts(rule, "values"))), ())
