"""A plugin of pytest's with the fixtures of pytest-httpbin, whose httpbin is served by greenfinch."""

import contextlib
import os
from urllib.parse import urljoin

import pytest
from pytest_httpbin import certs
from serving import Server

PLACE = os.path.dirname(certs.__file__)


class Served:
    """What tests ask of pytest-httpbin's server."""

    def __init__(self, protocol, server):
        self.protocol, self.host, self.port = protocol, "127.0.0.1", server.port
        self.url = "%s://127.0.0.1:%d" % (protocol, server.port)

    def __add__(self, other):
        return self.url + other

    def join(self, url, allow_fragments=True):
        return urljoin(self.url, url, allow_fragments=allow_fragments)


@contextlib.contextmanager
def _served(protocol, *options):
    server = Server("httpbin:app", "-k", "green", *options, folder="/")
    try:
        server.wait_for("Booting worker")
        yield Served(protocol, server)
    finally:
        server.stop()
        with open(os.environ.get("SERVED_LOG", os.devnull), "a") as file:
            file.write(server.text())
        server.log.close()


@pytest.fixture(scope="session")
def httpbin():
    with _served("http") as server:
        yield server


@pytest.fixture(scope="session")
def httpbin_secure():
    files = [os.path.join(PLACE, "certs", name) for name in ("server.pem", "server.key")]
    with _served("https", "--certfile", files[0], "--keyfile", files[1]) as server:
        yield server


@pytest.fixture(scope="session", params=["http", "https"])
def httpbin_both(request, httpbin, httpbin_secure):
    return httpbin if request.param == "http" else httpbin_secure


@pytest.fixture
def httpbin_ca_bundle(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certs.where())
