"""The two ends of queues and channels."""

import collections


class Waiting(collections.deque):
    """Those who wait at one end, first come, first served. Changed with the guard held."""

    def wake_one(self):
        if self:
            self.popleft().wake()

    def wake_all(self):
        while self:
            self.popleft().wake()

    def leave(self, entry):
        """Takes out one who waits no longer. Whether it was still there: nobody has woken it."""
        try:
            self.remove(entry)
        except ValueError:
            return False
        return True


class Taken:
    """Iteration takes items until one of them is ``StopIteration``."""

    def __iter__(self):
        return self

    def __next__(self):
        item = self.get()
        if item is StopIteration:
            raise item
        return item
