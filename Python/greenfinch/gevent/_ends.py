"""Lines of those who wait: at the ends of queues and channels, and for locks."""

import collections

from ._waiting import guard


class Waiting(collections.deque):
    """Those who wait for one thing, first come, first served. Changed with the guard held."""

    def wake_one(self):
        if self:
            self.popleft().wake(True)

    def wake_all(self):
        while self:
            self.popleft().wake(True)

    def leave(self, entry):
        """Takes out one who waits no longer. Whether it was still there: nobody has woken it."""
        try:
            self.remove(entry)
        except ValueError:
            return False
        return True

    def has_woken(self, waiter, timeout):
        """Has one wait that is in the line; it is not when this is over. A wake is for one: who gets it and raises
        something else passes it on, and nobody else does. Without the guard."""
        try:
            # It is also over where something was thrown that somebody has taken back since: then nobody has woken it.
            if waiter.wait(timeout) and waiter.value:
                return True
        except BaseException:
            with guard:
                if not self.leave(waiter):
                    self.wake_one()
            raise
        with guard:
            return not self.leave(waiter)


class Taken:
    """Iteration takes items until one of them is ``StopIteration``."""

    def __iter__(self):
        return self

    def __next__(self):
        item = self.get()
        if item is StopIteration:
            raise item
        return item
