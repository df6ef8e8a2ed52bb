"""Generated texts, sound and broken: the reader and check hold on each, and a second reader reads the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tarmac.adapters.yaml_scalars import plain
from tarmac.model.json_value import JsonValue
from tests.examples import examples
from tests.fuzz.holding import check_holds, reader_holds
from tests.fuzz.second import fault, ours
from tests.fuzz.sources import sound_files
from tests.fuzz.texts import any_text, sound
from tests.oracle.node import Oracle

SOURCES = sound_files()
TEXTS = st.randoms(use_true_random=False).map(lambda rng: any_text(rng, SOURCES))
BYTES = st.binary(max_size=60) | TEXTS.map(str.encode)


@settings(max_examples=examples(400))
@given(BYTES)
def test_the_reader_holds(content: bytes) -> None:
    reader_holds(content)


@settings(max_examples=examples(150))
@given(BYTES)
def test_check_and_its_outputs_hold(content: bytes) -> None:
    check_holds(content)


@pytest.mark.parametrize("text", SOURCES[::5])
def test_check_holds_of_sound_files(text: str) -> None:
    for first in range(5):
        check_holds(bytes([first]) + text.encode())


def theirs(text: str) -> Sequence[JsonValue] | None:
    """What ruamel.yaml reads in pure Python, every scalar as the text that is written; None where it refuses."""
    reader = YAML(typ="base", pure=True)
    try:
        return [document for document in reader.load_all(text) if document not in (None, "", "~", "null")]
    except (YAMLError, ValueError):
        return None


def written_alike(mine: JsonValue, other: JsonValue) -> bool:
    """Whether our value is what their text of it says."""
    if isinstance(mine, dict):
        return (
            isinstance(other, dict)
            and list(mine) == list(other)
            and all(written_alike(mine[key], other[key]) for key in mine)
        )
    if isinstance(mine, list):
        return isinstance(other, list) and len(mine) == len(other) and all(map(written_alike, mine, other))
    if not isinstance(other, str):
        return mine is None and other is None
    return mine == other if isinstance(mine, str) else repr(plain(other)) == repr(mine)


@settings(max_examples=examples(300))
@given(st.randoms(use_true_random=False).map(sound))
def test_a_second_reader_reads_the_same(text: str) -> None:
    mine, other = ours(text), theirs(text)
    if mine is not None and other is not None:
        assert len(mine) == len(other), text
        assert all(map(written_alike, mine, other)), f"{text!r}\n{mine}\n{other}"


def test_most_sound_texts_are_taken_by_both() -> None:
    texts = [sound(random.Random(seed)) for seed in range(300)]  # noqa: S311
    both = [text for text in texts if ours(text) is not None and theirs(text) is not None]
    assert len(both) > 150


@pytest.mark.system
def test_backstage_s_reader_reads_the_same() -> None:
    rng = random.Random(20261201)  # noqa: S311
    with Oracle("texts.mjs") as oracle:
        for _ in range(20):
            texts = [any_text(rng, SOURCES) for _ in range(500)]
            found = [
                words for text, read in zip(texts, oracle.read(texts), strict=True) if (words := fault(text, read))
            ]
            assert found == []


@pytest.mark.system
def test_backstage_s_reader_reads_the_sample_company_the_same() -> None:
    with Oracle("texts.mjs") as oracle:
        for text, read in zip(SOURCES, oracle.read(SOURCES), strict=True):
            assert ours(text) is not None
            assert fault(text, read) is None
