"""Our verdict on the form of Backstage's kinds beside Backstage's own.

By hand over any folder: `python -m tests.oracle.agreement FOLDER [MUTATIONS]`.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tarmac.adapters.schema_check import Gate
from tarmac.adapters.yaml_reader import read_documents
from tests.oracle.entities import SPECS, mutated, without_placeholders
from tests.oracle.node import Oracle

GATE = Gate()
_BATCH = 500


def entities_below(folders: Iterable[Path]) -> Sequence[Mapping[str, Any]]:
    """Every entity of Backstage's kinds in the YAML files below the folders, placeholders written as texts.

    What lies below `spec.tarmac` is ours and not for Backstage to judge: it is left out.
    """
    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*.y*ml")):
        documents, _ = read_documents(str(path), path.read_bytes())
        versions = ("backstage.io/", "scaffolder.backstage.io/")
        for document in documents:
            if document.data.get("kind") in SPECS and str(document.data.get("apiVersion")).startswith(versions):
                entity = without_placeholders(document.data)
                if isinstance(entity.get("spec"), dict):
                    entity["spec"].pop("tarmac", None)
                found.append(entity)
    return found


def our_verdict(entity: Mapping[str, Any]) -> str | None:
    """None where the reader and the gate take the entity (its JSON is YAML), else what is said first."""
    content = json.dumps(entity, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    documents, findings = read_documents("catalog/x.yaml", content)
    said = [*findings, *(problem for document in documents for problem in GATE.problems(document))]
    if not documents and not said:
        return "no document"
    return f"{said[0].rule}: {said[0].message}" if said else None


def broken_link(entity: Mapping[str, Any]) -> bool:
    """Whether a link's address holds a tab or a line break. Backstage's URL parser drops them in silence, so that the
    address followed is not the one that is written: refused here."""
    links = entity.get("metadata", {}).get("links") if isinstance(entity.get("metadata"), dict) else None
    urls = [link.get("url") for link in links or () if isinstance(link, dict)] if isinstance(links, list) else []
    return any(isinstance(url, str) and set(url) & set("\t\r\n") for url in urls)


def disagreements(entities: Sequence[Mapping[str, Any]], oracle: Oracle) -> Sequence[str]:
    """A line for each entity on which the two verdicts differ."""
    found = []
    for start in range(0, len(entities), _BATCH):
        part = entities[start : start + _BATCH]
        for entity, theirs in zip(part, oracle.verdicts(part), strict=True):
            ours = our_verdict(entity)
            if (ours is None) != (theirs is None) and not (theirs is None and broken_link(entity)):
                found.append(f"we: {ours or 'right'} | Backstage: {theirs or 'right'} | {json.dumps(entity)}")
    return found


def mutations(entities: Sequence[Mapping[str, Any]], number: int, seed: int = 1) -> Sequence[Mapping[str, Any]]:
    """So many entities with one node changed, always the same for a seed."""
    rng = random.Random(seed)  # noqa: S311
    return [mutated(rng.choice(entities), rng) for _ in range(number)]


def main(folder: Path, number: int) -> int:
    """Print the figure and every disagreement; 1 where there is one."""
    entities = entities_below([folder])
    with Oracle("entities.mjs") as oracle:
        found = [*disagreements(entities, oracle), *disagreements(mutations(entities, number), oracle)]
    print(f"{len(entities)} entities and {number} mutations: {len(found)} disagreements")
    print("\n".join(found[:50]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000))
