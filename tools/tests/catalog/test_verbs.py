"""catalog list, show, graph and impact: what they answer, and that names are only ever shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.app.catalog import entities, find, graph_of, impact_of
from tarmac.cli.catalog import command
from tarmac.errors import UsageError
from tarmac.reports import catalog_json, catalog_text, graph_dot, graph_mermaid
from tests.trees import api, catalog_of, company, component, group, request

FILES = company(
    **{
        "catalog/db/catalog-info.yaml": component("db", "providesApis: [orders]") + "---\n" + api("orders"),
        "catalog/web/catalog-info.yaml": component("web", "consumesApis: [orders], dependsOn: [component:gone]"),
        "catalog/one/catalog-info.yaml": component("one"),
    }
)
CATALOG = catalog_of(FILES)


def test_the_list_holds_every_entity_once_in_order() -> None:
    answer = json.loads(catalog_json.entity_list(entities(CATALOG, ())))
    names = [entity["entity"] for entity in answer["entities"]]
    assert names == sorted(str(ref) for ref in CATALOG.entities)
    assert answer["count"] == len(names)


def test_the_list_can_be_of_some_kinds_in_any_case() -> None:
    assert [entity.kind for entity in entities(CATALOG, ["api", "PLATFORM"])] == ["API", "Platform"]
    with pytest.raises(UsageError, match="did you mean component"):
        entities(CATALOG, ["componant"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("component:default/web", "component:default/web"),
        ("Component:WEB", "component:default/web"),
        ("orders", "api:default/orders"),
        ("one", "component:default/one"),
        ("group:one", "group:default/one"),
        ("finops", "group:default/finops"),
    ],
)
def test_a_name_is_found_with_or_without_its_kind(said: str, meant: str) -> None:
    assert str(find(CATALOG, said).ref) == meant


@pytest.mark.parametrize("said", ["component:wep", "wep", "", "component:", ":", "a:b/c/d"])
def test_what_is_not_there_is_a_wrong_use_and_no_crash(said: str) -> None:
    with pytest.raises(UsageError):
        find(CATALOG, said)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("component:webb", "; did you mean component:default/web?"),
        ("api:default/order", "; did you mean api:default/orders?"),
        ("componnt:default/web", "; did you mean component:default/web?"),
        ("component:default/nothing-like-it", ""),
        ("nokind:default/nothing-like-it", ""),
    ],
)
def test_what_is_meant_is_told_by_its_name_and_not_by_its_kind(said: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        find(CATALOG, said)
    assert str(raised.value) == f"there is no {said}{hint}"


def test_a_page_tells_both_directions() -> None:
    answer = json.loads(catalog_json.entity_page(CATALOG, find(CATALOG, "orders")))
    assert [(one["entity"], one["field"]) for one in answer["referencedBy"]] == [
        ("component:default/db", "providesApis"),
        ("component:default/web", "consumesApis"),
    ]
    text = catalog_text.entity_page(CATALOG, find(CATALOG, "web"))
    assert "consumesApis -> api:default/orders" in text


def test_the_tree_shows_each_node_once_and_what_is_missing() -> None:
    text = catalog_text.graph_tree(graph_of(CATALOG, "web", 3))
    assert "  consumes api:default/orders\n" in text
    assert "component:default/gone (not in the catalog)" in text


def test_a_circle_is_drawn_and_ends() -> None:
    circle = catalog_of(
        {"a.yaml": component("a", "dependsOn: [component:b]"), "b.yaml": component("b", "dependsOn: [component:a]")}
    )
    text = catalog_text.graph_tree(graph_of(circle, None, 2))
    assert text.count("component:default/b") == 1
    assert "component:default/a ..." in text


def test_a_chain_of_thousands_is_drawn_without_recursion() -> None:
    chain = catalog_of({f"c{n}.yaml": component(f"c{n}", f"dependsOn: [component:c{n + 1}]") for n in range(3000)})
    assert len(impact_of(chain, "c2999").parts[0].transitive) == 2998
    assert "c3000" in catalog_text.graph_tree(graph_of(chain, None, 2))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("component:default/fa:fa-bug", "component#58;default/fa#58;fa-bug"),
        ("component:style/a:b_c", "component#58;style/a#58;b#95;c"),
        ("style a:b#fff;", "style a#58;b#35;fff#59;"),
        ("`**b**`", "#96;#42;#42;b#42;#42;#96;"),
        ('"] --> n9["x', "#34;#93; --#62; n9#91;#34;x"),
        ("<img src=x>", "#60;img src#61;x#62;"),
        ("&lt;#35;", "#38;lt#59;#35;35#59;"),
        ("\ufb02\u00b0\u00b035", "fl#176;#176;35"),
        ("a\u202eb", "a#92;u202eb"),
        ("\u65e5\u672c-\xfc", "\u65e5\u672c-\xfc"),
    ],
)
def test_a_label_is_what_mermaid_shows_as_it_is(text: str, written: str) -> None:
    """Each was drawn by Mermaid 11.17: an icon, a cut line, a list, a tag or a link is what it would else have made."""
    assert graph_mermaid.label(text) == written


def test_hostile_names_stay_labels() -> None:
    evil = '"]; a-->b\n<img> `x` %%{init}%% } \\"'
    catalog = catalog_of({"a.yaml": component("a", f"dependsOn: [{json.dumps('component:' + evil)}]")})
    whole = graph_of(catalog, None, 2)
    mermaid = graph_mermaid.graph_tree(whole)
    assert mermaid.count("-->") == 1
    assert not set("<>`%{}\\") & set(mermaid.replace("-->", ""))
    lines = graph_dot.graph_tree(whole).splitlines()
    assert len(lines) == 3 + 2 + 1 + 1
    assert all(line.replace('\\"', "").count('"') % 2 == 0 for line in lines)


def test_the_command_answers_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(component("a"), encoding="utf-8")
    (tmp_path / "one.yaml").write_text(group("one"), encoding="utf-8")
    for arguments in (["list"], ["show", "a"], ["graph"], ["graph", "a"], ["impact", "a"], ["impact", "group:one"]):
        done = CliRunner().invoke(command, [*arguments, "--root", str(tmp_path), "--format", "json"])
        assert done.exception is None, arguments
        assert json.loads(done.output)["version"] == 1


SYSTEM = """\
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: sales}
spec: {owner: two, domain: business}
"""
DOMAIN = SYSTEM.replace("System", "Domain").replace("sales", "business").replace(", domain: business", "")
HELD = catalog_of(
    {
        "teams/one.yaml": group("one"),
        "teams/two.yaml": group("two").replace("children: []", "parent: one, children: []"),
        "sales.yaml": SYSTEM + "---\n" + DOMAIN,
        "db.yaml": component("db", "system: sales", owner="two"),
        "web.yaml": component("web", "dependsOn: [component:db]", owner="three"),
        "idle.yaml": component("idle", owner="two"),
        "requests/r.yaml": request("r", owner="two"),
    }
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("group:two", ["db", "idle"]),
        ("group:one", ["db", "idle"]),
        ("system:sales", ["db"]),
        ("domain:business", ["db"]),
        ("group:three", ["web"]),
    ],
)
def test_the_impact_of_a_group_or_system_is_that_of_what_it_holds(text: str, parts: list[str]) -> None:
    catalog = (
        HELD
        if text != "group:three"
        else catalog_of({"g.yaml": group("three"), "w.yaml": component("web", owner="three")})
    )
    found = impact_of(catalog, text)
    assert [part.ref.name for part in found.parts] == parts
    said = catalog_text.held_page(found.entity, found.held, found.parts)
    assert f"component:default/{parts[0]}: risk" in said


def test_what_nothing_can_depend_on_is_refused_with_what_to_ask_for() -> None:
    with pytest.raises(UsageError, match="nothing depends on a ResourceRequest"):
        impact_of(HELD, "resourcerequest:r")


def test_the_end_of_a_chain_is_shown() -> None:
    names = [f"a-service-with-quite-a-long-name-{n}" for n in range(9)]
    chain = catalog_of(
        {
            f"{n}.yaml": component(name, f"dependsOn: [component:{names[n + 1]}]" if n < 8 else "")
            for n, name in enumerate(names)
        }
    )
    (found,) = impact_of(chain, names[8]).parts
    said = catalog_text.impact_page(found)
    assert "..." not in said
    assert said.count(f"component:default/{names[8]}  (hard)") == 8
