"""Every provider of the registry, through the same scenarios: what the protocol promises, and nothing else."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import replace
from tarmac.model.plan import Observation, Presence
from tarmac.planning.identity import uid_of
from tarmac.providers import PROVIDERS, open_provider
from tarmac.providers.base import Capability, Maintains, Marks, Prepares, Provider, ProviderSettings
from tests.contract.benches import SYSTEM, Bench, bench_of
from tests.planning.worlds import NOW, OURS, THEIRS

ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
LATER = NOW + timedelta(days=1)


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.system] if name in SYSTEM else []) for name in sorted(PROVIDERS)]
)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return bench_of(request, str(request.param), tmp_path)


def seen(provider: Provider, uid: str = ONE) -> Observation:
    there = provider.observe(uid)
    assert there is not None
    return still(there)


def still(there: Observation) -> Observation:
    """What only an action changes: usage goes its own way."""
    return replace(there, usage=None)


def inventory(bench: Bench) -> tuple[Observation, ...]:
    """What a later run finds, usage apart."""
    return tuple(still(there) for there in bench.open().list_instances())


def test_it_is_called_as_in_the_registry(bench: Bench) -> None:
    assert bench.open().name == bench.name


def test_it_begins_empty(bench: Bench) -> None:
    assert bench.open().list_instances() == ()
    assert bench.open().observe(ONE) is None


def test_asking_makes_nothing(bench: Bench) -> None:
    provider = bench.open()
    provider.list_instances()
    provider.validate(bench.wish())
    provider.observe(ONE)
    assert bench.open().list_instances() == ()


def test_every_category_that_it_names_can_be_made_and_is_healthy(bench: Bench) -> None:
    provider = bench.open()
    for number, category in enumerate(sorted(provider.capabilities.categories)):
        uid = uid_of(OURS, category, number)
        wanted = bench.wish(category, category=category)
        assert provider.validate(wanted) == ()
        provider.create(uid, wanted, NOW)
        if Capability.HEALTH in provider.capabilities.verbs:
            assert provider.health(uid).healthy, category
    assert len(provider.list_instances()) == len(provider.capabilities.categories)


def test_what_is_made_carries_every_tag(bench: Bench) -> None:
    wanted = bench.wish()
    bench.open().create(ONE, wanted, NOW)
    tags = seen(bench.open()).tags
    assert tags is not None
    assert (tags.uid, tags.reference, tags.platform) == (ONE, wanted.request, OURS)
    assert (tags.owner, tags.environment) == (wanted.owner, wanted.environment)
    assert (tags.cost_centre, tags.type, tags.ready_at) == (wanted.cost_centre, wanted.type_text, NOW)


def test_what_is_made_tells_its_config_back(bench: Bench) -> None:
    config = {"size": "large", "nested": {"list": [1, "two", None, True]}, "text": "ä\u202e\x1b[31m'\";--"}
    bench.open().create(ONE, bench.wish(config=config), NOW)
    assert seen(bench.open()).config == config


def test_create_answers_what_observe_and_the_inventory_say(bench: Bench) -> None:
    made = bench.open().create(ONE, bench.wish(), NOW)
    assert made.presence in (Presence.READY, Presence.PENDING)
    assert seen(bench.open()) == still(made)
    assert inventory(bench) == (still(made),)


def test_create_twice_is_one_instance_and_the_first_stays(bench: Bench) -> None:
    first = bench.open().create(ONE, bench.wish(), NOW)
    second = bench.open().create(ONE, bench.wish(config={"size": "large"}), LATER)
    assert still(second) == still(first)
    assert len(bench.open().list_instances()) == 1


def test_the_inventory_is_sorted_by_uid(bench: Bench) -> None:
    for uid in sorted((ONE, TWO), reverse=True):
        bench.open().create(uid, bench.wish(f"db-{uid[:4]}"), NOW)
    assert [there.uid for there in bench.open().list_instances()] == sorted((ONE, TWO))


def test_update_changes_config_and_tags_and_keeps_the_ready_instant(bench: Bench) -> None:
    provider = bench.open()
    if Capability.UPDATE not in provider.capabilities.verbs:
        with pytest.raises(ProviderError):
            provider.update(ONE, bench.wish())
        return
    provider.create(ONE, bench.wish(), NOW)
    changed = bench.wish("renamed-db", config={"size": "large"}, owner="group:default/other", version="1.2.0")
    provider.update(ONE, changed)
    there = seen(bench.open())
    assert there.config == {"size": "large"}
    assert there.tags is not None
    assert (there.tags.reference, there.tags.owner) == (changed.request, changed.owner)
    assert (there.tags.type, there.tags.ready_at) == ("postgres@1.2.0", NOW)


def test_update_twice_is_the_same_as_once(bench: Bench) -> None:
    provider = bench.open()
    if Capability.UPDATE in provider.capabilities.verbs:
        provider.create(ONE, bench.wish(), NOW)
        changed = bench.wish(config={"size": "large"})
        assert still(provider.update(ONE, changed)) == still(provider.update(ONE, changed))


def test_what_is_not_there_cannot_be_updated(bench: Bench) -> None:
    with pytest.raises(ProviderError):
        bench.open().update(ONE, bench.wish())
    assert bench.open().list_instances() == ()


def test_delete_takes_one_and_leaves_the_others(bench: Bench) -> None:
    bench.open().create(ONE, bench.wish("one"), NOW)
    other = bench.open().create(TWO, bench.wish("two"), NOW)
    bench.open().delete(ONE)
    assert bench.open().observe(ONE) is None
    assert inventory(bench) == (still(other),)


def test_deleting_what_is_not_there_is_no_error_however_often(bench: Bench) -> None:
    bench.open().delete(ONE)
    bench.open().create(ONE, bench.wish(), NOW)
    bench.open().delete(ONE)
    bench.open().delete(ONE)
    assert bench.open().list_instances() == ()


def test_a_uid_can_come_back_and_is_new(bench: Bench) -> None:
    bench.open().create(ONE, bench.wish(config={"size": "large"}), NOW)
    bench.open().delete(ONE)
    bench.open().create(ONE, bench.wish(config={"size": "small"}), LATER)
    there = seen(bench.open())
    assert there.config == {"size": "small"}
    assert there.tags is not None
    assert there.tags.ready_at == LATER


def test_another_platform_sees_the_tags_and_may_touch_nothing(bench: Bench) -> None:
    made = bench.open().create(ONE, bench.wish(), NOW)
    stranger = bench.open(THEIRS)
    assert [there.tags for there in stranger.list_instances()] == [made.tags]
    touches: tuple[Callable[[], object], ...] = (
        lambda: stranger.create(ONE, bench.wish(), NOW),
        lambda: stranger.update(ONE, bench.wish()),
        lambda: stranger.delete(ONE),
        lambda: stranger.rotate(ONE, NOW),
    )
    for touch in touches:
        with pytest.raises(ProviderError) as refused:
            touch()
        assert not refused.value.transient
    assert seen(bench.open()) == still(made)


def test_a_category_that_it_does_not_name_is_refused_for_good(bench: Bench) -> None:
    provider, wanted = bench.open(), bench.wish(category="no-such-category")
    assert provider.validate(wanted)
    with pytest.raises(ProviderError) as refused:
        provider.create(ONE, wanted, NOW)
    assert not refused.value.transient
    assert provider.list_instances() == ()


@pytest.mark.parametrize("uid", ["", ".", "..", "../x", "/etc", "a/b", "UPPER", f"{ONE}\n", f"{ONE}/..", "\x00", "é"])
def test_what_is_no_uid_is_refused_by_every_verb(bench: Bench, uid: str) -> None:
    provider = bench.open()
    verbs: tuple[Callable[[], object], ...] = (
        lambda: provider.create(uid, bench.wish(), NOW),
        lambda: provider.update(uid, bench.wish()),
        lambda: provider.delete(uid),
        lambda: provider.observe(uid),
    )
    for verb in verbs:
        with pytest.raises(ProviderError):
            verb()
    assert provider.list_instances() == ()


def test_what_it_cannot_do_it_refuses_for_good(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    if Capability.ROTATE not in provider.capabilities.verbs:
        with pytest.raises(ProviderError) as refused:
            provider.rotate(ONE, NOW)
        assert not refused.value.transient


def test_the_health_of_nothing_is_an_error(bench: Bench) -> None:
    with pytest.raises(ProviderError):
        bench.open().health(ONE)


def test_usage_is_counts(bench: Bench) -> None:
    provider = bench.open()
    made = provider.create(ONE, bench.wish(), NOW)
    if Capability.USAGE in provider.capabilities.verbs and made.usage is not None:
        assert all(value >= 0 for value in made.usage.values())


@pytest.mark.parametrize("text", ["", "x" * 5000, "\x1b]0;title\x07", "line\nline", "'; DROP TABLE x; --", "{{7*7}}"])
def test_hostile_text_in_tags_comes_back_as_it_was(bench: Bench, text: str) -> None:
    wanted = replace(bench.wish(), cost_centre=text, owner=text, request=text)
    bench.open().create(ONE, wanted, NOW)
    there = seen(bench.open())
    assert there.tags is not None
    assert (there.tags.cost_centre, there.tags.owner, there.tags.reference) == (text, text, text)


def test_what_it_says_of_itself_stays_the_same(bench: Bench) -> None:
    before = bench.open().capabilities
    bench.open().create(ONE, bench.wish(), NOW)
    assert bench.open().capabilities == before
    assert before.categories


def test_getting_ready_twice_changes_nothing(bench: Bench) -> None:
    provider = bench.open()
    if isinstance(provider, Prepares):
        provider.prepare()
        provider.prepare()
    assert provider.list_instances() == ()


def test_a_wish_that_it_could_never_make_is_judged_without_being_made(bench: Bench) -> None:
    provider = bench.open()
    wanted = bench.wish(category="no-such-category")
    assert provider.validate(wanted) == provider.validate(wanted) != ()
    assert provider.list_instances() == ()


def test_an_update_to_what_it_could_never_make_changes_nothing(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    before = seen(provider)
    with pytest.raises(ProviderError):
        provider.update(ONE, bench.wish(category="no-such-category"))
    assert seen(bench.open()) == before


def test_an_update_touches_one_and_leaves_the_others(bench: Bench) -> None:
    provider = bench.open()
    if Capability.UPDATE not in provider.capabilities.verbs:
        return
    provider.create(ONE, bench.wish("one"), NOW)
    other = provider.create(TWO, bench.wish("two"), NOW)
    provider.update(ONE, bench.wish("one", config={"size": "large"}))
    assert seen(bench.open(), TWO) == still(other)


def test_back_and_forth_is_as_it_was(bench: Bench) -> None:
    provider = bench.open()
    if Capability.UPDATE in provider.capabilities.verbs:
        made = provider.create(ONE, bench.wish(), NOW)
        provider.update(ONE, bench.wish(config={"size": "large"}, owner="group:default/other"))
        assert still(provider.update(ONE, bench.wish())) == still(made)


def test_an_empty_config_is_told_back_as_empty(bench: Bench) -> None:
    bench.open().create(ONE, bench.wish(config={}), NOW)
    assert seen(bench.open()).config == {}


def test_a_large_config_comes_back_whole(bench: Bench) -> None:
    config = {"text": "x" * 50_000, "nested": {f"key-{number}": number for number in range(500)}}
    bench.open().create(ONE, bench.wish(config=config), NOW)
    assert seen(bench.open()).config == config


def test_many_are_listed_each_once(bench: Bench) -> None:
    uids = sorted(uid_of(OURS, "many", number) for number in range(6))
    for uid in uids:
        bench.open().create(uid, bench.wish(f"db-{uid[:8]}"), NOW)
    assert [there.uid for there in bench.open().list_instances()] == uids


def test_two_platforms_each_know_their_own(bench: Bench) -> None:
    theirs = uid_of(THEIRS, "one", 1)
    bench.open().create(ONE, bench.wish(), NOW)
    bench.open(THEIRS).create(theirs, bench.wish(), NOW)
    owners = {there.uid: there.tags.platform for there in bench.open().list_instances() if there.tags is not None}
    assert owners == {ONE: OURS, theirs: THEIRS}
    bench.open(THEIRS).delete(theirs)
    assert [there.uid for there in bench.open().list_instances()] == [ONE]


def test_one_wish_made_by_two_at_once_is_one_instance(bench: Bench) -> None:
    providers = [bench.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda provider: still(provider.create(ONE, bench.wish(), NOW)), providers))
    assert made == [made[0]] * 4
    assert inventory(bench) == (made[0],)


def test_different_wishes_made_at_once_are_all_there(bench: Bench) -> None:
    provider = bench.open()
    uids = sorted(uid_of(OURS, "at-once", number) for number in range(4))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda uid: provider.create(uid, bench.wish(f"db-{uid[:8]}"), NOW), uids))
    assert [there.uid for there in bench.open().list_instances()] == uids
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(provider.delete, uids))
    assert bench.open().list_instances() == ()


def test_what_is_gone_has_no_health_and_takes_no_update(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    provider.delete(ONE)
    with pytest.raises(ProviderError):
        provider.health(ONE)
    with pytest.raises(ProviderError):
        provider.update(ONE, bench.wish())
    assert provider.observe(ONE) is None


def test_a_credential_is_replaced_under_the_same_reference_and_its_age_is_known(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    if Capability.ROTATE not in provider.capabilities.verbs:
        assert (seen(provider).secret, seen(provider).credential_since) == ("", None)
        return
    first = bench.sink.get(OURS, ONE)
    reference = provider.rotate(ONE, LATER)
    assert bench.sink.get(OURS, ONE) not in (first, None)
    assert (seen(provider).secret, seen(provider).credential_since) == (reference, LATER)
    assert reference == bench.sink.reference(OURS, ONE)


def test_the_credential_of_nothing_cannot_be_replaced(bench: Bench) -> None:
    with pytest.raises(ProviderError):
        bench.open().rotate(ONE, NOW)
    assert bench.sink.get(OURS, ONE) is None


def test_an_update_leaves_the_credential_alone(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    secret = bench.sink.get(OURS, ONE)
    if Capability.UPDATE in provider.capabilities.verbs:
        provider.update(ONE, bench.wish(config={"size": "large"}))
    assert bench.sink.get(OURS, ONE) == secret


def test_a_secret_goes_with_its_instance(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, bench.wish(), NOW)
    provider.delete(ONE)
    assert bench.sink.get(OURS, ONE) is None


def test_no_value_of_a_secret_is_in_what_it_says(bench: Bench) -> None:
    provider = bench.open()
    made = provider.create(ONE, bench.wish(), NOW)
    secret = (bench.sink.get(OURS, ONE) or {}).get("password")
    said = f"{made!r} {provider.list_instances()!r} {provider!r}"
    assert secret is None or secret not in said


def test_a_mark_is_another_one_for_each_change_and_for_nothing_else(bench: Bench) -> None:
    if not isinstance(bench.open(), Marks):
        return
    marks = [_mark(bench)]
    bench.open().create(ONE, bench.wish(), NOW)
    marks.append(_mark(bench))
    bench.open().create(ONE, bench.wish(), NOW)
    bench.open().list_instances()
    assert _mark(bench) == marks[-1]
    bench.open().update(ONE, bench.wish(owner="group:default/new"))
    marks.append(_mark(bench))
    bench.open().create(TWO, bench.wish("another"), NOW)
    marks.append(_mark(bench))
    bench.open().delete(ONE)
    marks.append(_mark(bench))
    assert len(set(marks)) == len(marks)


def _mark(bench: Bench) -> str:
    provider = bench.open()
    assert isinstance(provider, Marks)
    return provider.mark().text


def test_upkeep_asked_again_at_once_has_nothing_to_do(bench: Bench) -> None:
    provider = bench.open()
    made = provider.create(ONE, bench.wish(), NOW)
    if isinstance(provider, Maintains):
        list(provider.maintain(LATER))
        assert list(provider.maintain(LATER)) == []
    there = seen(bench.open())
    # Upkeep may be what a pending instance waits for.
    assert there.presence in (made.presence, Presence.READY)
    assert there == replace(still(made), presence=there.presence)


def test_an_option_that_it_does_not_know_is_refused_by_name(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no-such-option"):
        dataclasses.replace(bench, options={**bench.options, "no-such-option": "x"}).open()


def test_nothing_in_the_folder_is_missing_from_the_registry() -> None:
    folder = Path(str(__import__("tarmac.providers", fromlist=["x"]).__file__)).parent
    registered = {target.partition(":")[0].rpartition(".")[2] for target in PROVIDERS.values()}
    openers = {
        path.stem
        for path in folder.glob("*.py")
        if path.stem not in ("__init__", "base")
        and any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("open_")
            for node in ast.parse(path.read_text("utf-8")).body
        )
    }
    assert openers == registered


def test_a_provider_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'cloud'.*embedded"):
        open_provider("cloud", ProviderSettings(platform=OURS, folder=tmp_path, options={}))
