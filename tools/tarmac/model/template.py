"""Template: the manifest of a golden path, in the form of Backstage's scaffolder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import Free, Many, OpenModel, RefTo, Text
from tarmac.model.entity_meta import BackstageKind, NoSettings


class Permissions(OpenModel):
    """Who may use a part of the template, by tag."""

    tags: Many[str] | None = None
    """Tags that the permission policy of a Backstage knows."""


class ParameterPage(OpenModel):
    """One page of the form, as JSON Schema with title, required and properties."""

    permissions: Annotated[Permissions | None, Field(alias="backstage:permissions")] = None
    """Who sees the page."""


class Step(OpenModel):
    """One step of the template."""

    id: str | None = None
    """By what later steps name its output."""
    name: str | None = None
    """What is shown while it runs."""
    action: str
    """The action of the scaffolder: fetch:cookiecutter, publish:github, ..."""
    input: Free | None = None
    """What the action is given; texts may hold ${{ ... }}."""
    condition: Annotated[str | bool | None, Field(alias="if")] = None
    """The step is left out when this is false."""
    permissions: Annotated[Permissions | None, Field(alias="backstage:permissions")] = None
    """Who may run the step."""


class OutputLink(OpenModel):
    """A link to show when all is done."""

    condition: Annotated[str | bool | None, Field(alias="if")] = None
    """The link is left out when this is false."""
    url: Text | None = None
    """Where it leads."""
    entity_ref: Text | None = None
    """The entity that it leads to, in place of a URL."""
    title: Text | None = None
    """What it is called."""
    icon: Text | None = None
    """The name of an icon."""


class OutputText(OpenModel):
    """A text to show when all is done."""

    condition: Annotated[str | bool | None, Field(alias="if")] = None
    """The text is left out when this is false."""
    title: Text | None = None
    """Its heading."""
    icon: Text | None = None
    """The name of an icon."""
    content: str | None = None
    """Markdown."""


class Output(OpenModel):
    """What to show when all is done; other fields hold texts."""

    __pydantic_extra__: dict[str, str]

    links: Many[OutputLink] | None = None
    """Links."""
    text: Many[OutputText] | None = None
    """Texts."""


class ButtonLabels(OpenModel):
    """What the buttons of the form say."""

    back_button_text: str | None = None
    """The button that leads back."""
    create_button_text: str | None = None
    """The button that starts the work."""
    review_button_text: str | None = None
    """The button that leads to the summary."""


class Presentation(OpenModel):
    """How the form looks."""

    button_labels: ButtonLabels | None = None
    """What the buttons say."""


class Secrets(OpenModel):
    """What secrets the template takes."""

    json_schema: Annotated[Free | None, Field(alias="schema")] = None
    """JSON Schema of the secrets."""


class Recovery(OpenModel):
    """What happens to a run that was interrupted."""

    strategy: Annotated[str | None, Field(alias="EXPERIMENTAL_strategy")] = None
    """none or startOver."""


class FormDecorator(OpenModel):
    """Something that the form does before it is sent."""

    id: str | None = None
    """Which one."""
    input: Free | None = None
    """What it is given."""


class TemplateSpec(OpenModel):
    """What the template asks for and does. Fields that are not listed here are allowed."""

    type: Text
    """The type of component that it makes: service, website, ..."""
    owner: Annotated[str, RefTo("group", ("group", "user"))] | None = None
    """The group that keeps the template up to date."""
    lifecycle: Text | None = None
    """experimental, production, deprecated, ..."""
    parameters: ParameterPage | Many[ParameterPage] | None = None
    """What it asks for: JSON Schema, one or a list of pages."""
    steps: Many[Step]
    """What it does, in order."""
    output: Output | None = None
    """What to show when all is done."""
    secrets: Secrets | None = None
    """What secrets it takes."""
    presentation: Presentation | None = None
    """How the form looks."""
    recovery: Annotated[Recovery | None, Field(alias="EXPERIMENTAL_recovery")] = None
    """What happens to a run that was interrupted."""
    form_decorators: Many[FormDecorator] | None = None
    """What the form does before it is sent."""
    old_form_decorators: Annotated[
        Many[FormDecorator] | None, Field(alias="EXPERIMENTAL_formDecorators", deprecated=True)
    ] = None
    """The old name of formDecorators."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a template."""


class Template(BackstageKind):
    """A golden path: what it asks for, and what it does with the answers."""

    api_version: Literal["scaffolder.backstage.io/v1beta3"]
    kind: Literal["Template"]
    spec: TemplateSpec
    """What the template asks for and does."""
