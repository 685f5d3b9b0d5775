"""Whose own tests are run, how each is started, and which outcomes differ for a reason."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Suite:
    """The tests of somebody else's package, which lie in its source distribution or beside it."""

    name: str
    #: The package that they are of, as PyPI knows it.
    package: str
    #: What they need besides.
    needs: typing.Tuple[str, ...]
    #: What is called, by ``running``: ``pytest``, ``unittest`` or ``django``, and what it is given, with variables of the environment.
    how: str
    arguments: typing.Tuple[str, ...]
    #: Whether our server is what they test, as the servers that a plugin starts. Else they run in a fiber themselves.
    served_by: str = ""
    #: The package whose version the source distribution has, where it has another name.
    installed: str = ""
    #: Which suites it shares a virtual environment with: what httpbin needs goes with no new greenlet.
    group: str = "all"
    #: Servers that it needs: ``postgresql``, ``redis``.
    services: typing.Tuple[str, ...] = ()
    #: In the source distribution.
    folder: str = "."
    #: In seconds, for all of it.
    patience: int = 1500
    #: Of tests by the end of their names, without their parameters: why they come out differently. A name may end in ``*``.
    reasons: typing.Dict[str, str] = dataclasses.field(default_factory=dict)


PYTEST = ("pytest>=8", "pytest-timeout")
_CLOSES = "to `Connection: close` the server answers with the same, RFC 9112, 9.6; the test wants nothing of the kind"

SUITES = {
    suite.name: suite
    for suite in [
        # Our server in the place of the one that the tests start.
        Suite(
            "requests", "requests",
            (*PYTEST, "requests[socks]", "pytest-httpbin", "httpbin", "pytest-mock", "trustme"),
            "pytest", ("tests", "-p", "no:pytest-httpbin", "-p", "served_httpbin"), served_by="httpbin", group="httpbin",
        ),
        Suite(
            "urllib3", "urllib3",
            (*PYTEST, "anyio[trio]", "h2", "httpx", "hypercorn", "pysocks", "pytest-socket", "quart", "quart-trio",
             "cryptography", "pyopenssl", "idna", "trustme"),
            "pytest",
            ("test/with_dummyserver", "--ignore=test/with_dummyserver/test_socketlevel.py", "-p", "served_dummy"),
            served_by="dummyserver",
        ),
        Suite(
            "django-live", "Django", ("psycopg2-binary", "jinja2", "asgiref", "sqlparse", "tblib", "pyyaml"),
            "django", ("servers", "staticfiles_tests.test_liveserver"), served_by="LiveServerTestCase",
            services=("postgresql",), folder="tests",
            reasons={
                "LiveServerThreadTest.test_closes_connections": "it looks at connections of the test's own thread, which serves nothing",
                "LiveServerViews.test_closes_connection_without_content_length": "such an answer is chunked, and its connection kept",
                "LiveServerViews.test_keep_alive_connection_clears_previous_request_data": _CLOSES,
                "LiveServerViews.test_keep_alive_on_connection_with_content_length": _CLOSES,
                "StaticLiveServerView.test_collectstatic_emulation": "it changes settings once the server is there, in another process",
                "setUpClass (staticfiles_tests.test_liveserver.StaticLiveServerChecks)":
                    "settings that are wrong are told of by a worker that does not start, and not by that exception",
            },
        ),
        # In a fiber.
        Suite(
            "django", "Django", ("psycopg2-binary", "jinja2", "asgiref", "sqlparse", "tblib", "pyyaml"),
            "django", ("servers", "requests_tests", "asgi", "handlers", "backends"), services=("postgresql",), folder="tests",
        ),
        Suite(
            "psycopg2", "psycopg2", ("psycopg2-binary",), "unittest", ("tests.test_suite",), installed="psycopg2-binary",
            services=("postgresql",),
        ),
        Suite(
            "sqlalchemy-pool", "SQLAlchemy", (*PYTEST, "psycopg2-binary", "greenlet"), "pytest",
            ("test/engine/test_pool.py", "test/engine/test_reconnect.py", "test/engine/test_transaction.py",
             "test/base/test_concurrency.py", "--db", "greenfinch"),
            services=("postgresql",),
        ),
        Suite(
            "redis-py", "redis", (*PYTEST, "pytest-asyncio", "numpy", "pybreaker", "aiohttp", "xxhash", "redis-entraid", "mock",
                                  "cryptography", "opentelemetry-api", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"),
            "pytest",
            ("tests/test_connection_pool.py", "tests/test_lock.py", "tests/test_pubsub.py", "tests/test_pipeline.py",
             "tests/test_monitor.py", "tests/test_multiprocessing.py", "--redis-url=$SUITE_REDIS"),
            services=("redis",),
            reasons={
                "::test_get_message_timeout_zero_returns_immediately":
                    "it wants an answer within 0.1 s of the clock, which a busy machine does not always give; it comes and goes",
            },
        ),
        Suite(
            "greenlet", "greenlet", ("psutil", "objgraph"), "unittest", ("greenlet.tests",),
        ),
    ]
}  # fmt: skip
