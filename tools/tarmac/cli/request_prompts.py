"""The prompts of `tarmac request new`: what the options leave open is asked for, on standard error. Each answer is
checked at once, and asked for again with the reason where it cannot be."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import click

from tarmac.app.deps import Reading
from tarmac.app.request_answers import (
    environment_answer,
    environments,
    name_answer,
    owner_answer,
    owner_of,
    service_answer,
    text_answer,
    ttl_answer,
    usual_ttl,
)
from tarmac.app.request_draft import Wish
from tarmac.app.request_form import Question, assignments, questions, value_of, words
from tarmac.app.request_labels import LabelQuestion, Labels, label_pairs
from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import TypeVersion
from tarmac.errors import UsageError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.shown import visible

T = TypeVar("T")


class Given(Frozen):
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
        UsageError: an option cannot be; or, without `ask`, something has no default and was not given: all of that is
            named.
    """
    kind = version.entity
    config = dict(assignments(given.settings, version, reading))
    if not given.ask and (missing := needed(catalog, version, given, reading)):
        raise UsageError(f"without prompts these are needed: {', '.join(missing)}")

    def asked(label: str, option: str | None, default: str | None, check: Callable[[str], T]) -> T:
        if option is not None or not given.ask:
            return check(option if option is not None else default or "")
        return _ask(label, default, check)

    def purpose(text: str) -> str | None:
        return service_answer(catalog, text, given.owner)

    name = asked("Name", given.name, None, lambda text: name_answer(catalog, text))
    service = asked("For which component (empty: none)", given.service, None, purpose)
    usual = owner_of(catalog, service) if service else None
    owner = asked("Owner", given.owner, usual, lambda text: owner_answer(catalog, text))
    offered = environments(catalog, kind)
    only = offered[0] if len(offered) == 1 else None
    environment = asked(
        f"Environment ({' | '.join(map(visible, offered))})",
        given.environment,
        only,
        lambda text: environment_answer(catalog, kind, text),
    )
    labels = _labels(Labels(catalog, kind, environment, reading.expressions), given)
    for question in questions(version):
        if question.key not in config and given.ask:
            answer = _config(question, reading)
            if answer is not None and answer != question.default:
                config[question.key] = answer
    default, longest = usual_ttl(catalog, kind, environment)
    ttl = None
    if given.ttl is not None or default is not None:
        most = f" (at most {longest})" if longest else ""
        ttl = asked(
            f"Lives for, from being ready{most}", given.ttl, default, lambda text: ttl_answer(kind, environment, text)
        )
    reason = asked("Reason", given.reason, None, lambda text: text_answer("reason", text))
    return Wish(name, owner, service, environment, config, ttl, reason or None, labels)


def needed(catalog: Catalog, version: TypeVersion, given: Given, reading: Reading) -> tuple[str, ...]:
    """The options without which nothing can be written when nobody answers."""
    offered = environments(catalog, version.entity)
    config = assignments(given.settings, version, reading)
    found = [] if given.name else ["--name"]
    if not given.owner and not given.service:
        found.append("--owner (or --for)")
    if not given.environment and len(offered) != 1:
        found.append(f"--environment {'|'.join(map(visible, offered))}")
    found += [
        f"--set {visible(question.key)}={visible(question.bounds, 200)}"
        for question in questions(version)
        if question.required and question.default is None and question.key not in config
    ]
    environment = given.environment or next(iter(offered), "")
    missing = Labels(catalog, version.entity, environment, reading.expressions).missing(label_pairs(given.labels))
    return (*found, *(f"--label {visible(label.key)}={visible(label.bounds, 200)}" for label in missing))


@contextmanager
def answered(catalog: Catalog, version: TypeVersion, given: Given, reading: Reading) -> Iterator[None]:
    """While entered, an input that ends although nobody is interrupted is answered with the options to use instead.

    Raises:
        UsageError: there is nobody to ask.
    """
    try:
        yield
    except click.Abort as stop:
        # click tells Ctrl-C and the end of the input apart only by what came before.
        if not isinstance(stop.__context__, EOFError) or sys.stdin.isatty():
            raise
        click.echo(err=True)
        options = ", ".join([*needed(catalog, version, given, reading), "--yes"])
        raise UsageError(f"nobody answers here; without prompts these are needed: {options}") from None


def command_line(type_name: str, wish: Wish, more: Mapping[str, str]) -> str:
    """The command that asks for the same without a prompt, quoted for a shell."""
    options = {
        "--name": wish.name,
        "--for": wish.service,
        "--owner": wish.owner,
        "--environment": wish.environment,
        "--ttl": wish.ttl,
        "--reason": wish.reason,
        **more,
    }
    parts = ["tarmac", "request", "new", type_name]
    for option, value in options.items():
        parts += [option, value] if value else []
    for key, chosen in wish.config.items():
        parts += ["--set", f"{key}={words(chosen)}"]
    for key, label in wish.labels.items():
        parts += ["--label", f"{key}={label}"]
    return shlex.join([*parts, "--yes"])


def _ask(label: str, default: str | None, check: Callable[[str], T]) -> T:
    """Ask until `check` takes the answer; an empty one is the default, or checked as it is."""

    def checked(answer: str) -> T:
        try:
            return check(answer.strip())
        except UsageError as wrong:
            raise click.UsageError(str(wrong)) from None

    found: T = click.prompt(label, default=default or "", value_proc=checked, err=True, show_default=bool(default))
    return found


def _labels(labels: Labels, given: Given) -> Mapping[str, str]:
    found = dict(labels.checked(label_pairs(given.labels)))
    for question in labels.missing(found) if given.ask else ():
        found[question.key] = _label(labels, question)
    return found


def _label(labels: Labels, question: LabelQuestion) -> str:
    def checked(answer: str) -> str:
        if not answer:
            raise UsageError(f"the label {visible(question.key)} is needed: {visible(question.bounds, 200)}")
        return labels.checked({question.key: answer})[question.key]

    return _ask(f"Label {visible(question.key)} ({visible(question.bounds, 200)})", None, checked)


def _config(question: Question, reading: Reading) -> JsonValue:
    if question.help:
        click.echo(f"  {visible(question.help, 300)}", err=True)

    def checked(answer: str) -> JsonValue:
        if answer:
            return value_of(question, answer, reading)
        if question.required:
            raise UsageError(f"{visible(question.key)} is needed: {visible(question.bounds, 200)}")
        return None

    default = None if question.default is None else words(question.default)
    return _ask(f"{visible(question.key)} ({visible(question.bounds, 200)})", default, checked)
