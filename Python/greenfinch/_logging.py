"""What Python logs in a worker: gunicorn's loggers by their names, ``logconfig``, ``logconfig_json``, ``logconfig_dict`` and
``logger_class``.

The server's own lines (its start, a worker's end, a request that it refuses) and the access log are the server's, and do not
pass through here, except that the access log does where one of these settings is written.
"""

import copy
import importlib
import json
import logging
import logging.config
import os

from . import _access
from ._load import NotLoaded

GENERIC = "%(asctime)s [%(process)d] [%(levelname)s] %(message)s"
DATE = "[%Y-%m-%d %H:%M:%S %z]"
OWN_CLASSES = ("", "gunicorn.glogging.Logger", "simple", "greenfinch")

_STREAM = {"class": "logging.StreamHandler", "formatter": "generic"}
#: What gunicorn lays under a ``logconfig_dict``.
DEFAULTS = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": True, "qualname": "gunicorn.error"},
        "gunicorn.access": {"level": "INFO", "handlers": ["console"], "propagate": True, "qualname": "gunicorn.access"},
    },
    "handlers": {
        "console": dict(_STREAM, stream="ext://sys.stdout"),
        "error_console": dict(_STREAM, stream="ext://sys.stderr"),
    },
    "formatters": {"generic": {"format": GENERIC, "datefmt": DATE, "class": "logging.Formatter"}},
}


class LoggingError(NotLoaded):
    """A setting of the logs with which no log can be written, as one sentence."""


class ServerHandler(logging.Handler):
    """Writes into the server's error log, in its format and where that goes."""

    def __init__(self, write):
        super().__init__()
        self._write = write
        self._traces = logging.Formatter("%(message)s")

    def emit(self, record):
        try:
            self._write(record.levelno, self._traces.format(record))
        except Exception:
            self.handleError(record)


class Logs:
    """The loggers of a worker: ``error`` is what hooks know as ``log``; ``access``, where Python writes the access log, is
    called with an answer, a request, an environ and seconds."""

    def __init__(self, error, access=None):
        self.error = error
        self.access = access


def configure(setting, names=None, write=None):
    """Sets up the loggers of this process.

    ``setting`` gives a setting's text by its name, ``names`` are those of the file of settings, ``write`` writes a line of a
    level into the server's error log.
    """
    names = names or {}
    chosen = names.get("logger_class") or setting("logger_class") or ""
    if not (isinstance(chosen, str) and chosen in OWN_CLASSES):
        return _of_class(chosen, setting, names)
    error, access = logging.getLogger("gunicorn.error"), logging.getLogger("gunicorn.access")
    _set_up(error, setting, write)
    access.propagate = False
    access.setLevel(logging.INFO)
    if not _take_configuration(setting, names):
        return Logs(error)
    return Logs(error, _writer(access, setting("access_log_format") or _access.STANDARD))


def _set_up(logger, setting, write):
    logger.propagate = False
    logger.setLevel(_level(setting("loglevel")))
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    handler = ServerHandler(write) if write else logging.StreamHandler()
    if not write:
        handler.setFormatter(logging.Formatter(GENERIC, DATE))
    logger.addHandler(handler)


def _level(name):
    return getattr(logging, (name or "info").upper(), logging.INFO)


def _take_configuration(setting, names):
    """Obeys the one of the three that gunicorn would. False where there is none."""
    dictionary = names.get("logconfig_dict")
    from_json = names.get("logconfig_json") or setting("logconfig_json")
    from_file = names.get("logconfig") or setting("logconfig")
    if dictionary:
        _take_dictionary(dictionary, "logconfig_dict")
    elif from_json:
        _take_dictionary(_read_json(from_json), "logconfig_json %s" % from_json)
    elif from_file:
        _take_file(from_file)
    return bool(dictionary or from_json or from_file)


def _take_dictionary(own, place):
    configuration = copy.deepcopy(DEFAULTS)
    configuration.update(own)
    try:
        logging.config.dictConfig(configuration)
    except (AttributeError, ImportError, TypeError, ValueError) as error:
        raise LoggingError("%s cannot be used: %s" % (place, error)) from error


def _read_json(path):
    if not os.path.exists(path):
        raise LoggingError("logconfig_json is %s, which does not exist" % path)
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except ValueError as error:
            raise LoggingError("logconfig_json is %s, which is not JSON: %s" % (path, error)) from error


def _take_file(path):
    if not os.path.exists(path):
        raise LoggingError("logconfig is %s, which does not exist" % path)
    defaults = {"__file__": path, "here": os.path.dirname(path)}
    try:
        logging.config.fileConfig(path, defaults, disable_existing_loggers=False)
    except Exception as error:
        # A file of INI has many ways to be wrong, each with an exception of its own.
        raise LoggingError("logconfig %s cannot be used: %s" % (path, error)) from error


def _writer(logger, form):
    def write(answer, request, environ, seconds):
        logger.info(form, _access.atoms(answer, request, environ, seconds))

    return write


def _of_class(chosen, setting, names):
    """A ``logger_class`` of gunicorn's form: made with the settings; its ``error_log`` and ``access`` are used."""
    from ._hooks import Config

    if isinstance(chosen, str):
        module, _, name = chosen.rpartition(".")
        try:
            chosen = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            hint = "; it is a class of gunicorn's: pip install gunicorn, which is not run" if "gunicorn" in str(error) else ""
            raise LoggingError("logger_class %s cannot be loaded: %s%s" % (chosen, error, hint)) from error
    try:
        logger = chosen(Config(names, setting))
    except Exception as error:
        raise LoggingError("logger_class %s cannot be used: %s" % (chosen.__name__, error)) from error
    access = getattr(logger, "access", None)

    def write(answer, request, environ, seconds):
        import datetime

        access(answer, request, environ, datetime.timedelta(seconds=seconds))

    wants = setting("accesslog") not in (None, "", "off") or names.get("accesslog") or _has_configuration(setting, names)
    return Logs(logger, write if access and wants else None)


def _has_configuration(setting, names):
    kinds = ("logconfig_dict", "logconfig_json", "logconfig")
    return any(names.get(name) or setting(name) for name in kinds)
