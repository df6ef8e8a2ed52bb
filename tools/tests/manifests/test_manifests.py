"""Delivery by files: three worked types, values that are only data, one commit a run, and the engine's word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tarmac.adapters.delivery_git import DRAFT, REF, GitDelivery
from tarmac.adapters.git import run_git
from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Desired, Manifest, Presence
from tarmac.planning.desired import desired
from tarmac.planning.identity import uid_of
from tarmac.providers.base import Maintains, ProviderSettings
from tarmac.providers.manifests import Manifests, open_manifests
from tarmac.providers.manifests_files import schemas
from tests.planning.worlds import NOW, OURS, wish
from tests.trees import catalog_of, company, request

TYPES = Path(__file__).parent / "types"
ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
HOSTILE = [
    "{{7*7}}",
    "{config.size}",
    "${file('/etc/passwd')}",
    "a: b\n- c: d\n",
    "'\"\\\x1b[31m\x00",
    "../../x",
    "\u2028",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A repository with a delivery branch, and what lies on it."""

    top: Path

    def open(self, **options: str) -> Manifests:
        return open_manifests(ProviderSettings(OURS, self.top / "own", options, None, GitDelivery(self.top)))

    def git(self, *arguments: str) -> str:
        return run_git(self.top, list(arguments)).decode()

    def files(self) -> tuple[str, ...]:
        return tuple(self.git("ls-tree", "-r", "--name-only", REF).splitlines())

    def read(self, path: str) -> str:
        return self.git("cat-file", "blob", f"{REF}:{path}")

    def commits(self) -> int:
        return int(self.git("rev-list", "--count", REF))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    run_git(tmp_path, ["init", "-q", "top"])
    return Place(tmp_path / "top")


def typed(name: str, config: str = "", environment: str = "development", owner: str = "one") -> Desired:
    """A wish for one of the worked types, through the real catalog."""
    text = (TYPES / f"{name}.yaml").read_text("utf-8")
    version = next(iter(yaml.safe_load(text)["spec"]["versions"]))["name"]
    asked = request("r", config, owner, environment).replace("disk@1.0.0", f"{name}@{version}")
    files = company() | {"catalog/type.yaml": text, f"requests/{owner}/{environment}/r.yaml": asked}
    (found,) = desired(catalog_of(files), {})
    return found


def plain(content: JsonValue, path: str = "x/{uid}.json", schema: str = "kubernetes-1.31/ConfigMap") -> Desired:
    return wish("one", provider="manifests", manifests=(Manifest(path, schema, content),))


def config_map(**data: str) -> Mapping[str, JsonValue]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{name}", "namespace": "x"}, "data": data}


def delivered(place: Place, want: Desired) -> Mapping[str, Any]:
    """What the wish puts on the branch, by the last step of its path."""
    place.open().create(ONE, want, NOW)
    tuple(place.open().maintain(NOW))
    found = [path for path in place.files() if not path.startswith(".tarmac/")]
    return {path.rpartition("/")[2]: yaml.safe_load(place.read(path)) for path in found}


def test_a_namespace_comes_with_quota_network_policy_and_role_binding(place: Place) -> None:
    want = typed("kubernetes-namespace", "cpuCores: 3, networkPolicy: team")
    assert place.open().validate(want) == ()
    found = delivered(place, want)
    name = f"tarmac-{ONE}"
    assert sorted(found) == ["namespace.yaml", "network-policy.yaml", "quota.yaml", "role-binding.yaml"]
    assert found["namespace.yaml"]["metadata"]["name"] == name
    assert found["quota.yaml"]["spec"] == {
        "hard": {"requests.cpu": 3, "limits.cpu": 3, "requests.memory": "4Gi", "limits.memory": "4Gi"}
    }
    rule = found["network-policy.yaml"]["spec"]["ingress"][0]["from"][1]
    assert rule == {"namespaceSelector": {"matchLabels": {"team": "one"}}}
    assert found["role-binding.yaml"]["subjects"] == [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "one"}
    ]
    assert all(one["metadata"].get("namespace", name) == name for one in found.values())
    assert all(path.startswith(("clusters/development/namespaces/", ".tarmac/")) for path in place.files())


def test_a_composite_resource_comes_with_its_secret_by_reference(place: Place) -> None:
    found = delivered(place, typed("crossplane-database", "size: medium"))
    assert sorted(found) == ["database.yaml", "secret.yaml"]
    assert found["database.yaml"]["spec"] == {
        "crossplane": {"compositionSelector": {"matchLabels": {"environment": "development"}}},
        "storageGb": 20,
        "encrypted": True,
        "cpus": 4,
        "memoryGb": 8,
    }
    keys = found["secret.yaml"]["spec"]["data"]
    assert {one["remoteRef"]["key"] for one in keys} == {f"databases/{ONE}"}


def test_a_module_call_holds_literal_values_only(place: Place) -> None:
    found = delivered(place, typed("opentofu-bucket", "expireAfterDays: 30"))
    (module,) = found.values()
    bucket = module["module"]["bucket"]
    assert (bucket["expire_after_days"], bucket["versioning"], bucket["name"]) == (30, True, f"tarmac-{ONE}")


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_a_value_says_stays_the_same_text_in_the_file(place: Place, value: str) -> None:
    want = replace(plain(config_map(size="{config.size}", mixed="<{config.size}>")), config={"size": value})
    (found,) = delivered(place, want).values()
    assert found["data"] == {"size": value, "mixed": f"<{value}>"}
    text = place.read(f"x/{ONE}.json")
    assert text.isascii()
    assert json.loads(text) == found


@pytest.mark.parametrize("value", ["${file('/etc/passwd')}", "a%{ if true }b", "${"])
def test_nothing_reaches_opentofu_that_it_would_evaluate(place: Place, value: str) -> None:
    content: JsonValue = {"module": {"bucket": {"source": "./bucket", "name": "{config.size}"}}}
    want = replace(plain(content, "t/{uid}.tf.json", "opentofu-1.9/Module"), config={"size": value})
    (fault,) = place.open().validate(want)
    assert "opentofu-1.9/Module" in fault
    with pytest.raises(ProviderError, match=r"opentofu-1\.9"):
        place.open().create(ONE, want, NOW)


@pytest.mark.parametrize(
    "path", ["x.json", "../{uid}.json", "/{uid}.json", "a/../{uid}.json", "{uid}", ".git/{uid}.json", "a//{uid}.json",
             "{uid}.sh", "{config.size}/{uid}.json", "a b/{uid}.json", "{uid}.json\n", "-a/{uid}.json"]
)  # fmt: skip
def test_a_path_that_leads_elsewhere_or_is_shared_is_refused(place: Place, path: str) -> None:
    want = replace(plain(config_map(), path), config={"size": "../.."})
    assert place.open().validate(want)
    with pytest.raises(ProviderError) as refused:
        place.open().create(ONE, want, NOW)
    assert not refused.value.transient
    assert place.open().list_instances() == ()


@pytest.mark.parametrize(
    ("want", "why"),
    [
        (plain(config_map(a="{config.none}x")), "config.none is not there"),
        (plain(config_map(), schema="kubernetes-9.99/Pod"), "there is no schema kubernetes-9.99/Pod: write one of"),
        (plain({**config_map(), "kind": "Secret"}), "kind"),
        (plain({**config_map(), "metadata": {"name": "UPPER", "namespace": "x"}}), "metadata/name"),
        (wish("one", provider="manifests"), "says no manifests"),
    ],
)
def test_what_does_not_keep_its_schema_is_told_and_not_delivered(place: Place, want: Desired, why: str) -> None:
    assert why in "; ".join(place.open().validate(want))
    with pytest.raises(ProviderError):
        place.open().create(ONE, want, NOW)


def test_a_run_is_one_commit_and_nothing_more_is_none(place: Place) -> None:
    provider = place.open()
    assert isinstance(provider, Maintains)
    provider.create(ONE, plain(config_map()), NOW)
    provider.create(TWO, replace(plain(config_map()), request="resourcerequest:default/two"), NOW)
    assert {there.presence for there in provider.list_instances()} == {Presence.PENDING}
    (said,) = provider.maintain(NOW)
    assert said.startswith("delivered 4 files in commit ")
    assert place.commits() == 1
    assert {there.presence for there in place.open().list_instances()} == {Presence.READY}
    assert tuple(provider.maintain(NOW)) == ()
    provider.update(ONE, replace(plain(config_map(a="b")), version="1.2.0"))
    provider.delete(TWO)
    tuple(provider.maintain(NOW))
    assert place.commits() == 2
    assert place.files() == (f".tarmac/{ONE}.json", f"x/{ONE}.json")


def test_what_a_killed_run_has_left_is_delivered_by_the_next(place: Place) -> None:
    place.open().create(ONE, plain(config_map()), NOW)
    assert place.git("rev-parse", "--verify", DRAFT)
    after = place.open()
    (there,) = after.list_instances()
    assert there.presence is Presence.PENDING
    tuple(after.maintain(NOW))
    assert place.commits() == 1
    assert not place.git("for-each-ref", DRAFT)


def test_what_others_put_on_the_branch_meanwhile_stays(place: Place) -> None:
    provider = place.open()
    provider.create(ONE, plain(config_map()), NOW)
    tuple(provider.maintain(NOW))
    provider.create(TWO, replace(plain(config_map()), request="resourcerequest:default/two"), NOW)
    tree = place.git("rev-parse", f"{REF}^{{tree}}").strip()
    blob = run_git(place.top, ["hash-object", "-w", "--stdin"], stdin=b"theirs\n").decode().strip()
    listed = place.git("ls-tree", tree) + f"100644 blob {blob}\tREADME.md\n"
    other = run_git(place.top, ["mktree"], stdin=listed.encode()).decode().strip()
    names = {f"GIT_{who}_{what}": "o@x.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    made = run_git(place.top, ["commit-tree", other, "-p", REF], stdin=b"theirs\n", extra=names).decode().strip()
    place.git("update-ref", REF, made)
    tuple(provider.maintain(NOW))
    assert "README.md" in place.files()
    assert len(place.files()) == 5
    assert place.commits() == 3


def test_a_file_that_is_another_requests_is_never_written_over(place: Place) -> None:
    shared = Manifest("x/shared-{config.who}.json", "kubernetes-1.31/ConfigMap", config_map())
    assert place.open().validate(wish("one", manifests=(shared,), config={"who": "a"}))
    provider = place.open()
    provider.create(ONE, plain(config_map(), f"x/{TWO}-{{uid}}.json"), NOW)
    before = provider.list_instances()
    taken = Manifest("x/{uid}-{config.who}.json", "kubernetes-1.31/ConfigMap", config_map())
    with pytest.raises(ProviderError, match="is there already"):
        provider.create(TWO, wish("two", manifests=(taken,), config={"who": ONE}), NOW)
    assert provider.list_instances() == before


def status(tmp_path: Path, **instances: Mapping[str, str]) -> str:
    path = tmp_path / "status.json"
    path.write_text(json.dumps({"version": 1, "instances": instances}))
    return str(path)


def test_the_engine_tells_how_an_instance_is(place: Place, tmp_path: Path) -> None:
    place.open().create(ONE, plain(config_map()), NOW)
    tuple(place.open().maintain(NOW))
    told = [
        ({}, Presence.READY, True, ""),
        ({ONE: {"state": "pending", "message": "Syncing"}}, Presence.PENDING, True, ""),
        ({ONE: {"state": "ready", "message": "Synced"}}, Presence.READY, True, ""),
        ({ONE: {"state": "failed"}}, Presence.READY, False, "the engine says that it failed, and not why"),
        (
            {ONE: {"state": "failed", "message": "no quota\x1b[2J"}},
            Presence.READY,
            False,
            "the engine says that it failed: no quota\\u001b[2J",
        ),
    ]
    for instances, presence, healthy, failure in told:
        provider = place.open(status=status(tmp_path, **instances))
        (there,) = provider.list_instances()
        assert (there.presence, there.failure) == (presence, failure)
        assert provider.observe(ONE) == there
        assert provider.health(ONE).healthy is healthy
        assert "\x1b" not in provider.health(ONE).message


def test_what_the_engine_said_before_is_not_said_of_what_is_about_to_be_delivered(place: Place, tmp_path: Path) -> None:
    provider = place.open(status=status(tmp_path, **{ONE: {"state": "failed", "message": "no quota"}}))
    provider.create(ONE, plain(config_map()), NOW)
    (there,) = provider.list_instances()
    assert (there.presence, there.failure) == (Presence.PENDING, "")
    tuple(provider.maintain(NOW))
    (there,) = provider.list_instances()
    assert (there.presence, there.failure) == (Presence.READY, "the engine says that it failed: no quota")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": true}', '{"version": 1, "instances": {"x": {}}}'])
def test_a_status_file_that_tells_nothing_stops_the_listing(place: Place, tmp_path: Path, text: str) -> None:
    path = tmp_path / "status.json"
    path.write_text(text)
    place.open().create(ONE, plain(config_map()), NOW)
    with pytest.raises(ProviderError, match="status file"):
        place.open(status=str(path)).list_instances()
    path.unlink()
    with pytest.raises(ProviderError, match="cannot be read"):
        place.open(status=str(path)).list_instances()


@pytest.mark.parametrize("options", [{"status": "status.json"}, {"branch": "x"}])
def test_options_that_make_no_sense_are_refused(place: Place, options: Mapping[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        place.open(**options)


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"config": {}}', b'{"config": {}, "files": ["../x"], "tags": {}}', b"\xff", b"[" * 100_000],
)
def test_a_record_that_somebody_damaged_is_listed_with_the_fault_and_left_alone(place: Place, content: bytes) -> None:
    GitDelivery(place.top).write({f".tarmac/{ONE}.json": content})
    (there,) = place.open().list_instances()
    assert there.tags is None
    assert there.fault
    with pytest.raises(ProviderError):
        place.open().delete(ONE)


def test_every_schema_says_the_version_of_what_it_describes() -> None:
    assert {name.partition("/")[0] for name in schemas()} == {
        "crossplane-2.0",
        "external-secrets-v1",
        "kubernetes-1.31",
        "opentofu-1.9",
    }
