"""The cases of the Autobahn test suite for WebSockets, without it: websocket.py FOLDER-OF-PROGRAMS

They are those of its sections 1 to 7, 9 (up to 4 MB), 10, 12 and 13, written down again, against the echo server of the tests in
every worker class, and against the client `echoing`. Frames that are right or wrong are put together here; what is compressed is
wsproto's.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from running import Running, free_port

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
DROPPED = -1
"""In the place of a code: the connection ends without a close frame."""


@dataclass
class Frame:
    opcode: int
    payload: bytes = b""
    final: bool = True
    reserved: int = 0
    length: int | None = None
    """What the frame says; the payload's where it is not given."""


@dataclass
class Case:
    name: str
    frames: list[Frame]
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Messages and pongs that come back, in order."""
    codes: tuple[int, ...] = (1000,)
    """With which the peer may close; it is closed with 1000 where the frames do not do that."""
    chop: int = 0
    """How many bytes are sent at a time; 0 for all."""


def whole(name: str, *frames: Frame, **more) -> Case:
    """One that is sent back."""
    return Case(name, list(frames), [(frame.opcode, frame.payload) for frame in frames if frame.opcode in (TEXT, BINARY)], **more)


def wrong(name: str, *frames: Frame, codes: tuple[int, ...] = (1002, DROPPED),
          before: list[tuple[int, bytes]] | None = None) -> Case:
    return Case(name, list(frames), before or [], codes)


def framing() -> Iterator[Case]:
    for number, size in enumerate((0, 125, 126, 127, 128, 65_535, 65_536), 1):
        yield whole(f"1.1.{number}", Frame(TEXT, b"*" * size))
        yield whole(f"1.2.{number}", Frame(BINARY, b"\xfe" * size))
    yield whole("1.1.8", Frame(TEXT, b"*" * 65_536), chop=997)
    yield whole("1.2.8", Frame(BINARY, b"\xfe" * 65_536), chop=997)


def pings() -> Iterator[Case]:
    for number, payload in enumerate((b"", b"Hello, world!", bytes([0, 255, 254, 253, 252, 251, 0, 255]), b"\xfe" * 125), 1):
        yield Case(f"2.{number}", [Frame(PING, payload)], [(PONG, payload)])
    yield wrong("2.5", Frame(PING, b"\xfe" * 126))
    yield Case("2.6", [Frame(PING, b"\xfe" * 125)], [(PONG, b"\xfe" * 125)], chop=1)
    yield Case("2.7", [Frame(PONG)])
    yield Case("2.8", [Frame(PONG, b"unsolicited")])
    yield Case("2.9", [Frame(PONG, b"unsolicited"), Frame(PING, b"ping")], [(PONG, b"ping")])


def reserved() -> Iterator[Case]:
    for bits in range(1, 8):
        frames = [Frame(TEXT, b"before"), Frame(TEXT, b"a", reserved=bits), Frame(PING)]
        yield wrong(f"3.{bits}", *frames, before=[(TEXT, b"before")])
    for number, opcode in enumerate((3, 4, 5, 6, 7), 1):
        yield wrong(f"4.1.{number}", Frame(opcode, b"a" * (number - 1)))
    for number, opcode in enumerate((11, 12, 13, 14, 15), 1):
        yield wrong(f"4.2.{number}", Frame(opcode, b"a" * (number - 1)))


def fragments() -> Iterator[Case]:
    first, rest = Frame(TEXT, b"fragment1", final=False), Frame(0, b"fragment2")
    answer = (TEXT, b"fragment1fragment2")
    yield wrong("5.1", Frame(PING, b"a", final=False), Frame(0, b"b"))
    yield wrong("5.2", Frame(PONG, b"a", final=False), Frame(0, b"b"))
    yield Case("5.3", [first, rest], [answer])
    yield Case("5.5", [first, rest], [answer], chop=1)
    yield Case("5.6", [first, Frame(PING, b"ping"), rest], [(PONG, b"ping"), answer])
    yield Case("5.8", [first, Frame(PING, b"ping"), rest], [(PONG, b"ping"), answer], chop=1)
    yield wrong("5.9", Frame(0, b"a"), Frame(TEXT, b"b"))
    yield wrong("5.12", Frame(0, b"a", final=False), Frame(TEXT, b"b"))
    yield wrong("5.15", first, rest, Frame(0, b"a", final=False), Frame(TEXT, b"b"), before=[answer])
    yield wrong("5.16", Frame(0, b"a", final=False), first, rest)
    yield wrong("5.18", first, Frame(TEXT, b"fragment2"))
    pieces = [Frame(TEXT, b"1", False), Frame(0, b"2", False), Frame(PING, b"p1"), Frame(0, b"3", False),
              Frame(0, b"4", False), Frame(PING, b"p2"), Frame(0, b"5")]
    yield Case("5.19", pieces, [(PONG, b"p1"), (PONG, b"p2"), (TEXT, b"12345")])
    yield Case("5.20", pieces, [(PONG, b"p1"), (PONG, b"p2"), (TEXT, b"12345")], chop=1)
    yield Case("6.1.2", [Frame(TEXT, b"", False), Frame(0, b"", False), Frame(0)], [(TEXT, b"")])
    yield Case("6.1.3", [Frame(TEXT, b"", False), Frame(0, b"middle", False), Frame(0)], [(TEXT, b"middle")])


RIGHT = [
    "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\0", "\u0080", "\u0800", "\U00010000", "\x7f", "\u07ff", "\uffff", "\U0010ffff",
    "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\ufeff", "\U0001fffe", "日本語", "𝄞",
]
WRONG = [
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xf4\x90\x80\x80", b"\x80", b"\xbf", b"\x80\xbf\x80", b"\xc0 ", b"\xe0 ", b"\xf0 ",
    b"\xc3", b"\xe1\x80", b"\xf0\x90\x80", b"\xfe", b"\xff", b"\xfe\xfe\xff\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf",
    b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
]


def texts() -> Iterator[Case]:
    for number, text in enumerate(RIGHT):
        payload = text.encode()
        yield whole(f"6, right {number}", Frame(TEXT, payload))
        yield whole(f"6, right {number}, byte by byte", Frame(TEXT, payload), chop=1)
        pieces = [Frame(TEXT if at == 0 else 0, payload[at:at + 1], at == len(payload) - 1) for at in range(len(payload))]
        yield Case(f"6, right {number}, in fragments", pieces, [(TEXT, payload)])
    for number, payload in enumerate(WRONG):
        yield wrong(f"6, wrong {number}", Frame(TEXT, payload), codes=(1007, DROPPED))
        pieces = [Frame(TEXT, b"a", False), *(Frame(0, bytes([byte]), False) for byte in payload), Frame(0)]
        yield Case(f"6, wrong {number}, in fragments", pieces, codes=(1007, DROPPED))


def closings() -> Iterator[Case]:
    def close(code: int, reason: bytes = b"") -> Frame:
        return Frame(CLOSE, struct.pack(">H", code) + reason)
    yield whole("7.1.1", Frame(TEXT, b"Hello World!"))
    yield Case("7.1.2", [close(1000), close(1000)])
    yield Case("7.1.3", [close(1000), Frame(PING)])
    yield Case("7.1.4", [close(1000), Frame(TEXT, b"Hello")])
    yield Case("7.1.5", [Frame(TEXT, b"fragment1", False), close(1000), Frame(0, b"fragment2")])
    yield Case("7.3.1", [Frame(CLOSE)], codes=(1005, 1000))
    yield wrong("7.3.2", Frame(CLOSE, b"a"))
    yield Case("7.3.3", [close(1000)])
    yield Case("7.3.4", [close(1000, b"Hello World!")])
    yield Case("7.3.5", [close(1000, b"*" * 123)])
    yield wrong("7.3.6", close(1000, b"*" * 124))
    yield wrong("7.5.1", close(1000, WRONG[0]), codes=(1007, DROPPED))
    for number, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
        yield Case(f"7.7.{number}", [close(code)], codes=(code, 1000))
    for number, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
        yield wrong(f"7.9.{number}", close(code))


def large() -> Iterator[Case]:
    for number, size in enumerate((1 << 16, 1 << 18, 1 << 20, 1 << 22), 1):
        yield whole(f"9.1.{number}", Frame(TEXT, b"*" * size))
        yield whole(f"9.2.{number}", Frame(BINARY, b"\xfe" * size))
    for number, size in enumerate((64, 256, 1_024, 4_096, 65_536, 1 << 20), 1):
        for section, opcode in ((3, TEXT), (4, BINARY)):
            count = max(1, (1 << 20) // size)
            pieces = [Frame(opcode if index == 0 else 0, b"*" * size, index == count - 1) for index in range(count)]
            yield Case(f"9.{section}.{number}", pieces, [(opcode, b"*" * size * count)])
    for number, chop in enumerate((64, 256, 2_048), 1):
        yield whole(f"9.5.{number}", Frame(TEXT, b"*" * (1 << 18)), chop=chop)
    for number, size in enumerate((0, 16, 64, 256, 1_024), 1):
        yield whole(f"9.7.{number}", *[Frame(TEXT, b"*" * size) for _ in range(500)])
        yield whole(f"9.8.{number}", *[Frame(BINARY, b"\xfe" * size) for _ in range(500)])
    yield whole("10.1.1", Frame(TEXT, b"*" * 65_536), chop=1_300)


def all_cases() -> list[Case]:
    return [case for section in (framing, pings, reserved, fragments, texts, closings, large) for case in section()]


class Peer:
    """One side of a connection of which the other is under test."""

    def __init__(self, connection: socket.socket, masks: bool):
        self.connection, self.masks = connection, masks
        self.buffer = b""

    def receive_head(self) -> bytes:
        while b"\r\n\r\n" not in self.buffer:
            piece = self.connection.recv(65_536)
            if not piece:
                raise ConnectionError("no handshake")
            self.buffer += piece
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def encoded(self, frame: Frame) -> bytes:
        length = len(frame.payload) if frame.length is None else frame.length
        flag = 128 if self.masks else 0
        data = bytes([128 * frame.final | frame.reserved << 4 | frame.opcode])
        if length < 126:
            data += bytes([flag | length])
        else:
            data += struct.pack(">BH", flag | 126, length) if length < 65_536 else struct.pack(">BQ", flag | 127, length)
        if not self.masks:
            return data + frame.payload
        key = random.randbytes(4)
        stretched = (key * (len(frame.payload) // 4 + 1))[:len(frame.payload)]
        masked = int.from_bytes(frame.payload, "big") ^ int.from_bytes(stretched, "big")
        return data + key + masked.to_bytes(len(frame.payload), "big")

    def send(self, case: Case) -> None:
        """From a thread of its own: the other side may want to be read meanwhile. It may end before it has read all."""
        frames = case.frames if any(frame.opcode == CLOSE for frame in case.frames) else [*case.frames, Frame(CLOSE, b"\x03\xe8")]
        try:
            for frame in frames:
                data = self.encoded(frame)
                for at in range(0, len(data), case.chop or len(data)):
                    self.connection.sendall(data[at:at + (case.chop or len(data))])
        except OSError:
            pass

    def take(self, count: int) -> bytes | None:
        while len(self.buffer) < count:
            try:
                piece = self.connection.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not piece:
                return None
            self.buffer += piece
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self) -> Frame | None:
        head = self.take(2)
        if head is None:
            return None
        length = head[1] & 127
        if length > 125:
            size = 2 if length == 126 else 8
            length = int.from_bytes(self.take(size) or b"", "big")
        assert bool(head[1] & 128) != self.masks, "a client masks, a server does not"
        key = b"" if self.masks else self.take(4)
        payload = self.take(length)
        if payload is None:
            return None
        if key:
            stretched = (key * (length // 4 + 1))[:length]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(length, "big")
        return Frame(head[0] & 15, payload, bool(head[0] & 128), head[0] >> 4 & 7)

    def outcome(self) -> tuple[list[tuple[int, bytes]], int]:
        answers: list[tuple[int, bytes]] = []
        while frame := self.receive():
            if frame.opcode == CLOSE:
                return answers, struct.unpack(">H", frame.payload[:2])[0] if frame.payload else 1005
            if frame.opcode == 0:
                answers[-1] = (answers[-1][0], answers[-1][1] + frame.payload)
            else:
                answers.append((frame.opcode, frame.payload))
        return answers, DROPPED

    def run(self, case: Case) -> str | None:
        """What is wrong."""
        sender = threading.Thread(target=self.send, args=(case,), daemon=True)
        sender.start()
        answers, code = self.outcome()
        if code not in case.codes:
            return f"closed with {code}, not {case.codes}"
        # Whether a pong overtakes a message is the peer's choice, and of pings in a row the latest may be answered alone.
        kinds = {PONG: [], TEXT: [], BINARY: []}
        for opcode, payload in case.answers:
            kinds[opcode].append(payload)
        for opcode, expected in kinds.items():
            seen = [payload for kind, payload in answers if kind == opcode]
            if seen != expected and not (opcode == PONG and seen and seen[-1] == expected[-1]):
                shown = [[payload[:20] for payload in payloads[:10]] for payloads in (seen, expected)]
                return f"opcode {opcode}: {shown[0]}, not {shown[1]}"
        return None


def open_to_server(port: int) -> Peer:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"GET /keeping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) + b"\r\n\r\n")
    peer = Peer(connection, masks=True)
    assert peer.receive_head().startswith(b"HTTP/1.1 101 ")
    return peer


def try_server(programs: Path, worker_class: list[str], folder: Path) -> int:
    port, failed = free_port(), 0
    cases = all_cases()
    with Running([str(programs / "talk"), *worker_class, "-b", f"127.0.0.1:{port}"], port, folder / "talk.log"):
        for case in cases:
            peer = open_to_server(port)
            complaint = peer.run(case)
            peer.connection.close()
            if complaint:
                failed += 1
                print(f"  {case.name}: {complaint}")
        compressed = list(compressions())
        for name, extension, messages in compressed:
            if complaint := try_compression(port, extension, messages):
                failed += 1
                print(f"  {name}: {complaint}")
    print(f"the server, {worker_class[1]}: {len(cases) + len(compressed)} cases, {failed} failed", flush=True)
    return failed


# Sections 12 and 13: messages of many kinds and sizes, and what is agreed on.

def compressions() -> Iterator[tuple[str, PerMessageDeflate, list[str | bytes]]]:
    rng = random.Random(12)
    words = [bytes(rng.choices(range(97, 123), k=rng.randrange(1, 10))).decode() for _ in range(300)]

    def text(size: int) -> str:
        made = ""
        while len(made) < size:
            made += " ".join(rng.choices(words, k=50)) + " "
        return made[:size]
    for number, size in enumerate((16, 64, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072), 1):
        count = min(200, (4 << 20) // size)
        yield f"12.1.{number}", PerMessageDeflate(), [text(size) for _ in range(count)]
        yield f"12.3.{number}", PerMessageDeflate(), [rng.randbytes(size) for _ in range(count)]
    for number, options in enumerate((
            {}, {"client_no_context_takeover": True}, {"server_no_context_takeover": True}, {"client_max_window_bits": 9},
            {"server_max_window_bits": 9}, {"client_max_window_bits": 15, "server_max_window_bits": 15},
            {"client_no_context_takeover": True, "server_no_context_takeover": True, "server_max_window_bits": 10}), 1):
        yield f"13.{number}", PerMessageDeflate(**options), [text(size) for size in (16, 256, 4_096, 65_536) for _ in range(25)]


def try_compression(port: int, extension: PerMessageDeflate, messages: list[str | bytes]) -> str | None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        client = WSConnection(ConnectionType.CLIENT)
        connection.sendall(client.send(Request(host="a", target="/keeping", extensions=[extension])))
        returned: list[str | bytes] = []
        current: list = []
        code = None
        accepted = False
        sent = 0
        while client.state is not ConnectionState.CLOSED:
            data = connection.recv(1 << 20)
            client.receive_data(data or None)
            for event in client.events():
                if isinstance(event, AcceptConnection):
                    accepted = bool(event.extensions)
                elif isinstance(event, (TextMessage, BytesMessage)):
                    current.append(event.data)
                    if event.message_finished:
                        returned.append((b"" if isinstance(event, BytesMessage) else "").join(current))
                        current = []
                elif isinstance(event, CloseConnection):
                    code = event.code
            if client.state is ConnectionState.OPEN and len(returned) == sent:
                if sent == len(messages):
                    connection.sendall(client.send(CloseConnection(code=1000)))
                else:
                    message = messages[sent]
                    kind = TextMessage if isinstance(message, str) else BytesMessage
                    connection.sendall(client.send(kind(data=message)))
                    sent += 1
            if not data:
                break
    if not accepted:
        return "no compression was agreed on"
    return None if returned == messages and code == 1000 else f"{len(returned)} of {len(messages)} messages, closed with {code}"


# The client: it asks for the number of cases, and then for each, as the suite's own testees do.

def accept(connection: socket.socket) -> tuple[str, Peer]:
    connection.settimeout(30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer = Peer(connection, masks=False)
    lines = peer.receive_head().decode().split("\r\n")
    key = next(line.split(": ")[1] for line in lines if line.lower().startswith("sec-websocket-key: "))
    digest = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n")
    return lines[0].split(" ")[1], peer


def try_client(programs: Path) -> int:
    cases, failed = all_cases(), 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen([str(programs / "echoing"), url], stdout=subprocess.DEVNULL)
        try:
            while True:
                target, peer = accept(listener.accept()[0])
                if "/getCaseCount" in target:
                    peer.run(Case("count", [Frame(TEXT, str(len(cases)).encode())]))
                elif "/runCase" in target:
                    case = cases[int(target.split("case=")[1].split("&")[0]) - 1]
                    if complaint := peer.run(case):
                        failed += 1
                        print(f"  {case.name}: {complaint}")
                else:
                    peer.run(Case("reports", []))
                    break
                peer.connection.close()
        finally:
            process.terminate()
            process.wait()
    print(f"the client: {len(cases)} cases, {failed} failed", flush=True)
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=lambda text: Path(text).resolve(), help="the folder of `talk` and `echoing`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        failed = sum(try_server(options.programs, worker_class, Path(name))
                     for worker_class in (["-k", "green"], ["-k", "thread", "--threads", "4"], ["-k", "sync"]))
    failed += try_client(options.programs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
