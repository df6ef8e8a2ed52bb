"""The prompts of `tarmac request new`: what the options leave open is asked for, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import click

from tarmac.app.deps import Reading
from tarmac.app.request_draft import Wish, environments, owner_for, service_of, usual_ttl
from tarmac.app.request_form import Question, assignments, questions, value_of, words
from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import TypeVersion
from tarmac.errors import UsageError
from tarmac.model.json_value import JsonValue
from tarmac.model.shown import visible

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """What the options say; None is left open."""

    name: str | None
    service: str | None
    owner: str | None
    environment: str | None
    ttl: str | None
    reason: str | None
    settings: tuple[str, ...]
    labels: tuple[str, ...]
    ask: bool


def wish_of(catalog: Catalog, version: TypeVersion, given: Given, reading: Reading) -> Wish:
    """The whole wish. Without `ask` the defaults are taken.

    Raises:
        UsageError: something has no default and was not given; every such thing is named.
    """
    kind = version.entity
    set_already = assignments(given.settings, version, reading)
    offered = environments(catalog, kind)
    if not given.ask:
        _demand(given, version, set_already, offered)
    name = given.name or _ask("Name", given, None, str)
    service = given.service if given.service is not None else _ask("For which component (empty: none)", given, "", str)
    if service:
        service = service_of(catalog, service)
    owner = given.owner or _ask("Owner", given, owner_for(catalog, service) if service else None, str)
    environment = given.environment or _ask("Environment", given, offered[0] if len(offered) == 1 else None, offered)
    if environment not in offered:
        raise UsageError(f"{kind.name} is not offered in {visible(environment)!r}: choose one of {', '.join(offered)}")
    config = dict(set_already)
    for question in questions(version):
        if question.key not in config and given.ask:
            answer = _config(question, reading)
            if answer is not None and answer != question.default:
                config[question.key] = answer
    default, longest = usual_ttl(kind, environment)
    ttl = given.ttl
    if ttl is None and default is not None:
        label = f"Lives for, from being ready{f' (at most {longest})' if longest else ''}"
        ttl = _ask(label, given, default, str)
    reason = given.reason if given.reason is not None else _ask("Reason", given, "", str)
    return Wish(name, owner, service or None, environment, config, ttl, reason or None, _labels(given.labels))


def _demand(given: Given, version: TypeVersion, config: Mapping[str, JsonValue], offered: tuple[str, ...]) -> None:
    missing = [] if given.name else ["--name"]
    if not given.owner and not given.service:
        missing.append("--owner (or --for)")
    if not given.environment and len(offered) != 1:
        missing.append(f"--environment {'|'.join(offered)}")
    missing += [
        f"--set {question.key}={question.bounds}"
        for question in questions(version)
        if question.required and question.default is None and question.key not in config
    ]
    if missing:
        raise UsageError(f"without prompts these are needed: {', '.join(missing)}")


def _ask(label: str, given: Given, default: str | None, kind: Callable[[str], str] | type | tuple[str, ...]) -> str:
    if not given.ask:
        if default is None:
            raise UsageError(f"{label.lower()}: it has no default: give it as an option")
        return default
    shape = click.Choice(kind) if isinstance(kind, tuple) else str
    answer: str = click.prompt(label, default=default, type=shape, err=True, show_default=bool(default))
    return answer.strip()


def _config(question: Question, reading: Reading) -> JsonValue:
    if question.help:
        click.echo(f"  {visible(question.help, 300)}", err=True)

    def checked(answer: str) -> JsonValue:
        if not answer and not question.required:
            return None
        try:
            return value_of(question, answer, reading)
        except UsageError as wrong:
            raise click.UsageError(str(wrong)) from None

    default = words(question.default) if question.default is not None else None if question.required else ""
    label = f"{visible(question.key)} ({visible(question.bounds, 200)})"
    found: JsonValue = click.prompt(label, default=default, value_proc=checked, err=True, show_default=bool(default))
    return found


def _labels(pairs: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--label {visible(pair)!r}: write key=value")
        found[key] = value
    return found
