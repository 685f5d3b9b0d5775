"""What Python's urllib and http.client make of compressed answers, and of bodies that they compress: codings.py URL"""
import gzip
import http.client
import sys
import urllib.parse
import urllib.request
import zlib

URL = sys.argv[1]
# Whatever proxies the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATHS = ("/text/50", "/text/3000", "/streamed/5", "/json/100")
DECODERS = {"gzip": gzip.decompress, "deflate": zlib.decompress}
TEXT = "".join(f"line {number}\n" for number in range(20_000)).encode()


def ask(path, accepted="identity", body=None, **fields):
    request = urllib.request.Request(URL + path, data=body, headers={"Accept-Encoding": accepted, **fields})
    with OPENER.open(request, timeout=60) as answer:
        return answer.headers, answer.read()


def answers():
    for path in PATHS:
        fields, plain = ask(path)
        assert fields["Content-Encoding"] is None and len(plain) > 1024, (path, fields)
        for coding, decode in DECODERS.items():
            fields, coded = ask(path, coding)
            assert fields["Content-Encoding"] == coding and "Accept-Encoding" in fields["Vary"], (path, fields)
            assert len(coded) < len(plain) / 2 and decode(coded) == plain, (path, coding)


def weights():
    for accepted, coding in (
        ("gzip;q=0.5, deflate;q=0.9", "deflate"), ("gzip, deflate;q=0.9", "gzip"), ("br;q=0, zstd;q=0, gzip", "gzip"),
        ("gzip;q=0", None), ("identity", None), ("unheard-of", None),
    ):
        fields, _ = ask("/text/50", accepted)
        assert fields["Content-Encoding"] == coding, (accepted, fields)


def one_connection():
    """Nothing of one answer's coding is left for the next."""
    place = urllib.parse.urlsplit(URL)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    expected = {path: ask(path)[1] for path in PATHS}
    for number in range(40):
        path = PATHS[number % len(PATHS)]
        coding = ("identity", "gzip", "deflate")[number % 3]
        connection.request("GET", path, headers={"Accept-Encoding": coding})
        answer = connection.getresponse()
        content = DECODERS.get(answer.headers["Content-Encoding"], bytes)(answer.read())
        assert content == expected[path], (path, coding)
    connection.close()


def bodies():
    """A body that its client has compressed is handed on as it is, with the field that says so."""
    coded = gzip.compress(TEXT)
    pieces = [coded[start:start + 1000] for start in range(0, len(coded), 1000)]
    # Of known length, and in chunks.
    for body in (coded, iter(pieces)):
        fields, content = ask("/as-sent", "gzip", body, **{"Content-Encoding": "gzip", "Content-Type": "text/plain"})
        assert fields["X-Coding"] == "gzip" and fields["Content-Encoding"] is None, fields
        assert gzip.decompress(content) == TEXT
    fields, content = ask("/echo", "gzip", TEXT, **{"Content-Type": "text/plain"})
    assert fields["Content-Encoding"] == "gzip" and gzip.decompress(content) == TEXT, fields


for trial in (answers, weights, one_connection, bodies):
    trial()
    print(trial.__name__)
