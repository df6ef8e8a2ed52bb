"""Make a repository of so many documents: the same bytes, and the same commits, every time.

    python -m bench.generate --documents 10000 --into DIR

The main branch holds the documents, one a file. Branches `change-5` and `change-200` change that many of its files, as
a pull request would. Policies, prices and resource types are those that this repository ships.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path

from bench.company import File, people, resource, team_files
from bench.shipped import Shipped, shipped
from bench.words import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
CHANGES = (5, 200)

_WHO = "Generator <generator@example.com>"
_WHEN = 1_790_000_000  # an instant in autumn 2026; one for every commit, so that its id says what it holds
_DESCRIPTION = re.compile(r"^(?P<indent> +)(?:" + "|".join(map(re.escape, SENTENCES)) + r")\.$", re.MULTILINE)


def documents(wanted: int, source: Shipped) -> Iterator[File]:
    """Exactly `wanted` files of one document each, (path, text), without a fault under the shipped policies.

    Whole teams as long as they fit; resources of the first core group fill what is left.

    Raises:
        ValueError: fewer are wanted than the shipped documents and the groups that they name.
    """
    made = 0
    for file in core(source):
        made += 1
        yield file
    if made > wanted:
        raise ValueError(f"{wanted} documents are too few: the policies and what they name are {made}")
    for team in count():
        block = tuple(team_files(team, source))
        if made + len(block) > wanted:
            break
        made += len(block)
        yield from block
    owner = source.groups[0]
    for index in range(wanted - made):
        yield f"catalog/{owner}-feeds/{index // 100}/{owner}-feed-{index}.yaml", resource(owner, index)


def core(source: Shipped) -> Iterator[File]:
    """The shipped documents, and a group of three for each team that they name."""
    yield from source.documents
    for index, group in enumerate(source.groups):
        members = [f"{name}-{group}" for name in ("ola", "pia", "rui")]
        yield from people(group, source.cost_centers[index % len(source.cost_centers)], members)


def changed(files: Mapping[str, str], wanted: int) -> dict[str, str]:
    """New texts for `wanted` files, spread over the whole tree: another description, which breaks nothing.

    Raises:
        ValueError: fewer files have a description to change.
    """
    able = [path for path in sorted(files) if _DESCRIPTION.search(files[path])]
    if len(able) < wanted:
        raise ValueError(f"only {len(able)} files can be changed, not {wanted}")
    step = len(able) // wanted
    chosen = able[step // 2 :: step][:wanted]
    return {
        path: _DESCRIPTION.sub(r"\g<indent>Says since this change what it did before.", files[path]) for path in chosen
    }


def write(wanted: int, into: Path, source: Shipped) -> None:
    """Make the repository at `into`, with its working tree at main.

    Raises:
        FileExistsError: there is something at `into`.
        subprocess.CalledProcessError: git refused.
    """
    files = dict(documents(wanted, source))
    if len(files) != wanted:
        raise ValueError(f"{wanted - len(files)} paths stand twice")
    commit_files(files, into)


def commit_files(files: Mapping[str, str], into: Path) -> None:
    """Make a repository of these texts by path at `into`, and the branches that change some of them.

    Raises:
        FileExistsError: there is something at `into`.
        subprocess.CalledProcessError: git refused.
    """
    into.mkdir(parents=True)
    _git(into, "init", "--quiet", "--initial-branch=main")
    _git(into, "fast-import", "--quiet", "--done", stream=_stream(files))
    _git(into, "reset", "--quiet", "--hard", "main")


def _stream(files: Mapping[str, str]) -> Iterator[bytes]:
    yield from _commit("refs/heads/main", "Everything that there is", files.items(), parent=None)
    for size in CHANGES:
        if len(files) > 10 * size:
            new = changed(files, size)
            yield from _commit(f"refs/heads/change-{size}", f"Change {size} files", new.items(), "refs/heads/main")
    yield b"done\n"


def _commit(branch: str, message: str, files: Iterable[File], parent: str | None) -> Iterator[bytes]:
    said = message.encode()
    yield f"commit {branch}\nauthor {_WHO} {_WHEN} +0000\ncommitter {_WHO} {_WHEN} +0000\n".encode()
    yield b"data %d\n%s\n" % (len(said), said)
    if parent is not None:
        yield f"from {parent}\n".encode()
    for path, text in files:
        content = text.encode()
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
    yield b"\n"


def _git(repository: Path, *arguments: str, stream: Iterable[bytes] = ()) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    with subprocess.Popen(["git", *arguments], cwd=repository, env=environment, stdin=subprocess.PIPE) as process:
        if process.stdin is None:
            raise ValueError("git takes no input")
        for piece in stream:
            process.stdin.write(piece)
        process.stdin.close()
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, ["git", *arguments])


def main() -> int:
    """Read the arguments and make one repository."""
    parser = argparse.ArgumentParser(prog="bench.generate", description="Make a repository of so many documents.")
    parser.add_argument("--documents", type=int, required=True, help="how many, one a file")
    parser.add_argument("--into", type=Path, required=True, help="a folder that does not exist")
    arguments = parser.parse_args()
    try:
        write(arguments.documents, arguments.into, shipped(ROOT))
    except (ValueError, FileExistsError) as wrong:
        print(f"bench.generate: {wrong}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
