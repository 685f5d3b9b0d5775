"""Where greenlets run: in fibers of a green worker, and in threads elsewhere. To Python both are threads, so that all that is
here is made of threads' own means."""

import ctypes
import threading

try:
    from .. import _greenfinch as native
except ImportError:  # without the native part, as in a test of this package alone
    native = None

_set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
_set_exception.argtypes = [ctypes.c_ulong, ctypes.c_void_p]


def in_fiber():
    """Whether the caller runs in a fiber of a green worker."""
    return native is not None and native.in_fiber()


def start(function):
    """Runs a function in a new fiber, or in a thread where there are none."""
    if in_fiber():
        native.spawn(function)
    else:
        threading.Thread(target=function, daemon=True).start()


def fiber():
    """What :func:`interrupt` knows the caller's fiber by; ``None`` in a thread."""
    current = getattr(native, "current_fiber", None)
    return current() if current else None


def interrupt(handle):
    """Has a call of a fiber's that waits for input, output or a time fail with ``ECANCELED``. Whether there was one."""
    return handle is not None and native.interrupt(handle)


def raise_in(ident, exception):
    """Raises an exception in another thread or fiber, which is given by its identity, between two of its lines."""
    _set_exception(ident, id(_carrier(exception)))


def forget(ident):
    """Takes back an exception that has not been raised yet."""
    _set_exception(ident, None)


def _carrier(exception):
    """The interpreter raises classes only. It makes this one's instance, and gets the exception itself."""
    if isinstance(exception, type):
        return exception

    class Carrier(type(exception)):
        def __new__(cls, *arguments):
            return exception

        def __init__(self, *arguments):
            pass

    Carrier.__name__ = Carrier.__qualname__ = type(exception).__name__
    return Carrier
