"""A provider of an installed package: found by its entry point, and never in place of one of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.reconcile.company import Company

CODE = """\
from tarmac.providers.embedded import open_embedded

def open_theirs(settings):
    return open_embedded(settings)

def open_nothing(settings):
    return None

def open_purse(settings):
    from tarmac.providers.secret_files import secret_files
    return secret_files(settings)

def open_slips(settings):
    return settings.options["zone"]
"""
POINTS = """\
[tarmac.providers]
theirs = theirs:open_theirs
nothing = theirs:open_nothing
broken = theirs:open_what
absent = theirs_gone:open_it
slips = theirs:open_slips
unreadable = theirs_torn:open_it
embedded = theirs:open_nothing

[tarmac.secret_sinks]
pocket = theirs:open_nothing
purse = theirs:open_purse
"""
USE = """\
import sys
from pathlib import Path
from tarmac.errors import TarmacError
from tarmac.providers import open_provider
from tarmac.providers.base import ProviderSettings
from tarmac.providers.secrets import SinkSettings, make_sink
try:
    if sys.argv[1] in ("pocket", "purse"):
        print(type(make_sink(sys.argv[1], SinkSettings(Path("secrets"), {}))).__name__)
    else:
        print(type(open_provider(sys.argv[1], ProviderSettings("p", Path("instances"), {}))).__name__)
except TarmacError as fault:
    print(f"{type(fault).__name__}: {fault}")
"""


def installed(folder: Path) -> dict[str, str]:
    """The environment in which the package of theirs is installed."""
    package = folder / "site"
    about = package / "theirs-1.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (package / "theirs.py").write_text(CODE)
    (package / "theirs_torn.py").write_text("raise ValueError('a password')\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *sys.path])}


def opened(folder: Path, name: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", USE, name], cwd=folder, env=installed(folder), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_what_only_one_provider_needs_is_named_where_it_is_missing(tmp_path: Path) -> None:
    # As if the extra had not been installed: a module of that name that cannot be loaded stands in front.
    (tmp_path / "site" / "psycopg").mkdir(parents=True)
    (tmp_path / "site" / "psycopg" / "__init__.py").write_text("raise ModuleNotFoundError('gone', name='psycopg')\n")
    said = opened(tmp_path, "postgresql")
    assert said == "ConfigurationError: it needs the Python package psycopg: install tarmac[postgresql]"


def test_a_package_adds_a_provider_which_is_held_apart(tmp_path: Path) -> None:
    assert opened(tmp_path, "theirs") == "Theirs"


def test_a_package_adds_a_secret_sink_which_is_held_apart(tmp_path: Path) -> None:
    assert opened(tmp_path, "purse") == "TheirSink"


def test_a_package_cannot_stand_in_for_one_of_ours(tmp_path: Path) -> None:
    assert opened(tmp_path, "embedded") == "Embedded"


def test_what_makes_no_provider_is_named(tmp_path: Path) -> None:
    said = "ConfigurationError: provider nothing of package theirs 1.0, theirs:open_nothing, does not make a provider"
    assert opened(tmp_path, "nothing") == said


def test_what_makes_no_secret_sink_is_named(tmp_path: Path) -> None:
    said = (
        "ConfigurationError: secret sink pocket of package theirs 1.0, theirs:open_nothing, does not make a secret sink"
    )
    assert opened(tmp_path, "pocket") == said


def test_what_cannot_be_loaded_is_named_with_its_package(tmp_path: Path) -> None:
    said = opened(tmp_path, "broken")
    assert said.startswith(
        "ConfigurationError: provider broken of package theirs 1.0, theirs:open_what, cannot be loaded"
    )
    assert "No module named 'theirs_gone'" in opened(tmp_path, "absent")


def test_a_slip_in_a_package_is_named_with_its_place_and_without_what_it_says(tmp_path: Path) -> None:
    of = "of package theirs 1.0"
    assert opened(tmp_path, "slips") == (
        f"ConfigurationError: provider slips {of}, theirs:open_slips, cannot be opened: KeyError at theirs.py:14"
    )
    assert opened(tmp_path, "unreadable") == (
        f"ConfigurationError: provider unreadable {of}, theirs_torn:open_it, cannot be loaded: "
        "ValueError at theirs_torn.py:1"
    )


def test_what_a_package_adds_makes_what_a_resource_type_asks_for(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    platform = company.root / "policies/platform.yaml"
    platform.write_text(platform.read_text().replace("uid: platform-one", "uid: 0123456789abcdef"))
    kind = company.root / "catalog/resource-types/postgres.yaml"
    kind.write_text(kind.read_text().replace("provider: embedded", "provider: theirs"))
    company.write(
        "catalog/resource-types/bucket.yaml", kind.read_text().replace("postgres", "bucket").replace("theirs", "broken")
    )
    company.ask("one")
    company.ask("two", kind="bucket")
    company.commit()

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "tarmac", *arguments, "--root", str(company.root)]
        done = subprocess.run(command, env=installed(tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "no findings" in run("check")
    settings = tmp_path / "providers.yaml"
    settings.write_text("version: 1\nproviders: {theirs: {options: {}}}\n", "utf-8")
    said = run("reconcile", "--apply", "--providers", str(settings))
    assert "    + one (postgres@1.0.0): created\n" in said
    assert "provider broken of package theirs 1.0, theirs:open_what, cannot be loaded" in said
    assert len(list((company.root / ".tarmac/providers/theirs").glob("*-*"))) == 1
    assert "Nothing can be done: 1 held, 1 unchanged." in run("plan")


def test_an_unknown_name_is_answered_with_all_that_there_are(tmp_path: Path) -> None:
    said = opened(tmp_path, "cloud")
    assert said.startswith(
        "ConfigurationError: there is no provider 'cloud': choose one of absent, aws, broken, embedded, "
    )
    assert "theirs" in said
