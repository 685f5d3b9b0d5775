"""Lets programs that were written for gevent find :mod:`greenfinch.gevent` by gevent's name."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types

PREFIX = "gevent"
#: ``on``: always; ``off``: never; else where gevent itself is installed, so that nobody takes it for installed who looks.
VARIABLE = "GREENFINCH_GEVENT"


def install():
    """From now on ``import gevent`` finds the fibers. Does nothing where gevent is not installed, or was imported already."""
    wish = os.environ.get(VARIABLE, "")
    if wish == "off" or PREFIX in sys.modules or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if wish != "on" and importlib.util.find_spec(PREFIX) is None:
        return
    sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds gevent's modules in this package, and those that hook gevent into drivers of databases."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == PREFIX:
            return importlib.machinery.ModuleSpec(name, self, is_package=name == PREFIX)
        if name in ("psycogreen.gevent", "psycogreen.eventlet"):
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def create_module(self, spec):
        if spec.name.startswith("psycogreen"):
            return _psycogreen(spec.name)
        if spec.name == PREFIX:
            module = importlib.import_module("greenfinch.gevent")
        else:
            module = _part(spec.name[len(PREFIX) + 1 :])
        # The import system writes the names of what it has asked for into what it gets.
        twin = types.ModuleType(spec.name, module.__doc__)
        twin.__dict__.update({key: value for key, value in vars(module).items() if key not in _OWN})
        return twin

    def exec_module(self, module):
        pass


_OWN = ("__name__", "__spec__", "__loader__", "__package__", "__path__", "__file__", "__cached__")


def _part(name):
    from .gevent import _passing

    module = _passing.make(name)
    if module is not None:
        return module
    try:
        return importlib.import_module("greenfinch.gevent." + name)
    except ModuleNotFoundError as error:
        if error.name != "greenfinch.gevent." + name:
            raise
        raise ModuleNotFoundError(
            "gevent.%s is not there: this worker has greenfinch's fibers in gevent's place" % name, name="gevent." + name
        ) from None


def _psycogreen(name):
    import logging

    module = types.ModuleType(name)

    def patch_psycopg():
        logging.getLogger("gunicorn.error").info(
            "%s.patch_psycopg() changes nothing: psycopg2 lets other requests run as it is.", name
        )

    module.patch_psycopg = patch_psycopg
    return module
