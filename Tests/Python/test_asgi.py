"""The extension's part for ASGI and the event loop around it, with a test in the place of the connections.

    python3 Tests/Python/test_asgi.py
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest

import fake_native

native = fake_native.load()
from greenfinch import _asgi, _dump  # noqa: E402

REQUEST, WEBSOCKET, BODY, DISCONNECT, DRAINED, TEXT, BYTES, STOP = range(8)
PLENTY = 1 << 30


class Exchange:
    """One request as its connection sees it."""

    def __init__(self, target="/", method="GET", headers=(), length=0, version=11, websocket=False, room=PLENTY, **texts):
        self.orders = []
        standard = {"peer": "127.0.0.1:40312", "client": "127.0.0.1", "local": "127.0.0.1:8000", "scheme": "http"}
        self._handle = native.request(
            method, target, list(headers), self.orders, {**standard, **texts}, version, length, websocket, room
        )

    def tell(self, kind, number=0, data=None):
        native.tell(self._handle, kind, number, data)

    async def until(self, kind, count=1):
        """The orders of a kind, once there are so many."""
        for _ in range(2000):
            found = [order for order in self.orders if order[0] == kind]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.001)
        raise AssertionError("no %s among %r" % (kind, self.orders))

    async def answer(self):
        """Status, fields and body of a whole answer."""
        await self.until("start")
        while not self.orders[-1] == ("write", self.orders[-1][1], 1):
            await asyncio.sleep(0.001)
        _, status, fields, length, _ = self.orders[0]
        return status, dict(fields), b"".join(order[1] for order in self.orders if order[0] == "write")


def serve(application, client, **settings):
    """Runs an application, and a client beside it, until the client has ended. What was logged."""
    log, started = [], []
    values = {"asgi_loop": "asyncio", "asgi_disconnect_grace_period": "0.01", "graceful_timeout": "1", **settings}
    native.play(values.get, log, started)
    failures = []

    async def play():
        try:
            await asyncio.wait_for(client(), 60)
        except BaseException as error:
            failures.append(error)
        finally:
            native.tell(None, STOP, 0, None)

    async def beside(scope, receive, send):
        if scope["type"] == "lifespan":
            beside.task = asyncio.get_running_loop().create_task(play())
        await application(scope, receive, send)

    _asgi.run(beside)
    if failures:
        raise failures[0]
    return started


async def hello(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello"})


class ScopeTests(unittest.TestCase):
    def scope(self, *arguments, **options):
        seen = []

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            seen.append(scope)
            if scope["type"] == "http":
                await hello(scope, receive, send)

        async def client():
            exchange = Exchange(*arguments, **options)
            await exchange.until("fail" if options.get("websocket") else "write")

        serve(application, client, **self.settings)
        return seen[0]

    settings = {}

    def test_a_request_has_what_the_specification_says(self):
        headers = [(b"Host", b"example.org"), (b"X-Two", b"1"), (b"x-two", b"2"), (b"Accept", b"\xe9")]
        scope = self.scope("/a%20b/%C3%A9?q=%20", "POST", headers, local="10.0.0.1:80")
        self.assertEqual(scope["asgi"], {"version": "3.0", "spec_version": "2.4"})
        self.assertEqual(scope["http_version"], "1.1")
        self.assertEqual(scope["method"], "POST")
        self.assertEqual(scope["scheme"], "http")
        self.assertEqual((scope["path"], scope["raw_path"]), ("/a b/é", b"/a%20b/%C3%A9"))
        self.assertEqual(scope["query_string"], b"q=%20")
        self.assertEqual(scope["root_path"], "")
        self.assertEqual(scope["headers"], [(name.lower(), value) for name, value in headers])
        self.assertEqual((scope["client"], scope["server"]), (("127.0.0.1", 40312), ("10.0.0.1", 80)))
        self.assertEqual(scope["state"], {})
        self.assertIn("http.response.pathsend", scope["extensions"])

    def test_a_path_that_is_not_utf8_is_there_with_marks(self):
        scope = self.scope("/%ff%4g%")
        self.assertEqual((scope["path"], scope["raw_path"]), ("/\ufffd%4g%", b"/%ff%4g%"))

    def test_versions_are_named_as_the_specification_has_them(self):
        self.assertEqual(self.scope(version=10)["http_version"], "1.0")
        self.assertEqual(self.scope(version=20)["http_version"], "2")

    def test_what_a_proxy_says_of_the_client_has_no_port(self):
        headers = [(b"X-Forwarded-For", b"203.0.113.7")]
        self.assertEqual(self.scope(headers=headers, client="203.0.113.7")["client"], ("203.0.113.7", 0))
        self.assertEqual(self.scope(headers=headers)["client"], ("127.0.0.1", 40312))

    def test_addresses_may_be_of_other_families(self):
        scope = self.scope(peer="[::1]:5", client="::1", local="[::1]:8000")
        self.assertEqual((scope["client"], scope["server"]), (("::1", 5), ("::1", 8000)))
        scope = self.scope(peer="unix:", client="", local="unix:/run/x.sock")
        self.assertEqual((scope["client"], scope["server"]), (None, ("/run/x.sock", None)))

    def test_a_root_path_stands_before_the_path(self):
        scope = self.scope("/a%20b", headers=[(b"x-forwarded-prefix", b"/app")], root_path="/app")
        self.assertEqual((scope["root_path"], scope["path"], scope["raw_path"]), ("/app", "/app/a b", b"/app/a%20b"))
        self.settings = {"root_path": "/set/"}
        scope = self.scope("/x")
        self.assertEqual((scope["root_path"], scope["path"]), ("/set", "/set/x"))
        scope = self.scope("/x", headers=[(b"x-forwarded-prefix", b"/app")], root_path="/app")
        self.assertEqual((scope["root_path"], scope["path"]), ("/set", "/set/x"))

    def test_a_path_that_begins_with_what_a_proxy_has_taken_off_is_another(self):
        scope = self.scope("/app/x", headers=[(b"x-forwarded-prefix", b"/app")], root_path="/app")
        self.assertEqual((scope["root_path"], scope["path"], scope["raw_path"]), ("/app", "/app/app/x", b"/app/app/x"))

    def test_the_servers_address_may_be_known(self):
        for bind, server in (("10.0.0.9:80", ("10.0.0.9", 80)), ("[::1]:81", ("::1", 81)), ("0.0.0.0:80", ("127.0.0.1", 8000)),
                             ("a:1,b:2", ("127.0.0.1", 8000)), ("unix:/x", ("127.0.0.1", 8000))):
            self.settings = {"bind": bind}
            self.assertEqual(self.scope()["server"], server)

    def test_a_websocket_lists_what_the_client_speaks(self):
        headers = [(b"Sec-WebSocket-Protocol", b"chat , superchat"), (b"sec-websocket-protocol", b",v2")]
        scope = self.scope("/ws", headers=headers, websocket=True, scheme="https")
        self.assertEqual((scope["type"], scope["scheme"]), ("websocket", "wss"))
        self.assertEqual(scope["subprotocols"], ["chat", "superchat", "v2"])
        self.assertNotIn("method", scope)
        self.assertIn("websocket.http.response", scope["extensions"])


class Case(unittest.TestCase):
    def run_exchange(self, application, script, *arguments, **options):
        """Runs an application for one exchange, which a script plays."""

        async def all_scopes(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            await application(scope, receive, send)

        exchanges = []

        async def client():
            exchanges.append(Exchange(*arguments, **options))
            await script(exchanges[0])

        serve(all_scopes, client)
        return exchanges[0]


class AnswerTests(Case):
    def test_a_whole_answer_is_one_start_and_one_write(self):
        async def script(exchange):
            await exchange.until("write")

        exchange = self.run_exchange(hello, script)
        start = ("start", 200, [(b"content-type", b"text/plain")], -1, None)
        self.assertEqual(exchange.orders, [start, ("write", b"hello", 1)])

    def test_the_length_that_is_stated_is_taken_out_of_the_fields(self):
        async def application(scope, receive, send):
            headers = ([b"Content-Length", b"5"], [b"transfer-encoding", b"chunked"], (b"x", b"y"))
            await send({"type": "http.response.start", "status": 201, "headers": headers})
            await send({"type": "http.response.body", "body": bytearray(b"he"), "more_body": True})
            await send({"type": "http.response.body", "body": memoryview(b"llo")})

        async def script(exchange):
            await exchange.until("write", 2)

        exchange = self.run_exchange(application, script)
        self.assertEqual(exchange.orders[0], ("start", 201, [(b"x", b"y")], 5, None))
        self.assertEqual(exchange.orders[1:], [("write", b"he", 0), ("write", b"llo", 1)])

    def test_the_head_waits_for_the_body(self):
        async def application(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await asyncio.sleep(0.01)
            raise ValueError("late")

        async def script(exchange):
            await exchange.until("fail")

        exchange = self.run_exchange(application, script)
        self.assertEqual([order[0] for order in exchange.orders], ["fail"])
        self.assertIn("ValueError: late", exchange.orders[0][1])
        self.assertIn("in application", exchange.orders[0][1])

    def test_messages_in_the_wrong_order_are_errors(self):
        wrong = []

        async def application(scope, receive, send):
            async def attempt(message):
                try:
                    await send(message)
                except Exception as error:
                    wrong.append("%s: %s" % (type(error).__name__, error))

            start, body = {"type": "http.response.start", "status": 200}, {"type": "http.response.body"}
            await attempt(body)
            await attempt({"type": "http.response.start", "status": 100})
            await attempt({"type": "http.response.start"})
            await attempt({"type": "http.response.start", "status": 200, "headers": [("a", "b")]})
            await attempt({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b\r\nc: d")]})
            await attempt({"type": "http.response.start", "status": 200, "headers": [(b"a",)]})
            await attempt("text")
            await attempt({})
            await attempt(start)
            await attempt(start)
            await attempt({"type": "http.response.body", "body": "text"})
            await attempt(body)
            await attempt(body)

        async def script(exchange):
            await exchange.until("write")

        self.run_exchange(application, script)
        self.assertEqual(
            wrong,
            [
                "RuntimeError: Expected ASGI message 'http.response.start', but got 'http.response.body'.",
                "ValueError: 100 is not a final answer's status",
                "KeyError: 'status'",
                "TypeError: headers must be pairs of bytes",
                "ValueError: a header's value has a line end or a NUL",
                "TypeError: headers must be pairs of bytes",
                "TypeError: an ASGI message is a dict with a type",
                "TypeError: an ASGI message is a dict with a type",
                "RuntimeError: Expected ASGI message 'http.response.body', but got 'http.response.start'.",
                "TypeError: body must be bytes",
                "RuntimeError: Unexpected ASGI message 'http.response.body' sent, after response already completed.",
            ],
        )

    def test_an_application_that_returns_too_early_has_failed(self):
        async def nothing(scope, receive, send):
            pass

        async def half(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})

        async def script(exchange):
            await exchange.until("fail")

        self.assertIn("without starting response", self.run_exchange(nothing, script).orders[-1][1])
        self.assertIn("without completing response", self.run_exchange(half, script).orders[-1][1])

    def test_what_is_raised_after_the_answer_is_told_of_with_the_requests_line(self):
        async def application(scope, receive, send):
            await hello(scope, receive, send)
            raise ValueError("too late")

        async def script(exchange):
            await exchange.until("fail")

        exchange = self.run_exchange(application, script, line="GET /late HTTP/1.1")
        self.assertIn("after its answer to GET /late HTTP/1.1\nTraceback", exchange.orders[-1][1])

    def test_what_exits_is_the_end_of_its_own_request(self):
        async def application(scope, receive, send):
            if scope["path"] == "/exits":
                await asyncio.sleep(0.001)
                raise SystemExit(3)
            if scope["path"] == "/interrupts":
                await asyncio.create_task(interrupts())
            await asyncio.sleep(0.02)
            await hello(scope, receive, send)

        async def interrupts():
            await asyncio.sleep(0.001)
            raise KeyboardInterrupt

        async def script(exchange):
            others = [Exchange("/exits"), Exchange("/interrupts")]
            for other, name in zip(others, ("SystemExit: 3", "KeyboardInterrupt")):
                self.assertIn(name, (await other.until("fail"))[0][1])
            await exchange.until("write")

        self.run_exchange(application, script)

    def test_an_application_that_is_no_coroutine_function_may_raise_at_once(self):
        def application(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            raise LookupError("at once")

        exchanges = []

        async def client():
            exchanges.append(Exchange())
            await exchanges[0].until("fail")

        serve(application, client)
        self.assertIn("LookupError: at once", exchanges[0].orders[0][1])

    def test_whoever_writes_faster_than_the_client_reads_waits(self):
        progress = []

        async def application(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            for number in range(4):
                await send({"type": "http.response.body", "body": b"x" * 10, "more_body": number < 3})
                progress.append(number)

        async def script(exchange):
            await exchange.until("write", 2)
            await asyncio.sleep(0.02)
            self.assertEqual(progress, [0])
            exchange.tell(DRAINED, 5)
            await exchange.until("write", 3)
            await asyncio.sleep(0.02)
            self.assertEqual(progress, [0, 1])
            exchange.tell(DRAINED, 100)
            await exchange.until("write", 4)

        self.run_exchange(application, script, room=15)
        self.assertEqual(progress, [0, 1, 2, 3])

    def test_trailers_follow_where_they_were_announced(self):
        def application(headers):
            async def application(scope, receive, send):
                await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
                await send({"type": "http.response.body", "body": b"x"})
                await send({"type": "http.response.trailers", "headers": [(b"a", b"1")], "more_trailers": True})
                await send({"type": "http.response.trailers", "headers": [(b"b", b"2")]})

            return application

        async def until_trailers(exchange):
            await exchange.until("trailers")

        async def until_body(exchange):
            await exchange.until("write")

        exchange = self.run_exchange(application([(b"trailer", b"a, b")]), until_trailers)
        self.assertEqual(exchange.orders[0][4], "a, b")
        self.assertEqual(exchange.orders[1:], [("write", b"x", 0), ("trailers", [(b"a", b"1"), (b"b", b"2")])])
        exchange = self.run_exchange(application([]), until_body)
        self.assertEqual(exchange.orders[1:], [("write", b"x", 1)])

    def test_a_file_is_sent_by_its_path(self):
        async def application(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            try:
                await send({"type": "http.response.pathsend", "path": "/does/not/exist"})
            except FileNotFoundError:
                await send({"type": "http.response.pathsend", "path": name})

        async def script(exchange):
            await exchange.until("path")

        with tempfile.NamedTemporaryFile() as file:
            name = file.name
            file.write(b"1234567")
            file.flush()
            exchange = self.run_exchange(application, script)
        self.assertEqual(exchange.orders, [("start", 200, [], 7, None), ("path", name)])

    def test_a_dump_has_each_request_with_the_frames_of_its_task(self):
        dumps = []

        async def waits(event):
            await event.wait()

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            if scope["path"] == "/waits":
                application.event = asyncio.Event()
                await waits(application.event)
            else:
                dumps.append(_dump.python_part(native.running))
            await hello(scope, receive, send)
            if scope["path"] != "/waits":
                application.event.set()

        async def client():
            first = Exchange("/waits", id="0123456789abcdef", line="GET /waits HTTP/1.1")
            while not hasattr(application, "event"):
                await asyncio.sleep(0.001)
            second = Exchange("/tells", id="fedcba9876543210", line="GET /tells HTTP/1.1")
            await second.answer()
            await first.answer()
            self.assertEqual(native.running(), [])

        serve(application, client)
        waiting, _, telling = dumps[0].partition("GET /tells HTTP/1.1, id fedcba9876543210, thread ")
        self.assertTrue(waiting.startswith("GET /waits HTTP/1.1, id 0123456789abcdef, in a task:\n"), waiting)
        names = [line.rpartition(" in ")[2] for line in waiting.splitlines() if line.startswith("  File")]
        self.assertEqual(names[:4], ["beside", "application", "waits", "wait"])
        self.assertIn("in application\n", telling)

    def test_the_frames_of_a_request_are_those_above_the_worker_s_own(self):
        # As the main thread of a sync worker has them.
        names = {}
        exec(compile("def main():\n    return serves()\ndef serves():\n    return answers()\n", _dump.WORKER, "exec"), names)
        names["answers"] = lambda: _dump.python_part(lambda: [("GET / HTTP/1.1", "0", threading.get_ident(), None)])
        lines = names["main"]().splitlines()
        self.assertEqual(lines[0], "GET / HTTP/1.1, id 0, thread %d:" % threading.get_ident())
        self.assertRegex(lines[1], r"  File .*test_asgi\.py.*, in <lambda>")

    def test_a_request_that_ends_while_a_dump_is_made_has_no_frames_of_the_next(self):
        rows = [[("GET /%s HTTP/1.1" % word, word, threading.get_ident(), None)] for word in ("one", "two")]
        text = _dump.python_part(lambda: rows.pop(0))
        self.assertTrue(text.startswith("no request of its own, thread %d" % threading.get_ident()), text)

    def aborted(self, client, before=""):
        """What a process tells whose application ends it, after what `client` has asked for."""
        program = textwrap.dedent("""
            import asyncio, ctypes, faulthandler, os, signal, struct, sys
            from test_asgi import Exchange, native, serve

            async def application(scope, receive, send):
                if scope["type"] == "lifespan":
                    raise NotImplementedError
                if scope["path"].startswith("/waits"):
                    await asyncio.sleep(60)
                if scope["path"] == "/later":
                    await asyncio.sleep(0.01)
                os.kill(os.getpid(), signal.SIGABRT)

            async def client():
                %s
                await asyncio.sleep(60)

            faulthandler.enable()
            native.tell_aborts()
            %s
            serve(application, client)
        """)
        here = os.path.dirname(os.path.abspath(__file__))
        words = [sys.executable, "-c", program % (client, before)]
        answer = subprocess.run(words, cwd=here, capture_output=True, text=True)
        self.assertEqual(answer.returncode, -signal.SIGABRT, answer.stderr)
        return answer.stderr

    def test_a_process_that_is_aborted_tells_its_requests_before_its_frames(self):
        text = self.aborted("Exchange('/waits'); await asyncio.sleep(0.01); Exchange('/hangs%1b[1m?' + 'x' * 400, 'POST')")
        first, _, rest = text.partition("\n")
        found = re.fullmatch(r"Thread (0x[0-9a-f]{16}) is at POST (/hangs\S{294})\.\.\.", first)
        self.assertTrue(found, text)
        self.assertTrue(rest.startswith("A task is at GET /waits\n"), text)
        # The same thread, by faulthandler.
        self.assertRegex(rest, r'hread %s .*\n  File "<string>", line \d+ in application' % found.group(1))

    def test_a_process_that_is_aborted_tells_first_what_it_is_at_of_many(self):
        text = self.aborted("for n in range(150): Exchange('/waits%d' % n, has_time=True)\n"
                            "    Exchange('/later', has_time=True)")  # fmt: skip
        lines = text.splitlines()
        # Also after it has waited, where requests have a time; the others by their age.
        self.assertRegex(lines[0], r"^Thread 0x[0-9a-f]{16} is at GET /later$")
        self.assertEqual(lines[1:100], ["A task is at GET /waits%d" % n for n in range(99)])
        self.assertEqual(lines[100], "... and 51 more")

    @unittest.skipUnless(os.uname().machine == "x86_64", "the filter is of x86_64's numbers")
    def test_a_process_that_may_not_look_into_itself_says_so_when_it_is_aborted(self):
        # A filter by which process_vm_readv, 310, is EPERM.
        words = [(0x20, 0, 0, 0), (0x15, 0, 1, 310), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
        text = self.aborted(
            "Exchange('/hangs')",
            "words = b''.join(struct.pack('HBBI', *each) for each in %r)\n"
            "buffer = ctypes.create_string_buffer(words)\n"
            "rules = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', 4, ctypes.addressof(buffer)))\n"
            "assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0\n"
            "assert ctypes.CDLL(None).prctl(22, 2, rules, 0, 0) == 0" % words)  # fmt: skip
        first, _, rest = text.partition("\n")
        self.assertEqual(first, "The requests cannot be told: process_vm_readv(2) is refused")
        self.assertRegex(rest, r'\n  File "<string>", line \d+ in application')

    def test_early_hints_go_before_the_answer(self):
        async def application(scope, receive, send):
            await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
            await hello(scope, receive, send)

        async def script(exchange):
            await exchange.until("write")

        exchange = self.run_exchange(application, script)
        self.assertEqual(exchange.orders[0], ("hints", [(b"link", b"</a.css>; rel=preload")]))


class RequestBodyTests(Case):
    def test_a_request_without_a_body_is_whole_at_once(self):
        messages = []

        async def application(scope, receive, send):
            messages.append(await receive())
            await hello(scope, receive, send)
            messages.append(await receive())
            messages.append(await receive())

        async def script(exchange):
            await exchange.until("write")

        exchange = self.run_exchange(application, script)
        gone = {"type": "http.disconnect"}
        self.assertEqual(messages, [{"type": "http.request", "body": b"", "more_body": False}, gone, gone])
        self.assertNotIn(("want",), exchange.orders)

    def test_a_body_comes_in_pieces_that_are_asked_for(self):
        messages = []

        async def application(scope, receive, send):
            while True:
                messages.append(await receive())
                if not messages[-1]["more_body"]:
                    break
            await hello(scope, receive, send)

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(BODY, 1, b"abc")
            await exchange.until("want", 2)
            exchange.tell(BODY, 0, b"de")
            await exchange.until("write")

        self.run_exchange(application, script, "/", "POST", length=-1)
        self.assertEqual([(m["body"], m["more_body"]) for m in messages], [(b"abc", True), (b"de", False)])

    def test_whoever_waits_for_a_message_hears_that_the_answer_is_complete(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
            file.flush()
            body = {"type": "http.response.body"}
            trailers = {"type": "http.response.trailers", "headers": [(b"a", b"b")]}
            ends = {
                "whole": [body],
                "pieces": [{**body, "body": b"x", "more_body": True}, body],
                "trailers": [body, trailers],
                "path": [{"type": "http.response.pathsend", "path": file.name}],
                # The application returns, or raises, and has not answered.
                "nothing": [],
            }
            for name, messages in ends.items():
                told = []

                async def application(scope, receive, send):
                    await receive()
                    waiting = asyncio.ensure_future(receive())
                    waiting.add_done_callback(lambda done: told.append(done.result()["type"]))
                    await asyncio.sleep(0.005)
                    await send({"type": "http.response.start", "status": 200, "trailers": trailers in messages})
                    for message in messages:
                        await send(message)
                    if messages:
                        await waiting

                async def script(exchange):
                    while not told:
                        await asyncio.sleep(0.001)

                with self.subTest(name):
                    self.run_exchange(application, script)
                    self.assertEqual(told, ["http.disconnect"])

    def test_an_end_that_was_known_is_not_told_of_again(self):
        messages = []

        async def application(scope, receive, send):
            messages.extend([await receive(), await receive()])
            await hello(scope, receive, send)

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(BODY, 0, b"")
            await exchange.until("want", 2)
            exchange.tell(DISCONNECT)
            while len(messages) < 2:
                await asyncio.sleep(0.001)

        self.run_exchange(application, script)
        self.assertEqual([message["type"] for message in messages], ["http.request", "http.disconnect"])

    def test_a_client_that_goes_is_told_of_and_its_task_is_cancelled(self):
        seen = []

        async def application(scope, receive, send):
            seen.append(await receive())
            try:
                seen.append(await receive())
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(DISCONNECT)
            while "cancelled" not in seen:
                await asyncio.sleep(0.001)

        self.run_exchange(application, script)
        self.assertEqual([m if m == "cancelled" else m["type"] for m in seen], ["http.request", "http.disconnect", "cancelled"])

    def test_what_goes_on_after_an_answer_for_nobody_is_not_cancelled(self):
        seen = []

        async def application(scope, receive, send):
            await receive()
            seen.append((await receive())["type"])
            await hello(scope, receive, send)
            try:
                await asyncio.sleep(0.1)
                seen.append("background")
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(DISCONNECT)
            while len(seen) < 2:
                await asyncio.sleep(0.001)

        self.run_exchange(application, script)
        self.assertEqual(seen, ["http.disconnect", "background"])

    def test_whoever_streams_to_nobody_learns_it_by_an_error_and_that_is_no_failure(self):
        seen = []

        async def application(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            try:
                while True:
                    await send({"type": "http.response.body", "body": b"x" * 10, "more_body": True})
            except OSError as error:
                seen.append(type(error))
                raise

        async def script(exchange):
            await exchange.until("write")
            exchange.tell(DISCONNECT)
            while not seen:
                await asyncio.sleep(0.001)

        exchange = self.run_exchange(application, script, room=5)
        self.assertEqual(seen, [native.ClientDisconnected])
        self.assertNotIn("fail", [order[0] for order in exchange.orders])

    def test_what_starlette_raises_once_the_client_has_gone_is_no_failure(self):
        class ClientDisconnect(Exception):
            pass

        async def application(scope, receive, send):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            raise ValueError

        for gone, error in ((True, ClientDisconnect), (False, ValueError)):
            ended = []

            async def told(scope, receive, send):
                try:
                    await application(scope, receive, send)
                finally:
                    ended.append(1)

            async def script(exchange):
                if gone:
                    exchange.tell(DISCONNECT)
                while not ended:
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0.01)

            length = 10 if gone else 0
            exchange = self.run_exchange(told, script, length=length)
            self.assertEqual("fail" in [order[0] for order in exchange.orders], not gone, error)

    def test_receive_and_send_can_be_made_tasks_of_and_cancelled(self):
        seen = []

        async def application(scope, receive, send):
            waiting = asyncio.create_task(receive())
            await asyncio.sleep(0.005)
            waiting.cancel()
            try:
                await waiting
            except asyncio.CancelledError:
                seen.append("cancelled")
            seen.append(await asyncio.wait_for(receive(), 60))
            await asyncio.gather(send({"type": "http.response.start", "status": 200}))
            await asyncio.ensure_future(send({"type": "http.response.body", "body": b"x"}))

        async def script(exchange):
            await exchange.until("want")
            await asyncio.sleep(0.02)
            exchange.tell(BODY, 0, b"body")
            await exchange.until("write")

        exchange = self.run_exchange(application, script, "/", "POST", length=4)
        self.assertEqual(seen, ["cancelled", {"type": "http.request", "body": b"body", "more_body": False}])
        self.assertEqual([order[0] for order in exchange.orders], ["want", "start", "write"])


class ContextTests(Case):
    def test_each_request_has_a_task_and_a_context_of_its_own(self):
        import contextvars

        variable = contextvars.ContextVar("variable", default=None)
        seen, tasks = [], set()

        async def application(scope, receive, send):
            seen.append(variable.get())
            variable.set(scope["path"])
            tasks.add(asyncio.current_task())
            assert asyncio.current_task() in asyncio.all_tasks() or True
            if scope["path"] == "/1":
                await asyncio.sleep(0.01)
            async with asyncio.timeout(60) if hasattr(asyncio, "timeout") else _Nothing():
                await asyncio.sleep(0)
            assert variable.get() == scope["path"]
            await hello(scope, receive, send)

        async def script(exchange):
            others = [Exchange("/1"), Exchange("/2")]
            for other in [exchange, *others]:
                await other.until("write")

        self.run_exchange(application, script, "/0")
        self.assertEqual(seen, [None, None, None])
        self.assertEqual(len(tasks), 3)

    def test_the_state_of_the_lifespan_is_each_requests_to_change(self):
        seen = []

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                scope["state"]["shared"] = [1]
                await send({"type": "lifespan.startup.complete"})
                await receive()
                seen.append("shutdown")
                return await send({"type": "lifespan.shutdown.complete"})
            scope["state"]["own"] = scope["path"]
            seen.append(dict(scope["state"]))
            await hello(scope, receive, send)

        async def client():
            for path in ("/1", "/2"):
                await Exchange(path).until("write")

        self.assertEqual(serve(application, client), [None])
        self.assertEqual(seen, [{"shared": [1], "own": "/1"}, {"shared": [1], "own": "/2"}, "shutdown"])

    def test_what_goes_on_after_the_answer_is_waited_for(self):
        seen = []

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            await hello(scope, receive, send)
            await asyncio.sleep(0.05)
            seen.append("background")

        async def client():
            await Exchange().until("write")

        serve(application, client, graceful_timeout="30")
        self.assertEqual(seen, ["background"])


class _Nothing:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *_):
        pass


class LifespanTests(unittest.TestCase):
    def started(self, application, **settings):
        log, started = [], []
        native.play({"asgi_loop": "asyncio", **settings}.get, log, started)

        async def stopping(scope, receive, send):
            asyncio.get_running_loop().call_later(0.02, native.tell, None, STOP, 0, None)
            await application(scope, receive, send)

        _asgi.run(stopping)
        return started[0]

    def test_an_application_without_a_lifespan_is_served(self):
        async def application(scope, receive, send):
            assert scope["type"] == "http"

        self.assertIsNone(self.started(application))
        self.assertIn("AssertionError", self.started(application, asgi_lifespan="on"))

    def test_an_application_that_fails_to_start_says_why(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})

        self.assertIn("no database", self.started(application))

    def test_an_application_that_raises_once_it_has_started_is_served_on(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            raise ValueError("afterwards")

        self.assertIsNone(self.started(application))

    def test_answers_that_do_not_belong_there_are_errors(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "http.response.start", "status": 200})

        self.assertIn("Unexpected ASGI message", self.started(application, asgi_lifespan="on"))


class WebSocketTests(Case):
    async def accept(self, receive, send, **more):
        assert await receive() == {"type": "websocket.connect"}
        await send({"type": "websocket.accept", **more})

    def test_messages_go_both_ways(self):
        async def application(scope, receive, send):
            await self.accept(receive, send, subprotocol="chat", headers=[(b"x", b"y")])
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return seen.append(message)
                await send({"type": "websocket.send", **{key: message[key] for key in ("text", "bytes") if key in message}})

        seen = []

        async def script(exchange):
            await exchange.until("accept")
            await exchange.until("want")
            exchange.tell(TEXT, 0, "grüß".encode())
            await exchange.until("want", 2)
            exchange.tell(BYTES, 0, b"\x00\xff")
            await exchange.until("bytes")
            exchange.tell(DISCONNECT, 4000, b"bye")
            while not seen:
                await asyncio.sleep(0.001)

        exchange = self.run_exchange(application, script, websocket=True)
        self.assertEqual(exchange.orders[0], ("accept", "chat", [(b"x", b"y")]))
        self.assertIn(("text", "grüß".encode()), exchange.orders)
        self.assertIn(("bytes", b"\x00\xff"), exchange.orders)
        self.assertEqual(seen, [{"type": "websocket.disconnect", "code": 4000, "reason": "bye"}])
        self.assertNotIn("fail", [order[0] for order in exchange.orders])

    def test_whoever_waits_for_a_message_before_the_websocket_is_accepted_gets_it(self):
        seen = []

        async def application(scope, receive, send):
            await receive()
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0.005)
            await send({"type": "websocket.accept"})
            seen.append((await waiting)["text"])

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(TEXT, 0, b"hello")
            await exchange.until("close")

        self.run_exchange(application, script, websocket=True)
        self.assertEqual(seen, ["hello"])

    def test_a_websocket_can_be_refused(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "websocket.close", "code": 4001})

        async def script(exchange):
            await exchange.until("close")

        exchange = self.run_exchange(application, script, websocket=True)
        self.assertEqual([order[0] for order in exchange.orders], ["close"])

    def test_a_websocket_can_be_answered_otherwise(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"a", b"b")]})
            await send({"type": "websocket.http.response.body", "body": b"who are you?"})

        async def script(exchange):
            await exchange.until("write")

        exchange = self.run_exchange(application, script, websocket=True)
        self.assertEqual(exchange.orders, [("start", 401, [(b"a", b"b")], -1, None), ("write", b"who are you?", 1)])

    def test_the_application_closes_with_its_code(self):
        async def application(scope, receive, send):
            await self.accept(receive, send)
            await send({"type": "websocket.close", "code": 4002, "reason": "tschüß"})
            seen.append(await receive())

        seen = []

        async def script(exchange):
            await exchange.until("close")

        exchange = self.run_exchange(application, script, websocket=True)
        self.assertEqual(exchange.orders[1], ("close", 4002, "tschüß"))
        self.assertEqual(seen, [{"type": "websocket.disconnect", "code": 4002, "reason": ""}])

    def test_one_that_returns_closes_and_one_that_raises_fails(self):
        async def returning(scope, receive, send):
            await self.accept(receive, send)

        async def raising(scope, receive, send):
            await self.accept(receive, send)
            raise ValueError("in the conversation")

        async def silent(scope, receive, send):
            await receive()

        for application, kind in ((returning, "close"), (raising, "fail"), (silent, "fail")):

            async def script(exchange, kind=kind):
                await exchange.until(kind)

            exchange = self.run_exchange(application, script, websocket=True)
            self.assertEqual(exchange.orders[-1][0], kind)
        self.assertEqual(exchange.orders[-1][1], "ASGI callable returned without sending handshake.")

    def test_messages_in_the_wrong_order_are_errors(self):
        wrong = []

        async def application(scope, receive, send):
            async def attempt(message):
                try:
                    await send(message)
                except Exception as error:
                    wrong.append(type(error).__name__)

            await attempt({"type": "websocket.send", "text": "early"})
            await self.accept(receive, send)
            await attempt({"type": "websocket.accept"})
            await attempt({"type": "websocket.send"})
            await attempt({"type": "websocket.send", "text": b"bytes"})
            await attempt({"type": "websocket.send", "text": "\ud800"})
            await send({"type": "websocket.close"})
            await attempt({"type": "websocket.send", "text": "late"})
            await attempt({"type": "websocket.close"})

        async def script(exchange):
            await exchange.until("close")

        self.run_exchange(application, script, websocket=True)
        self.assertEqual(
            wrong,
            ["RuntimeError", "RuntimeError", "KeyError", "TypeError", "UnicodeEncodeError", "RuntimeError", "RuntimeError"],
        )

    def test_sending_to_a_client_that_has_gone_is_an_error(self):
        seen = []

        async def application(scope, receive, send):
            await self.accept(receive, send)
            await receive()
            try:
                await send({"type": "websocket.send", "text": "x"})
            except OSError as error:
                seen.append(type(error))

        async def script(exchange):
            await exchange.until("want")
            exchange.tell(DISCONNECT, 1006)
            while not seen:
                await asyncio.sleep(0.001)

        self.run_exchange(application, script, websocket=True)
        self.assertEqual(seen, [native.ClientDisconnected])


class MemoryTests(Case):
    def test_nothing_of_a_request_is_left(self):
        import gc
        import weakref

        gone = []

        async def application(scope, receive, send):
            class Marker:
                pass

            marker = Marker()
            weakref.finalize(marker, gone.append, scope["path"])
            await receive()
            if scope["path"] == "/waits":
                await asyncio.sleep(0.001)
            await hello(scope, receive, send)

        async def script(exchange):
            gc.disable()
            try:
                for path in ("/", "/waits"):
                    for _ in range(50):
                        await Exchange(path).until("write")
                for _ in range(1000):
                    if len(gone) >= 100:
                        break
                    await asyncio.sleep(0.001)
                self.assertGreaterEqual(len(gone), 100)
            finally:
                gc.enable()

        self.run_exchange(application, script)


if __name__ == "__main__":
    unittest.main()
