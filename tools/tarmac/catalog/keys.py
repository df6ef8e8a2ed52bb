"""The names under which reads of a catalog are noted, and which of them a change touches.

A verdict on an entity rests on what was asked while it was made. Each question has a key here; a change of the tree
touches keys; a verdict whose keys are not touched stands. What a question is about is in its key, so that a change of a
thing's content does not touch the verdicts that rest on its being there.
"""

from __future__ import annotations

from tarmac.model.documents import Entity

ENTITY = "entity"  # ref: everything that its document says, and where it stands
EXISTS = "exists"  # ref
KIND = "kind"  # kind: every entity of it
NAMES = "names"  # kind: which entities of it there are
NAMED = "named"  # kind, name as written
KINDS = "kinds"  # which kinds there are
REFERRERS = "referrers"  # ref, kind of who refers, or "*": the documents that refer to it
LOGIN = "login"  # login
FILE = "file"  # path: whether it is there
FOLDER = "folder"  # folder: which files are in it
IN_FILE = "in-file"  # path: which entities stand in it
POLICIES = "policies"  # kind that policies look at, or "*": what they say
OWNER = "owner"  # ref, names of facts joined by commas: those facts of a team


def kinds_of(policy: Entity) -> frozenset[str]:
    """The kinds (lower case) that a Policy document looks at; none means any."""
    return frozenset(kind.lower() for kind in policy.texts("spec", "match", "kinds"))
