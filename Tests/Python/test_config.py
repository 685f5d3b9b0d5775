"""How an application is found, gunicorn.conf.py files, their hooks, and what Python logs.

    python3 Tests/Python/test_config.py
"""

import asyncio
import base64
import datetime
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import types
import unittest
from unittest import mock

import fake_native

fake_native.load()
from greenfinch import _access, _config, _hooks, _kind, _load, _logging, _names, _requests  # noqa: E402


class Folder(unittest.TestCase):
    """A case with a folder of its own, which is the working directory meanwhile."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before, path, modules = os.getcwd(), list(sys.path), set(sys.modules)
        os.chdir(folder.name)
        sys.path.insert(0, folder.name)

        def undo():
            os.chdir(before)
            sys.path[:] = path
            for name in set(sys.modules) - modules:
                if not name.startswith(("greenfinch", "logging")):
                    del sys.modules[name]

        self.addCleanup(undo)

    def write(self, name, text):
        pathlib.Path(name).write_text(textwrap.dedent(text))


class LoadTests(Folder):
    def setUp(self):
        super().setUp()
        self.write(
            "shop.py",
            """
            def application(environ, start_response): ...
            app = application
            class Holder:
                inner = staticmethod(application)
            number = 7
            nothing = None
            def make(name="x", *, debug=False):
                def made(environ, start_response): ...
                made.settings = name, debug
                return made
            def broken():
                raise TypeError("in the factory")
            """,
        )

    def test_an_application_is_found_by_what_a_command_line_says(self):
        self.assertEqual(_load.load("shop").__name__, "application")
        self.assertEqual(_load.load("shop:app").__name__, "application")
        self.assertEqual(_load.load("shop:Holder.inner").__name__, "application")
        self.assertEqual(_load.load("shop:make()").settings, ("x", False))
        self.assertEqual(_load.load("shop:make('y', debug=True)").settings, ("y", True))

    def test_what_is_wrong_is_said_in_gunicorns_words(self):
        cases = {
            "shop:nowhere": "Failed to find attribute 'nowhere' in 'shop'.",
            "shop:number": "Application object must be callable.",
            "shop:nothing": "Failed to find application object: 'nothing'",
            "shop:a[0]": "Failed to parse 'a[0]' as an attribute name or function call.",
            "shop:a b": "Failed to parse 'a b' as an attribute name or function call.",
            "shop:make(name)": "Failed to parse arguments as literal values: 'make(name)'",
            "shop:(lambda: 0)()": "Function reference must be a simple name: '(lambda: 0)()'",
            "shop:make(1, 2, 3)": "TypeError: make() takes from 0 to 1 positional arguments but 3 were given",
        }
        for target, sentence in cases.items():
            with self.assertRaises(_load.NotLoaded, msg=target) as caught:
                _load.load(target)
            self.assertEqual(_load.explain(caught.exception), (sentence, None))

    def test_what_the_module_raises_is_shown_from_its_own_line_on(self):
        self.write("wrong.py", "import nowhere_at_all\n")
        for target, kind in (("wrong:app", ModuleNotFoundError), ("shop:broken()", TypeError)):
            try:
                self.fail(_load.load(target))
            except kind as error:
                sentence, trace = _load.explain(error)
            self.assertIn(kind.__name__, sentence)
            self.assertNotIn("_load.py", trace)
            self.assertNotIn("importlib", trace)
            self.assertIn(target.partition(":")[0] + ".py", trace)

    def test_a_file_is_not_a_module(self):
        with self.assertRaises(ImportError) as caught:
            _load.load("shop.py:app")
        self.assertEqual(str(caught.exception), "Failed to find application, did you mean 'shop:app'?")

    def test_a_file_of_paste_needs_no_settings_of_its_own(self):
        self.write("site.ini", "[app:main]\n")
        deploy = types.ModuleType("paste.deploy")
        deploy.loadapp = lambda place, name, global_conf: (place, name, global_conf)
        modules = {"paste": types.ModuleType("paste"), "paste.deploy": deploy}
        place = "config:" + os.path.abspath("site.ini")
        with mock.patch.dict(sys.modules, modules):
            # As a setting that is not given comes apart.
            self.assertEqual(_load.load_paste("site.ini", "".split(",")), (place, None, {}))
            given = _load.load_paste("config:site.ini#other", "a=b, c = d".split(","))
            self.assertEqual(given, (place, "other", {"a": "b", "c": "d"}))
            with self.assertRaisesRegex(_load.NotLoaded, "--paste-global is 'x', and must be NAME=VALUE"):
                _load.load_paste("site.ini", ["x"])


class KindTests(unittest.TestCase):
    def test_the_kind_is_found_by_the_shape(self):
        class Asynchronous:
            async def __call__(self, scope, receive, send): ...

        class Plain:
            def __call__(self, environ, start_response): ...

        class Wrapping:
            def __call__(self, scope, receive, send): ...

        class Old:
            def __init__(self, scope): ...

            async def __call__(self, receive, send): ...

        def takes_all(*arguments): ...

        def wsgi(environ, start_response, option=None): ...

        async def asgi(scope, receive, send): ...

        found = [_kind.kind(one) for one in (Asynchronous(), Plain(), Wrapping(), Old, takes_all, wsgi, asgi)]
        self.assertEqual(found, ["asgi", "wsgi", "asgi", "asgi", "wsgi", "wsgi", "asgi"])

    def test_an_application_of_asgi_2_is_called_twice(self):
        seen = []

        class Old:
            def __init__(self, scope):
                seen.append(scope)

            async def __call__(self, receive, send):
                seen.append((receive, send))

        asyncio.run(_kind.as_asgi3(Old)(1, 2, 3))
        self.assertEqual(seen, [1, (2, 3)])


class ConfigTests(Folder):
    def printed(self, text, name="gunicorn.conf.py"):
        self.write(name, text)
        outcome = subprocess.run(
            [sys.executable, "-c", START % name], capture_output=True, text=True, timeout=60
        )
        return outcome.returncode, dict(line.split("\t", 1) for line in outcome.stdout.splitlines()), outcome.stderr

    def test_settings_are_the_names_of_the_file(self):
        status, settings, said = self.printed(
            r"""
            import multiprocessing, pathlib
            print("this is no setting")
            bind = ["127.0.0.1:8000", "unix:/run/x.sock"]
            workers = 2 * 2 + 1
            preload_app = True
            accesslog = None
            pidfile = pathlib.Path("/run/x.pid")
            umask = 0o007
            timeout = 1.5
            access_log_format = "a\tb\r\nc\r"
            raw_env = ["A=1", "B=2"]
            class Worker: ...
            worker_class = Worker
            helper = 5
            _private = 7
            secure_scheme_headers = {
                "X-FORWARDED-PROTOCOL": "ssl", "X-FORWARDED-PROTO": "https", "X-FORWARDED-SSL": "on"}
            def post_fork(server, worker): ...
            logconfig_dict = {"version": 1}
            """
        )
        self.assertEqual((status, said), (0, "this is no setting\n"))
        self.assertEqual(
            settings,
            {
                "bind": "127.0.0.1:8000\tunix:/run/x.sock",
                "workers": "5",
                "preload_app": "true",
                "pidfile": "/run/x.pid",
                "umask": "07",
                "timeout": "1.5",
                "access_log_format": r"a\tb\r\nc\r",
                "raw_env": "A=1\tB=2",
                "worker_class": "__config__.Worker",
            },
        )

    def test_slips_and_hooks_that_nobody_calls_are_told_of(self):
        _, settings, said = self.printed("worker = 3\ndef ssl_context(config, factory): ...\n")
        self.assertEqual(settings, {})
        self.assertIn("there is no setting 'worker'; did you mean 'workers'?", said)
        self.assertIn("ssl_context is not called here: the server speaks TLS itself", said)

    def test_a_file_that_fails_shows_its_own_line(self):
        status, settings, said = self.printed("workers = 1\nraise ValueError('in the file')\n")
        self.assertEqual((status, settings), (1, {}))
        self.assertTrue(said.startswith("Failed to read config file: gunicorn.conf.py\n"))
        self.assertIn("line 2", said)
        self.assertNotIn("_config.py", said)
        status, _, said = self.printed("import sys; sys.exit('no')\n")
        self.assertEqual(status, 1)
        self.assertEqual(self.printed("workers = object()\n")[0], 1)

    def test_a_file_may_have_any_name_and_may_be_a_module(self):
        self.assertEqual(self.printed("workers = 2", "settings.cfg")[1], {"workers": "2"})
        self.write("settings.py", "workers = 3")
        self.assertEqual(_config.settings(_config.read("python:settings")), {"workers": ["3"]})
        self.assertEqual(_config.settings(_config.read("file:settings.py")), {"workers": ["3"]})
        with self.assertRaises(_config.ConfigError) as caught:
            _config.read("nowhere.py")
        self.assertEqual(str(caught.exception), "'nowhere.py' doesn't exist")

    def test_the_names_are_those_of_the_documentation(self):
        pages = fake_native.ROOT / "Sources" / "GreenServer" / "GreenServer.docc"
        text = "".join((pages / page).read_text() for page in ("ServerSettings.md", "GunicornSettings.md"))
        named = set(re.findall(r"^\| `([a-z_0-9]+)` \|", text, re.MULTILINE))
        self.assertEqual(named - _names.SETTINGS - _names.HOOKS, set())


START = """
import sys
sys.path[:0] = [%r, %r]
import fake_native
fake_native.load()
from greenfinch import _config
sys.exit(_config.main(%%r))
""" % (str(fake_native.PACKAGE), str(pathlib.Path(__file__).parent))


def environ_of(path="/x", **more):
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "q=1", "RAW_URI": path + "?q=1",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "10.0.0.1", "REMOTE_PORT": "5", "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "HTTP_HOST": "example.org", "HTTP_USER_AGENT": 'a "quoted" agent', **more,
    }


class HookTests(unittest.TestCase):
    def hooks(self, **names):
        return _hooks.WorkerHooks(names, {"workers": "3", "timeout": "30s", "bind": "127.0.0.1:8000"}.get)

    def test_hooks_get_what_they_use(self):
        seen = []
        hooks = self.hooks(
            workers=3,
            post_fork=lambda server, worker: seen.append((server.pid, worker.pid, worker.age, server.cfg.workers)),
            post_worker_init=lambda worker: seen.append((worker.booted, worker.cfg.timeout, worker.cfg.address)),
            worker_exit=lambda server, worker: seen.append(worker.alive),
        )
        hooks.post_fork()
        hooks.post_worker_init()
        hooks.worker_exit()
        self.assertEqual(seen, [(os.getppid(), os.getpid(), 0, 3), (True, 30, ["127.0.0.1:8000"]), False])
        with self.assertRaises(AttributeError):
            hooks.server.cfg.nothing

    def test_values_of_the_command_line_go_before_those_of_the_file(self):
        self.assertEqual(self.hooks(workers=5).server.cfg.workers, 3)

    def test_a_request_in_wsgi_has_its_hooks(self):
        seen = []

        def pre_request(worker, req):
            seen.append(("pre", worker.nr, req.method, req.uri, req.path, req.query, dict(req.headers)["HOST"], req.version))

        def post_request(worker, req, environ, resp):
            seen.append(("post", environ["PATH_INFO"], resp.status, resp.status_code, resp.sent, resp.headers))

        def application(environ, start_response):
            write = start_response("201 Created", [("a", "b")])
            write(b"12")
            return iter([b"345"])

        wrapped = _requests.with_hooks(application, "wsgi", self.hooks(pre_request=pre_request, post_request=post_request))
        body = wrapped(environ_of(), lambda status, headers, *_: lambda data: None)
        self.assertEqual(list(body), [b"345"])
        body.close()
        self.assertEqual(seen[0], ("pre", 1, "GET", "/x?q=1", "/x", "q=1", "example.org", (1, 1)))
        self.assertEqual(seen[1], ("post", "/x", "201 Created", 201, 5, [("a", "b")]))
        self.assertIs(_requests.with_hooks(application, "wsgi", self.hooks()), application)

    def test_a_request_in_asgi_has_its_hooks(self):
        seen = []
        hooks = self.hooks(
            pre_request=lambda worker, req: seen.append((req.uri, req.headers)),
            post_request=lambda worker, req: seen.append("post"),
        )

        async def application(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            raise ValueError

        async def send(message): ...

        scope = {"type": "http", "method": "GET", "path": "/a b", "raw_path": b"/a%20b", "query_string": b"q",
                 "http_version": "1.1", "headers": [(b"host", b"x")], "client": ("1", 2)}
        with self.assertRaises(ValueError):
            asyncio.run(_requests.with_hooks(application, "asgi", hooks)(scope, None, send))
        self.assertEqual(seen, [("/a%20b?q", [("HOST", "x")]), "post"])

    def test_what_a_hook_raises_before_a_request_is_the_requests_and_after_it_is_logged(self):
        def fail(*_):
            raise KeyError("in the hook")

        def application(environ, start_response):
            return []

        with self.assertRaises(KeyError):
            _requests.with_hooks(application, "wsgi", self.hooks(pre_request=fail))(environ_of(), None)
        with self.assertLogs("gunicorn.error", "ERROR") as logged:
            _requests.with_hooks(application, "wsgi", self.hooks(post_request=fail))(environ_of(), None).close()
        self.assertIn("Exception in post_request hook", logged.output[0])


class LoggingTests(Folder):
    def setUp(self):
        super().setUp()

        def undo():
            for name in ("gunicorn.error", "gunicorn.access", None):
                logger = logging.getLogger(name)
                for handler in list(logger.handlers):
                    logger.removeHandler(handler)
                    handler.close()

        self.addCleanup(undo)

    def test_gunicorns_loggers_write_into_the_servers_log(self):
        lines = []
        logs = _logging.configure({"loglevel": "debug"}.get, {}, lambda level, text: lines.append((level, text)))
        self.assertIsNone(logs.access)
        logging.getLogger("gunicorn.error").info("hello %s", "you")
        try:
            raise ValueError("x")
        except ValueError:
            logging.getLogger("gunicorn.error").exception("failed")
        self.assertEqual(lines[0], (20, "hello you"))
        self.assertTrue(lines[1][1].startswith("failed\nTraceback") and lines[1][0] == 40)

    def test_a_dictionary_is_laid_over_gunicorns_own(self):
        configuration = {
            "handlers": {"console": {"class": "logging.FileHandler", "filename": "out.log", "formatter": "generic"},
                         "error_console": {"class": "logging.NullHandler"}},
        }
        logs = _logging.configure({}.get, {"logconfig_dict": configuration})
        answer = _hooks.Answer("200 OK")
        logs.access(answer, _hooks.Request.of_environ(environ_of()), environ_of(), 0.25)
        logging.getLogger("shop").warning("of the application")
        text = pathlib.Path("out.log").read_text()
        self.assertIn('10.0.0.1 - - [', text)
        self.assertIn('"GET /x?q=1 HTTP/1.1" 200 - "-" "a \\"quoted\\" agent"', text)
        self.assertIn("[WARNING] of the application", text)

    def test_a_file_of_the_standard_librarys_form_is_obeyed(self):
        self.write(
            "log.ini",
            """
            [loggers]
            keys=root
            [handlers]
            keys=file
            [formatters]
            keys=
            [logger_root]
            level=INFO
            handlers=file
            [handler_file]
            class=FileHandler
            args=('%(here)s/out.log',)
            """,
        )
        _logging.configure({"logconfig": os.path.abspath("log.ini")}.get)
        logging.getLogger("shop").info("by file")
        self.assertEqual(pathlib.Path("out.log").read_text(), "by file\n")

    def test_what_is_wrong_is_one_sentence(self):
        self.write("broken.json", "{")
        cases = (
            ({"logconfig": "nowhere.ini"}, {}, "logconfig is nowhere.ini, which does not exist"),
            ({"logconfig_json": "broken.json"}, {}, "logconfig_json is broken.json, which is not JSON"),
            ({}, {"logconfig_dict": {"version": 2}}, "logconfig_dict cannot be used"),
            ({"logger_class": "nowhere.Logger"}, {}, "logger_class nowhere.Logger cannot be loaded"),
            ({"logger_class": "Logger"}, {}, "logger_class Logger cannot be loaded"),
        )
        for settings, names, sentence in cases:
            with self.assertRaises(_logging.LoggingError) as caught:
                _logging.configure(settings.get, names)
            self.assertTrue(str(caught.exception).startswith(sentence), str(caught.exception))

    def test_a_logger_class_writes_the_access_log(self):
        class Logger:
            def __init__(self, cfg):
                self.lines = [cfg.loglevel]

            def access(self, resp, req, environ, request_time):
                self.lines.append((resp.status, req.path, request_time))

        logs = _logging.configure({"loglevel": "info", "accesslog": "-"}.get, {"logger_class": Logger})
        logs.access(_hooks.Answer("204"), _hooks.Request.of_environ(environ_of()), environ_of(), 2)
        self.assertEqual(logs.error.lines, ["info", ("204", "/x", datetime.timedelta(seconds=2))])
        self.assertIsNone(_logging.configure({"accesslog": "off"}.get, {"logger_class": Logger}).access)

    def test_atoms_are_gunicorns(self):
        environ = environ_of(HTTP_AUTHORIZATION="Basic YWRhOnNlY3JldA==", HTTP_REFERER="/r")
        request, answer = _hooks.Request.of_environ(environ), _hooks.Answer("404 Not Found", [("X-Y", "z")])
        answer.sent = 7
        atoms = _access.atoms(answer, request, environ, 1.25)
        form = "%(h)s %(u)s %(s)s %(B)s %(b)s %(f)s %(T)s %(M)s %(D)s %(L)s %({x-y}o)s %({host}i)s %({path_info}e)s %(?)s"
        self.assertEqual(form % atoms, "10.0.0.1 ada 404 7 7 /r 1 1250 1250000 1.250000 z example.org /x -")
        self.assertEqual("%(m)s %(U)s %(q)s %(H)s %(r)s" % atoms, "GET /x q=1 HTTP/1.1 GET /x?q=1 HTTP/1.1")

    def test_no_atom_ends_its_line_or_its_quotes(self):
        user = base64.b64encode("ada\r\n10.0.0.9 \u2028\x1b[2J\x85\u202e:secret".encode()).decode()
        environ = environ_of("/a\n\t\x7fb\\", HTTP_AUTHORIZATION="Basic " + user, HTTP_REFERER='"\\')
        answer = _hooks.Answer("200 OK", [("X-Y", "\x9b1m\u2066")])
        atoms = _access.atoms(answer, _hooks.Request.of_environ(environ), environ, 0)
        self.assertEqual(atoms["u"], r"ada\x0d\x0a10.0.0.9 \u{2028}\x1b[2J\x85\u{202e}")
        self.assertEqual((atoms["U"], atoms["f"]), ("/a\\x0a\\x09\\x7fb\\\\", '\\"\\\\'))
        self.assertEqual(atoms["{x-y}o"], r"\x9b1m\u{2066}")
        scope = {"type": "http", "method": "GET", "path": "/a\nb", "raw_path": b"/a%0Ab", "query_string": b"",
                 "http_version": "1.1", "headers": [(b"user-agent", b"\x9b\x0b")], "client": ("1", 2)}
        atoms = _access.atoms(answer, _hooks.Request.of_scope(scope), scope, 0)
        self.assertEqual((atoms["U"], atoms["a"]), (r"/a\x0ab", r"\x9b\x0b"))


if __name__ == "__main__":
    unittest.main()
