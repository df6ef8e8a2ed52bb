"""The catalog as JSON, version 1: sorted, and the same bytes for the same catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tarmac.catalog.graph import Graph
from tarmac.catalog.index import Catalog
from tarmac.catalog.reach import Impact
from tarmac.catalog.references import Reference
from tarmac.model.documents import Entity
from tarmac.model.refs import Ref
from tarmac.reports.review_json import Json, data
from tarmac.reports.review_json import impact as impact_value


def entity_list(entities: Sequence[Entity]) -> str:
    """`{"version": 1, "count": ..., "entities": [...]}`."""
    return _text({"count": len(entities), "entities": [_summary(entity) for entity in entities]})


def entity_page(catalog: Catalog, entity: Entity) -> str:
    """One entity: its data, what it refers to and what refers to it."""
    return _text(
        {
            **_summary(entity),
            "data": data(entity.data),
            "references": [_outgoing(one) for one in catalog.references_of(entity.ref)],
            "referencedBy": [
                {"entity": str(one.source.ref), "field": one.field.name, **_place(one)}
                for one in catalog.references_to(entity.ref)
            ],
        }
    )


def graph_tree(graph: Graph) -> str:
    """Nodes and edges."""
    missing = set(graph.missing)
    return _text(
        {
            "root": None if graph.root is None else str(graph.root),
            "nodes": [{"entity": str(node), "known": node not in missing} for node in graph.nodes],
            "edges": [
                {
                    "source": str(edge.source),
                    "target": str(edge.target),
                    "relation": edge.relation.value,
                    "strength": edge.strength.value,
                }
                for edge in graph.edges
            ],
        }
    )


def impact_page(impact: Impact) -> str:
    """Who is hit, how, and how bad that is."""
    return _text(impact_value(impact))


def held_page(entity: Ref, held: str, parts: Sequence[Impact]) -> str:
    """What a group, user, system or domain holds, each part with what depends on it."""
    return _text({"entity": str(entity), "holds": held, "parts": [impact_value(part) for part in parts]})


def _summary(entity: Entity) -> Mapping[str, Json]:
    place = entity.place()
    return {
        "entity": str(entity.ref),
        "kind": entity.kind,
        "namespace": entity.namespace,
        "name": entity.name,
        "title": entity.text("metadata", "title"),
        "type": entity.text("spec", "type"),
        "lifecycle": entity.text("spec", "lifecycle"),
        "owner": entity.text("spec", "owner"),
        "system": entity.text("spec", "system"),
        "tier": entity.text("spec", "tarmac", "tier"),
        "path": place.path,
        "line": place.line,
    }


def _outgoing(one: Reference) -> Mapping[str, Json]:
    return {
        "field": one.field.name,
        "text": one.text,
        "target": None if one.target is None else str(one.target),
        **_place(one),
    }


def _place(one: Reference) -> Mapping[str, Json]:
    return {"path": one.place.path, "line": one.place.line, "column": one.place.column}


def _text(answer: Mapping[str, Json]) -> str:
    return json.dumps({"version": 1, **answer}, indent=2, default=dict) + "\n"
