"""Small catalogs made of YAML text, and rules run over them."""

from __future__ import annotations

from datetime import UTC, datetime

from tarmac.adapters.cel import Cel
from tarmac.adapters.schema_check import JsonSchemas, load_kinds
from tarmac.adapters.yaml_reader import read_documents
from tarmac.catalog.index import Catalog, build
from tarmac.rules.settings import Settings

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def catalog_of(content: str, path: str = "catalog/all.yaml") -> Catalog:
    """The catalog of one file."""
    documents, findings = read_documents(path, content.encode("utf-8", "surrogatepass"))
    assert findings == ()
    return build("test", documents, (path,), load_kinds())


def settings_of(base: Catalog, now: datetime = NOW) -> Settings:
    """Settings with the real engines, judged by `base` at `now`."""
    return Settings(base=base, instant=now, expressions=Cel(), schemas=JsonSchemas())
