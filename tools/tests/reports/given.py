"""Findings that every format is tried on: a fixed set for the golden files, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarmac.model.findings import Finding, Fix, Observed, Severity, in_order
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.model.values import parse_instant
from tarmac.reports.report import ReportInput
from tarmac.rules.exemption import Exempted

TEXTS: Mapping[str, str] = {
    "catalog/orders.yaml": (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: orders\nspec:\n"
        "\towner: paymets\n  # 注文サービス: owner\n  lifecycle: live\n" + "  text: " + "long " * 60 + "end\n"
    ),
    "requests/payments/staging/größe.yaml": "\ufeffspec: {size: \u202ehuge}\r\nttl: 1000d\r\n",
}
PAGES: Mapping[str, str] = {
    "unknown-reference": "A reference that leads nowhere.\n\nWrong:\n\n    owner: paymets\n\nRight: {braces} stay.\n"
}

FINDINGS: tuple[Finding, ...] = in_order(
    [
        Finding(
            "unknown-reference",
            Severity.ERROR,
            'spec.owner names "paymets", which is not in the catalog',
            Place("catalog/orders.yaml", 6, 9),
            "component:default/orders",
            Fix("write payments: that is the nearest name"),
        ),
        Finding("wide", Severity.INFO, "wide characters count twice", Place("catalog/orders.yaml", 7, 13)),
        Finding("long", Severity.WARNING, "a long line is cut", Place("catalog/orders.yaml", 9, 160)),
        Finding("long", Severity.WARNING, "a long line is cut", Place("catalog/orders.yaml", 9, 180)),
        Finding(
            "request-ttl",
            Severity.ERROR,
            "spec.ttl is 1000d; {max} is 30d in environments[1](staging)",
            Place("requests/payments/staging/größe.yaml", 2, 6),
            "resourcerequest:default/größe",
            Fix("write 30d, or less\n::error::nothing"),
        ),
        Finding(
            "hidden",
            Severity.WARNING,
            "text \u202eturned\x1b[31m",
            Place("requests/payments/staging/größe.yaml", 1, 14),
        ),
        Finding("unreadable-file", Severity.ERROR, "a symbolic link", Place("teams/a:b, 100%.yaml")),
    ]
)

UNTIL = parse_instant("2027-02-01T00:00:00Z")
EXEMPTED: tuple[Exempted, ...] = (
    Exempted(
        Finding("component-name", Severity.ERROR, "Billing is no name", Place("catalog/billing.yaml", 4, 9), "b"),
        Ref.of("exemption", "old-names"),
        UNTIL,
    ),
)

OBSERVED: tuple[Observed, ...] = (
    Observed("encrypted", Severity.ERROR, 1),
    Observed("looked-at", Severity.WARNING, 1200),
)

HOSTILE: tuple[str, ...] = (
    "two\nlines",
    "return\rline",
    "\r\n::error file=x::forged",
    "::stop-commands::token",
    "##[add-mask]x",
    "]]>",
    "]]></failure><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "\u202egnp.exe\u2066",
    "@platform @acme/payments #1 GH-1",
    "`code` ``` ~~~ **bold** | cell |",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example",
    "</code></details><!-- tarmac:review -->",
    "line\u2028separator\u2029paragraph\x85next",
    "\ud800 lone \udcff",
    "\x00\x01\x08\x0b\x0c\x1f\x7f",
    "\ufffe\uffff\U0010ffff",
    "{0} {1} {{ }} {",
    "%0A%25 100%",
    "&amp; &#10; &lt;",
    "\u200b\u200d\ufeff",
    "x" * 100_000,
    "\x07" * 100_000,
    "é" * 30_000,
    "a\u0301" * 500,
    "../../etc/passwd",
    "C:\\x, y:z",
    "",
    " ",
)


def counted(findings: Sequence[Finding]) -> Mapping[str, int]:
    """A run's counts that go with these findings."""
    severities = [finding.severity for finding in findings]
    return {
        "files": 1234,
        "documents": 2000,
        "entities": 1,
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "infos": severities.count(Severity.INFO),
    }


def texts_of(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Those of the paths that have a text."""
    return ((path, TEXTS[path]) for path in paths if path in TEXTS)


def given(
    findings: Sequence[Finding] = FINDINGS,
    *,
    colour: bool = False,
    statistics: bool = False,
    exempted: Sequence[Exempted] = (),
    observed: Sequence[Observed] = (),
) -> ReportInput:
    """What a report is made from."""
    summary = {**counted(findings), "exempted": len(exempted)}
    return ReportInput(findings, summary, texts_of, PAGES.get, colour, statistics, exempted, observed)


def hostile_exempted(text: str) -> tuple[Exempted, ...]:
    """Findings with `text` wherever a repository has a say, taken off by an exemption of that name."""
    return tuple(Exempted(finding, Ref.of("exemption", text), UNTIL) for finding in hostile(text))


def hostile(text: str) -> tuple[Finding, ...]:
    """Findings with `text` wherever a repository has a say, one of each severity."""
    return in_order(
        [
            Finding(text, severity, text, Place(text, 1, 1), text, Fix(text))
            for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        ]
    )
