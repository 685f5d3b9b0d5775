"""What others wait for: a greenlet's end, an event, a result."""

import traceback

from ._waiting import Waiter, moment, until


class Linkable:
    """Calls those who have asked for it once it is ready, in the order in which they came."""

    def __init__(self):
        self._links = []

    def ready(self):
        """Whether there is nothing to wait for any more."""
        raise NotImplementedError

    def rawlink(self, callback):
        """Has a function called with this object when it is ready; at once where it is already."""
        if not callable(callback):
            raise TypeError("Expected callable: %r" % (callback,))
        self._links.append(callback)
        if self.ready():
            self._notify()

    def unlink(self, callback):
        """Takes a function back; nothing happens where it is not there."""
        try:
            self._links.remove(callback)
        except ValueError:
            pass

    def _notify(self):
        links, self._links = self._links, []
        for link in links:
            self._call(link)

    def _call(self, link):
        try:
            link(self)
        except BaseException:
            traceback.print_exc()

    def _wait_ready(self, timeout=None):
        """Whether it is ready in time."""
        deadline = moment(timeout)
        while not self.ready():
            left = until(deadline)
            if left is not None and left <= 0:
                return False
            waiter = Waiter()
            self._links.append(waiter.wake)
            try:
                # It may have got ready just before.
                if not self.ready():
                    waiter.wait(left)
            finally:
                self.unlink(waiter.wake)
        return True


def wait(objects=None, timeout=None, count=None):
    """Those of the objects that are ready in time, of which ``count`` are enough."""
    return list(iwait(objects, timeout, count))


def iwait(objects=None, timeout=None, count=None):
    """The objects as they get ready."""
    if objects is None:
        from .exceptions import NeedsHub

        raise NeedsHub("wait() without objects", "wait for the greenlets themselves")
    objects = list(objects)
    left = len(objects) if count is None else min(count, len(objects))
    deadline = moment(timeout)
    finished = []
    waiter = Waiter()

    def note(which):
        finished.append(which)
        waiter.wake()

    for one in objects:
        one.rawlink(note)
    try:
        while left > 0:
            while finished and left > 0:
                left -= 1
                yield finished.pop(0)
            if left == 0 or not waiter.wait(until(deadline)) and not finished:
                return
            if not finished:
                continue
            # A waiter is for one wake: those that end from now on wake the next.
            waiter = Waiter()
    finally:
        for one in objects:
            one.unlink(note)
