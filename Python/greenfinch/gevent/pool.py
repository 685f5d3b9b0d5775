"""Groups of greenlets, and pools, which are groups of a limited size."""

from queue import Full

from ._linkable import iwait
from ._mapping import Mapping
from ._waiting import moment, party, until
from .event import Event
from .exceptions import GreenletExit
from .greenlet import Greenlet, joinall
from .lock import DummySemaphore, Semaphore

__all__ = ["Group", "Pool", "PoolFull"]


class Group:
    """Greenlets that are waited for and killed together."""

    greenlet_class = Greenlet

    def __init__(self, *args):
        if len(args) > 1:
            raise TypeError("expected at most one argument")
        self.greenlets = set()
        self._empty = Event()
        self._empty.set()
        for greenlet in args[0] if args else ():
            self.add(greenlet)

    def __len__(self):
        return len(self.greenlets)

    def __contains__(self, item):
        return item in self.greenlets

    def __iter__(self):
        return iter(list(self.greenlets))

    def add(self, greenlet):
        """Takes a greenlet in until it has ended."""
        self.greenlets.add(greenlet)
        self._empty.clear()
        greenlet.rawlink(self._discard)

    def discard(self, greenlet):
        self._discard(greenlet)

    def _discard(self, greenlet):
        self.greenlets.discard(greenlet)
        if not self.greenlets:
            self._empty.set()

    def start(self, greenlet):
        """Takes a greenlet in, and starts it."""
        self.add(greenlet)
        greenlet.start()

    def spawn(self, *args, **kwargs):
        """Starts a greenlet in the group."""
        greenlet = self.greenlet_class(*args, **kwargs)
        self.start(greenlet)
        return greenlet

    def full(self):
        return False

    def wait_available(self, timeout=None):
        """Nothing: there is always room."""

    def join(self, timeout=None, raise_error=False):
        """Waits until the group is empty. Whether it is in time."""
        greenlets = list(self.greenlets) if raise_error else ()
        result = self._empty.wait(timeout)
        for greenlet in greenlets:
            if greenlet.ready() and greenlet.exception is not None:
                greenlet.get()
        return result

    def kill(self, exception=GreenletExit, block=True, timeout=None):
        """Kills all that are in the group, and those that come in meanwhile. Returns when the time is over, at the
        latest."""
        deadline = moment(timeout)
        while living := [one for one in list(self.greenlets) if not one.ready()]:
            for one in living:
                one.kill(exception, block=False)
            if not block:
                return
            for one in living:
                if not one._wait_ready(until(deadline)):
                    return
        if block:
            # They have ended, and are about to leave.
            self._empty.wait(until(deadline))

    def killone(self, greenlet, exception=GreenletExit, block=True, timeout=None):
        if greenlet in self.greenlets:
            greenlet.kill(exception, block, timeout)

    def apply(self, func, args=None, kwds=None):
        """Calls a function in the group, and waits for its result. One of the group itself calls it directly: a full
        group would have it wait for its own end."""
        if party().greenlet in self:
            return func(*(args or ()), **(kwds or {}))
        return self.spawn(func, *(args or ()), **(kwds or {})).get()

    def apply_async(self, func, args=None, kwds=None, callback=None):
        """Has a greenlet call a function; a callback gets its result. Never waits: where there is no room, the greenlet
        is none of the group's, and waits for one that is."""
        greenlet = self.greenlet_class(func, *(args or ()), **(kwds or {}))
        if not self._start_at_once(greenlet):
            return Greenlet.spawn(self.apply_cb, func, args, kwds, callback)
        if callback is not None:
            greenlet.link_value(lambda done: callback(done.value))
        return greenlet

    def _start_at_once(self, greenlet):
        """Whether there was room."""
        self.start(greenlet)
        return True

    def apply_cb(self, func, args=None, kwds=None, callback=None):
        result = self.apply(func, args, kwds)
        if callback is not None:
            Greenlet.spawn(callback, result)
        return result

    def map(self, func, iterable):
        """Results of a function over items, all at once."""
        return list(self.imap(func, iterable))

    def map_cb(self, func, iterable, callback=None):
        result = self.map(func, iterable)
        if callback is not None:
            callback(result)
        return result

    def map_async(self, func, iterable, callback=None):
        """As :meth:`map`, in a greenlet that is none of the group's: it takes no room from those that it waits for."""
        return Greenlet.spawn(self.map_cb, func, iterable, callback)

    def imap(self, func, *iterables, **kwargs):
        """The same as they come, in the order of the items."""
        return Mapping(func, iterables, self.spawn, True, kwargs.pop("maxsize", None))

    def imap_unordered(self, func, *iterables, **kwargs):
        """The same in the order in which they are ready."""
        return Mapping(func, iterables, self.spawn, False, kwargs.pop("maxsize", None))


class PoolFull(Full):
    """There was no room in a pool in time."""


class Pool(Group):
    """A group of at most so many: whoever starts one more waits."""

    def __init__(self, size=None, greenlet_class=None):
        if size is not None and size < 0:
            raise ValueError("size must not be negative: %r" % size)
        super().__init__()
        self.size = size
        if greenlet_class is not None:
            self.greenlet_class = greenlet_class
        self._semaphore = DummySemaphore() if size is None else Semaphore(size)

    def wait_available(self, timeout=None):
        """Waits until there is room. Returns for how many; 0 where there was none in time."""
        return self._semaphore.wait(timeout)

    def free_count(self):
        return 1 if self.size is None else max(0, self.size - len(self))

    def full(self):
        return self.free_count() <= 0

    def start(self, greenlet, blocking=True, timeout=None):
        self.add(greenlet, blocking, timeout)
        greenlet.start()

    def add(self, greenlet, blocking=True, timeout=None):
        if not self._semaphore.acquire(blocking, timeout):
            raise PoolFull
        try:
            super().add(greenlet)
        except BaseException:
            self._semaphore.release()
            raise

    def _start_at_once(self, greenlet):
        try:
            self.start(greenlet, blocking=False)
        except PoolFull:
            return False
        return True

    def _discard(self, greenlet):
        if greenlet in self.greenlets:
            super()._discard(greenlet)
            self._semaphore.release()


__all__ += ["iwait", "joinall"]
