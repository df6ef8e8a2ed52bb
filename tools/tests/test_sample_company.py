"""The sample company holds what the tour and the other tests count on.

Read with PyYAML's base loader, so that the company is counted by something that is not Tarmac.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import cast

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA_FOLDERS = ("catalog", "teams", "requests", "policies", "templates")
TEMPLATE = ROOT / "templates" / "python-rest-api"

Data = Mapping[str, object]


def _below(data: object, *keys: str) -> object:
    """The value at a path of keys; None where a key is missing."""
    for key in keys:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def _text(data: object, *keys: str) -> str:
    value = _below(data, *keys)
    assert isinstance(value, str), f"{'.'.join(keys)} is {value!r}, not a text"
    return value


def _texts(data: object, *keys: str) -> tuple[str, ...]:
    value = _below(data, *keys)
    if value is None:
        return ()
    assert isinstance(value, list)
    assert all(isinstance(item, str) for item in value)
    return tuple(cast("list[str]", value))


def _items(data: object, *keys: str) -> tuple[Data, ...]:
    value = _below(data, *keys)
    assert isinstance(value, list)
    assert all(isinstance(item, Mapping) for item in value)
    return tuple(cast("list[Data]", value))


@cache
def _documents() -> tuple[tuple[str, Data], ...]:
    """Path and data of every document in the data folders, API definitions among them."""

    def read() -> Iterator[tuple[str, Data]]:
        for folder in DATA_FOLDERS:
            for path in sorted((ROOT / folder).rglob("*.yaml")):
                relative = path.relative_to(ROOT).as_posix()
                if "/skeleton/" in relative:
                    continue
                for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
                    assert isinstance(document, dict), f"{relative} holds something that is no mapping"
                    yield relative, document

    return tuple(read())


def _of(kind: str) -> tuple[tuple[str, Data], ...]:
    return tuple((path, data) for path, data in _documents() if data.get("kind") == kind)


def _named(kind: str) -> dict[str, Data]:
    return {_text(data, "metadata", "name"): data for _, data in _of(kind)}


def _name(ref: str) -> str:
    return re.split("[:/]", ref)[-1]


def _definitions() -> dict[str, str]:
    """Path of each definition file -> type of the API that names it."""
    return {
        (PurePosixPath(path).parent / _text(api, "spec", "definition", "$text")).as_posix(): _text(api, "spec", "type")
        for path, api in _of("API")
    }


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("Domain", 3),
        ("System", 6),
        ("Component", 34),
        ("API", 13),
        ("Group", 9),
        ("User", 24),
        ("ResourceType", 9),
        ("ResourceRequest", 24),
        ("RateCard", 1),
        ("Budget", 8),
        ("SLO", 8),
        ("SLA", 8),
        ("Template", 1),
    ],
)
def test_there_are_enough_of_each_kind(kind: str, least: int) -> None:
    assert len(_named(kind)) >= least


@pytest.mark.parametrize("kind", ["Platform", "TagPolicy"])
def test_there_is_one_of_each_setting(kind: str) -> None:
    assert len(_of(kind)) == 1


def test_no_name_is_used_twice_within_a_kind() -> None:
    seen = Counter(
        (data.get("kind"), _text(data, "metadata", "name").lower())
        for path, data in _documents()
        if path not in _definitions()
    )
    assert [key for key, count in seen.items() if count > 1] == []


def test_every_document_says_what_it_is_or_is_named_as_a_definition() -> None:
    definitions = _definitions()
    unnamed = [path for path, data in _documents() if not {"apiVersion", "kind"} <= set(data)]
    assert [path for path in unnamed if path not in definitions] == []


def test_components_come_in_every_lifecycle_tier_and_in_several_types() -> None:
    components = _named("Component").values()
    assert {_text(c, "spec", "lifecycle") for c in components} == {"experimental", "production", "deprecated"}
    assert {_text(c, "spec", "tarmac", "tier") for c in components} == {"critical", "standard", "experimental"}
    types = {_text(c, "spec", "type") for c in components}
    assert types >= {"service", "website", "library", "worker", "data-pipeline"}


@pytest.mark.parametrize(
    ("api_type", "least", "marks"),
    [
        ("openapi", 6, r"^openapi: 3\.[01]\.\d$"),
        ("asyncapi", 2, r"^asyncapi: [23]\.\d\.\d$"),
        ("graphql", 2, r"^type Query \{$"),
        ("grpc", 2, r"^  rpc \w+\("),
    ],
)
def test_apis_have_real_definition_files(api_type: str, least: int, marks: str) -> None:
    files = [path for path, found in _definitions().items() if found == api_type]
    assert len(files) >= least
    for path in files:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(marks, text, re.MULTILINE), f"{path} is no {api_type} definition"
        assert 35 <= len(text.splitlines()) <= 160, path


def test_definitions_and_entities_state_the_same_version() -> None:
    for path, api in _of("API"):
        target = PurePosixPath(path).parent / _text(api, "spec", "definition", "$text")
        if target.suffix != ".yaml":
            continue
        (definition,) = yaml.load_all((ROOT / target).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        assert _text(definition, "info", "version") == _text(api, "spec", "tarmac", "version"), path


def test_every_api_is_provided_by_one_component_of_its_owner() -> None:
    providers: dict[str, list[str]] = {}
    components = _named("Component")
    for name, component in components.items():
        for ref in _texts(component, "spec", "providesApis"):
            providers.setdefault(_name(ref), []).append(name)
    for name, api in _named("API").items():
        assert len(providers.get(name, [])) == 1, f"{name} is provided by {providers.get(name, [])}"
        assert _text(components[providers[name][0]], "spec", "owner") == _text(api, "spec", "owner")


def test_nothing_in_production_depends_on_what_is_not() -> None:
    components, apis = _named("Component"), _named("API")
    for name, component in components.items():
        if _text(component, "spec", "lifecycle") != "production":
            continue
        used = [apis[_name(ref)] for ref in _texts(component, "spec", "consumesApis")]
        used += [
            components[_name(ref)] for ref in _texts(component, "spec", "dependsOn") if ref.startswith("component:")
        ]
        assert {_text(entity, "spec", "lifecycle") for entity in used} <= {"production"}, name


def test_deprecated_things_have_an_end() -> None:
    for name, component in _named("Component").items():
        sunset = _below(component, "metadata", "annotations", "tarmac/sunset")
        assert (sunset is not None) == (_text(component, "spec", "lifecycle") == "deprecated"), name
    for name, api in _named("API").items():
        sunset = _below(api, "spec", "tarmac", "sunset")
        assert (sunset is not None) == (_text(api, "spec", "tarmac", "status") == "deprecated"), name


def test_critical_services_have_a_promise_a_runbook_and_two_on_call() -> None:
    groups = _named("Group")
    slos = {_text(slo, "spec", "service") for slo in _named("SLO").values()}
    slas = {_name(_text(sla, "spec", "service")) for sla in _named("SLA").values()}
    critical = {n: c for n, c in _named("Component").items() if _text(c, "spec", "tarmac", "tier") == "critical"}
    assert len(critical) >= 5
    for name, component in critical.items():
        assert _texts(component, "spec", "providesApis"), name
        assert name in slos
        assert name in slas
        assert "runbook" in {link.get("type") for link in _items(component, "metadata", "links")}, name
        owner = groups[_name(_text(component, "spec", "owner"))]
        assert len(set(_texts(owner, "spec", "tarmac", "roles", "on-call"))) >= 2, name


def test_slas_promise_no_more_than_their_slos_aim_for() -> None:
    slos = _named("SLO")
    for name, sla in _named("SLA").items():
        for commitment in _items(sla, "spec", "commitments"):
            objective = _items(slos[_text(commitment, "slo")], "spec", "objectives")[0]
            assert float(_text(commitment, "target")) <= float(_text(objective, "target")) * 100, name


def test_teams_are_complete() -> None:
    teams = {name: g for name, g in _named("Group").items() if _text(g, "spec", "type") == "team"}
    assert len(teams) >= 8
    assert teams.keys() >= {"platform", "finops", "security", "data"}
    platform = next(iter(_named("Platform").values()))
    members: dict[str, set[str]] = {}
    for user, data in _named("User").items():
        assert _text(data, "metadata", "annotations", "github.com/user-login"), user
        for group in _texts(data, "spec", "memberOf"):
            members.setdefault(_name(group), set()).add(user)
    for name, team in teams.items():
        assert (ROOT / "teams" / name / "team.yaml").is_file()
        assert (ROOT / "teams" / name / "members.yaml").is_file()
        assert (ROOT / "teams" / name / "budget.yaml").is_file()
        assert _text(team, "metadata", "labels", "cost-center") in _texts(platform, "spec", "costCenters")
        assert _text(team, "metadata", "annotations", "tarmac/slack-channel").startswith("#")
        assert _text(team, "metadata", "annotations", "github.com/team-slug").endswith(f"/{name}")
        assert _text(team, "spec", "profile", "email").endswith("@northwick.example")
        for role in ("lead", "on-call"):
            people = {_name(ref) for ref in _texts(team, "spec", "tarmac", "roles", role)}
            assert people, f"{name} has no {role}"
            assert people <= members[name], f"{name}: {people - members[name]} have the role {role} and are no members"


def test_logins_are_unique_without_case() -> None:
    logins = [_text(u, "metadata", "annotations", "github.com/user-login").lower() for u in _named("User").values()]
    assert len(logins) == len(set(logins))


def test_parents_and_children_name_each_other() -> None:
    groups = _named("Group")
    down = {(name, _name(child)) for name, g in groups.items() for child in _texts(g, "spec", "children")}
    up = {(_name(_text(g, "spec", "parent")), name) for name, g in groups.items() if _below(g, "spec", "parent")}
    assert down == up
    assert len(up) == len(groups) - 1


def test_resource_types_cover_every_category() -> None:
    types = _named("ResourceType")
    assert {_text(t, "spec", "category") for t in types.values()} == {
        "database",
        "cache",
        "queue",
        "storage",
        "compute",
        "network",
    }
    assert types.keys() >= {"postgres", "bucket", "kubernetes-namespace", "development-environment"}
    short_lived = _below(types["development-environment"], "spec", "environments")
    assert isinstance(short_lived, Mapping)
    assert list(short_lived) == ["development"]
    assert _text(short_lived, "development", "ttl", "default") == "7d"


def test_requests_stand_where_they_belong_and_use_every_type() -> None:
    components = _named("Component")
    used: set[str] = set()
    environments: set[str] = set()
    for path, request in _of("ResourceRequest"):
        name, environment = _text(request, "metadata", "name"), _text(request, "spec", "environment")
        owner = _text(request, "spec", "owner")
        assert path == f"requests/{_name(owner)}/{environment}/{name}.yaml"
        assert owner == _text(components[_name(_text(request, "spec", "for"))], "spec", "owner"), path
        assert _text(request, "metadata", "labels", "data-class") in {"public", "internal", "confidential"}
        assert len(_text(request, "spec", "reason")) > 10
        ends = {"ttl", "expires"} & set(cast("Data", request["spec"]))
        assert len(ends) == (0 if environment == "production" else 1), path
        used.add(_text(request, "spec", "type").split("@")[0])
        environments.add(environment)
    types = _named("ResourceType")
    composed = {name for name in used if _below(types[name], "spec", "compose")}
    assert len(composed) >= 2
    used |= {_text(part, "type").split("@")[0] for name in composed for part in _items(types[name], "spec", "compose")}
    assert used == types.keys()
    assert environments == {"development", "staging", "production"}


def test_production_databases_are_encrypted_and_backed_up() -> None:
    found = [
        r
        for r in _named("ResourceRequest").values()
        if _text(r, "spec", "environment") == "production" and _text(r, "spec", "type").startswith("postgres@")
    ]
    assert len(found) >= 3
    for request in found:
        assert _text(request, "spec", "config", "encrypted") == "true"
        assert int(_text(request, "spec", "config", "backupRetentionDays")) > 0


def _reachable_skus(resource_type: Data) -> Iterator[str]:
    if _below(resource_type, "spec", "compose"):
        return
    for item in _items(resource_type, "spec", "pricing"):
        sku = _text(item, "sku")
        hole = re.search(r"\{config\.(\w+)\}", sku)
        if hole is None:
            yield sku
            continue
        for version in _items(resource_type, "spec", "versions"):
            for value in _texts(version, "schema", "properties", hole[1], "enum"):
                yield sku.replace(hole[0], value)


def test_every_sku_has_a_price_and_every_price_a_use() -> None:
    priced = {_text(rate, "sku") for card in _named("RateCard").values() for rate in _items(card, "spec", "rates")}
    reachable = {sku for resource_type in _named("ResourceType").values() for sku in _reachable_skus(resource_type)}
    assert priced == reachable


def test_the_root_location_reaches_backstage_kinds_only() -> None:
    location = next(iter(_named("Location").values()))
    reached: set[str] = {"catalog/catalog-info.yaml"}
    for target in _texts(location, "spec", "targets"):
        folder, pattern = (ROOT, target[3:]) if target.startswith("../") else (ROOT / "catalog", target[2:])
        files = {path.relative_to(ROOT).as_posix() for path in folder.glob(pattern)}
        assert files, f"{target} reaches nothing"
        reached |= files
    groups = {_text(data, "apiVersion").split("/")[0] for path, data in _documents() if path in reached}
    assert groups == {"backstage.io", "scaffolder.backstage.io"}
    missed = {
        path for path, data in _documents() if "backstage.io/" in str(data.get("apiVersion")) and path not in reached
    }
    assert missed == set()


def test_the_fragment_for_backstage_allows_what_the_root_location_reaches() -> None:
    page = (ROOT / "tools" / "docs" / "backstage.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    (fragment,) = yaml.load_all(blocks[0], Loader=yaml.BaseLoader)
    (location,) = _items(fragment, "catalog", "locations")
    assert _text(location, "target").endswith("/catalog/catalog-info.yaml")
    allowed = {kind for rule in _items(location, "rules") for kind in _texts(rule, "allow")}
    assert allowed == {
        _text(data, "kind") for _, data in _documents() if "backstage.io/" in str(data.get("apiVersion"))
    }


def test_the_skeleton_renders_to_a_service_that_passes_its_own_tests(tmp_path: Path) -> None:
    values = {
        "name": "berth-planner",
        "title": "Berth planner",
        "description": "Plans berths.",
        "owner": "sailings",
        "system": "sailing-schedule",
        "tier": "standard",
        "port": "8081",
    }

    def render(text: str) -> str:
        return re.sub(r"\{\{ ?cookiecutter\.(\w+) ?\}\}", lambda match: values[match[1]], text)

    skeleton = TEMPLATE / "skeleton"
    for path in sorted(skeleton.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            target = tmp_path / render(path.relative_to(skeleton).as_posix())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(render(path.read_text(encoding="utf-8")), encoding="utf-8")
    service = tmp_path / "berth-planner"
    leftovers = [p for p in service.rglob("*") if p.is_file() and "cookiecutter" in p.read_text(encoding="utf-8")]
    assert leftovers == []
    entities = list(yaml.load_all((service / "catalog-info.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
    assert [_text(entity, "metadata", "name") for entity in entities] == ["berth-planner", "berth-planner"]
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v"], cwd=service, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Ran [1-9]\d* tests", done.stderr, re.MULTILINE), done.stderr


def test_the_manifest_asks_for_what_the_skeleton_uses() -> None:
    manifest = _named("Template")["python-rest-api"]
    asked = _below(manifest, "spec", "parameters", "properties")
    defaults = json.loads((TEMPLATE / "skeleton" / "cookiecutter.json").read_text(encoding="utf-8"))
    assert isinstance(asked, Mapping)
    assert isinstance(defaults, Mapping)
    assert set(asked) == set(defaults)
    passed = _below(_items(manifest, "spec", "steps")[0], "input", "values")
    assert isinstance(passed, Mapping)
    assert set(passed) == set(asked)
