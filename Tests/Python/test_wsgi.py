"""PEP 3333, in each worker class."""

import http.client
import importlib
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from serving import PATIENCE, received, serving

CLASSES = {"sync": ["-k", "sync"], "thread": ["-k", "thread", "--threads", "8"], "green": ["-k", "green"]}


class Shapes:
    """Run once for each class."""

    target = "shapes:application"
    kind = "green"

    @classmethod
    def setUpClass(cls):
        file = tempfile.NamedTemporaryFile(delete=False)
        file.write(bytes(range(256)) * 4096)
        file.close()
        cls.file = file.name
        cls.context = serving(cls.target, *CLASSES[cls.kind], environment={"SHAPES_FILE": cls.file})
        cls.server = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)
        os.unlink(cls.file)

    def body(self, path, **more):
        status, _, body = self.server.get(path, **more)
        self.assertEqual(status, 200, body)
        return body

    def test_whole_answers(self):
        status, headers, body = self.server.get("/")
        self.assertEqual((status, body, headers["Content-Length"]), (200, b"Hello World!", "12"))
        self.assertEqual(self.body("/many"), b"one,two")
        self.assertEqual(self.server.get("/empty")[0], 204)
        self.assertEqual(self.server.get("/nothing")[0], 404)

    def test_streams(self):
        status, headers, body = self.server.get("/generator")
        self.assertEqual((status, body), (200, b"one,two,three"))
        self.assertEqual(headers["Transfer-Encoding"], "chunked")
        self.assertEqual(self.body("/writing"), b"written,returned")

    def test_head(self):
        status, headers, body = self.server.request("HEAD", "/")
        self.assertEqual((status, body, headers["Content-Length"]), (200, b"", "12"))
        self.assertEqual(self.server.request("HEAD", "/generator")[2], b"")
        self.assertEqual(self.body("/"), b"Hello World!")

    def test_environ(self):
        path = "/shown/a%20b%C3%A9%2Fc?x=%20y&z"
        headers = {"X-Two": "1", "Cookie": "a=b", "Content-Type": "text/x", "X_Hidden": "no"}
        shown = json.loads(self.body(path, headers=headers))
        self.assertEqual(shown["PATH_INFO"], "/shown/a b\u00c3\u00a9/c")
        self.assertEqual(shown["QUERY_STRING"], "x=%20y&z")
        self.assertEqual((shown["RAW_URI"], shown["REQUEST_URI"]), (path, path))
        self.assertEqual((shown["REQUEST_METHOD"], shown["SERVER_PROTOCOL"]), ("GET", "HTTP/1.1"))
        self.assertEqual((shown["SERVER_NAME"], shown["SERVER_PORT"]), ("127.0.0.1", str(self.server.port)))
        self.assertEqual((shown["REMOTE_ADDR"], shown["SCRIPT_NAME"]), ("127.0.0.1", ""))
        self.assertTrue(shown["REMOTE_PORT"].isdigit())
        self.assertEqual((shown["HTTP_X_TWO"], shown["HTTP_COOKIE"], shown["CONTENT_TYPE"]), ("1", "a=b", "text/x"))
        self.assertNotIn("HTTP_X_HIDDEN", shown)
        self.assertNotIn("HTTP_CONTENT_TYPE", shown)
        self.assertEqual(shown["wsgi.version"], [1, 0])
        self.assertEqual((shown["wsgi.url_scheme"], shown["wsgi.run_once"]), ("http", False))
        self.assertEqual(shown["wsgi.multithread"], self.kind != "sync")
        self.assertTrue(shown["wsgi.input_terminated"])

    def test_a_client_that_resets_its_connection_in_the_middle_of_its_body_is_no_failure(self):
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
                # Until the application reads.
                time.sleep(0.2)
        self.assertEqual(self.body("/"), b"Hello World!")
        time.sleep(0.2)
        self.assertNotIn("Error handling request /echo", self.server.text())

    def test_the_host_of_a_target_in_absolute_form(self):
        answer = self.server.raw(
            b"GET http://real.example:81/shown?a=b HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"
        )
        shown = json.loads(answer.split(b"\r\n\r\n", 1)[1])
        self.assertEqual((shown["HTTP_HOST"], shown["PATH_INFO"]), ("real.example:81", "/shown"))

    def test_repeated_fields(self):
        answer = self.server.raw(
            b"GET /shown HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n"
        )
        shown = json.loads(answer.split(b"\r\n\r\n", 1)[1])
        self.assertEqual((shown["HTTP_X_A"], shown["HTTP_COOKIE"]), ("1,2", "a=1; b=2"))

    def test_names_of_fields_that_are_made_up_are_not_kept(self):
        # More than are kept of all.
        for first in range(0, 600, 20):
            names = {"X-Made-%s-%d" % (self.kind, number): "x" for number in range(first, first + 20)}
            self.assertEqual(json.loads(self.body("/interned", headers=names)), [False] * 20)
        # One that comes again and again is.
        again = {"X-Made-Again": "x", "Cookie": "a=b"}
        self.assertIn([True], [json.loads(self.body("/interned", headers=again)) for _ in range(5)])

    def test_input(self):
        body = b"abcdef\nghi\njk\nl\nm"
        parts = self.server.request("POST", "/reading", body)[2]
        self.assertEqual(parts.decode(), repr([b"abc", b"def\n", b"gh", [b"i\n"], [b"jk\n", b"l\n", b"m"], b""]))
        self.assertEqual(self.server.request("POST", "/echo", b"x" * 200_000)[2], b"x" * 200_000)
        self.assertEqual(self.server.request("POST", "/echo", b"")[2], b"")

    def test_chunked_input(self):
        def pieces():
            yield b"one"
            yield b"two" * 50_000

        connection = self.server.connection()
        connection.request("POST", "/echo", body=pieces(), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(connection.getresponse().read(), b"one" + b"two" * 50_000)
        connection.close()

    def test_big_upload(self):
        size = 30_000_000
        self.assertEqual(self.server.request("POST", "/count", b"\0" * size)[2], str(size).encode())

    def test_expect(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            self.assertTrue(received(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 100"))
            peer.sendall(b"hi")
            self.assertTrue(received(peer, b"hi").endswith(b"hi"))

    def test_close_is_called(self):
        before = int(self.body("/closed"))
        self.assertEqual(self.body("/closing"), b"xxx")
        # After the client has all of it.
        self.until_closed(before + 1)
        self.server.request("HEAD", "/closing")
        self.until_closed(before + 2)

    def test_a_body_without_end_ends_where_none_is_sent(self):
        bodiless = [("GET", "/endless?%d" % status) for status in (204, 205, 304)]
        for method, path in [("HEAD", "/endless"), ("HEAD", "/writing_endlessly"), *bodiless]:
            before = int(self.body("/closed"))
            self.assertEqual(self.server.request(method, path)[2], b"")
            self.until_closed(before + 1)
        self.assertNotIn("BrokenPipe", self.server.text())

    def until_closed(self, count):
        end = time.monotonic() + PATIENCE
        while int(self.body("/closed")) != count:
            self.assertLess(time.monotonic(), end, self.server.text())
            time.sleep(0.02)

    def test_lengths(self):
        self.assertEqual(self.body("/long_list"), b"abcd")
        with self.assertRaises(http.client.IncompleteRead):
            self.server.get("/short_list")
        self.assertEqual(self.body("/"), b"Hello World!")

    def test_errors(self):
        for path in ("/early_error", "/twice", "/no_start", "/bad_header", "/bad_status", "/not_latin", "/not_bytes"):
            status, headers, _ = self.server.get(path)
            self.assertEqual((path, status), (path, 500))
            self.assertIsNone(headers["Injected"])
        self.server.wait_for(r"ValueError: before the head")
        self.server.wait_for(r"Error handling request /early_error")
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.server.get("/late_error")
        self.server.wait_for(r"ValueError: after the head")
        status, _, body = self.server.get("/error_info")
        self.assertEqual((status, body), (503, b"replaced"))
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.server.get("/late_info")
        for path in ("/exits", "/interrupted"):
            self.assertEqual(self.server.get(path)[0], 500)
        self.assertEqual(self.body("/recursion"), b"recursion ended")
        self.assertEqual(self.body("/"), b"Hello World!")
        self.assertEqual(len(self.server.workers()), 1)

    def test_files(self):
        self.assertEqual(self.body("/file"), bytes(range(256)) * 4096)
        self.assertEqual(self.body("/file?1000000"), (bytes(range(256)) * 4096)[1000000:])
        self.assertEqual(self.server.request("HEAD", "/file")[2], b"")

    def test_only_files_that_give_their_own_bytes_are_sent_by_the_kernel(self):
        for kind, body, length in (
            ("raw", b"but this", "8"), ("random", b"but this", "8"), ("named", b"but this", "8"),
            ("own", b"BUT THIS", None), ("buffered", b"but this", None), ("memory", b"but this", None),
        ):
            status, headers, found = self.server.get("/kinds_of_files?" + kind)
            self.assertEqual((status, found, headers["Content-Length"]), (200, body, length), kind)
        for module in ("gzip", "bz2", "lzma"):
            try:
                importlib.import_module(module)
            except ImportError:
                continue
            self.assertEqual(self.body("/unpacked?" + module), b"unpacked " * 10_000)

    def test_early_hints(self):
        answer = self.server.raw(b"GET /hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        *heads, body = answer.lower().split(b"\r\n\r\n")
        self.assertEqual([head.split()[1] for head in heads], [b"103", b"103", b"200"], answer)
        self.assertIn(b"link: </style.css>; rel=preload; as=style", heads[0].split(b"\r\n"))
        self.assertIn(b"x-hint: 1", heads[0].split(b"\r\n"))
        self.assertIn(b"link: </script.js>; rel=preload; as=script", heads[1].split(b"\r\n"))
        self.assertEqual((heads[2].count(b"link: "), b"x-hint" in heads[2], body), (2, False, b"hinted"))

    def test_early_hints_come_while_the_answer_is_being_made(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(b"POST /hints HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
            hints = b""
            while hints.count(b"\r\n\r\n") < 2:
                piece = peer.recv(1000)
                self.assertTrue(piece, hints)
                hints += piece
            self.assertNotIn(b" 200 ", hints)
            peer.sendall(b"begun")
            answer = b""
            while not answer.endswith(b"begun"):
                piece = peer.recv(1000)
                self.assertTrue(piece, answer)
                answer += piece
            self.assertTrue(answer.startswith(b"HTTP/1.1 200"), answer)

    def test_early_hints_are_left_out_where_they_cannot_be_sent(self):
        answer = self.server.raw(b"GET /hints HTTP/1.0\r\nHost: h\r\n\r\n")
        self.assertEqual((answer.split()[1], answer.endswith(b"hinted"), b" 103 " in answer), (b"200", True, False))
        answer = self.server.raw(b"GET /late_hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        self.assertEqual((b" 103 " in answer, b"two" in answer), (False, True), answer)

    def test_early_hints_are_sent_by_the_request_s_own_thread_alone(self):
        answer = self.server.raw(b"GET /hints_elsewhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        *heads, body = answer.split(b"\r\n\r\n")
        self.assertEqual([head.split()[1] for head in heads], [b"103", b"200"], answer)
        self.assertTrue(body.startswith(b"wsgi.early_hints is called by the thread"), answer)

    def test_early_hints_are_checked_as_the_answer_s_fields_are(self):
        for kind in ("line", "name", "snow", "number", "none"):
            answer = self.server.raw(
                b"GET /bad_hints?%b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" % kind.encode()
            )
            self.assertTrue(answer.startswith(b"HTTP/1.1 500"), answer)
            self.assertNotIn(b"Injected", answer)

    def test_an_environ_that_is_left_in_the_context_is_no_leak(self):
        self.body("/keeps_environ")
        end = time.monotonic() + PATIENCE
        while self.body("/is_kept") == b"True":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_a_dump_has_each_request_with_its_python_frames(self):
        for path in ("/dumps", "/dumps?thread"):
            text = self.body(path).decode()
            own = text.partition("GET %s HTTP/1.1, id " % path)[2]
            self.assertRegex(own, r'^[0-9a-f]{16}, thread \d+:\n  File ".*shapes.py", line \d+, in ', text)
            self.assertIn("in dumps\n", own)
        self.assertNotIn("_dump.py", self.body("/dumps").decode())

    def test_error_stream(self):
        self.body("/errors")
        self.server.wait_for("a line of wsgi.errors")

    def test_children(self):
        self.assertEqual(self.body("/process"), b"child\n")
        self.assertEqual(self.body("/forks"), b"7")
        self.assertEqual(self.body("/fork_returns"), b"parent")
        self.assertEqual(self.body("/thread"), b"True")
        self.assertEqual(self.body("/offloads"), b"6")
        self.assertNotIn(b"greenfinch", self.body("/preload"))

    def test_a_child_exits_with_the_status_that_it_means(self):
        for code, status in (("none", b"0"), ("seven", b"7"), ("much", b"9"), ("text", b"1")):
            self.assertEqual(self.body("/child_exits?" + code), status, code)
        self.assertEqual(self.body("/child_exits_late"), b"status 8")
        self.server.wait_for("the child's last words")
        self.server.wait_for("printed by a child")
        self.assertEqual(self.body("/"), b"Hello World!")
        self.assertEqual(len(self.server.workers()), 1)

    def test_other_protocols(self):
        wish = b"GET /upgrade%b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(wish % b"")
            self.assertTrue(received(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 101"))
            peer.sendall(b"hello")
            self.assertEqual(received(peer, b"HELLO"), b"HELLO")
            peer.sendall(b"end")
            self.assertEqual(peer.recv(1000), b"")
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(wish % b"?unused")
            self.assertTrue(received(peer, b"unused").endswith(b"unused"))
        self.assertEqual(self.body("/"), b"Hello World!")

    def test_a_wish_for_another_protocol_that_nobody_grants_changes_nothing(self):
        wish = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
        for path, body in {
            "/": b"Hello World!",
            "/generator": b"one,two,three",
            "/writing": b"written,returned",
            "/file": bytes(range(256)) * 4096,
            "/slow_close": b"x",
        }.items():
            self.assertEqual(self.body(path, headers=wish), body, path)

    def test_keep_alive(self):
        connection = self.server.connection()
        for _ in range(3):
            connection.request("GET", "/")
            self.assertEqual(connection.getresponse().read(), b"Hello World!")
        connection.close()

    def test_disconnects(self):
        for path in ("/sleep?0.1", "/generator", "/file"):
            with socket.create_connection(("127.0.0.1", self.server.port)) as peer:
                peer.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        with socket.create_connection(("127.0.0.1", self.server.port)) as peer:
            peer.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc")
        self.assertEqual(self.body("/"), b"Hello World!")


class SyncTests(Shapes, unittest.TestCase):
    kind = "sync"

    def test_main_thread(self):
        self.assertEqual(self.body("/main_thread"), b"True")


class ThreadTests(Shapes, unittest.TestCase):
    kind = "thread"


class GreenTests(Shapes, unittest.TestCase):
    kind = "green"

    def together(self, count, path):
        """Requests at once: their bodies, and how long all took."""
        bodies, start = [None] * count, time.monotonic()

        def ask(number):
            bodies[number] = self.body(path(number))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return bodies, time.monotonic() - start

    def test_sleepers(self):
        bodies, seconds = self.together(20, lambda _: "/sleep?2")
        self.assertEqual(bodies, [b"slept"] * 20)
        # One after the other they would take 40.
        self.assertLess(seconds, 30)

    def test_a_fiber_is_a_thread(self):
        bodies, _ = self.together(20, lambda number: f"/own?{number}")
        self.assertEqual(bodies, [b"(True, True, True, True, True)"] * 20)
        self.assertEqual(self.together(20, lambda _: "/locks")[0], [b"1"] * 20)

    def test_slots_are_reused(self):
        for _ in range(50):
            self.body("/")
        self.assertLess(json.loads(self.body("/numbers"))["slots"], 30)

    def test_a_dump_has_the_requests_that_wait(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            # One that waits for its body.
            peer.sendall(b"POST /echo?waits HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
            end = time.monotonic() + PATIENCE
            while True:
                text = self.body("/dumps").decode()
                waiting = text.partition("POST /echo?waits HTTP/1.1, id ")[2]
                if waiting:
                    break
                self.assertLess(time.monotonic(), end, text)
                time.sleep(0.02)
            self.assertRegex(waiting, r'^[0-9a-f]{16}, thread \d+:\n  File ".*shapes.py"')
            self.assertIn("in echo\n", waiting.split("GET /dumps")[0])
            peer.sendall(b"hello")
            self.assertTrue(peer.recv(1000).startswith(b"HTTP/1.1 200"))
        self.assertNotIn("/echo?waits HTTP/1.1, id", self.body("/dumps").decode())

    def test_fibers(self):
        self.assertEqual(json.loads(self.body("/fibers")), [0, 2, 4, "three"])


class ValidatedTests(Shapes, unittest.TestCase):
    """Under wsgiref.validate, for the shapes that it allows."""

    target = "shapes:make('validated')"
    kind = "green"

    def test_errors(self):
        self.assertEqual(self.server.get("/early_error")[0], 500)

    # Its answers have no Content-Type, which it wants: RFC 9110, 8.3 does not.
    test_lengths = test_a_body_without_end_ends_where_none_is_sent = None
    # An application that answers by another protocol, which PEP 3333 does not know.
    test_other_protocols = None
    # What the application returns is the validator's iterator, and no file.
    test_only_files_that_give_their_own_bytes_are_sent_by_the_kernel = None
    # It calls read() without a length, which PEP 3333 does not demand of servers and the validator refuses.
    test_a_client_that_resets_its_connection_in_the_middle_of_its_body_is_no_failure = None

    def test_streams(self):
        self.assertEqual(self.body("/generator"), b"one,two,three")

    def test_input(self):
        self.assertEqual(self.server.request("POST", "/count", b"x" * 200_000)[2], b"200000")

    def test_chunked_input(self):
        connection = self.server.connection()
        pieces = iter([b"one", b"two" * 50_000])
        connection.request("POST", "/count", body=pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(connection.getresponse().read(), b"150003")
        connection.close()

    def test_expect(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            self.assertTrue(received(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 100"))
            peer.sendall(b"hi")
            self.assertTrue(received(peer, b"\r\n\r\n2").endswith(b"\r\n\r\n2"))


def curl_speaks_http2():
    program = shutil.which("curl")
    return bool(program) and " HTTP2" in subprocess.run([program, "--version"], capture_output=True, text=True).stdout


@unittest.skipUnless(curl_speaks_http2(), "curl with HTTP/2 is not installed")
class HTTP2Tests(unittest.TestCase):
    """The same over HTTP/2 that begins at once, without TLS."""

    @classmethod
    def setUpClass(cls):
        cls.context = serving("shapes:application", "-k", "green", "--http-protocols", "h2,h1")
        cls.server = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def curl(self, path, *options, body=None):
        address = "http://127.0.0.1:%d%s" % (self.server.port, path)
        command = ["curl", "-s", "-m", "60", "--http2-prior-knowledge", *options, address]
        return subprocess.run(command, check=True, input=body, capture_output=True).stdout

    def test_environ(self):
        shown = json.loads(self.curl("/shown/a%20b?x=1", "-H", "X-Two: 1", "-H", "Cookie: a=1", "-H", "Cookie: b=2"))
        self.assertEqual(shown["SERVER_PROTOCOL"], "HTTP/2.0")
        self.assertEqual((shown["REQUEST_METHOD"], shown["PATH_INFO"], shown["QUERY_STRING"]), ("GET", "/shown/a b", "x=1"))
        self.assertEqual((shown["RAW_URI"], shown["wsgi.url_scheme"]), ("/shown/a%20b?x=1", "http"))
        self.assertEqual((shown["HTTP_X_TWO"], shown["HTTP_COOKIE"]), ("1", "a=1; b=2"))
        self.assertEqual(shown["HTTP_HOST"], "127.0.0.1:%d" % self.server.port)
        self.assertEqual((shown["SERVER_NAME"], shown["SERVER_PORT"]), ("127.0.0.1", str(self.server.port)))
        self.assertFalse([name for name in shown if name.startswith("HTTP_:") or name == "HTTP__AUTHORITY"])

    def test_bodies(self):
        self.assertEqual(self.curl("/generator"), b"one,two,three")
        self.assertEqual(self.curl("/writing"), b"written,returned")
        self.assertEqual(self.curl("/echo", "--data-binary", "@-", body=b"x" * 200_000), b"x" * 200_000)
        # Of a length that is not told.
        self.assertEqual(self.curl("/count", "-X", "POST", "-T", "-", body=b"x" * 300_000), b"300000")
        heads = self.curl("/", "-I").split(b"\r\n")
        self.assertEqual((heads[0].strip(), b"content-length: 12" in heads), (b"HTTP/2 200", True))

    def test_early_hints(self):
        answer = self.curl("/hints", "-i")
        self.assertEqual(re.findall(rb"^HTTP/2 (\d+)", answer, re.MULTILINE), [b"103", b"103", b"200"], answer)
        self.assertIn(b"x-hint: 1", answer.split(b"\r\n\r\n")[0])

    def test_errors(self):
        self.assertEqual(self.curl("/early_error", "-o", "/dev/null", "-w", "%{http_code} %{http_version}"), b"500 2")
        self.assertEqual(self.curl("/"), b"Hello World!")


if __name__ == "__main__":
    unittest.main()
