"""Whether an application speaks WSGI (PEP 3333) or ASGI 3, found by its shape."""

import functools
import inspect

WSGI = "wsgi"
ASGI = "asgi"
#: What ``greenfinch.Mounts`` is with applications of each.
BOTH = "both"


def kind(application):
    """``"asgi"`` for a coroutine function, or for what takes a scope, ``receive`` and ``send``; else ``"wsgi"``.

    ASGI 2, which is called twice, is known by its one argument; :func:`as_asgi3` makes ASGI 3 of it. ``greenfinch.Mounts`` says itself
    what it is, and may be ``"both"``.
    """
    own = getattr(application, "served_kind", None)
    if own in (WSGI, ASGI, BOTH):
        return own
    function = _called(application)
    if _is_coroutine_function(function):
        return ASGI
    count = _required(function)
    return ASGI if count in (1, 3) else WSGI


def as_asgi3(application):
    """The application itself, or one that calls an application of ASGI 2 with its two calls."""
    function = _called(application)
    if _is_coroutine_function(function) or _required(function) != 1:
        return application

    async def called_twice(scope, receive, send):
        await application(scope)(receive, send)

    return called_twice


def _called(application):
    """The function whose parameters count."""
    while isinstance(application, functools.partial):
        application = application.func
    if inspect.isfunction(application) or inspect.ismethod(application) or inspect.isclass(application):
        return application
    return getattr(application, "__call__", application)


def _is_coroutine_function(function):
    # The second: what asgiref marks by hand where the interpreter has no way to.
    return inspect.iscoroutinefunction(function) or getattr(function, "_is_coroutine", None) is not None


def _required(function):
    """How many arguments must be given by position; -1 where that cannot be told."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return -1
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return -1
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(
        parameter.kind in by_position and parameter.default is parameter.empty for parameter in parameters
    )
