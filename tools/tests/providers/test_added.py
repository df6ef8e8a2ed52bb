"""A provider of an installed package: found by its entry point, and never in place of one of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """\
from tarmac.providers.embedded import open_embedded

def open_theirs(settings):
    return open_embedded(settings)

def open_nothing(settings):
    return None
"""
POINTS = """\
[tarmac.providers]
theirs = theirs:open_theirs
nothing = theirs:open_nothing
embedded = theirs:open_nothing
"""
USE = """\
import sys
from pathlib import Path
from tarmac.errors import TarmacError
from tarmac.providers import open_provider
from tarmac.providers.base import ProviderSettings
try:
    print(type(open_provider(sys.argv[1], ProviderSettings("p", Path("instances"), {}))).__name__)
except TarmacError as fault:
    print(f"{type(fault).__name__}: {fault}")
"""


def opened(folder: Path, name: str) -> str:
    package = folder / "site"
    about = package / "theirs-1.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (package / "theirs.py").write_text(CODE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", USE, name], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_what_only_one_provider_needs_is_named_where_it_is_missing(tmp_path: Path) -> None:
    # As if the extra had not been installed: a module of that name that cannot be loaded stands in front.
    (tmp_path / "site" / "psycopg").mkdir(parents=True)
    (tmp_path / "site" / "psycopg" / "__init__.py").write_text("raise ModuleNotFoundError('gone', name='psycopg')\n")
    said = opened(tmp_path, "postgresql")
    assert said == "ConfigurationError: it needs the Python package psycopg: install tarmac[postgresql]"


def test_a_package_adds_a_provider(tmp_path: Path) -> None:
    assert opened(tmp_path, "theirs") == "Embedded"


def test_a_package_cannot_stand_in_for_one_of_ours(tmp_path: Path) -> None:
    assert opened(tmp_path, "embedded") == "Embedded"


def test_what_makes_no_provider_is_named(tmp_path: Path) -> None:
    assert opened(tmp_path, "nothing") == "Defect: theirs:open_nothing does not make a provider"


def test_an_unknown_name_is_answered_with_all_that_there_are(tmp_path: Path) -> None:
    said = opened(tmp_path, "cloud")
    assert said.startswith("ConfigurationError: there is no provider 'cloud': choose one of aws, embedded, ")
    assert "theirs" in said
