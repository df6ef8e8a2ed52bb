"""Attempts to get something approved that should not be. Each ends without an approval, and for the right reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tarmac.errors import UsageError
from tarmac.model.facts import Decision, State
from tests.approvals.town import NEVER, ONE_LINE, README, RULES, R, S, World, rule, staging, team, town
from tests.trees import DISK, PLATFORM, RATES, budget, component, request, user

REQUESTS = 'change.kind == "ResourceRequest"'
DEAR = rule("dear", f'{REQUESTS} && cost.teamIncrease30d > money("100.00")', "[{from: [group:default/finops]}]")
PRODUCTION = rule("production", f'{REQUESTS} && "production" in change.environments')
SMALL = rule("small", f'{REQUESTS} && change.environments == ["staging"]', "auto")
OWNER = rule("owner", REQUESTS, "[{from: [owner]}]")
LEAD = rule("lead", REQUESTS, "[{from: [owner], role: lead}]")
PARENT = rule("parent", REQUESTS, "[{from: [parent]}]")
BROKEN = rule("broken", "object.spec.nothing > 1")
MENDED = "---\n".join((rule("broken", "false"), NEVER))
DEAR_ONE = request("r", "gb: 10, size: large")
TWO_EYES = rule(
    "two", REQUESTS, "[{from: [group:default/security]}, {from: [group:default/finops]}]", "  distinct: true\n"
)
POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: small-only}
spec:
  severity: error
  mode: enforce
  match: {kinds: [ResourceRequest]}
  require: object.spec.config.gb <= 100
  message: too large
  fix: ask for less
  tests:
    - {name: small, object: {spec: {config: {gb: 1}}}, expect: pass}
    - {name: large, object: {spec: {config: {gb: 101}}}, expect: fail}
"""
EXEMPTION = """\
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: let-me}
spec:
  rule: small-only
  target: resourcerequest:default/r
  owner: group:default/one
  approvers: [group:default/security]
  reason: it is large
  expires: "2027-01-31"
"""

# (the files of the base, what is done, words that some node of the decision must say)
Attempt = Callable[[World], None]
ATTEMPTS: list[tuple[Attempt, dict[str, str], str]] = []


def attempt(says: str, *rules: str, **more: str) -> Callable[[Attempt], Attempt]:
    def kept(made: Attempt) -> Attempt:
        files = {name.replace("__", "/"): text for name, text in more.items()}
        ATTEMPTS.append((made, town(*rules, **files), says))
        return made

    return kept


@attempt("is not one of those")
def join_the_team_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "teams/one/team.yaml": team("one", "ana, ben, mal", "ana", "works"),
            "teams/one/mal.yaml": user("mal", "mallory", "one")})  # fmt: skip
    w.says("mallory")


@attempt("is not one of those")
def take_over_the_login_of_an_owner_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "teams/one/members.yaml": user("ana", "ana-1") + "---\n" + user("ben", "mallory")})
    w.says("mallory")


@attempt("is not one of those", OWNER)
def name_ones_own_team_as_the_owner_of_a_new_file(w: World) -> None:
    w.push({R: staging(owner="two")})
    w.says("cam-1")


@attempt("group:default/platform", rule("owner", 'change.kind == "Component"', "[{from: [owner]}]"))
def name_ones_own_team_as_the_owner_of_a_new_folder(w: World) -> None:
    w.push({"catalog/new/catalog-info.yaml": component("new", owner="two")})
    w.says("cam-1")


@attempt("group:default/one", OWNER)
def hand_it_to_ones_own_team_first(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.push({R: staging(2000, owner="two")})
    w.says("cam-1")


@attempt("group:default/one")
def move_it_into_ones_own_folder(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.push({R: None, "requests/two/staging/r.yaml": staging()})
    w.says("cam-1")


@attempt("group:default/one", OWNER)
def rename_it_into_something_of_ones_own(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    text = request("mine", "gb: 10", owner="two", more="  previously: [r]\n")
    w.push({R: None, "requests/two/staging/mine.yaml": text})
    w.says("cam-1")


@attempt("group:default/platform: nobody has approved yet", PRODUCTION)
def make_the_rule_automatic_in_the_same_change(w: World) -> None:
    w.push({R: staging(environment="production"), RULES: rule("production", "true", "auto")})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet", PRODUCTION)
def take_the_rules_away_in_the_same_change(w: World) -> None:
    w.push({R: staging(environment="production"), RULES: NEVER})
    w.says("ben-1")


@attempt("group:default/platform")
def plant_an_automatic_rule_in_ones_own_folder(w: World) -> None:
    w.push({"requests/one/staging/rules.yaml": rule("easy", "true", "auto")})
    w.says("ben-1")
    w.says("ana-1")


@attempt("its `when` cannot be evaluated", rule("strict", "object.spec.config.gb > 1"))
def make_a_rule_fail_so_that_it_does_not_ask(w: World) -> None:
    w.push({R: staging().replace("config: {gb: 10}", "config: {}"), README: "# x\n"})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def make_it_cheaper_by_ones_own_price(w: World) -> None:
    cheap = RATES.replace('price: "0.20"', 'price: "0.00"').replace('price: "0.10"', 'price: "0.00"')
    w.push({R: staging(), "policies/rates.yaml": cheap})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def take_the_prices_away(w: World) -> None:
    w.push({R: staging(), "policies/rates.yaml": None})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def ask_for_what_has_no_price(w: World) -> None:
    w.push({R: request("r", "metered: true, gb: 0")})
    w.says("ben-1")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def make_the_type_cheaper_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "catalog/types/disk.yaml": DISK.replace("quantity: hours", "quantity: 0")})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/finops: nobody has approved yet", DEAR, SMALL)
def ask_for_much_in_many_small_steps(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.push({f"requests/one/staging/s{number}.yaml": staging(name=f"s{number}") for number in range(3)})
    w.says("ben-1")


@attempt("group:default/finops: nobody has approved yet", SMALL, **{"teams__one__budget.yaml": budget(limit="140.00")})
def raise_the_budget_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "teams/one/budget.yaml": budget(limit="9000.00")})
    w.says("ben-1")
    w.says("ana-1")


@attempt("group:default/platform: nobody has approved yet", PRODUCTION)
def branch_off_before_the_rule_was_there(w: World) -> None:
    w.go_on({RULES: rule("strict", REQUESTS)})
    w.push({R: staging()})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet", PRODUCTION)
def branch_off_before_it_was_in_production(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.go_on({R: staging(environment="production")})
    w.push({R: staging().replace("it is needed", "it is needed much")})
    w.says("ben-1")


@attempt("group:default/two", OWNER)
def branch_off_before_it_changed_hands(w: World) -> None:
    before = "".join(f"# line {number}\n" for number in range(20)) + staging()
    w.main = w.head = w.fork = w.commit([w.main], {R: before}, "pat")
    w.go_on({R: before.replace("owner: group:default/one", "owner: group:default/two")})
    w.push({R: before.replace("gb: 10", "gb: 2000")})
    w.says("ben-1")


@attempt("group:default/one", SMALL)
def hide_a_second_document_behind_the_first(w: World) -> None:
    w.push({R: staging() + "---\n" + staging(environment="production")})


@attempt("code-owners", SMALL)
def leave_something_else_where_the_request_was(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: staging(owner="two", name="s")}, "pat")
    w.push({S: "just: data\n", "requests/two/staging/t.yaml": staging(owner="two", name="s")})


@attempt("has changed since")
def push_after_the_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(2000)})


@attempt("has changed since")
def hide_the_push_in_a_merge_of_the_base(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in(edits={R: staging(2000)})


@attempt("group:default/two: nobody has approved yet")
def undo_what_the_base_did_in_a_merge_of_it(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: staging(2000, "two", "s")}, "pat")
    w.push({R: staging()})
    w.says("ben-1")
    w.says("dee-1")
    w.go_on({S: staging(10, "two", "s")})
    w.take_the_base_in(edits={S: staging(2000, "two", "s")})


@attempt("no ancestor of the head")
def rewrite_the_branch_after_the_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.rewrite({R: staging(2000)})


@attempt("no ancestor of the head")
def replace_the_reviewed_commit_by_gits_own_means(w: World) -> None:
    w.push({R: staging()})
    reviewed = w.head
    w.says("ben-1")
    w.rewrite({R: staging(2000)})
    w.git("replace", "--force", reviewed, w.head)


@attempt("is the co-author of")
def approve_what_one_wrote_together(w: World) -> None:
    w.push({R: staging()}, message="x\n\nCo-Authored-By: Ben\n <ben@acme.example>\n\nmore text below\n")
    w.says("ben-1")


@attempt("nobody vouches yet")
def commit_under_an_address_that_nobody_has(w: World) -> None:
    w.push({R: staging()}, by="nobody@nowhere.example")
    w.says("ben-1")


@attempt("nobody vouches yet")
def commit_under_a_forge_address_of_a_ghost(w: World) -> None:
    w.push({R: staging()}, by="9+ghostly@users.noreply.github.com")
    w.says("ben-1")


@attempt("nobody vouches yet")
def pretend_that_the_forge_wrote_it(w: World) -> None:
    made = w.push({R: staging()}, by="noreply@github.com")
    w.commits.append({"sha": made, "author": {"login": "web-flow"}, "committer": {"login": "web-flow"}})
    w.says("ben-1")


@attempt("is the author of")
def rename_oneself_by_a_mailmap(w: World) -> None:
    w.push({".mailmap": "Dev <77+dev@users.noreply.github.com> <ben@acme.example>\n", R: staging()}, by="ben")
    w.says("ben-1")
    w.says("pat-1")


@attempt("is the author of")
def drown_the_commit_in_more_than_the_forge_lists(w: World) -> None:
    w.push({R: staging(1)}, by="ben")
    for number in range(2, 5):
        made = w.push({R: staging(number)})
        w.commits.append({"sha": made, "author": {"login": "dev"}, "committer": {"login": "dev"}})
    w.says("ben-1")


@attempt("is not one of those", **{"policies__platform.yaml": PLATFORM + '  approvingBots: ["good[bot]"]\n',
                                   "teams__one__bot.yaml": user("bot", '"good[bot]"', "one")})  # fmt: skip
def look_like_a_bot_that_may_approve(w: World) -> None:
    w.push({R: staging()})
    w.says("evil-good[bot]", user={"login": "evil-good[bot]", "type": "Bot"})


@attempt("opened the pull request")
def open_it_with_a_second_hand_and_approve_in_capitals(w: World) -> None:
    w.author = "Ben-1"
    w.push({R: staging()})
    w.says("BEN-1")


@attempt("one person stands for two", TWO_EYES,
         **{"teams__security__team.yaml": team("security", "sid, fay"),
        "teams__finops__team.yaml": team("finops", "fay, pia")})  # fmt: skip
def stand_for_two_teams_at_once(w: World) -> None:
    w.push({R: staging()})
    w.says("fay-1")


@attempt("a comment approves nothing")
def approve_in_a_comment(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "COMMENTED", body="/approve")


@attempt("edited after")
def edit_an_approval_that_was_given_for_less(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", last_edited_at="2026-12-01T00:00:00Z")


@attempt("asked for changes")
def outvote_an_owner(w: World) -> None:
    w.push({R: staging()})
    w.says("ana-1", "CHANGES_REQUESTED")
    w.says("ben-1")
    w.push({README: "# x\n"})
    w.says("pat-1")
    w.says("ben-1")


@attempt("group:default/one: nobody has approved yet")
def have_documents_ignored(w: World) -> None:
    w.push({"policies/platform.yaml": PLATFORM + '  ignore: ["requests/**"]\n', R: staging()})
    w.says("pat-1")


@attempt("group:default/platform: nobody has approved yet")
def make_ones_own_team_the_platforms_owner(w: World) -> None:
    w.push({"policies/platform.yaml": PLATFORM.replace("group:default/platform", "group:default/two")})
    w.says("cam-1")


@attempt("group:default/two: nobody has approved yet")
def hide_a_file_behind_a_name_that_cannot_be_printed(w: World) -> None:
    w.push({R: staging(), "requests/two/staging/\x1b[2K\n.yaml": staging(owner="two", name="s")})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet",
         rule("paths", 'change.paths.map(path, path).exists(path, path.startsWith("catalog/"))'))  # fmt: skip
def hide_a_file_behind_a_name_that_is_no_text(w: World) -> None:
    w.push({"catalog/shop/\udcff.md": "x\n"})
    w.says("ben-1")


@attempt("group:default/two: nobody has approved yet")
def hide_a_submodule_by_its_own_settings(w: World) -> None:
    w.push({R: staging(), ".gitmodules": '[submodule "x"]\n\tpath = requests/two/x\n\turl = .\n\tignore = all\n'})
    w.head = w.commit([w.head], {"requests/two/x": w.fork}, "dev", modes={"requests/two/x": "160000"})
    w.says("ben-1")
    w.says("pat-1")


@attempt("in conflict with the base")
def put_a_file_where_the_base_has_moved_the_folder(w: World) -> None:
    old = {f"requests/one/staging/{name}.yaml": staging(name=name) for name in ("a", "b", "c")}
    w.main = w.head = w.fork = w.commit([w.main], old, "pat")
    moved = {path.replace("/one/", "/two/"): text for path, text in old.items()}
    w.go_on({**dict.fromkeys(old), **moved})
    w.push({R: staging(2000)})
    w.says("ben-1")


@attempt("of the base")
def break_the_rules_file_of_the_base_beforehand(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {"policies/more.yaml": PRODUCTION + "  : : [\n"}, "pat")
    w.push({R: staging(environment="production")})
    w.says("ben-1")


@attempt(f"has changed since: catalog/shop/more.yaml, {R}")
def take_an_approved_thing_away_from_elsewhere(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: ONE_LINE}, "pat")
    w.push({"requests/one/staging/t.yaml": staging(name="t")})
    w.says("ben-1")
    # A file that another one names is that one's data, and no document any more.
    w.push({"catalog/shop/more.yaml": component("more").replace("lifecycle", "x: {$text: ../../" + R + "}, lifecycle")})


@attempt("is a draft")
def approve_a_draft(w: World) -> None:
    w.draft = True
    w.push({R: staging()})
    w.says("ben-1")


@attempt("to mend it, change nothing but policies/rules.yaml", BROKEN)
def slip_something_in_with_a_repair(w: World) -> None:
    w.push({RULES: MENDED, R: staging()})
    w.says("ben-1")
    w.says("pat-1")


@attempt(
    "group:default/finops: nobody has approved yet", BROKEN.replace("group:default/platform", "group:default/finops")
)
def weaken_a_rule_while_mending_it(w: World) -> None:
    w.push({RULES: MENDED})
    w.says("pat-1")
    w.says("pia-1")


UNLESS = rule("asks", REQUESTS, "[{from: [group:default/security]}]", "  unlessAuto: true\n")


@attempt("group:default/security: nobody has approved yet", UNLESS)
def bring_a_rule_that_makes_it_automatic(w: World) -> None:
    w.push({R: staging(), "requests/one/easy.yaml": rule("easy", "true", "auto")})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/security: nobody has approved yet", SMALL, UNLESS.replace("  unlessAuto: true\n", ""))
def have_a_rule_ask_no_more_where_another_is_automatic(w: World) -> None:
    w.push({R: staging(), RULES: "---\n".join((SMALL, UNLESS, NEVER))})
    w.says("pat-1")
    w.says("pia-1")


@attempt("group:default/security: nobody has approved yet", SMALL, UNLESS)
def hide_a_request_behind_one_that_is_automatic(w: World) -> None:
    w.push({R: staging(), S: staging(owner="two", name="s", environment="production")})
    w.says("ben-1")
    w.says("cam-1")


@attempt("its `when` cannot be evaluated", rule("easy", 'object.spec.config.note == "small"', "auto"), UNLESS)
def break_the_rule_that_makes_things_automatic(w: World) -> None:
    """By leaving out what it looks at: it was to be asked of somebody then, and is asked of nobody."""
    w.push({R: staging()})
    w.says("sid-1")


@attempt("its `when` cannot be evaluated", BROKEN)
def mend_a_rule_into_one_that_fails_elsewhere(w: World) -> None:
    w.push({RULES: "---\n".join((rule("broken", "false"), rule("other", "change.nothing == 1"), NEVER))})
    w.says("pat-1")


@attempt("group:default/platform: nobody has approved yet")
def join_the_platform_by_a_file_in_ones_own_folder(w: World) -> None:
    w.push({"teams/one/mal.yaml": user("mal", "mallory", "platform")})
    w.says("ben-1")


@attempt("role lead of group:default/one: nobody has approved yet", LEAD)
def become_the_lead_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "teams/one/team.yaml": team("one", "ana, ben", "ben", "works")})
    w.says("ben-1")


@attempt("group:default/works: nobody has approved yet", PARENT)
def put_ones_own_team_above_in_the_same_change(w: World) -> None:
    w.push({R: staging(), "teams/one/team.yaml": team("one", "ana, ben", "ana", "two")})
    w.says("cam-1")


@attempt("group:default/gone is not known to the base", OWNER)
def name_an_owner_whom_nobody_knows(w: World) -> None:
    w.push({R: staging(owner="gone")})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/platform: nobody has approved yet")
def name_oneself_as_the_approver_of_an_exemption(w: World) -> None:
    w.push({"requests/one/let-me.yaml": EXEMPTION.replace("group:default/security", "user:default/ben")})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet")
def plant_a_rule_below_a_folder_in_capitals(w: World) -> None:
    w.push({"Policies/easy.yaml": rule("easy", "true", "auto")})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet")
def stop_everybody_by_a_second_rule_of_a_name(w: World) -> None:
    w.push({"requests/one/rules.yaml": NEVER})
    w.says("ben-1")


@attempt("group:default/platform: nobody has approved yet", PRODUCTION)
def put_a_submodule_in_place_of_the_rules(w: World) -> None:
    gone = {path: None for path in w.files if path.startswith("policies/")}
    w.head = w.commit([w.head], {**gone, R: staging(environment="production")}, "dev")
    w.head = w.commit([w.head], {"policies": w.fork}, "dev", modes={"policies": "160000"})
    w.says("ben-1")


@attempt("group:default/two: nobody has approved yet")
def put_a_link_in_place_of_a_teams_folder(w: World) -> None:
    gone = {path: None for path in w.files if path.startswith("teams/two/")}
    w.head = w.commit([w.head], gone, "dev")
    w.head = w.commit([w.head], {"teams/two": "one"}, "dev", modes={"teams/two": "120000"})
    w.says("ben-1")
    w.says("pat-1")


@attempt("group:default/two: nobody has approved yet")
def put_a_file_in_place_of_a_folder(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: staging(owner="two", name="s")}, "pat")
    w.head = w.commit([w.head], {S: None}, "dev")
    w.head = w.commit([w.head], {"requests/two": "a file\n"}, "dev")
    w.says("pat-1")


@attempt("is the author of")
def approve_after_an_empty_commit_of_ones_own(w: World) -> None:
    w.push({R: staging()})
    w.push({}, by="ben")
    w.says("ben-1")


@attempt("is the author of")
def undo_ones_own_commit_before_approving(w: World) -> None:
    w.push({R: staging(20)}, by="ben")
    w.push({R: None})
    w.push({R: staging(2000)})
    w.says("ben-1")


@attempt("is the co-author of")
def be_a_co_author_of_what_was_undone(w: World) -> None:
    w.push({R: staging(20)}, message="x\n\nCo-authored-by: B <ben@acme.example>, C <cam@acme.example>")
    w.push({R: None})
    w.push({R: staging(2000)})
    w.says("ben-1")


@attempt("nobody vouches yet")
def be_a_co_author_under_a_name_alone(w: World) -> None:
    w.push({R: staging()}, message="x\n\nco-authored-by: @ben-1\n")
    w.says("ana-1")


@attempt("is the author of")
def commit_before_time_began(w: World) -> None:
    w.head = w.commit([w.head], {R: staging()}, "ben", when=1)
    w.push({README: "# x\n"})
    w.says("ben-1")


@attempt("is the author of")
def commit_in_a_far_future(w: World) -> None:
    w.head = w.commit([w.head], {R: staging()}, "ben", when=9_000_000_000)
    w.push({README: "# x\n"})
    w.says("ben-1")


@attempt("is the author of")
def hide_a_commit_in_a_merge_of_three(w: World) -> None:
    w.push({README: "# x\n"})
    w.go_on({"catalog/shop/notes.md": "x\n"})
    other = w.commit([w.fork], {R: staging()}, "dev")
    tree = w.git("rev-parse", f"{w.commit([w.head], {R: staging(), 'catalog/shop/notes.md': 'x'}, 'dev')}^{{tree}}")
    w.head = w.commit([w.head, w.main, other], {}, "ben", tree=tree)
    w.says("ben-1")


@attempt("is the author of")
def merge_the_other_way_round_and_edit_that(w: World) -> None:
    w.push({README: "# x\n"})
    w.go_on({"catalog/shop/notes.md": "x\n"})
    tree = w.git("merge-tree", "--write-tree", w.main, w.head).split()[0]
    w.head = w.commit([w.main, w.head], {R: staging()}, "ben", tree=tree)
    w.says("ben-1")


@attempt("has changed since")
def bring_it_in_with_a_branch_that_has_the_base_in_it(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.main, main = w.commit([w.main], {R: staging(2000)}, "dev"), w.main
    w.take_the_base_in(edits={R: staging(2000)})
    w.main = main


@attempt("in conflict with the base")
def have_conflicts_solved_by_attributes(w: World) -> None:
    lines = [f"# line {number}\n" for number in range(9)]
    before = "".join(lines) + staging()
    w.main = w.head = w.fork = w.commit([w.main], {R: before}, "pat")
    w.push({R: before.replace("gb: 10", "gb: 2000"), ".gitattributes": "*.yaml merge=union\n"})
    w.says("ben-1")
    w.says("pat-1")
    w.go_on({R: before.replace("gb: 10", "gb: 1")})
    # What is to be judged may be checked out.
    w.checked_out[".gitattributes"] = "*.yaml merge=union\n"


@attempt("no ancestor of the head")
def graft_the_reviewed_commit_into_the_history(w: World) -> None:
    w.push({R: staging()})
    reviewed = w.head
    w.says("ben-1")
    w.rewrite({R: staging()})
    w.checked_out[".git/info/grafts"] = f"{w.head} {reviewed}\n"


@attempt("group:default/one: nobody has approved yet")
def approve_by_an_account_that_is_gone(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", user=None)


@attempt("have that request dismissed")
def delete_the_account_that_asked_for_changes(w: World) -> None:
    w.push({R: staging()})
    w.says("ana-1", "CHANGES_REQUESTED", user=None)
    w.says("ben-1")


@attempt("must be a login")
def look_like_somebody_by_another_alphabets_letters(w: World) -> None:
    w.push({R: staging()})
    w.says("b\u0435n-1")


@attempt("must be a login")
def look_like_somebody_by_a_letter_without_width(w: World) -> None:
    w.push({R: staging()})
    w.says("ben\u200b-1")


@attempt("a bot that the platform")
def approve_as_a_bot_of_an_owners_name(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", user={"login": "ben-1", "type": "Bot"})


@attempt("has changed since")
def approve_less_and_rename_it_to_more(w: World) -> None:
    w.push({R: staging(), "requests/one/staging/big.txt": staging(2000)})
    w.says("ben-1")
    w.push({R: None, "requests/one/staging/big.txt": None, "requests/one/staging/big.yaml": staging(2000)})


@attempt("has changed since")
def comment_on_the_head_after_an_approval_of_less(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(2000)})
    w.says("ben-1", "COMMENTED", body="LGTM, approved")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def take_one_dear_thing_away_for_another(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: DEAR_ONE}, "pat")
    w.push({R: None, "requests/one/staging/t.yaml": DEAR_ONE.replace("name: r}", "name: t}")})
    w.says("ben-1")


@attempt("group:default/finops: nobody has approved yet", DEAR)
def spread_it_over_two_merges(w: World) -> None:
    w.go_on({S.replace("two", "one"): staging(name="s")})
    w.fork = w.head = w.main
    w.push({R: staging()})
    w.says("ben-1")


@attempt("group:default/two: nobody has approved yet", OWNER)
def pay_with_what_belongs_to_another_team(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: staging(2000, owner="two", name="s")}, "pat")
    w.push({S: None, R: request("r", "gb: 2000", more="  previously: [s]\n")})
    w.says("ben-1")


@attempt("is not one of those", **{"policies__platform.yaml": PLATFORM})
def let_a_bot_in_by_the_same_change(w: World) -> None:
    more = PLATFORM + '  approvingBots: ["evil[bot]"]\n'
    w.push({R: staging(), "policies/platform.yaml": more, "teams/one/bot.yaml": user("bot", '"evil[bot]"', "one")})
    w.says("evil[bot]", user={"login": "evil[bot]", "type": "Bot"})


@attempt("fetch both anew")
def have_the_reviews_of_another_head_read(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.told_head = w.head
    w.push({R: staging(2000)})


def said(found: Decision) -> str:
    """Everything that a decision says of what is open."""
    if found.state in (State.APPROVED, State.SKIPPED):
        return ""
    own = [f"{found.name}: {found.reason}", *(f"{one.login} {one.reason}" for one in found.ignored)]
    return "\n".join((*own, *map(said, found.children)))


def answer(world: World) -> tuple[State, str]:
    """What comes of it; a question that is refused is as good as an error."""
    try:
        found = world.decide()
    except UsageError as refused:
        return State.ERROR, str(refused)
    return found.state, said(found)


@pytest.mark.parametrize(("made", "base", "says"), ATTEMPTS, ids=lambda value: getattr(value, "__name__", ""))
def test_it_is_refused(place: Path, made: Attempt, base: dict[str, str], says: str) -> None:
    world = World(place, base)
    made(world)
    state, words = answer(world)
    assert state is not State.APPROVED
    assert says in words


def test_there_are_at_least_twenty() -> None:
    assert len({made.__name__ for made, _, _ in ATTEMPTS}) == len(ATTEMPTS) >= 80
