"""Every built-in rule is in the registry, has its page, and costs one line."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import tarmac.rules
from tarmac.errors import Defect
from tarmac.model.findings import Severity
from tarmac.rules import RULES, load, rules
from tarmac.rules.rule import Rule

FOLDER = Path(tarmac.rules.__file__).parent


def test_no_rule_of_the_folder_is_missing_from_the_registry() -> None:
    modules = [
        import_module(f"tarmac.rules.{path.stem}") for path in sorted(FOLDER.glob("*.py")) if path.stem[0] != "_"
    ]
    found = [module.RULE.id for module in modules if isinstance(getattr(module, "RULE", None), Rule)]
    assert tuple(found) == RULES


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_is_named_as_its_file_and_has_a_page(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert (FOLDER / f"{rule.id.replace('-', '_')}.py").is_file()
    assert rule.severity in Severity
    first, *_ = rule.page.splitlines()
    assert first.endswith(".")
    assert rule.page.index("\nWrong:\n") < rule.page.index("\nRight:\n")


def test_a_name_without_a_rule_is_a_defect() -> None:
    with pytest.raises(Defect, match="near"):
        load("near")


def test_the_registry_has_one_line_a_rule() -> None:
    source = (FOLDER / "__init__.py").read_text("utf-8")
    for name in RULES:
        assert source.count(f'    "{name}",\n') == 1
