"""No platform document, or more than one.

`policies/platform.yaml` holds the one document of kind Platform: environments, regions, currency, limits. Without it
the rules that need these are off, so a repository with a `policies/` folder must have it; with two of them nobody
knows which one holds.

Points at: the name in the document that should not be there, or at the file that is missing.

Wrong:

    policies/platform.yaml, policies/platform-old.yaml: each with kind: Platform

Right:

    policies/platform.yaml
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.places import Place
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "single-platform"
FOLDER, FILE = "policies", "policies/platform.yaml"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    # The one that stands where it is looked for is right, whatever its path's place in the alphabet.
    platforms = list(catalog.of_kind("platform"))
    if len(platforms) > 1:
        platforms.sort(key=lambda platform: (platform.path != FILE, platform.place()))
    if not platforms and catalog.has_folder(FOLDER):
        message = "there is a policies/ folder, and no document of kind Platform"
        yield Finding(ID, Severity.ERROR, message, Place(FILE), None, Fix(f"add one in {FILE}"))
    for other in platforms[1:]:
        message = f"another document of kind Platform, beside the one in {platforms[0].place()}"
        yield error(ID, other, other.place("metadata", "name"), message, "keep one of them, and remove the other")
    for platform in platforms[:1]:
        if platform.path != FILE:
            message = f"the document of kind Platform stands in {platform.path}, and is looked for in {FILE}"
            yield error(ID, platform, platform.place("metadata", "name"), message, f"move it to {FILE}")


RULE = Rule(ID, Severity.ERROR, __doc__, check, whole=True)
