"""What every kind's model stands on.

A model says only what JSON Schema can say, so that the schema exported from it decides alone what is a right document;
what joins two fields is a rule. Models are for use cases that want typed values of a document which the schema gate
has proved; the check path never imports them. One thing they take that the gate refuses: null for an optional field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue

REF_KEY = "x-tarmac-ref"
SAYS_KEY = "x-tarmac-says"
ELSEWHERE_KEY = "x-tarmac-elsewhere"

Item = TypeVar("Item")


class Model(BaseModel):
    """Frozen, strict, no unknown field; camelCase in YAML, snake_case in Python.

    A docstring below a field is its description, which an editor shows.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", alias_generator=to_camel, use_attribute_docstrings=True
    )


class OpenModel(Model):
    """A model that lets unknown fields pass, as Backstage does in metadata and spec."""

    model_config = ConfigDict(extra="allow")


class Kind(Model):
    """A document. Subclasses fix `api_version` and `kind`; KINDS in the package names each of them."""

    @classmethod
    def api_versions(cls) -> tuple[str, ...]:
        """The values of `apiVersion` under which the kind goes, the usual one first."""
        return get_args(cls.model_fields["api_version"].annotation)


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a text, for `Annotated[str, Shape(...)]`.

    `what` names the thing with its article, `write` says how it is written: both stand in findings and in the editor.
    `unquoted` is what to say of a number where this text should stand: why that is wrong, and a right example.
    `more` is JSON Schema beyond pattern and length.
    """

    what: str
    write: str
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    unquoted: tuple[str, str] | None = None
    more: Mapping[str, JsonValue] = field(default_factory=dict, hash=False)
    examples: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(
            pattern=self.pattern, min_length=self.min_length, max_length=self.max_length, strict=True
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        says: dict[str, Any] = {"what": self.what, "write": self.write}
        if self.unquoted:
            says["unquoted"] = {"why": self.unquoted[0], "example": self.unquoted[1]}
        schema = {**handler(core), **self.more, SAYS_KEY: says}
        if self.examples:
            schema["examples"] = list(self.examples)
        return schema


class RefTo(Frozen):
    """A reference to another entity, for `Annotated[str, RefTo(...)]`: the fields of tarmac.model.kinds.RefField.

    `kind` is what a reference that names no kind means (None: the kind must be written).
    """

    kind: str | None
    allowed: tuple[str, ...] = ()
    versioned: bool = False
    words: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        pattern = r"^[^@\s]+@[^@\s]+$" if self.versioned else None
        return core_schema.str_schema(pattern=pattern, min_length=1, strict=True)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            **handler(core),
            SAYS_KEY: {"what": "a reference", "write": self._write()},
            REF_KEY: {
                "kind": self.kind,
                "allowed": list(self.allowed),
                "versioned": self.versioned,
                "words": list(self.words),
            },
        }

    def _write(self) -> str:
        if self.versioned:
            return f"{self.kind or 'kind:name'} with its version, such as name@1.0.0".replace(
                "resourcetype", "the name of a resource type"
            )
        kind = self.kind or (self.allowed[0] if self.allowed else "kind")
        plain = f"{kind}:default/name" + (", or the name alone" if self.kind else "")
        return f"{plain}, or one of {', '.join(self.words)}" if self.words else plain


class LooseRefs(Frozen):
    """A field that Backstage reads references from without judging its form: one, a list of them, or anything."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        mark: dict[str, Any] = {"kind": None, "allowed": [], "versioned": False, "words": []}
        return {REF_KEY: mark, "items": {REF_KEY: mark}}


class OrElsewhere(Frozen):
    """A text that usually lies in a file of its own: `{$text: ./openapi.yaml}` stands for it.

    For `Annotated[Text | dict[str, str], OrElsewhere()]`; to the schema it is the text, which the mapping counts as.
    """

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text: dict[str, Any] = handler(core)["anyOf"][0]
        return {**text, ELSEWHERE_KEY: True}


def exactly_one(*names: str) -> dict[str, Any]:
    """`json_schema_extra` of a model in which one of the fields must be given, and no more than one."""
    return {"oneOf": [{"required": [name]} for name in names]}


# Lists in YAML are tuples here: what cannot change can be shared.
Many = Annotated[tuple[Item, ...], Strict(False)]
Some = Annotated[tuple[Item, ...], Strict(False), Field(min_length=1)]

# A mapping whose fields are somebody else's to say.
Free = dict[str, pydantic.JsonValue]

# 1.0 is an integer in JSON Schema, so the models take it for one too.
Count = Annotated[int, Strict(False), Field(ge=0, le=1_000_000)]
Positive = Annotated[int, Strict(False), Field(ge=1, le=1_000_000)]

Text = Annotated[str, Shape("a text", "a text that is not empty", min_length=1)]

# Source of the forms of names, keys and tags: Backstage, "Descriptor Format of Catalog Entities", and its default
# field format policy. Bounded repeats stand for its limits of 63 characters a part.
_NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DNS_LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAME_WORDS = "1 to 63 letters, digits, '-', '_' or '.', the first and the last a letter or digit"

Name = Annotated[str, Shape("a name", _NAME_WORDS, pattern=f"^{_NAME}$", examples=("orders-db",))]
Namespace = Annotated[
    str,
    Shape(
        "a namespace",
        "1 to 63 lower-case letters, digits or '-', the first and the last a letter or digit",
        pattern=f"^{_DNS_LABEL}$",
        examples=("default",),
    ),
]
Key = Annotated[
    str,
    Shape(
        "a label or annotation key",
        f"a name ({_NAME_WORDS}), before it a lower-case domain and '/' if you like",
        pattern=f"^(?:{_DNS_LABEL}(?:\\.{_DNS_LABEL})*/)?{_NAME}$",
        more={"allOf": [{"pattern": "^(?:[-.a-z0-9]{1,253}/)?[-A-Za-z0-9_.]+$"}]},
        examples=("cost-center", "github.com/team-slug"),
    ),
]
LabelValue = Annotated[
    str, Shape("a label value", f"nothing, or {_NAME_WORDS}", pattern=f"^(?:{_NAME})?$", examples=("CC-1001",))
]
AnnotationValue = Annotated[str, Shape("an annotation value", "a text; put numbers, dates and true in quotes")]
Tag = Annotated[
    str,
    Shape(
        "a tag",
        "1 to 63 lower-case letters, digits, '+', '#' or ':', in groups separated by single '-'",
        pattern="^[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*$",
        max_length=63,
        examples=("payments",),
    ),
]

# What WHATWG's URL parser takes without a base: a special scheme needs a host, any other scheme needs only itself.
# Blanks around, tabs and line ends within are dropped by that parser before it looks.
_SPECIAL = "(?:[Hh][Tt][Tt][Pp][Ss]?|[Ww][Ss][Ss]?|[Ff][Tt][Pp])"
_HOST = (
    r"(?:\[[0-9A-Fa-f:.]+\]|[\t\n\r]*(?:(?:%[0-9A-Fa-f]{2}|"
    "[^\\x00-\\x20\\x7f#/<>?@\\\\^|:\\[\\]%\u00a0\u2000-\u200a\u202f\u205f\u3000])[\\t\\n\\r]*)+)"
)
_PORT = r"(?::0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?"
Url = Annotated[
    str,
    Shape(
        "a URL",
        "an absolute URL with its scheme, such as https://docs.example.com/orders",
        min_length=1,
        more={
            "anyOf": [
                {
                    "pattern": rf"^[\x00-\x20]*{_SPECIAL}:[/\\]*(?:[^/\\?#]*@)?{_HOST}{_PORT}"
                    r"[\x00-\x20]*(?:[/\\?#][\s\S]*)?$"
                },
                {
                    "pattern": r"^[\x00-\x20]*[A-Za-z][-+.A-Za-z0-9]*:",
                    "not": {"pattern": rf"^[\x00-\x20]*{_SPECIAL}:"},
                },
            ]
        },
        examples=("https://docs.example.com/orders",),
    ),
]
# "Not blank" by JavaScript's idea of white space, which is Backstage's.
Visible = Annotated[
    str,
    Shape(
        "a text",
        "a text that is not blank",
        pattern="[^\\t\\n\\x0b\\x0c\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]",
    ),
]

# Each of these is what the function of the same name in tarmac.model.values reads, positive values only.
AmountText = Annotated[
    str,
    Shape(
        "an amount",
        'a decimal number in quotes: "120.50"',
        unquoted=("it would be read as a binary float, which holds most amounts only nearly", '"120.50"'),
        pattern=r"^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?$",
        examples=("120.50",),
    ),
]
DurationText = Annotated[
    str,
    Shape(
        "a duration",
        "a whole number and m, h, d or w, such as 30m, 12h, 14d or 2w",
        pattern="^[1-9][0-9]{0,5}[mhdw]$",
        examples=("14d",),
    ),
]
PercentText = Annotated[
    str,
    Shape(
        "a percentage",
        "a number and %, such as 20%",
        pattern=r"^(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,6})?%$",
        examples=("20%",),
    ),
]
DayText = Annotated[
    str,
    Shape(
        "a day",
        'a date in quotes: "2026-12-31"',
        pattern="^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$",
        more={"format": "date"},
        examples=("2026-12-31",),
    ),
]
SemVer = Annotated[
    str,
    Shape(
        "a version",
        "three numbers, such as 1.2.0 (semantic versioning)",
        pattern=r"^(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$",
        max_length=64,
        examples=("1.2.0",),
    ),
]
Currency = Annotated[
    str, Shape("a currency", "its ISO 4217 code, such as EUR", pattern="^[A-Z]{3}$", examples=("EUR",))
]
Expression = Annotated[str, Shape("an expression", "a CEL expression in one text", min_length=1, max_length=4096)]
Slug = Annotated[
    str,
    Shape(
        "an identifier",
        "1 to 63 lower-case letters, digits or '-', a letter first",
        pattern="^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$",
    ),
]
Glob = Annotated[
    str,
    Shape(
        "a path pattern",
        "a path from the root, such as requests/legacy/**",
        pattern=r"^[^/\\\x00-\x1f][^\\\x00-\x1f]*$",
        max_length=512,
    ),
]
