"""Everything public is used by some test: a new class, method, property or function comes with one."""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import playa_py as playa

PACKAGE = Path(playa.__file__).parent

THIS = Path(__file__).name


def public(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each public name that a module defines, as it is written there and as a user writes it."""
    for node in tree.body:
        for name in defined(node):
            yield name, name
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                yield from ((f"{node.name}.{name}", name) for name in defined(member))


def defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            names = [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            names = [name]
        case ast.Assign(targets=targets):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        case _:
            names = []
    return [name for name in names if not name.startswith("_") and name != "TYPE_CHECKING"]


def used(tree: ast.Module) -> Iterator[str]:
    """What a test names: in attributes, imports, keywords and, as an item or for `get_attr` and the like, in texts. Of a
    script in a text, what that names.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str(text)) if "\n" in text:
                try:
                    yield from used(ast.parse(textwrap.dedent(text)))
                except SyntaxError:
                    continue
            case ast.Constant(value=str(name)):
                yield name


def test_every_public_name_is_used_by_a_test() -> None:
    tests = [ast.parse(path.read_text("utf-8")) for path in Path(__file__).parent.glob("*.py") if path.name != THIS]
    known = {name for tree in tests for name in used(tree)}
    assert len(tests) > 10
    missing = []
    for path in [*PACKAGE.rglob("*.py"), PACKAGE / "_native.pyi"]:
        for name, plain in public(ast.parse(path.read_text("utf-8"))):
            # Of a module with an underscore, what only the package itself uses is tested by what that does.
            is_for_users = not path.name.startswith("_") or name.partition(".")[0] in playa.__all__
            if is_for_users and plain not in known:
                missing.append(f"{path.name}: {name}")
    assert not missing, "no test uses " + ", ".join(sorted(missing))
