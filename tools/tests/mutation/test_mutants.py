"""The mutator makes each fault once and nothing else, and the runner tells who survives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants, names
from tests.mutation.run import TOOLS, Target, judge, passes, quickly, resting_on, targets


def changes(source: str) -> list[str]:
    return [mutant.name for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a == b", ["a == b -> a != b"]),
        ("x = a < b", ["a < b -> a <= b"]),
        ("x = a in b", ["a in b -> a not in b"]),
        ("x = a and b", ["a and b -> a or b"]),
        ("x = not a", ["not a -> a"]),
        ("x = a + b", ["a + b -> a - b"]),
        ("x = 1", ["1 -> 2"]),
        ("x = True", ["True -> False"]),
        ("x = 'a'", ["'a' -> 'aXX'"]),
        ("x: TypeAlias = 'a'\ny: 'b' = c", []),
        ("class A(B, frozen=False):\n    a: int", []),
        ("from a import b\n'''text'''\n@d(1)\ndef f(x: 'y') -> 'z':\n    'text'", []),
        ("f(a)", ["f(a) -> pass"]),
        ("x += y", ["x += y -> pass"]),
        ("x = [a for a in b if a]", ["for a if b if a -> for a if b"]),
        ("x = a if b else c", ["a if b else c -> a if not b else c"]),
    ],
)
def test_each_fault_is_made_once(source: str, expected: list[str]) -> None:
    assert changes(source) == [f"module: {name}" for name in expected]
    assert names(source) == frozenset(changes(source))


def test_faults_know_where_they_are() -> None:
    assert changes("class A:\n    def f(self):\n        return 0\n") == [
        "A.f: return 0 -> return None",
        "A.f: 0 -> 1",
    ]


def test_a_mutant_is_whole_and_the_source_is_not_touched() -> None:
    source = "def f(a):\n    if a > 1:\n        raise ValueError\n    return a\n"
    found = list(mutants(source))
    assert [mutant.line for mutant in found] == [2, 2, 3, 4]
    for mutant in found:
        compile(mutant.tree, "x", "exec")
        assert ast.unparse(mutant.tree) != ast.unparse(ast.parse(source))


def test_only_what_rests_on_a_module_is_loaded_again_with_it() -> None:
    sources = {
        "a": "import os",
        "b": "from a import x",
        "c": "import b",
        "d": "def f():\n    from a import x",
        "e": "if TYPE_CHECKING:\n    from p import a",
        "p.a": "",
        "f": "try:\n    import c\nexcept ImportError:\n    pass",
        "g": "import os",
    }
    assert resting_on("a", sources) == {"a", "b", "c", "f"}
    assert resting_on("p.a", sources) == {"p.a", "e"}


def world(folder: Path, *tests: str, **equivalent: str) -> Target:
    """A module with one function, and its tests."""
    (folder / "limit.py").write_text("def within(value):\n    return value <= 10\n", "utf-8")
    lines = "".join(f"    assert {test}\n" for test in tests)
    (folder / "test_limit.py").write_text(f"from limit import within\n\ndef test_within():\n{lines}", "utf-8")
    return Target(folder, folder / "limit.py", ("test_limit.py",), equivalent)


def survivors(target: Target) -> list[str]:
    return [mutant.name for mutant in judge(target).survivors]


@pytest.mark.long
def test_tests_that_hold_every_line_leave_no_survivor(tmp_path: Path) -> None:
    verdict = judge(world(tmp_path, "within(10)", "not within(11)"))
    assert (verdict.total, verdict.survivors, verdict.noticed) == (3, (), ())


@pytest.mark.long
def test_a_line_that_nothing_holds_survives(tmp_path: Path) -> None:
    assert survivors(world(tmp_path, "within(1)", "not within(99)")) == [
        "within: value <= 10 -> value < 10",
        "within: 10 -> 11",
    ]


@pytest.mark.long
def test_the_list_of_equivalents_excuses_survivors_and_nobody_else(tmp_path: Path) -> None:
    listed = {"within: value <= 10 -> value < 10": "no value is 10", "within: 10 -> 12": "gone"}
    verdict = judge(world(tmp_path, "within(1)", "not within(11)", **listed))
    assert (verdict.survivors, verdict.noticed) == ((), ("within: 10 -> 12",))


def test_a_process_that_has_collected_the_tests_tells_of_what_is_within_functions_and_of_nothing_else(
    tmp_path: Path,
) -> None:
    target = world(tmp_path, "within(10)", "not within(11)", "Box().full", "not Box.empty()")
    source = (
        "LIMIT = 10\n\ndef within(value):\n    return value <= LIMIT\n\nclass Box:\n    most = 3\n\n"
        "    @property\n    def full(self):\n        return 3 >= self.most\n\n"
        "    @staticmethod\n    def empty(most=0):\n        return most > 0\n"
    )
    target.path.write_text(source, "utf-8")
    test = tmp_path / "test_limit.py"
    test.write_text(test.read_text("utf-8").replace("import within", "import Box, within"), "utf-8")
    found = list(mutants(source))
    assert sorted(found[number].name for number in quickly(target, found)) == [
        "Box.empty: most > 0 -> most >= 0",
        "Box.full: 3 >= self.most -> 3 > self.most",
        "Box.full: return 3 >= self.most -> return None",
        "within: return value <= LIMIT -> return None",
        "within: value <= LIMIT -> value < LIMIT",
    ]
    # LIMIT, `most` and a default stand within no function, though the tests would notice two of them.
    assert {"module: 10 -> 11", "Box: 3 -> 4", "Box.empty: 0 -> 1"} <= {mutant.name for mutant in found}


def test_a_process_whose_tests_fail_without_a_mutant_tells_nothing(tmp_path: Path) -> None:
    target = world(tmp_path, "within(11)")
    assert quickly(target, list(mutants(target.path.read_text("utf-8")))) == frozenset()


def test_tests_that_fail_anyway_prove_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not pass without a mutant"):
        judge(world(tmp_path, "False"))


@pytest.mark.long
def test_a_mutant_that_never_ends_is_noticed(tmp_path: Path) -> None:
    target = world(tmp_path, "within(1)")
    assert not passes(target, ast.parse("while True:\n    pass\n"), (), 3)


def test_the_table_names_modules_and_tests_that_exist() -> None:
    for target in targets(()):
        assert target.path.is_file()
        assert target.tests
        assert all((TOOLS / test).is_file() for test in target.tests), target.module
    with pytest.raises(ValueError, match="add it to targets"):
        targets(["tools/tarmac/nothing.py"])
