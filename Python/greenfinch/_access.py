"""gunicorn's access log as Python writes it: for ``logconfig``, ``logconfig_dict`` and a ``logger_class``. Without these the
server writes the access log itself, and no Python runs for it."""

import base64
import binascii
import os
import time

STANDARD = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'

#: What a client says must neither end the quotes that it stands in, nor the line, nor speak to a terminal: as in the log that the
#: server writes itself.
ESCAPES = {
    **{code: "\\x%02x" % code for code in (*range(0x20), *range(0x7F, 0xA0))},
    **{code: "\\u{%x}" % code for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))},
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


class Atoms(dict):
    """The atoms of one request by name; one that there is not is ``-``."""

    def __missing__(self, name):
        return "-"


def atoms(answer, request, environ, seconds):
    """gunicorn's atoms, of an environ of WSGI or a scope of ASGI."""
    environ = environ if "wsgi.version" in environ else _environ(environ)
    status = answer.status.partition(" ")[0] or "-"
    line = "%s %s HTTP/%d.%d" % (request.method, request.uri, *request.version)
    micros = int(seconds * 1_000_000)
    found = {
        "h": request.remote_addr[0] or "-",
        "l": "-",
        "u": _user(environ) or "-",
        "t": time.strftime("[%d/%b/%Y:%H:%M:%S %z]"),
        "r": line,
        "s": status,
        "m": request.method,
        "U": request.path,
        "q": request.query,
        "H": "HTTP/%d.%d" % request.version,
        "b": str(answer.sent) if answer.sent else "-",
        "B": answer.sent,
        "f": environ.get("HTTP_REFERER", "-"),
        "a": environ.get("HTTP_USER_AGENT", "-"),
        "T": int(seconds),
        "D": micros,
        "M": micros // 1000,
        "L": "%d.%06d" % divmod(micros, 1_000_000),
        "p": "<%d>" % os.getpid(),
    }
    found.update(("{%s}i" % name.lower(), value) for name, value in request.headers)
    found.update(("{%s}o" % name.lower(), value) for name, value in answer.headers)
    found.update(("{%s}e" % name.lower(), value) for name, value in environ.items() if isinstance(value, str))
    return Atoms({name: value.translate(ESCAPES) if isinstance(value, str) else value for name, value in found.items()})


def _environ(scope):
    """As much of WSGI's environ as the atoms need."""
    fields = {}
    for name, value in scope.get("headers", ()):
        fields["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = value.decode("latin-1")
    return fields


def _user(environ):
    scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip().encode()).decode("utf-8", "replace").partition(":")[0]
    except (ValueError, binascii.Error):
        return None
