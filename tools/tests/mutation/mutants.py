"""Small faults, put into a module one at a time: a test suite that does not notice one does not hold that line.

A mutant changes one node of the syntax tree: a comparison, a logical operator, a condition, a constant, a sum, what is
returned, or a statement that is left out. Docstrings, annotations, decorators and imports stay.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_LEFT_OUT = (ast.AugAssign, ast.Continue, ast.Break, ast.Raise)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: where it is (`Class.function`, empty for the module), what stood there and what stands there now."""

    where: str
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """What it is called; stays the same when lines move."""
        return _name(self.where, self.before, self.after)


@dataclass(frozen=True, slots=True)
class _Change:
    where: str
    node: ast.AST
    replace: Callable[[ast.AST], ast.AST]


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    for change in _changes(tree, "", is_body=True):
        memo: dict[int, object] = {}
        copied = copy.deepcopy(tree, memo)
        node = memo[id(change.node)]
        assert isinstance(node, ast.AST)
        new = ast.copy_location(change.replace(copy.deepcopy(node)), node)
        _put(copied, node, new)
        ast.fix_missing_locations(copied)
        line = getattr(change.node, "lineno", 0)
        yield Mutant(change.where, line, _shown(change.node), _shown(new), copied)


def names(source: str) -> frozenset[str]:
    """What the mutants of a module are called, without making them."""
    return frozenset(
        _name(change.where, _shown(change.node), _shown(change.replace(copy.deepcopy(change.node))))
        for change in _changes(ast.parse(source), "", is_body=True)
    )


def _name(where: str, before: str, after: str) -> str:
    return f"{where or 'module'}: {before} -> {after}"


def _changes(node: ast.AST, where: str, *, is_body: bool = False) -> Iterator[_Change]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        where = f"{where}.{node.name}" if where else node.name
    yield from (_Change(where, node, replace) for replace in _replacements(node))
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        # How a class is made, as a decorator says it.
        if name == "keywords" and isinstance(node, ast.ClassDef):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not _stays(child, name == "body"):
                yield from _changes(child, where)


def _stays(node: ast.AST, in_body: bool) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    alias = isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"
    return (in_body and docstring) or alias


def _replacements(node: ast.AST) -> Iterator[Callable[[ast.AST], ast.AST]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE:
        yield _compared
    elif isinstance(node, ast.BoolOp):
        yield _swapped
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda found: found.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield _computed
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield lambda found: ast.Return(ast.Constant(None))
    elif isinstance(node, _LEFT_OUT) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
        yield lambda found: ast.Pass()
    if isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield _negated
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _unfiltered


def _compared(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Compare)
    return ast.Compare(node.left, [_COMPARE[type(node.ops[0])](), *node.ops[1:]], node.comparators)


def _swapped(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _computed(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp)
    return ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)


def _constants(node: ast.Constant) -> Iterator[Callable[[ast.AST], ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        yield lambda found: ast.Constant(not value)
    elif isinstance(value, int):
        yield lambda found: ast.Constant(value + 1)
    elif isinstance(value, (str, bytes)):
        more = "XX" if isinstance(value, str) else b"XX"
        yield lambda found: ast.Constant(value + more)  # type: ignore[operator]


def _negated(node: ast.AST) -> ast.AST:
    assert isinstance(node, (ast.If, ast.IfExp))
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return node


def _unfiltered(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.comprehension)
    return ast.comprehension(node.target, node.iter, [], node.is_async)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, field in ast.iter_fields(parent):
            if field is old:
                setattr(parent, name, new)
                return
            if isinstance(field, list) and any(child is old for child in field):
                setattr(parent, name, [new if child is old else child for child in field])
                return


def _shown(node: ast.AST) -> str:
    """The node's code on one line; of a statement with a body its first line."""
    if isinstance(node, ast.comprehension):
        return "for " + " if ".join(ast.unparse(part) for part in (node.target, node.iter, *node.ifs))
    text = " ".join(ast.unparse(node).split("\n")[0].split())
    return text if len(text) <= 100 else text[:97] + "..."
