"""A plugin of pytest's for urllib3's tests: the application of their dummy server is served by greenfinch, its proxies are not."""

import contextlib
import ipaddress
import os
import socket

from dummyserver import hypercornserver
from serving import Server

_hypercorn = hypercornserver.run_hypercorn_in_thread


def _addresses(host):
    """A port, and the host with it as addresses to listen at."""
    host = host.strip("[]")
    try:
        addresses = [ipaddress.ip_address(host)]
    except ValueError:
        addresses = [ipaddress.ip_address(found) for found in ("127.0.0.1", "::1")]
    with socket.socket(socket.AF_INET6 if addresses[-1].version == 6 else socket.AF_INET) as probe:
        probe.bind((str(addresses[-1]), 0))
        port = probe.getsockname()[1]
    return port, ",".join(("[%s]:%d" if address.version == 6 else "%s:%d") % (address, port) for address in addresses)


@contextlib.contextmanager
def run(host, certs, app):
    if type(app).__name__ == "ProxyApp":
        with _hypercorn(host, certs, app) as port:
            yield port
        return
    port, places = _addresses(host)
    options = ["-k", "green", "-b", places, "--asgi-loop", "asyncio"]
    if certs:
        options += ["--certfile", certs["certfile"], "--keyfile", certs["keyfile"]]
        if certs.get("ca_certs"):
            options += ["--ca-certs", certs["ca_certs"]]
        if certs.get("cert_reqs"):
            options += ["--cert-reqs", str(int(certs["cert_reqs"]))]
        if "h2" in certs.get("alpn_protocols", ()):
            options += ["--http-protocols", "h2,h1"]
    server = Server("dummy_app:app", *options, folder=os.environ["SUITE_FOLDER"])
    try:
        server.wait_for("Booting worker")
        yield port
    finally:
        server.stop()
        with open(os.environ.get("SERVED_LOG", os.devnull), "a") as file:
            file.write(server.text())
        server.log.close()


hypercornserver.run_hypercorn_in_thread = run
