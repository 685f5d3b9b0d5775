"""The attacks are what they say and stay within their bounds, and what is wrong is told: `python3 -m unittest discover
Benchmarks/attacks`."""

import argparse
import contextlib
import io
import os
import re
import socket
import struct
import unittest
import zlib
from pathlib import Path
from unittest import mock

import paths  # noqa: F401
import attack_report
import attacks
import bodies
import catalogue
import connections
import heads
import http2_floods
import phases
import slow
import sockets
import watching
import websocket_floods
from attack import MOST_CONNECTIONS, MOST_SECONDS, NotApplicable, Target
from flooding import Flood
from holding import Hold
from honest import ANSWER, Answer, Latency, receive
from outcomes import PHASES, Outcome
from programs import CLASSES, server
from watching import Held


class Listener:
    """A port of the loopback at which connections are made and nobody speaks, in a `with` block."""

    def __enter__(self) -> int:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        return self._socket.getsockname()[1]

    def __exit__(self, *_) -> None:
        self._socket.close()


class Bounds(unittest.TestCase):
    def test_nothing_may_be_asked_for_beyond_them(self):
        for seconds, most in ((MOST_SECONDS + 1, 1), (0, 1), (1, MOST_CONNECTIONS + 1), (1, 0)):
            with self.assertRaises(ValueError):
                Target(1, seconds, most)

    def test_openings_are_spread_over_the_time(self):
        self.assertEqual([sockets.due(elapsed, 10, 8, 1_008) for elapsed in (0, 5, 10, 20)], [8, 508, 1_008, 1_008])
        self.assertEqual(sockets.due(0, 0, 0, 100), 100)
        self.assertEqual(sockets.due(0, 10, 100, 10), 10)

    def test_a_hold_opens_no_more_than_allowed(self):
        with Listener() as port:
            it = Hold(Target(port, 0.5, 5), 100)
            it.run()
        self.assertEqual((it.opened, it.ended), (5, 0))

    def test_a_flood_opens_no_more_than_allowed_and_sends(self):
        with Listener() as port:
            it = Flood(Target(port, 0.5, 3), b"begun", lambda turn: b"%d" % turn * 1000, at_once=8, reads=True)
            it.run()
        self.assertEqual((it.opened, it.ended), (3, 0))
        self.assertGreater(it.sent, 3 * 1000)

    def test_a_storm_opens_no_more_than_allowed(self):
        with Listener() as port:
            said = connections.reset_storm(Target(port, 0.5, 20))
        self.assertIn(int(re.match(r"(\d+) connections, and 0 could", said)[1]), range(1, 21))


class Connections(unittest.TestCase):
    def setUp(self):
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.theirs.close)

    def test_one_that_has_ended_is_told_from_one_that_is_silent(self):
        self.assertFalse(sockets.has_ended(self.ours))
        self.theirs.close()
        self.assertTrue(sockets.has_ended(self.ours))

    def test_a_turn_sends_a_drip_and_takes_so_many_bytes(self):
        self.ours.setblocking(False)
        it = Hold(Target(1, 1), 1, drip=b"drip", takes=32)
        self.theirs.sendall(b"a" * 40)
        self.assertTrue(it._is_there(self.ours))
        self.assertEqual(self.theirs.recv(100), b"drip")
        self.assertEqual(self.ours.recv(100), b"a" * 8)
        self.theirs.close()
        self.assertFalse(it._is_there(self.ours))

    def test_all_is_taken_where_no_number_is_given(self):
        self.ours.setblocking(False)
        it = Hold(Target(1, 1), 1)
        self.theirs.sendall(b"a" * 4000)
        self.assertTrue(it._is_there(self.ours))
        self.assertRaises(BlockingIOError, self.ours.recv, 1)
        self.theirs.close()
        self.assertFalse(it._is_there(self.ours))

    def test_an_answer_in_pieces_is_received_whole(self):
        self.theirs.sendall(b"HTTP/1.1 200 OK\r\n\r\nHello ")
        self.theirs.sendall(b"World!")
        self.assertTrue(receive(self.ours).endswith(ANSWER))
        self.theirs.sendall(b"half")
        self.theirs.close()
        self.assertEqual(receive(self.ours), b"half")

    def test_a_client_hello_is_the_record_of_a_handshake(self):
        hello = connections.client_hello()
        self.assertEqual((hello[0], hello[1], hello[5]), (22, 3, 1))
        self.assertEqual(len(hello), 5 + struct.unpack_from(">H", hello, 3)[0])


class Catalogue(unittest.TestCase):
    def test_no_two_attacks_have_one_name(self):
        self.assertEqual(len(catalogue.ATTACKS), sum(len(family.ATTACKS) for family in catalogue.FAMILIES))

    def test_each_has_a_program_and_a_class(self):
        for attack in catalogue.ATTACKS.values():
            self.assertIn(attack.program, ("hello", "streams"))
            self.assertTrue(set(attack.classes) <= set(CLASSES) and attack.classes, attack.name)

    def test_parts_of_names_choose(self):
        self.assertEqual(len(catalogue.chosen([])), len(catalogue.ATTACKS))
        self.assertEqual([attack.name for attack in catalogue.chosen(["loris", "hpack"])], ["slowloris", "hpack-bomb"])
        with self.assertRaisesRegex(ValueError, "no attack has 'nothing' in its name: slowloris, "):
            catalogue.chosen(["loris", "nothing"])

    def test_servers_are_started_with_what_the_attack_needs(self):
        folder = Path("/nowhere")
        words = {name: server(attack, "green", Path("both.pem"), folder).command
                 for name, attack in catalogue.ATTACKS.items()}
        green = (*CLASSES["green"].split(),)
        self.assertEqual(words["slowloris"], ("/nowhere/hello", *green, "-b", "127.0.0.1:{port}"))
        self.assertIn("h1,h2", words["rapid-reset"])
        self.assertIn("both.pem", words["tls-stops"])
        it = server(catalogue.ATTACKS["tls-stops"], "sync", Path("both.pem"), folder)
        self.assertEqual((it.scheme, it.missing), ("https", "streams is not built: make bench-attacks"))
        self.assertIn("sync", it.command)


class Bytes(unittest.TestCase):
    def test_the_largest_head_is_within_the_limits_of_the_server(self):
        lines = heads.LARGEST.split(b"\r\n")
        self.assertLess(len(heads.LARGEST), 65_536)
        self.assertGreater(len(heads.LARGEST), 59_000)
        self.assertEqual(len([line for line in lines if b": " in line]), 99)

    def test_frames_of_http2(self):
        frame = http2_floods.frame(4, 1, 7, b"abc")
        self.assertEqual(frame, b"\0\0\3\4\1\0\0\0\7abc")
        self.assertEqual(http2_floods.setting(4, 0), b"\0\0\6\4\0\0\0\0\0" b"\0\4\0\0\0\0")

    def test_integers_of_hpack(self):
        # RFC 7541, C.1.
        self.assertEqual(http2_floods.integer(10, 5), b"\x0a")
        self.assertEqual(http2_floods.integer(1337, 5), b"\x1f\x9a\x0a")
        self.assertEqual(http2_floods.integer(42, 8), b"\x2a")

    def test_streams_follow_one_another(self):
        numbers = [number for turn in range(3) for number in http2_floods.streams_of(turn, 50)]
        self.assertEqual(numbers, list(range(1, 300, 2)))

    def test_each_request_is_followed_by_a_frame_of_its_own_stream(self):
        sent = http2_floods.requests_and(lambda stream: b"<%d>" % stream)(1)
        self.assertEqual([int(number) for number in re.findall(rb"<(\d+)>", sent)], list(range(101, 200, 2)))

    def test_the_bomb_names_the_field_that_it_has_put_into_the_table(self):
        bomb = http2_floods.bomb(3)
        self.assertEqual(bomb.count(b"\x40\x01x\x7f\xbd\x1d" + b"a" * 3_900), 1)
        self.assertEqual(bomb[-15_000:], b"\xbe" * 15_000)
        # No frame is longer than the server takes: RFC 9113, 4.2.
        length = int.from_bytes(bomb[:3], "big")
        self.assertLess(length, 16_384)
        self.assertEqual(int.from_bytes(bomb[9 + length:12 + length], "big"), 15_000)

    def test_frames_of_websockets(self):
        frame = websocket_floods.frame
        self.assertEqual(frame(9, b"ab"), b"\x89\x82\0\0\0\0ab")
        self.assertEqual(frame(1, final=False), b"\x01\x80\0\0\0\0")
        self.assertEqual(frame(2, bytes(126), compressed=True)[:4], b"\xc2\xfe\0\x7e")
        self.assertEqual(frame(2, bytes(65_536))[:10], b"\x82\xff\0\0\0\0\0\1\0\0")

    def test_what_is_deflated_is_that_long(self):
        plain = zlib.decompressobj(wbits=-15).decompress(websocket_floods.deflated(100_000) + b"\0\0\xff\xff")
        self.assertEqual(plain, bytes(100_000))


class Bodies(unittest.TestCase):
    def attack(self, answer):
        """By a server that answers so to `/count`; the length of a small body stands for that of a large one."""
        with mock.patch.object(bodies, "BOMB_SIZE", 1 << 20), \
                mock.patch.object(bodies, "ask", lambda port, request: answer(request)), \
                mock.patch.object(bodies, "flood", lambda *_: "flooded"):
            return bodies.gzip_body(Target(1, 1))

    def test_a_server_that_does_not_decompress_is_not_flooded(self):
        def packed_length(request):
            return re.search(rb"Content-Length: (\d+)", request)[1]
        with self.assertRaisesRegex(NotApplicable, "1 MB that are sent as"):
            self.attack(packed_length)

    def test_one_that_does_is(self):
        self.assertEqual(self.attack(lambda _: b"1048576"), "flooded")
        self.assertEqual(self.attack(lambda _: b"too long"), "flooded")

    def test_one_that_does_not_answer_is_a_failure(self):
        self.assertRaises(OSError, self.attack, lambda _: b"")


class Slow(unittest.TestCase):
    STATUS = "\x1b[1;32mclosed:      \x1b[0;0m  {}\nservice available:   YES\n"

    def test_the_last_status_counts(self):
        ending = "Test ended on 10th second\nExit status: Hit test time limit\n"
        told = slow.read_status(self.STATUS.format(0) + self.STATUS.format(1200) + ending)
        self.assertEqual(told, "1,200 had been ended by the server when it last looked (hit test time limit)")

    def test_one_that_was_over_before_it_looked_says_so(self):
        self.assertEqual(slow.read_status("Exit status: Hit test time limit\n"),
                         "it did not look at them (hit test time limit)")

    def test_none_at_all_is_a_failure(self):
        self.assertRaises(OSError, slow.read_status, "set open files limit to 1006\n")

    def test_where_it_is_not_installed_own_sockets_are_as_slow(self):
        with mock.patch.object(slow.shutil, "which", lambda _: None), mock.patch.object(slow, "hold", self.hold):
            for attack in slow.ATTACKS:
                attack.run(Target(1, 10))
        self.assertEqual(len(self.asked), len(slow.ATTACKS))
        self.assertEqual({how["over"] for how in self.asked}, {2.0})
        self.assertEqual([how.get("takes") for how in self.asked], [None, None, 32, 32, 32])
        self.assertEqual(["drip" in how for how in self.asked], [True, True, False, False, False])

    def setUp(self):
        self.asked = []

    def hold(self, target, count, beginnings, **how):
        self.assertEqual(count, slow.CONNECTIONS)
        self.asked.append(how)
        return "held"


def outcome(worker_class="green", **changes) -> Outcome:
    """Of an attack that honest clients notice nothing of, but for what these change."""
    it = Outcome("slowloris", worker_class, "about it", "hello -k green", said="1,000 connections")
    it.latency = {phase: Latency.of([0.001, 0.002], 0) for phase in PHASES}
    it.longest = {phase: Answer(0.002).shown() for phase in PHASES}
    it.held = {"fresh": Held(9, 20), "before": Held(10, 20), "during": Held(30, 1_020), "after": Held(12, 30)}
    it.back_after, it.cores = 1.5, 0.25
    for name, value in changes.items():
        setattr(it, name, {**getattr(it, name), **value} if isinstance(value, dict) else value)
    it.judge()
    return it


class Verdicts(unittest.TestCase):
    def test_nothing_is_wrong_with_it(self):
        self.assertEqual(outcome().problems, [])

    def test_an_answer_that_took_over_a_second_is(self):
        slow_answer = {"latency": {"after": Latency.of([0.001, 1.1], 0)}, "longest": {"after": Answer(1.1).shown()}}
        self.assertRegex(outcome(**slow_answer).problems[0], "after: an honest request took 1,100 ms, in which")
        self.assertEqual(outcome("thread", **slow_answer).problems, [])

    def test_a_failure_is(self):
        failed = {"latency": {"during": Latency.of([0.001], 3)}, "failures": {"during": "timed out"}}
        self.assertEqual(outcome(**failed).problems,
                         ["during: 3 honest requests failed, the first with: timed out"])
        self.assertEqual(outcome("sync", **failed).problems, [])

    def test_no_answer_is(self):
        unanswered = {"latency": {"during": Latency.of([], 0)}}
        self.assertEqual(outcome(**unanswered).problems, ["during: no honest request was answered"])
        self.assertIn("| no answer ", "\n".join(attack_report.table([outcome(**unanswered)])))

    def test_memory_and_descriptors_that_do_not_come_back_are_of_any_class(self):
        for worker_class in CLASSES:
            kept = outcome(worker_class, held={"after": Held(12.1, 20)})
            self.assertEqual(kept.problems,
                             ["the worker kept 12.1 MB, and had 10.0 before: more than 1.2 times as much"])
            leaked = outcome(worker_class, held={"after": Held(10, 31)})
            self.assertEqual(leaked.problems, ["the worker kept 31 descriptors, and had 20 before"])

    def test_a_worker_that_died_is(self):
        self.assertEqual(outcome("sync", survived=False, held={"after": Held()}).problems, ["the worker has died"])

    def test_percentiles(self):
        it = Latency.of([number / 1000 for number in range(100, 0, -1)], 0)
        self.assertEqual((it.answers, it.p50_ms, it.p99_ms, it.most_ms), (100, 51.0, 100.0, 100.0))
        self.assertEqual(Latency.of([], 2), Latency(0, 2))

    def test_a_process_that_is_gone_holds_nothing(self):
        with mock.patch.object(watching.proc, "usage_of", lambda _: watching.proc.Usage()), \
                mock.patch.object(watching.os, "stat", side_effect=FileNotFoundError):
            self.assertEqual(watching.held(1), Held())
        self.assertGreater(watching.descriptors(os.getpid()), 2)


class Reports(unittest.TestCase):
    def test_the_table_has_all_figures_of_a_row(self):
        line = attack_report.table([outcome()])[2]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        self.assertEqual(cells, ["slowloris", "green", *3 * ["2.0 / 2.0 / 2.0"], "0", "10.0 / 30.0 / 12.0",
                                 "20 / 1,020 / 30", "1.5", "25 %", "1,000 connections"])

    def test_what_was_not_measured_is_said(self):
        absent = Outcome("rapid-reset", "sync", "about it", "streams -k sync", not_applicable="nobody speaks it")
        broken = Outcome("pings", "green", "about it", "streams -k green", problems=["it did not start"])
        text = attack_report.markdown({"kernel": "Linux"}, ["a remark"], [absent, broken])
        for part in ("not applicable: nobody speaks it", "not measured, see below", "- pings, green: it did not start",
                     "- kernel: Linux", "- **a remark**"):
            self.assertIn(part, text)
        self.assertEqual((absent.is_good, broken.is_good), (True, False))
        self.assertEqual({line.count("|") for line in text.splitlines() if line.startswith("|")},
                         {len(attack_report.COLUMNS) + 1})

    def test_json_has_all_of_it(self):
        it = outcome(survived=False).as_json()
        self.assertEqual((it["good"], it["held"]["during"], it["latency"]["after"]["answers"]),
                         (False, {"pss": 30, "descriptors": 1_020}, 2))


class Commands(unittest.TestCase):
    def arguments(self, *words) -> argparse.Namespace:
        with mock.patch.object(attacks.shutil, "which", lambda name: name):
            return attacks.arguments(list(words))

    def test_what_is_not_said_is_the_default(self):
        it = self.arguments()
        self.assertEqual((it.seconds, it.worker_class, len(it.attacks)), (10, ["green"], len(catalogue.ATTACKS)))
        self.assertEqual(self.arguments("--quick").seconds, 2)
        self.assertEqual(self.arguments("--quick", "--seconds", "3").seconds, 3)

    def test_what_is_said_is_taken(self):
        it = self.arguments("--only", "tls", "-k", "sync", "-k", "thread", "-k", "sync")
        self.assertEqual(([attack.name for attack in it.attacks], it.worker_class), (["tls-stops"], ["sync", "thread"]))

    def test_what_is_wrong_is_refused(self):
        for words in (["--only", "nothing"], ["--seconds", "61"], ["-k", "fast"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                self.arguments(*words)

    def test_what_the_attacker_prints_is_read(self):
        self.assertEqual(phases.read_outcome('{"said": "10 connections"}\n', ""), "10 connections")
        with self.assertRaisesRegex(NotApplicable, "^not here$"):
            phases.read_outcome('{"not_applicable": "not here"}', "")
        with self.assertRaisesRegex(phases.DidNotRun, "the attack did not run: KeyError: 'x'"):
            phases.read_outcome("", "Traceback:\nKeyError: 'x'\n")
        with self.assertRaisesRegex(phases.DidNotRun, "nothing was said"):
            phases.read_outcome("", "")

    def test_an_attack_on_a_class_that_does_not_speak_it_is_not_begun(self):
        plan = phases.Plan(1, 1, 10, 0, Path("/nowhere"), Path("both.pem"))
        it = phases.measure(catalogue.ATTACKS["rapid-reset"], "sync", plan)
        self.assertEqual((it.is_good, it.not_applicable), (True, "only workers of the class green speak this"))
        it = phases.measure(catalogue.ATTACKS["rapid-reset"], "green", plan)
        self.assertEqual(it.problems, ["streams is not built: make bench-attacks"])


if __name__ == "__main__":
    unittest.main()
