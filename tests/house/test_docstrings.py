"""What a room offers says what the reader gains, names its parameters exactly, and shows itself at work.

Public is what a room lists in its own ``__all__`` (``crmlab.value.rfm``), with the methods of its classes, and
``crmlab.errors``. The modules inside a room list in theirs what the room itself uses.
"""

import ast
import doctest
import importlib
import inspect
import pkgutil
import textwrap

from docstring_parser import DocstringStyle, parse

import crmlab

MODULES = [info.name for info in pkgutil.walk_packages(crmlab.__path__, "crmlab.") if info.name != "crmlab.__main__"]
DOORS = ["crmlab.errors", *(f"crmlab.{room}" for room in crmlab.ROOMS), "crmlab.segment.dynamic"]


def _listed(module):
    """Find the functions and classes of crmlab a module lists as public, by full name."""
    module = importlib.import_module(module)
    things = [getattr(module, name) for name in getattr(module, "__all__", ())]
    things = [thing for thing in things if inspect.isfunction(thing) or inspect.isclass(thing)]
    return {
        f"{thing.__module__}.{thing.__qualname__}": thing for thing in things if thing.__module__.startswith("crmlab")
    }


def _with_methods(listed):
    """Add the methods that the classes themselves write; properties and inherited methods are left out."""
    for name, thing in list(listed.items()):
        for member, method in vars(thing).items() if inspect.isclass(thing) else ():
            method = getattr(method, "__func__", method)
            if inspect.isfunction(method) and not member.startswith("_") and method.__module__ == thing.__module__:
                listed[f"{name}.{member}"] = method
    return listed


PUBLIC = _with_methods({name: thing for door in DOORS for name, thing in _listed(door).items()})
FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if inspect.isfunction(thing)}


def _sections(thing):
    return parse(inspect.getdoc(thing) or "", style=DocstringStyle.NUMPYDOC)


def _parameters(thing):
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    parameters = inspect.signature(thing).parameters.values()
    return [stars.get(taken.kind, "") + taken.name for taken in parameters if taken.name not in ("self", "cls")]


def _named(thing):
    entries = [entry for entry in _sections(thing).params if entry.args[0] == "param"]
    return [name.strip() for entry in entries for name in entry.arg_name.split(",")]


def _own_nodes(function):
    """Give what a function does itself, without what functions inside it do."""
    todo = list(ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))


def test_the_rooms_offer_something_to_look_at():
    assert {"crmlab.value.recency.rfm", "crmlab.segment.tiers.ValueTiers.fit", "crmlab.errors.message"} <= set(PUBLIC)


def test_every_module_lists_what_is_public():
    without = [name for name in MODULES if not hasattr(importlib.import_module(name), "__all__")]
    assert not without, "\n".join(without)


def test_every_docstring_opens_with_a_sentence():
    listed = PUBLIC | {name: thing for module in MODULES for name, thing in _listed(module).items()}
    first = {name: (inspect.getdoc(thing) or "").split("\n\n")[0] for name, thing in listed.items()}
    faults = [f"{name}: {text!r}" for name, text in first.items() if not text.endswith((".", ":", "…"))]
    assert not faults, "\n".join(faults)


def test_every_docstring_names_exactly_the_parameters():
    faults = [
        f"{name} takes {_parameters(thing)}, its docstring names {_named(thing)}"
        for name, thing in PUBLIC.items()
        if _named(thing) != _parameters(thing)
    ]
    assert not faults, "\n".join(faults)


def test_a_docstring_inside_a_room_that_names_parameters_names_them_exactly():
    inside = {name: thing for module in MODULES for name, thing in _with_methods(_listed(module)).items()}
    faults = [
        f"{name} takes {_parameters(thing)}, its docstring names {_named(thing)}"
        for name, thing in inside.items()
        if _named(thing) and _named(thing) != _parameters(thing)
    ]
    assert not faults, "\n".join(faults)


def test_every_docstring_says_what_comes_back():
    faults = []
    for name, function in FUNCTIONS.items():
        gives = any(isinstance(node, ast.Return) and node.value is not None for node in _own_nodes(function))
        if gives and not _sections(function).many_returns:
            faults.append(name)
    assert not faults, "\n".join(faults)


def test_every_docstring_says_what_is_refused():
    faults = []
    for name, function in FUNCTIONS.items():
        raised = [ast.unparse(node.exc) for node in _own_nodes(function) if isinstance(node, ast.Raise) and node.exc]
        told = [entry.type_name for entry in _sections(function).raises]
        if any(text.startswith("CrmlabError") for text in raised) and "CrmlabError" not in told:
            faults.append(name)
    assert not faults, "\n".join(faults)


def test_every_public_name_has_an_example_that_is_run():
    faults = []
    for name, thing in PUBLIC.items():
        text = inspect.getdoc(thing) or ""
        of_class = inspect.getdoc(PUBLIC.get(name.rpartition(".")[0])) or ""
        examples = doctest.DocTestParser().get_examples(text)
        left_out = any(doctest.SKIP in example.options for example in examples)
        if left_out or not (examples or f".{name.rpartition('.')[2]}(" in of_class):
            faults.append(name)
    assert not faults, "\n".join(faults)
