"""Finds the application that the command line names."""

import importlib
import re
import sys
import traceback


class NotLoaded(Exception):
    """The application is not to be had; the text is one sentence for the person who started the server."""


def load(target):
    """The application of ``module:name``, ``module:name.name``, ``module:factory()`` or ``module``, whose name is
    ``application``.

    Raises NotLoaded. What the module itself raises goes on, with its traceback.
    """
    name, _, expression = target.partition(":")
    if not name:
        raise NotLoaded(f"'{target}' names no module: write module:name")
    module = _module(name)
    found = _value(module, name, expression or "application")
    if not callable(found):
        raise NotLoaded(f"'{target}' is not callable, and so no application: it is {type(found).__name__}")
    return found


def _module(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Of a module that the application imports, its own traceback tells.
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            hint = _nearby(name)
            raise NotLoaded(f"there is no module '{error.name}' in {_places()}{hint}") from None
        raise


def _nearby(name):
    if name.endswith(".py"):
        return f"; write '{name[:-3]}', without .py"
    return ""


def _places():
    return "the directory " + (sys.path[0] or ".") + " or where Python looks else"


def _value(module, name, expression):
    call = re.fullmatch(r"\s*([\w.]+)\s*\((.*)\)\s*", expression, re.DOTALL)
    value = module
    for part in (call.group(1) if call else expression).split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise NotLoaded(f"the module '{name}' has no '{expression}'{_candidates(module)}") from None
    if not call:
        return value
    if not callable(value):
        raise NotLoaded(f"'{call.group(1)}' in the module '{name}' is not a function, and cannot be called")
    args, kwargs = _arguments(name, call.group(2))
    return value(*args, **kwargs)


def _candidates(module):
    names = [name for name in ("app", "application", "wsgi", "api", "create_app") if hasattr(module, name)]
    return f"; it has '{names[0]}'" if names else ""


def _arguments(name, text):
    """Literals alone, as gunicorn has it: a command line is no program."""
    import ast

    try:
        call = ast.parse(f"f({text})", mode="eval").body
        return (
            [ast.literal_eval(argument) for argument in call.args],
            {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords},
        )
    except (SyntaxError, ValueError):
        raise NotLoaded(f"the arguments '({text})' of the factory in '{name}' are not literals") from None


def explain(error):
    """What is told of an application that could not be loaded: the sentence for the master, the text for the log."""
    if isinstance(error, NotLoaded):
        return str(error), None
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
    last = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    return "the application cannot be imported: " + (last[-1] if last else "error"), text
