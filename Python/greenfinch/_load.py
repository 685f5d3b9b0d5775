"""Finds the application that a command line names, by gunicorn's rules and in its words."""

import ast
import importlib
import inspect
import os
import traceback

class NotLoaded(Exception):
    """A worker cannot be started with what it was given; the text is one sentence. Here: the module is there, and the application
    is not in it."""


def load(target):
    """The application that ``module``, ``module:name``, ``module:name.of.attribute`` or ``module:factory(1, key="x")`` names.

    Without a name it is ``application``. The arguments of a factory are literals. What the import of the module raises leaves
    this function as it is; a name that is not there, or is not callable, is a :class:`NotLoaded`.
    """
    module_name, _, expression = target.partition(":")
    expression = expression or "application"
    module = _import(module_name, expression)
    path, arguments = _parse(expression)
    application = _attribute(module, module_name, path)
    if arguments is not None:
        application = _call(application, *arguments)
    if application is None:
        raise NotLoaded("Failed to find application object: %r" % expression)
    if not callable(application):
        raise NotLoaded("Application object must be callable.")
    return application


def explain(error):
    """What is told of an application that could not be loaded: the sentence for the master, and the traceback for the log where
    that tells something."""
    if isinstance(error, NotLoaded):
        return str(error), None
    trace = traceback.format_exception(type(error), error, _from_application(error.__traceback__))
    return "the application cannot be imported: %s" % _summary(error), "".join(trace).rstrip()


def _summary(error):
    lines = traceback.format_exception_only(type(error), error)
    return lines[-1].strip()


def _from_application(trace):
    """The frames after this file's and importlib's own, which tell nobody anything."""
    own = None
    rest = trace
    while rest is not None:
        if rest.tb_frame.f_code.co_filename == __file__:
            own = rest
        rest = rest.tb_next
    rest = own.tb_next if own is not None else trace
    while rest is not None and _is_importlib(rest.tb_frame.f_code.co_filename):
        rest = rest.tb_next
    return rest


def _is_importlib(name):
    return name.startswith("<frozen importlib") or os.path.dirname(name) == os.path.dirname(importlib.__file__)


def _import(name, expression):
    try:
        return importlib.import_module(name)
    except ImportError:
        if name.endswith(".py") and os.path.exists(name):
            raise ImportError(
                "Failed to find application, did you mean '%s:%s'?" % (name[: -len(".py")], expression)
            ) from None
        raise


def _parse(expression):
    """The names that lead to the object, and the arguments that it is called with or ``None``."""
    unreadable = NotLoaded("Failed to parse %r as an attribute name or function call." % expression)
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        raise unreadable from None
    if not isinstance(tree, ast.Call):
        return _names(tree, unreadable), None
    path = _names(tree.func, NotLoaded("Function reference must be a simple name: %r" % expression))
    try:
        positional = [ast.literal_eval(argument) for argument in tree.args]
        named = {argument.arg: ast.literal_eval(argument.value) for argument in tree.keywords}
    except ValueError:
        raise NotLoaded("Failed to parse arguments as literal values: %r" % expression) from None
    return path, (positional, named)


def _names(tree, error):
    names = []
    while isinstance(tree, ast.Attribute):
        names.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        raise error
    return [tree.id, *reversed(names)]


def _attribute(module, module_name, path):
    value = module
    for name in path:
        try:
            value = getattr(value, name)
        except AttributeError:
            raise NotLoaded("Failed to find attribute %r in %r." % (".".join(path), module_name)) from None
    return value


def _call(factory, positional, named):
    if not callable(factory):
        raise NotLoaded("Function reference must be a function: %r" % factory)
    try:
        return factory(*positional, **named)
    except TypeError as error:
        if _takes(factory, positional, named):
            raise
        # The caller's mistake: a traceback would show nothing but this file.
        raise NotLoaded(_summary(error)) from None


def _takes(function, positional, named):
    try:
        inspect.signature(function).bind(*positional, **named)
    except TypeError:
        return False
    except ValueError:
        pass
    return True


def load_paste(location, settings=()):
    """The application of a file of PasteDeploy (``--paste``), ``FILE`` or ``FILE#name``, with ``--paste-global``'s settings."""
    try:
        from paste.deploy import loadapp
    except ImportError:
        raise NotLoaded("--paste needs PasteDeploy: pip install PasteDeploy") from None
    path, _, name = location.partition("#")
    path = os.path.abspath(path[len("config:") :] if path.startswith("config:") else path)
    if not os.path.exists(path):
        raise NotLoaded("%r not found" % path)
    values = {}
    for setting in filter(None, settings):
        key, found, value = setting.partition("=")
        if not found:
            raise NotLoaded("--paste-global is %r, and must be NAME=VALUE." % setting)
        values[key.strip()] = value.strip()
    _paste_logging(path, values)
    return loadapp("config:" + path, name=name or None, global_conf=values)


def _paste_logging(path, values):
    """A file of PasteDeploy may say how to log too, as gunicorn reads it."""
    import configparser
    import logging.config

    parser = configparser.ConfigParser()
    parser.read([path])
    if not parser.has_section("loggers"):
        return
    defaults = dict(values, __file__=path, here=os.path.dirname(path))
    logging.config.fileConfig(path, defaults, disable_existing_loggers=False)
