"""What is ready, as plain Backstage entities: in JSON, which is YAML too, so that quoting needs no rules of its own."""

from __future__ import annotations

import json

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import PART_MARK, part_of
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible

# Where the entities stand on the ledger's branch, as Backstage's globs name it.
TARGET = "./backstage/*/*.yaml"
_LONGEST, _DIGEST = 63, 8
_PATH = 500


def resource_entity(state: RequestState) -> str | None:
    """A Resource for an instance that is ready; None for any other, and for a request whose name is no reference.

    `dependencyOf` is what the request is for, `spec.type` the resource type without its version.
    """
    subject = state.subject
    if state.phase is not Phase.READY:
        return None
    whole, _, part = subject.request.partition(PART_MARK)
    try:
        ref = Ref.parse(whole)
    except BadReference:
        return None
    kind, _, version = subject.type.partition("@")
    metadata: dict[str, JsonValue] = {
        "name": _name(ref, part),
        "namespace": ref.namespace,
        "description": f"{subject.type} in {subject.environment}, asked for in {visible(subject.path, _PATH)}",
        "labels": {"environment": subject.environment, "cost-center": subject.cost_centre},
        "annotations": {"tarmac/request": subject.request, "tarmac/uid": subject.uid, "tarmac/type-version": version},
    }
    spec: dict[str, JsonValue] = {"type": kind, "owner": subject.owner}
    if subject.service is not None:
        spec["dependencyOf"] = [subject.service]
    return _dumped({"apiVersion": "backstage.io/v1alpha1", "kind": "Resource", "metadata": metadata, "spec": spec})


def _name(ref: Ref, part: str) -> str:
    """A request's own name. Of a part: that, its own, and a digest of both, as no name holds the mark between them and
    each could be another request's too; cut where it would be too long."""
    if not part:
        return ref.name
    # Loaded here, as it takes long: few who load this write anything.
    from hashlib import sha256

    digest = sha256(part_of(str(ref), part).encode()).hexdigest()[:_DIGEST]
    return f"{f'{ref.name}-{part}'[: _LONGEST - _DIGEST - 1]}-{digest}"


def catalog_location() -> str:
    """What a portal is pointed at: a Location that names them all."""
    metadata: JsonValue = {"name": "tarmac-instances", "description": "What Tarmac made and keeps"}
    spec: JsonValue = {"type": "url", "targets": [TARGET]}
    return _dumped({"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": metadata, "spec": spec})


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"
