"""Programs that were written for gevent, on what stands in for it: here in threads, in a worker in fibers.

    python3 Tests/Python/test_gevent.py
"""

import contextlib
import io
import os
import sys
import threading
import time
import types
import unittest
from unittest import mock

import fake_native

fake_native.load()
from greenfinch import _gevent  # noqa: E402

os.environ[_gevent.VARIABLE] = "on"
_gevent.install()

import gevent  # noqa: E402
import gevent.event  # noqa: E402
import gevent.lock  # noqa: E402
import gevent.monkey  # noqa: E402
import gevent.pool  # noqa: E402
import gevent.queue  # noqa: E402
import gevent.threadpool  # noqa: E402
from gevent import Greenlet, GreenletExit, Timeout  # noqa: E402
from greenfinch.gevent import _fibers, _timers, _waiting, greenlet as greenlet_module  # noqa: E402

SHORT = 0.02


def silently(function, until):
    """Calls a function with standard error kept, until it has a text; returns what was written there."""
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        function()
        wait_until(lambda: until in text.getvalue())
    return text.getvalue()


def waits(greenlet):
    """Whether a greenlet has come to where it waits."""
    return greenlet._party is not None and greenlet._party.waiter is not None


def wait_until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError("it has not come to that in time")
        time.sleep(0.002)


class GreenletTests(unittest.TestCase):
    def test_a_greenlet_runs_and_has_a_value(self):
        greenlet = gevent.spawn(lambda a, b: a + b, 1, b=2)
        self.assertEqual(greenlet.get(), 3)
        self.assertTrue(greenlet.ready() and greenlet.successful() and greenlet.dead and not greenlet)
        self.assertEqual((greenlet.value, greenlet.exception), (3, None))

    def test_what_it_raises_is_raised_by_get_and_told_of(self):
        def fail():
            raise ValueError("in a greenlet")

        greenlets = []
        told = silently(lambda: greenlets.append(gevent.spawn(fail)), "failed with ValueError")
        self.assertIn("ValueError: in a greenlet", told)
        with self.assertRaises(ValueError):
            greenlets[0].get()
        self.assertFalse(greenlets[0].successful())
        self.assertIsNone(greenlets[0].value)

    def test_joinall_waits_for_all_or_for_some(self):
        quick, slow = gevent.spawn(gevent.sleep, SHORT / 4), gevent.spawn(gevent.sleep, 60)
        self.assertEqual(gevent.joinall([slow, quick], count=1), [quick])
        self.assertEqual(gevent.joinall([quick, slow], timeout=SHORT), [quick])
        gevent.killall([slow])
        self.assertTrue(slow.dead)
        failing = []
        silently(lambda: failing.append(gevent.spawn(int, "x")), "failed with ValueError")
        with self.assertRaises(ValueError):
            gevent.joinall(failing, raise_error=True)

    def test_iwait_gives_them_as_they_end(self):
        events = [gevent.event.Event() for _ in range(3)]
        greenlets = [gevent.spawn(event.wait, 60) for event in events]
        ended = gevent.iwait(greenlets, timeout=60)
        for number in (1, 2, 0):
            events[number].set()
            self.assertIs(next(ended), greenlets[number])
        self.assertEqual(list(ended), [])
        self.assertEqual(list(gevent.iwait(greenlets, count=2)), greenlets[:2])
        self.assertEqual(gevent.wait([]), [])

    def test_one_that_is_killed_where_it_waits_has_ended_well(self):
        seen = []

        def wait():
            try:
                gevent.sleep(60)
            finally:
                seen.append("cleaned up")

        greenlet = gevent.spawn(wait)
        wait_until(lambda: waits(greenlet))
        greenlet.kill()
        self.assertEqual(seen, ["cleaned up"])
        self.assertIsInstance(greenlet.value, GreenletExit)
        self.assertTrue(greenlet.successful())

    def test_one_that_is_killed_before_it_begins_never_does(self):
        greenlet = Greenlet(self.fail)
        greenlet.kill()
        greenlet.start()
        self.assertTrue(greenlet.dead)
        later = gevent.spawn_later(60, self.fail)
        later.kill()
        self.assertTrue(later._timer.is_over)
        # Where its time comes all the same.
        calls = []
        with mock.patch.object(greenlet_module, "after", lambda seconds, function: calls.append(function) or mock.Mock()):
            later = gevent.spawn_later(SHORT, self.fail)
        later.kill()
        calls[0]()
        self.assertIsInstance(later.get(), GreenletExit)

    def test_one_that_computes_can_be_killed(self):
        began = []

        def compute():
            began.append(True)
            while True:
                time.sleep(0.001)

        greenlet = gevent.spawn(compute)
        wait_until(lambda: began)
        greenlet.kill(timeout=30)
        self.assertTrue(greenlet.dead)

    def test_an_exception_can_be_thrown_and_caught(self):
        class Stop(Exception):
            pass

        def wait():
            try:
                gevent.sleep(60)
            except Stop as stop:
                return str(stop)

        greenlet = gevent.spawn(wait)
        wait_until(lambda: waits(greenlet))
        greenlet.kill(Stop("why"))
        self.assertEqual(greenlet.get(), "why")

    def test_a_child_that_it_forks_exits_with_its_status(self):
        def fork(code):
            child = os.fork()
            if child == 0:
                sys.exit(code)
            return os.waitpid(child, 0)[1]

        for code, status in ((None, 0), (7, 7 << 8)):
            self.assertEqual(gevent.spawn(fork, code).get(), status, code)

    def test_links_are_called_once_it_has_ended(self):
        seen = gevent.queue.Queue()
        greenlet = gevent.spawn(lambda: 5)
        greenlet.link(lambda one: seen.put(("link", one.value)))
        greenlet.link_value(lambda one: seen.put(("value", one.value)))
        greenlet.link_exception(lambda one: seen.put("exception"))
        greenlet.join()
        greenlet.rawlink(lambda one: seen.put(("raw", one.value)))
        self.assertEqual({seen.get(timeout=30) for _ in range(3)}, {("link", 5), ("value", 5), ("raw", 5)})
        gevent.sleep(SHORT)
        self.assertTrue(seen.empty())

    def test_a_subclass_has_its_own_run(self):
        class Twice(Greenlet):
            def __init__(self, number):
                super().__init__()
                self.number = number

            def _run(self):
                return self.number * 2

        self.assertEqual(Twice.spawn(4).get(), 8)

    def test_getcurrent_is_the_greenlet(self):
        greenlet = gevent.spawn(gevent.getcurrent)
        self.assertIs(greenlet.get(), greenlet)

    def test_values_are_each_greenlets_own(self):
        from gevent.local import local

        own = local()

        def keep(number):
            own.number = number
            gevent.sleep(SHORT)
            return own.number

        greenlets = [gevent.spawn(keep, number) for number in range(5)]
        self.assertEqual([one.get() for one in greenlets], list(range(5)))
        self.assertFalse(hasattr(own, "number"))


class TimeoutTests(unittest.TestCase):
    def test_a_timeout_is_raised_where_the_greenlet_waits(self):
        timeout = Timeout(SHORT)
        with self.assertRaises(Timeout) as caught:
            with timeout:
                gevent.sleep(60)
        self.assertIs(caught.exception, timeout)
        self.assertEqual(str(timeout), "%s seconds" % SHORT)

    def test_one_that_is_not_needed_is_forgotten(self):
        timeout = Timeout(60)
        timeout.start()
        self.assertTrue(timeout.pending)
        timeout.close()
        self.assertFalse(timeout.pending)

        def with_statement():
            with Timeout(SHORT):
                pass

        def start_and_close():
            timeout = Timeout(SHORT)
            try:
                timeout.start()
            finally:
                timeout.close()

        for use in (with_statement, start_and_close):
            for _ in range(100):
                # Its time may be over at once, on a machine that is busy.
                with contextlib.suppress(Timeout):
                    use()
                    break
            else:
                self.fail("its time is always over")
            gevent.sleep(2 * SHORT)

    def test_it_may_be_silent_or_another_exception(self):
        with Timeout(SHORT, False):
            gevent.sleep(60)
        with self.assertRaises(KeyError):
            with Timeout(SHORT, KeyError("late")):
                gevent.sleep(60)

    def test_the_inner_one_counts_where_it_is_earlier(self):
        inner, outer = Timeout(SHORT), Timeout(SHORT)
        with self.assertRaises(Timeout) as caught:
            with Timeout(60):
                with inner:
                    gevent.sleep(60)
        self.assertIs(caught.exception, inner)
        with self.assertRaises(Timeout) as caught:
            with outer:
                with Timeout(60):
                    gevent.sleep(60)
        self.assertIs(caught.exception, outer)

    def test_without_seconds_it_never_comes(self):
        with Timeout(None):
            gevent.sleep(SHORT)

    def test_it_reaches_code_that_does_not_wait_here(self):
        with self.assertRaises(Timeout):
            with Timeout(SHORT):
                while True:
                    time.sleep(0.001)

    def test_a_timer_for_which_nobody_can_be_started_does_not_keep_the_next_from_it(self):
        timers, event = _timers._Timers(), threading.Event()
        with mock.patch.object(_fibers, "start", side_effect=RuntimeError("can't start new thread")):
            with self.assertRaises(RuntimeError):
                timers.add(_timers.Timer(time.monotonic(), self.fail))
        timers.add(_timers.Timer(time.monotonic(), event.set))
        self.assertTrue(event.wait(30))

    def test_timers_of_fibers_and_of_threads_are_apart(self):
        began = []
        with mock.patch.object(_timers, "_of_fibers", mock.Mock(add=began.append)):
            with mock.patch.object(_fibers, "in_fiber", return_value=True):
                timer = _timers.after(60, self.fail)
            Timeout.start_new(60).cancel()
        self.assertEqual(began, [timer])

    def test_a_forked_process_has_timers_of_its_own(self):
        later = gevent.spawn_later(60, self.fail)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with Timeout(SHORT):
                    gevent.sleep(30)
            except Timeout:
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        later.kill()

    def test_with_timeout_has_a_value_instead(self):
        self.assertEqual(gevent.with_timeout(SHORT, gevent.sleep, 60, timeout_value="late"), "late")
        self.assertEqual(gevent.with_timeout(60, int, "7"), 7)
        with self.assertRaises(Timeout):
            gevent.with_timeout(SHORT, gevent.sleep, 60)

    def test_with_timeout_knows_a_call_that_was_broken_off(self):
        def broken_off():
            try:
                gevent.sleep(60)
            except Timeout as timeout:
                # As a call of C's in a fiber, which fails, and whose caller may raise something else in turn.
                _waiting.party().thrown.append(timeout)
                raise OSError(125, "broken off") from None

        self.assertIsNone(gevent.with_timeout(SHORT, broken_off, timeout_value=None))
        with self.assertRaises(Timeout):
            gevent.with_timeout(SHORT, broken_off)
        with self.assertRaises(KeyError):
            gevent.with_timeout(Timeout(SHORT, KeyError), gevent.sleep, 60, timeout_value="late")
        self.assertEqual(gevent.with_timeout(Timeout(SHORT, False), gevent.sleep, 60, timeout_value="late"), "late")
        with self.assertRaises(Timeout):
            gevent.with_timeout(Timeout(SHORT, False), gevent.sleep, 60)
        with self.assertRaises(OSError):
            gevent.with_timeout(30, os.stat, "/nowhere/at/all", timeout_value="late")
        self.assertEqual(_waiting.party().thrown, [])

    def test_get_and_join_have_their_own(self):
        greenlet = gevent.spawn(gevent.sleep, 60)
        with self.assertRaises(Timeout):
            greenlet.get(timeout=SHORT)
        with self.assertRaises(Timeout):
            greenlet.get(block=False)
        greenlet.join(timeout=SHORT)
        self.assertFalse(greenlet.dead)
        greenlet.kill()


class EventTests(unittest.TestCase):
    def test_an_event_lets_all_go_on(self):
        event = gevent.event.Event()
        greenlets = [gevent.spawn(event.wait) for _ in range(5)]
        gevent.sleep(SHORT)
        self.assertFalse(any(one.ready() for one in greenlets))
        event.set()
        self.assertEqual([one.get(timeout=30) for one in greenlets], [True] * 5)
        event.clear()
        self.assertFalse(event.wait(timeout=SHORT))

    def test_whoever_waited_goes_on_where_it_was_set_and_cleared_at_once(self):
        event = gevent.event.Event()
        greenlet = gevent.spawn(event.wait)
        wait_until(lambda: waits(greenlet))
        event.set()
        event.clear()
        self.assertTrue(greenlet.get(timeout=30))

    def test_a_result_comes_once_for_all(self):
        result = gevent.event.AsyncResult()
        greenlets = [gevent.spawn(result.get) for _ in range(3)]
        gevent.spawn_later(SHORT, result.set, "value")
        self.assertEqual([one.get(timeout=30) for one in greenlets], ["value"] * 3)
        self.assertEqual((result.value, result.wait()), ("value", "value"))

    def test_a_result_may_be_an_exception_or_a_greenlets(self):
        result = gevent.event.AsyncResult()
        result.set_exception(KeyError("x"))
        with self.assertRaises(KeyError):
            result.get()
        result = gevent.event.AsyncResult()
        gevent.spawn(lambda: 3).link(result)
        self.assertEqual(result.get(timeout=30), 3)
        with self.assertRaises(Timeout):
            gevent.event.AsyncResult().get(timeout=SHORT)


class LockTests(unittest.TestCase):
    def test_a_semaphore_lets_so_many_in(self):
        semaphore, inside, most = gevent.lock.Semaphore(2), [], []

        def enter():
            with semaphore:
                inside.append(1)
                most.append(len(inside))
                # Until another has been there at the same time.
                wait_until(lambda: 2 in most)
                gevent.sleep(SHORT / 4)
                inside.pop()

        gevent.joinall([gevent.spawn(enter) for _ in range(8)])
        self.assertEqual(max(most), 2)
        self.assertEqual(semaphore.counter, 2)

    def test_it_may_not_be_had_in_time(self):
        semaphore = gevent.lock.BoundedSemaphore(1)
        self.assertTrue(semaphore.acquire())
        self.assertFalse(semaphore.acquire(blocking=False))
        self.assertFalse(semaphore.acquire(timeout=SHORT))
        semaphore.release()
        with self.assertRaises(ValueError):
            semaphore.release()

    def test_one_that_is_killed_while_it_waits_leaves_the_turn_to_the_next(self):
        semaphore = gevent.lock.Semaphore(0)
        first, second = gevent.spawn(semaphore.acquire), gevent.spawn(semaphore.acquire)
        wait_until(lambda: waits(first) and waits(second))
        first.kill()
        semaphore.release()
        self.assertTrue(second.get(timeout=30))

    def test_a_lock_may_be_taken_again_by_its_holder(self):
        lock = gevent.lock.RLock()
        with lock, lock:
            other = gevent.spawn(lock.acquire, False)
            self.assertFalse(other.get())
        with self.assertRaises(RuntimeError):
            lock.release()


    def test_whoever_only_waits_takes_no_wake_from_whoever_acquires(self):
        semaphore = gevent.lock.Semaphore(0)
        waiting = [gevent.spawn(semaphore.wait), gevent.spawn(gevent.wait, [semaphore])]
        wait_until(lambda: len(semaphore._links) == 2)
        taking = gevent.spawn(semaphore.acquire)
        wait_until(lambda: semaphore._acquirers)
        self.assertEqual(semaphore.release(), 1)
        self.assertTrue(taking.get(timeout=30))
        # Whoever waits may have been told before it was taken, or is when it can be had again.
        semaphore.release()
        gevent.joinall(waiting, timeout=30)
        self.assertTrue(all(one.ready() for one in waiting))
        self.assertEqual(semaphore.counter, 1)
        self.assertEqual(waiting[1].value, [semaphore])

    def test_one_that_is_killed_when_it_was_woken_leaves_the_turn_to_the_next(self):
        semaphore, second = gevent.lock.Semaphore(0), []

        def wait(waiter, timeout=None):
            patch.stop()
            second.append(gevent.spawn(semaphore.acquire))
            wait_until(lambda: len(semaphore._acquirers) == 2)
            semaphore.release()
            raise KeyError("thrown")

        patch = mock.patch.object(_waiting.Waiter, "wait", wait)
        patch.start()
        with self.assertRaises(KeyError):
            semaphore.acquire()
        self.assertTrue(second[0].get(timeout=30))
        self.assertEqual(semaphore.counter, 0)

    def test_what_is_linked_to_a_semaphore_may_use_locks_and_queues_itself(self):
        semaphore, queue = gevent.lock.Semaphore(0), gevent.queue.Queue()
        semaphore.rawlink(queue.put)
        semaphore.rawlink(lambda one: one.acquire(blocking=False))
        # The one before has taken it.
        semaphore.rawlink(queue.put)
        releasing = gevent.spawn(semaphore.release)
        self.assertIs(queue.get(timeout=30), semaphore)
        releasing.get(timeout=30)
        self.assertEqual((semaphore.counter, queue.qsize()), (0, 0))
        semaphore.release()
        self.assertIs(queue.get(timeout=30), semaphore)

    def test_a_link_that_fails_is_told_of_and_the_next_is_called(self):
        semaphore, queue = gevent.lock.BoundedSemaphore(1), gevent.queue.Queue()
        semaphore.acquire()
        semaphore.rawlink(lambda one: 1 // 0)
        semaphore.rawlink(queue.put)
        silently(semaphore.release, "ZeroDivisionError")
        self.assertIs(queue.get(timeout=30), semaphore)
        with self.assertRaises(ValueError):
            semaphore.release()


class QueueTests(unittest.TestCase):
    def test_items_come_in_their_order(self):
        self.assertEqual([q.get() for q in [gevent.queue.Queue(items=[1, 2])] for _ in range(2)], [1, 2])
        for kind, expected in ((gevent.queue.LifoQueue, [3, 2, 1]), (gevent.queue.PriorityQueue, [1, 2, 3])):
            queue = kind()
            for item in (1, 2, 3):
                queue.put(item)
            self.assertEqual([queue.get() for _ in range(3)], expected)

    def test_whoever_takes_waits_and_whoever_puts_waits_for_room(self):
        queue = gevent.queue.Queue(1)
        taker = gevent.spawn(lambda: [queue.get() for _ in range(3)])
        for item in range(3):
            queue.put(item, timeout=30)
        self.assertEqual(taker.get(timeout=30), [0, 1, 2])
        queue.put("x")
        with self.assertRaises(gevent.queue.Full):
            queue.put("y", timeout=SHORT)
        self.assertEqual(queue.peek(), "x")
        queue.get_nowait()
        with self.assertRaises(gevent.queue.Empty):
            queue.get(timeout=SHORT)

    def test_iteration_ends_with_a_mark(self):
        queue = gevent.queue.Queue(items=[1, 2, StopIteration])
        self.assertEqual(list(queue), [1, 2])

    def test_join_waits_for_what_was_taken(self):
        queue, event = gevent.queue.JoinableQueue(items=[1, 2]), gevent.event.Event()

        def work():
            for item in queue:
                event.wait(60)
                queue.task_done()

        worker = gevent.spawn(work)
        self.assertFalse(queue.join(timeout=0.0001))
        event.set()
        queue.join()
        self.assertEqual(queue.unfinished_tasks, 0)
        worker.kill()

    def test_a_channel_hands_over(self):
        channel = gevent.queue.Channel()
        giver = gevent.spawn(channel.put, "x")
        gevent.sleep(SHORT)
        self.assertFalse(giver.ready())
        self.assertEqual(channel.get(), "x")
        giver.get(timeout=30)
        with self.assertRaises(gevent.queue.Full):
            channel.put("y", timeout=SHORT)
        with self.assertRaises(gevent.queue.Empty):
            channel.get(timeout=SHORT)

    def count_waits(self, queue):
        """A list in which each wait in a queue is noted."""
        wait, waits = _waiting.Waiter.wait, []

        def noted(waiter, timeout=None):
            if waiter in queue._getters or waiter in queue._putters:
                waits.append(waiter)
            return wait(waiter, timeout)

        patch = mock.patch.object(_waiting.Waiter, "wait", noted)
        patch.start()
        self.addCleanup(patch.stop)
        return waits

    def test_one_item_wakes_one_of_those_who_wait_and_the_rest_go_on_waiting(self):
        queue, got = gevent.queue.Queue(), gevent.queue.Queue()
        waits = self.count_waits(queue)
        takers = [gevent.spawn(lambda: got.put(queue.get())) for _ in range(5)]
        wait_until(lambda: len(waits) == 5)
        queue.put("x")
        wait_until(lambda: got.qsize() == 1)
        # Whoever has been woken for nothing would have waited again by now, and woken another.
        time.sleep(5 * SHORT)
        self.assertEqual((len(queue._getters), len(waits)), (4, 5))
        for item in "abcd":
            queue.put(item)
        gevent.joinall(takers, timeout=30)
        self.assertEqual(sorted(got.queue), ["a", "b", "c", "d", "x"])

    def test_one_place_wakes_one_of_those_who_put(self):
        queue = gevent.queue.Queue(1, items=[0])
        waits = self.count_waits(queue)
        givers = [gevent.spawn(queue.put, number) for number in range(1, 5)]
        wait_until(lambda: len(waits) == 4)
        got = [queue.get()]
        wait_until(queue.full)
        time.sleep(5 * SHORT)
        self.assertEqual((len(queue._putters), len(waits)), (3, 4))
        got += [queue.get(timeout=30) for _ in givers]
        self.assertEqual(sorted(got), [0, 1, 2, 3, 4])

    def test_whoever_is_woken_and_raises_leaves_the_item_to_the_next(self):
        queue = gevent.queue.Queue()
        second = []

        def wait(waiter, timeout=None):
            """Another lines up behind; the item comes, and so does an exception."""
            patch.stop()
            second.append(gevent.spawn(queue.get))
            wait_until(lambda: len(queue._getters) == 2)
            queue.put("x")
            raise KeyError("thrown")

        patch = mock.patch.object(_waiting.Waiter, "wait", wait)
        patch.start()
        with self.assertRaises(KeyError):
            queue.get()
        self.assertEqual(second[0].get(timeout=30), "x")

    def test_whoever_is_woken_too_late_keeps_its_place(self):
        queue, wait, places = gevent.queue.Queue(), _waiting.Waiter.wait, []
        queue._getters.append(_waiting.Waiter())

        def too_late(waiter, timeout=None):
            places.append(queue._getters.index(waiter))
            if len(places) == 1:
                queue._getters.popleft()
                behind = _waiting.Waiter()
                queue._getters.append(behind)
                queue._getters.wake_one()
                return wait(waiter, timeout)
            raise KeyError("enough")

        with mock.patch.object(_waiting.Waiter, "wait", too_late), self.assertRaises(KeyError):
            queue.get()
        self.assertEqual(places, [1, 0])

    def test_a_queue_that_is_shut_at_once_has_nobody_wait_for_its_items(self):
        for kind in (gevent.queue.Queue, gevent.queue.LifoQueue, gevent.queue.PriorityQueue):
            queue = kind(items=[1, 2, 3])
            queue.get()
            joining = gevent.spawn(queue.join)
            wait_until(lambda queue=queue: queue._finished._links)
            queue.shutdown(immediate=True)
            # The one that was taken is waited for all the same.
            self.assertEqual(queue.unfinished_tasks, 1)
            self.assertFalse(joining.ready())
            queue.task_done()
            self.assertTrue(joining.get(timeout=30))
            with self.assertRaises(gevent.queue.ShutDown):
                queue.get()
        queue = gevent.queue.Queue(items=[1, 2])
        queue.shutdown(immediate=True)
        self.assertTrue(queue.join(timeout=0.0001))

    def test_what_a_channel_has_handed_over_is_not_lost_by_what_is_thrown_then(self):
        channel = gevent.queue.Channel()

        def late(does):
            def wait(waiter, timeout=None):
                patch.stop()
                does()
                raise KeyError("late")

            patch = mock.patch.object(_waiting.Waiter, "wait", wait)
            patch.start()

        late(lambda: channel.put("x"))
        self.assertEqual(channel.get(), "x")
        with self.assertRaises(KeyError):
            gevent.sleep(30)
        taken = []
        late(lambda: taken.append(channel.get()))
        channel.put("y")
        self.assertEqual(taken, ["y"])
        # Where nobody waits it comes all the same.
        with self.assertRaises(KeyError):
            while True:
                time.sleep(0.001)
        # And what comes before is raised at once.
        for use in (channel.get, lambda: channel.put("z")):
            late(lambda: None)
            with self.assertRaises(KeyError):
                use()
        self.assertEqual(channel.balance, 0)

    def test_a_wait_that_is_ended_by_an_exception_keeps_what_was_handed_over(self):
        waiter = _waiting.Waiter()
        waiter.wake(("item",))
        waiter.wake()
        self.assertEqual(waiter.value, ("item",))

    def test_a_channel_tells_its_putters_apart_whatever_their_items_compare_to(self):
        class Incomparable:
            __hash__ = None

            def __eq__(self, other):
                raise TypeError("not to be compared")

        channel = gevent.queue.Channel()
        giver = gevent.spawn(channel.put, Incomparable())
        wait_until(lambda: channel.balance == 1)
        with self.assertRaises(gevent.queue.Full):
            channel.put(Incomparable(), timeout=SHORT)
        self.assertIsInstance(channel.get(), Incomparable)
        giver.get(timeout=30)

    def test_many_pass_through_without_loss(self):
        queue, got = gevent.queue.Queue(10), []
        takers = [gevent.spawn(lambda: [got.append(item) for item in queue]) for _ in range(4)]
        givers = [gevent.spawn(lambda base=base: [queue.put(base + item) for item in range(100)]) for base in range(0, 800, 100)]
        gevent.joinall(givers)
        for _ in takers:
            queue.put(StopIteration)
        gevent.joinall(takers)
        self.assertEqual(sorted(got), list(range(800)))


class PoolTests(unittest.TestCase):
    def test_a_pool_has_so_many_at_once(self):
        pool, inside, most = gevent.pool.Pool(3), [], []

        def work(number):
            inside.append(number)
            most.append(len(inside))
            gevent.sleep(SHORT / 4)
            inside.remove(number)
            return number * number

        self.assertEqual(pool.map(work, range(10)), [number * number for number in range(10)])
        self.assertLessEqual(max(most), 3)
        self.assertEqual(sorted(pool.imap_unordered(work, range(5))), [0, 1, 4, 9, 16])
        # The last may still be about to leave.
        wait_until(lambda: pool.free_count() == 3)

    def test_whoever_spawns_into_a_full_pool_waits(self):
        pool, event = gevent.pool.Pool(1), gevent.event.Event()
        pool.spawn(event.wait, 60)
        self.assertTrue(pool.full())
        with self.assertRaises(gevent.pool.PoolFull):
            pool.start(Greenlet(int), blocking=False)
        gevent.spawn_later(SHORT, event.set)
        pool.spawn(int).get(timeout=30)
        self.assertTrue(pool.join(timeout=30))

    def test_a_group_is_killed_together(self):
        group = gevent.pool.Group()
        greenlets = [group.spawn(gevent.sleep, 60) for _ in range(3)]
        self.assertEqual(len(group), 3)
        wait_until(lambda: all(map(waits, greenlets)))
        group.kill()
        self.assertTrue(all(one.dead for one in greenlets))
        self.assertEqual(len(group), 0)

    def test_a_pool_of_one_does_not_wait_for_itself(self):
        pool = gevent.pool.Pool(1)
        self.assertEqual(pool.map_async(abs, [-1, -2]).get(timeout=30), [1, 2])
        self.assertEqual(pool.spawn(lambda: pool.apply(int, ("7",))).get(timeout=30), 7)
        results = gevent.queue.Queue()
        pool.map_async(abs, [-3], callback=results.put)
        self.assertEqual(results.get(timeout=30), [3])
        threads = gevent.threadpool.ThreadPool(1)
        self.assertEqual(threads.spawn(lambda: threads.apply(int, ("8",))).get(timeout=30), 8)

    def test_apply_async_does_not_wait_for_room(self):
        pool, event, results = gevent.pool.Pool(1), gevent.event.Event(), gevent.queue.Queue()
        first = pool.apply_async(event.wait)
        self.assertIn(first, pool)
        second = pool.apply_async(int, ("5",), callback=results.put)
        self.assertTrue(pool.full())
        self.assertFalse(second.ready())
        event.set()
        self.assertEqual(second.get(timeout=30), 5)
        self.assertEqual(results.get(timeout=30), 5)
        third = pool.apply_async(int, ("6",), callback=results.put)
        self.assertEqual((third.get(timeout=30), results.get(timeout=30)), (6, 6))

    def test_killing_a_group_takes_no_longer_than_it_may(self):
        group, event, began = gevent.pool.Group(), gevent.event.Event(), []

        def lingers():
            try:
                began.append(True)
                gevent.sleep(60)
            finally:
                event.wait(30)

        group.spawn(lingers)
        quick = group.spawn(gevent.sleep, 60)
        wait_until(lambda: began)
        group.kill(timeout=SHORT)
        wait_until(quick.ready)
        wait_until(lambda: len(group) == 1)
        event.set()
        self.assertTrue(group.join(timeout=30))
        group.kill()

    def test_groups_and_pools_are_true_where_somebody_is_in_them(self):
        group, pool = gevent.pool.Group(), gevent.pool.Pool(1)
        self.assertFalse(group or pool)
        greenlet = pool.spawn(gevent.sleep, 60)
        self.assertTrue(pool)
        with self.assertRaises(gevent.queue.Full):
            pool.start(Greenlet(int), blocking=False)
        self.assertEqual(pool.wait_available(timeout=SHORT), 0)
        greenlet.kill()
        self.assertEqual(pool.wait_available(timeout=30), 1)
        self.assertEqual(gevent.pool.Pool().wait_available(), 1)

    def test_an_error_of_one_is_raised_where_its_result_is_asked_for(self):
        pool, results = gevent.pool.Pool(2), []

        def begin():
            results.append(pool.imap(lambda number: 1 // number, [1, 0, 1]))

        silently(begin, "failed with ZeroDivisionError")
        results = results[0]
        self.assertEqual(next(results), 1)
        with self.assertRaises(ZeroDivisionError):
            next(results)
        self.assertEqual(pool.apply(int, ("5",)), 5)

    def test_threads_take_work(self):
        pool = gevent.threadpool.ThreadPool(2)
        me = threading.get_ident()
        self.assertNotEqual(pool.apply(threading.get_ident), me)
        self.assertEqual(pool.map(abs, [-1, -2]), [1, 2])
        with self.assertRaises(ZeroDivisionError):
            pool.spawn(lambda: 1 // 0).get()
        self.assertEqual(gevent.get_hub().threadpool.apply(int, ("3",)), 3)


class ExecutorTests(unittest.TestCase):
    def test_calls_run_at_once_up_to_a_number(self):
        from greenfinch._executor import ThreadPoolExecutor

        inside, most = [], []

        def work(number):
            inside.append(number)
            most.append(len(inside))
            time.sleep(SHORT / 4)
            inside.remove(number)
            return number * 2

        with ThreadPoolExecutor(4) as executor:
            self.assertEqual(list(executor.map(work, range(12))), [number * 2 for number in range(12)])
            self.assertLessEqual(max(most), 4)
            failing = executor.submit(lambda: 1 // 0)
            self.assertIsInstance(failing.exception(), ZeroDivisionError)
        with self.assertRaises(RuntimeError):
            executor.submit(int)

    def test_calls_that_have_not_begun_can_be_cancelled(self):
        from greenfinch._executor import ThreadPoolExecutor

        event, executor = threading.Event(), ThreadPoolExecutor(1)
        first, second = executor.submit(event.wait, 60), executor.submit(int)
        wait_until(first.running)
        executor.shutdown(wait=False, cancel_futures=True)
        event.set()
        self.assertTrue(first.result())
        self.assertTrue(second.cancelled())
        executor.shutdown()

    def test_an_initializer_that_fails_fails_the_calls_that_wait(self):
        from concurrent.futures.thread import BrokenThreadPool

        from greenfinch._executor import ThreadPoolExecutor

        event = threading.Event()

        def fail():
            event.wait(30)
            raise ValueError("at the beginning")

        with self.assertLogs("concurrent.futures", "CRITICAL") as logged:
            executor = ThreadPoolExecutor(1, initializer=fail)
            futures = [executor.submit(int) for _ in range(3)]
            self.assertTrue(futures[1].cancel())
            event.set()
            for future in (futures[0], futures[2]):
                self.assertIsInstance(future.exception(timeout=30), BrokenThreadPool)
            executor.shutdown()
        self.assertIn("ValueError: at the beginning", logged.output[0])
        with self.assertRaises(BrokenThreadPool):
            executor.submit(int)

    def test_calls_that_nobody_can_be_started_for_fail_unless_others_run(self):
        from greenfinch._executor import ThreadPoolExecutor

        refusal = mock.patch.object(_fibers, "start", side_effect=RuntimeError("can't start new thread"))
        executor = ThreadPoolExecutor(2)
        with refusal, self.assertRaises(RuntimeError):
            executor.submit(int)
        event = threading.Event()
        first = executor.submit(event.wait, 30)
        with refusal:
            second = executor.submit(int, "5")
        event.set()
        self.assertEqual((first.result(timeout=30), second.result(timeout=30)), (True, 5))
        executor.shutdown()


class ModuleTests(unittest.TestCase):
    def test_patching_does_nothing_and_says_so_once(self):
        before = time.sleep
        with self.assertLogs("gunicorn.error", "INFO") as logged:
            self.assertTrue(gevent.monkey.patch_all())
            gevent.monkey.patch_socket()
            gevent.monkey.patch_all(thread=False)
        self.assertEqual(len(logged.output), 1)
        self.assertIs(time.sleep, before)
        self.assertTrue(gevent.monkey.is_module_patched("socket"))
        self.assertIs(gevent.monkey.get_original("time", "sleep"), before)

    def test_drivers_need_no_hooks(self):
        package = types.ModuleType("psycogreen")
        package.__path__ = []
        sys.modules["psycogreen"] = package
        import psycogreen.gevent

        with self.assertLogs("gunicorn.error", "INFO"):
            psycogreen.gevent.patch_psycopg()

    def test_modules_of_the_standard_library_are_themselves(self):
        import socket

        import gevent.socket
        import gevent.ssl
        import gevent.subprocess
        from gevent import select

        self.assertIs(gevent.socket.socket, socket.socket)
        self.assertTrue(select.select)
        one, other = socket.socketpair()
        with one, other:
            with self.assertRaises(socket.timeout):
                gevent.socket.wait_read(one.fileno(), timeout=SHORT)
            other.send(b"x")
            gevent.socket.wait_read(one.fileno(), timeout=30)

    def test_what_needs_the_hub_says_so(self):
        from gevent.pywsgi import WSGIServer
        from gevent.server import StreamServer

        for make in (lambda: WSGIServer(("", 0), None), lambda: StreamServer(("", 0)), lambda: gevent.get_hub().loop):
            with self.assertRaises(NotImplementedError) as caught:
                make()
            self.assertIn("hub", str(caught.exception))
            self.assertEqual(str(caught.exception).count("\n"), 0)

    def test_a_module_that_there_is_not_is_not_found(self):
        with self.assertRaises(ModuleNotFoundError):
            import gevent.nothing  # noqa: F401

    def test_one_module_is_one(self):
        from greenfinch import gevent as own

        self.assertIs(gevent.Greenlet, own.Greenlet)
        self.assertIs(gevent.event.Event, __import__("greenfinch.gevent.event", fromlist=["Event"]).Event)


if __name__ == "__main__":
    unittest.main()
