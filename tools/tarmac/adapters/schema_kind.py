"""What to say of a document whose kind is not known."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.json_value import JsonValue
from tarmac.model.kinds import KindInfo
from tarmac.model.places import Place
from tarmac.model.shown import nearest, one_of, shown

RULE = "document-kind"


def kind_problem(document: Document, kinds: Mapping[tuple[str, str], KindInfo]) -> Finding:
    """Why the document is of no known kind, and what to write; an error unless it is somebody else's file."""
    data, places = document.data, document.places
    if "apiVersion" not in data and "kind" not in data:
        return _neither(document)
    for field in ("apiVersion", "kind"):
        if field not in data:
            other = "kind" if field == "apiVersion" else "apiVersion"
            return _error(f"the document has {other} and no {field}", _fix_for(field, data, kinds), places.missing(()))
    for field in ("apiVersion", "kind"):
        if not isinstance(data[field], str):
            message = f"{field} is {shown(data[field])}, and must be a text"
            return _error(message, _fix_for(field, data, kinds), places.value((field,)))
    return _unknown_pair(document, str(data["apiVersion"]), str(data["kind"]), kinds)


def _neither(document: Document) -> Finding:
    from tarmac.adapters.schema_check import DATA_FOLDERS

    severity = Severity.ERROR if document.path.split("/", 1)[0] in DATA_FOLDERS else Severity.INFO
    return Finding(
        RULE,
        severity,
        "the document has neither apiVersion nor kind, so it is nothing that the catalog knows",
        document.places.missing(()),
        None,
        Fix("add apiVersion and kind, or name the file in spec.ignore of policies/platform.yaml"),
    )


def _unknown_pair(document: Document, version: str, kind: str, kinds: Mapping[tuple[str, str], KindInfo]) -> Finding:
    places = document.places
    by_kind = {info.kind: info for info in kinds.values()}
    message = f"there is no kind {shown(kind)} in {shown(version)}"
    if kind in by_kind:
        versions = by_kind[kind].api_versions
        return _error(message, f"write apiVersion: {one_of(versions)}", places.value(("apiVersion",)))
    near = nearest(kind, by_kind)
    if near:
        fix = f"write kind: {near}"
        if version not in by_kind[near].api_versions:
            fix += f", and apiVersion: {one_of(by_kind[near].api_versions)}"
        return _error(f"{message}; did you mean {near}?", fix, places.value(("kind",)))
    of_version = [info.kind for (known, _), info in kinds.items() if known == version]
    if of_version:
        return _error(message, f"write kind: {one_of(of_version, most=30)}", places.value(("kind",)))
    return _error(
        message,
        "write an apiVersion and a kind that `tarmac schema` lists, "
        "or name the file in spec.ignore of policies/platform.yaml",
        places.value(("apiVersion",)),
    )


def _fix_for(field: str, data: Mapping[str, JsonValue], kinds: Mapping[tuple[str, str], KindInfo]) -> str:
    if field == "apiVersion":
        fitting = [version for version, kind in kinds if kind == data.get("kind")]
    else:
        fitting = [kind for version, kind in kinds if version == data.get("apiVersion")]
    return f"write {field}: " + (one_of(fitting, most=30) if fitting else "one that `tarmac schema` lists")


def _error(message: str, fix: str, place: Place) -> Finding:
    return Finding(RULE, Severity.ERROR, message, place, None, Fix(fix))
