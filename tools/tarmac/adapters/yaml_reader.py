"""YAML files to documents: a gate over the bytes (yaml_gate), then the fast reader of what people mostly write
(yaml_plain), and for everything else the strict one (yaml_strict), which is loaded when it is needed."""

from __future__ import annotations

from functools import cache, partial

from tarmac.adapters.yaml_gate import decode
from tarmac.adapters.yaml_plain import read_plain, start_of
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.places import Locate, PlaceNode, PlacesInText


def read_documents(path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
    """Read a YAML file: its documents in order, and the findings about how it is written.

    Never raises for what the bytes hold. A document that has a fault of form (a key given twice, a tag) is still
    there, so that what refers to it does not look lost; the findings are errors all the same.
    """
    text, refused = decode(path, content)
    if text is None:
        return (), refused
    end = len(text)
    if text[-1:] != "\n":
        # Whether a block of text ends with a line feed is not to hang on whether its file does.
        text += "\n"
    elif (plain := read_plain(text)) is not None:
        dollar = "$" in text
        if len(plain) == 1:
            # As nearly every file.
            return (Document(path, 0, plain[0], PlacesInText(path, text, PLAINLY), dollar),), ()
        documents = [
            Document(path, index, data, PlacesInText(path, text, _locating(index)), dollar)
            for index, data in enumerate(plain)
        ]
        return tuple(documents), ()
    from tarmac.adapters.yaml_strict import read_strictly

    return read_strictly(path, text, end)


@cache
def _locating(index: int) -> Locate:
    """What finds the places of a document that the fast reader has read."""
    return partial(_locate, index)


def _locate(index: int, path: str, text: str) -> PlaceNode:
    from tarmac.adapters.yaml_strict import locate

    at = start_of(text, index)
    return locate(len(text), at, text.count("\n", 0, at), path, text)


# In a file with one document, whose data are read from its text by the fast reader.
PLAINLY = _locating(0)
