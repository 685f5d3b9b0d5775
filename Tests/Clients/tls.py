"""What Python's ssl makes of a TLS server of two workers: tls.py PORT FOLDER-OF-CERTIFICATES"""
import random
import socket
import ssl
import struct
import sys
import time

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]


def context(version=None, protocols=("http/1.1",)):
    made = ssl.create_default_context(cafile=f"{FOLDER}/ca.pem")
    if version:
        made.minimum_version = made.maximum_version = version
    if protocols:
        made.set_alpn_protocols(protocols)
    return made


def ask(stream, path="/tls"):
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = stream.recv(65536)
        assert piece, answer
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += stream.recv(65536)
    return body.decode()


def connect(made, name="localhost", session=None):
    plain = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    return made.wrap_socket(plain, server_hostname=name, session=session)


def subject(stream):
    return dict(pair[0] for pair in stream.getpeercert()["subject"])["commonName"]


def versions_and_protocols():
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with connect(context(version)) as stream:
            assert stream.selected_alpn_protocol() == "http/1.1"
            assert ask(stream).startswith(f"{name} localhost http/1.1 full"), name
    with connect(context(protocols=("h2", "http/1.1"))) as stream:
        assert stream.selected_alpn_protocol() == "http/1.1"
    with connect(context(protocols=None)) as stream:
        assert " - full" in ask(stream)
    try:
        connect(context(protocols=("smtp",)))
        raise SystemExit("a protocol was agreed on that is not spoken")
    except ssl.SSLError:
        pass


def names():
    for name, expected in (("localhost", "first"), ("other.example", "second"), ("a.wild.example", "second")):
        with connect(context(), name) as stream:
            assert subject(stream) == expected, (name, subject(stream))
            assert name in ask(stream)
    unchecked = context()
    unchecked.check_hostname = False
    with connect(unchecked, "nobody.example") as stream:
        assert subject(stream) == "first"


def sessions_go_on_in_any_worker():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context(version)
        session, count, resumed, workers = None, 0, 0, set()
        end = time.monotonic() + 60
        # One of the two may begin to serve late, or be stopped for a moment.
        while count < 24 or (len(workers) < 2 and time.monotonic() < end):
            with connect(made, session=session) as stream:
                told, worker = ask(stream, "/session").split()
                count += 1
                resumed += told == "true"
                assert (told == "true") == stream.session_reused
                workers.add(worker)
                session = stream.session
        assert resumed == count - 1, (version, count, resumed)
        assert len(workers) == 2, workers


class Pieces:
    """A connection of which this side's bytes go out in pieces of at most so many."""

    def __init__(self, most):
        self.most = most
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.stream = context().wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.plain = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.repeat(self.stream.do_handshake)

    def send(self):
        rest = self.outgoing.read()
        while rest:
            count = random.randint(1, self.most)
            self.plain.sendall(rest[:count])
            rest = rest[count:]

    def repeat(self, step):
        while True:
            try:
                result = step()
                self.send()
                return result
            except ssl.SSLWantReadError:
                self.send()
                piece = self.plain.recv(65536)
                assert piece
                self.incoming.write(piece)

    def ask(self):
        self.stream.write(b"GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.send()

    def answer(self):
        assert self.repeat(lambda: self.stream.read(65536)).endswith(b"Hello World!")
        self.plain.close()


def records_byte_by_byte():
    """A handshake and a request whose bytes come one at a time, and in random pieces."""
    for most in (1, 50):
        pieces = Pieces(most)
        pieces.ask()
        pieces.answer()


def half_close():
    """A client that has sent all, and says so, is answered all the same."""
    half = Pieces(1 << 20)
    half.ask()
    try:
        half.stream.unwrap()
    except ssl.SSLWantReadError:
        half.send()
    try:
        half.plain.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # The server, which has been told, was faster.
    answer = b""
    while piece := half.plain.recv(65536):
        answer += piece
    # What it says cannot be read any more by this side's ssl; it is as long as the answer.
    assert len(answer) > 150, answer
    half.plain.close()


def ends():
    # The server says that it has sent all, and waits for the client's end.
    with connect(context()) as stream:
        ask(stream)
        assert stream.recv(1) == b""
    # A client that is cut off in the middle of a body, and one that says so.
    for says_so in (False, True):
        stream = connect(context())
        stream.sendall(b"POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n1234567890")
        if says_so:
            try:
                stream.unwrap()
            except (OSError, ssl.SSLError):
                pass
        else:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()
    # Half of a handshake, and then nothing: the worker goes on.
    halves = []
    for _ in range(3):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        stream = context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        try:
            stream.do_handshake()
        except ssl.SSLWantReadError:
            pass
        plain = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        plain.sendall(outgoing.read()[:100])
        halves.append(plain)
    for plain in halves:
        plain.close()
    with connect(context()) as stream:
        assert ask(stream, "/plain") == "Hello World!"


for trial in (versions_and_protocols, names, sessions_go_on_in_any_worker, records_byte_by_byte, half_close, ends):
    began = time.time()
    trial()
    print(trial.__name__, round(time.time() - began, 2))
