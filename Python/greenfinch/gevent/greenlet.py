"""Greenlets: functions that run in fibers, and what they come to."""

import functools
import itertools
import os
import sys
import traceback

from .. import _child
from . import _fibers
from ._linkable import Linkable, iwait, wait
from ._timers import after
from ._waiting import be, moment, party, until
from .exceptions import GreenletExit

__all__ = ["Greenlet", "joinall", "killall"]

_numbers = itertools.count(1)


class Greenlet(Linkable):
    """A function that runs in a fiber of its own."""

    #: What an uncaught exception goes to: ``(greenlet, type, value, traceback)``.
    value = None

    def __init__(self, run=None, *args, **kwargs):
        super().__init__()
        if run is not None:
            if not callable(run):
                raise TypeError("The run argument or self._run must be callable")
            self._run = run
        self.args = args
        self.kwargs = kwargs
        self.minimal_ident = next(_numbers)
        self.name = "Greenlet-%d" % self.minimal_ident
        self.value = None
        self._state = "new"
        self._exc_info = None
        self._party = None
        self._killed = None
        self._timer = None
        self.spawning_greenlet = None

    # ---- Beginning ----

    @classmethod
    def spawn(cls, *args, **kwargs):
        """A new greenlet, which is started."""
        greenlet = cls(*args, **kwargs)
        greenlet.start()
        return greenlet

    @classmethod
    def spawn_later(cls, seconds, *args, **kwargs):
        """A new greenlet, which is started in so many seconds."""
        if not callable(args[0] if args else None) and cls is Greenlet:
            raise TypeError("function must be callable")
        greenlet = cls(*args, **kwargs)
        greenlet.start_later(seconds)
        return greenlet

    def start(self):
        """Has it run when its turn comes."""
        if self._state == "new":
            self._state = "started"
            _fibers.start(self._main)

    def start_later(self, seconds):
        """Has it run in so many seconds."""
        if self._state == "new":
            self._timer = after(seconds, self.start)

    def _run(self):
        """What a subclass does in the place of a function."""

    def _main(self):
        if self._state == "dead":
            return
        self._party = be(self)
        self._state = "running"
        process = os.getpid()
        try:
            if self._killed is not None:
                raise self._killed
            self.value = self._run(*self.args, **self.kwargs)
        except GreenletExit as end:
            self.value = end
        except BaseException as error:
            if os.getpid() != process and isinstance(error, (SystemExit, KeyboardInterrupt)):
                # In a child that the greenlet has forked.
                _child.end(error)
            self._fail(error)
        finally:
            self._end()

    def _fail(self, error):
        # A call of C's that was broken off for what was thrown raises its own error.
        if self._killed is not None and isinstance(error, OSError) and not isinstance(self._killed, OSError):
            if isinstance(self._killed, GreenletExit):
                self.value = self._killed
                return
            error = self._killed
        self._exc_info = (type(error), error, error.__traceback__)
        if not isinstance(error, SystemExit):
            print_exception(self, *self._exc_info)

    def _end(self):
        self._party.thrown, self._party.pending = [], []
        _fibers.forget(self._party.ident)
        self._state = "dead"
        self._notify()

    # ---- What it came to ----

    @property
    def exception(self):
        """What it has raised."""
        return self._exc_info[1] if self._exc_info else None

    @property
    def exc_info(self):
        return self._exc_info or ()

    @property
    def dead(self):
        return self._state == "dead"

    @property
    def started(self):
        return self._state in ("started", "running") or self._timer is not None and self._state == "new"

    def ready(self):
        return self._state == "dead"

    def successful(self):
        """Whether it has ended without an error."""
        return self.dead and self._exc_info is None

    def __bool__(self):
        return self.started and not self.dead

    def __repr__(self):
        function = getattr(self._run, "__qualname__", None) or repr(self._run)
        return '<%s "%s" at %#x: %s%r>' % (type(self).__name__, self.name, id(self), function, self.args)

    def join(self, timeout=None):
        """Waits for its end."""
        if self._party is not None and self._party is party():
            raise AssertionError("Cannot join current greenlet")
        self._wait_ready(timeout)

    def get(self, block=True, timeout=None):
        """What it returns; raises what it raises."""
        from .timeout import Timeout

        if not self.dead and not (block and self._wait_ready(timeout)):
            raise Timeout(timeout)
        if self._exc_info is not None:
            raise self._exc_info[1].with_traceback(self._exc_info[2])
        return self.value

    def result(self):
        """As :meth:`get`."""
        return self.get()

    # ---- Ending it ----

    def kill(self, exception=GreenletExit, block=True, timeout=None):
        """Raises an exception in it, where it waits. One that has not begun never will."""
        self._throw(exception() if isinstance(exception, type) else exception)
        if block and not (self._party is not None and self._party is party()):
            self._wait_ready(timeout)

    def throw(self, *arguments):
        """As :meth:`kill` without waiting, with what ``raise`` takes."""
        kind = arguments[0] if arguments else GreenletExit
        value = arguments[1] if len(arguments) > 1 else None
        if isinstance(kind, BaseException):
            error = kind
        elif isinstance(value, BaseException):
            error = value
        else:
            error = kind() if value is None else kind(value)
        self.kill(error, block=False)

    def _throw(self, exception):
        if self.dead:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._killed = exception
        if self._state in ("new", "started"):
            self._never(exception)
        elif self._party is party():
            raise exception
        else:
            self._party.throw(exception)

    def _never(self, exception):
        """It has not begun, and is over."""
        if isinstance(exception, GreenletExit):
            self.value = exception
        else:
            self._exc_info = (type(exception), exception, None)
        self._state = "dead"
        self._notify()

    # ---- Those who want to know ----

    def link(self, callback):
        """Has a function called with this greenlet, in a greenlet of its own, when it has ended."""
        self.rawlink(_Spawning(callback))

    def link_value(self, callback):
        """As :meth:`link`, where it has ended without an error."""
        self.rawlink(_Spawning(callback, lambda greenlet: greenlet.successful()))

    def link_exception(self, callback):
        """As :meth:`link`, where it has ended with one."""
        self.rawlink(_Spawning(callback, lambda greenlet: not greenlet.successful()))

    def unlink(self, callback):
        self._links = [link for link in self._links if link != callback and getattr(link, "callback", None) != callback]

    def unlink_all(self):
        self._links = []

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.kill()
        else:
            self.get()

    @staticmethod
    def add_spawn_callback(callback):
        raise _needs_hub("add_spawn_callback()")

    remove_spawn_callback = add_spawn_callback


def _needs_hub(what):
    from .exceptions import NeedsHub

    return NeedsHub(what, "start greenlets by a function of your own that notes them")


class _Spawning:
    """A callback that has a greenlet of its own, since it may wait."""

    def __init__(self, callback, wanted=None):
        self.callback = callback
        self._wanted = wanted

    def __call__(self, greenlet):
        if self._wanted is None or self._wanted(greenlet):
            _fibers.start(functools.partial(self._run, greenlet))

    def _run(self, greenlet):
        be(None)
        try:
            self.callback(greenlet)
        except Exception:
            traceback.print_exc()


def print_exception(context, kind, value, trace):
    """What nobody has caught, as gevent tells of it."""
    traceback.print_exception(kind, value, trace)
    print("%r failed with %s\n" % (context, kind.__name__), file=sys.stderr)


def joinall(greenlets, timeout=None, raise_error=False, count=None):
    """Waits for greenlets; returns those that have ended in time."""
    if not raise_error:
        return wait(greenlets, timeout, count)
    done = []
    for one in iwait(greenlets, timeout, count):
        if getattr(one, "exception", None) is not None:
            one.get()
        done.append(one)
    return done


def killall(greenlets, exception=GreenletExit, block=True, timeout=None):
    """Raises an exception in all of them, and waits for their ends."""
    from .timeout import Timeout

    greenlets = list(greenlets)
    deadline = moment(timeout)
    for one in greenlets:
        one.kill(exception, block=False)
    if not block:
        return
    for one in greenlets:
        if not one._wait_ready(until(deadline)):
            raise Timeout(timeout)
