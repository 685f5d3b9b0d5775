"""Compares what the server takes for requests with what h11 and llhttp (httptools) take for them, over mutations of the corpus.

Each connection's bytes go to the program `reading`. A request that it takes must be taken by one of the two others as well,
with the same method, target, names of fields and body: nothing is accepted that both refuse, or read in another way, apart
from what REASONS lists. Where they all refuse, or only this server does, there is nothing to say: it is the strictest.
"""
import argparse
import collections
import multiprocessing
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

import h11
import httptools

sys.path.insert(0, str(Path(__file__).parent.parent / "RequestCorpus"))
import corpus  # noqa: E402

BATCH = 2_000
SPICE = [text.encode("latin-1") for text in [
    "\r\n", "\r", "\n", "\0", " ", "\t", ":", ";", ",", "=", "\"", "\\", "%", "?", "*", "/", "0", "1", "5", "a", "f", "x", "-", "+", "_",
    "\x7f", "\xe9", "\x0b", "HTTP/1.1", "HTTP/1.0", "GET ", "POST ", "Host: a\r\n", "Connection: close\r\n", "Content-Length: 5\r\n",
    "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Expect: 100-continue\r\n",
    "Upgrade: x\r\nConnection: upgrade\r\n", "0\r\n\r\n", "1\r\na\r\n", "5\r\nHello\r\n", ";a=b", ";a=\"b\"", "ffffffffffffffff", "0x",
    "X: y\r\n", "\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "chunked", "Content-Length", "Transfer-Encoding", "Trailer: X\r\n"]]

NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

Request = collections.namedtuple("Request", "method target names body")

# What this server takes although both others refuse it: each a reason, and a change of the bytes that is of no consequence
# apart from it, so that the others can be asked about all the rest.
#
# Of two the standards leave no doubt. A server "MAY ignore a received Upgrade" (RFC 9110, 7.8), and a request ends where its own
# framing says (RFC 9112, 6.3): a client does not speak the other protocol before it has sent all of that. To take the body for
# anything else would let a second request pass in it. And Content-Length is 1*DIGIT, of which there may be any number, with a
# warning against errors of overflow (RFC 9110, 8.6): 20 are h11's own bound. Here the length of the field is bounded, and the sum.
REASONS = {
    "empty lines before a request are passed over (RFC 9112, 2.2), which h11 does not do":
        lambda data: re.sub(rb"^(?:\r\n)+", b"", data),
    "a method is any token (RFC 9110, 9.1), of which llhttp knows some":
        lambda data: re.sub(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ ", b"PUT ", data),
    "HTTP/1.2 to 1.9 are taken for 1.1 (RFC 9110, 2.5), which llhttp does not do":
        lambda data: re.sub(rb"^([^\r\n]* HTTP/1\.)[2-9]\r\n", rb"\g<1>1\r\n", data),
    "an upgrade to what nobody speaks is passed over (RFC 9110, 7.8), where llhttp takes the body for another protocol":
        lambda data: re.sub(rb"(?i)(\r\nconnection: *)upgrade\r\n", rb"\1nothing\r\n", data, count=1),
    "zeros may precede a length (RFC 9110, 8.6), of which h11 takes 20 digits":
        lambda data: re.sub(rb"(?i)(\r\ncontent-length: *)0{8,}(?=[0-9])", rb"\1", data, count=1),
}


def mutated(rng: random.Random, seeds: list[bytes], served: list[bytes]) -> bytes:
    """Mostly of what is served: of what is refused nearly all is refused again."""
    data = bytearray(rng.choice(served if rng.random() < 0.8 else seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(5)
        if what == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif what == 1:
            data[at:at] = rng.choice(SPICE)
        elif what == 2:
            del data[at:at + rng.randrange(1, 9)]
        elif what == 3:
            start = rng.randrange(len(data) + 1)
            data[at:at] = data[start:start + rng.randrange(1, 16)]
        else:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            data[at:] = other[start:]
    # Where the bodies end shows in what follows.
    return bytes(data[:4_000]) + NEXT


class Llhttp:
    """The requests that llhttp takes."""

    def __init__(self, data: bytes, step: int = 0):
        self.requests, self.used = [], 0
        while data and not (step and self.requests):
            self.parser = httptools.HttpRequestParser(self)
            try:
                for start in range(0, len(data), step or len(data)):
                    self.parser.feed_data(data[start:start + (step or len(data))])
                    self.used += step
                    if step and self.requests:
                        return
                return
            except httptools.HttpParserUpgrade as upgrade:
                # Which nobody speaks: what follows is HTTP again.
                self.used += step
                data = data[upgrade.args[0]:]
            except httptools.HttpParserError:
                return

    def on_message_begin(self):
        self.target, self.names, self.body, self.in_head = b"", [], b"", True

    def on_url(self, target: bytes):
        self.target += target

    def on_header(self, name: bytes, value: bytes):
        if self.in_head:
            self.names.append(name.lower())

    def on_headers_complete(self):
        self.in_head = False

    def on_body(self, body: bytes):
        self.body += body

    def on_message_complete(self):
        self.requests.append(Request(self.parser.get_method(), self.target, self.names, self.body))


def first_by_llhttp(data: bytes) -> tuple[Request, bytes] | None:
    """The first request that llhttp takes, and what follows it. Byte by byte: nothing else tells where it ends."""
    parser = Llhttp(data, step=1)
    return (parser.requests[0], data[parser.used:]) if parser.requests else None


def first_by_h11(data: bytes) -> tuple[Request, bytes] | None:
    """The first request that h11 takes, and what follows it."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    head, body = None, b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                names = [name for name, _ in head.headers]
                return Request(head.method, head.target, names, body), connection.trailing_data[0]
            else:
                return None
    except h11.RemoteProtocolError:
        return None


def rest_after(mine: Request, data: bytes) -> bytes | None:
    """What follows the request where one of the others takes it too; None where neither does."""
    for first in (first_by_h11, first_by_llhttp):
        found = first(data)
        if found and found[0] == mine:
            return found[1]
    return None


def differences(taken: list[Request], data: bytes) -> tuple[set[str], Request | None]:
    """The reasons for which both others differ, and the first request for which there is none."""
    if Llhttp(data).requests[:len(taken)] == taken:
        return set(), None
    reasons = set()
    for mine in taken:
        rest = rest_after(mine, data)
        if rest is None:
            found, changed = [], data
            for reason, change in REASONS.items():
                if change(changed) != changed:
                    found.append(reason)
                    changed = change(changed)
            rest = rest_after(mine._replace(method=changed.split(b" ")[0]), changed)
            if rest is None:
                return reasons, mine
            reasons.update(found)
        data = rest
    return reasons, None


class Server:
    """The program under test, asked for many connections at once."""

    def __init__(self, program: str):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, inputs: list[bytes]) -> list[list[Request]]:
        # Its answers are shorter than a pipe holds only for few: they are read while the rest is written.
        answers = []
        for start in range(0, len(inputs), 50):
            part = inputs[start:start + 50]
            self.process.stdin.write(b"".join(struct.pack(">I", len(data)) + data for data in part))
            self.process.stdin.flush()
            answers += [self.answer() for _ in part]
        return answers

    def answer(self) -> list[Request]:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the server's program ended with {self.process.wait()}")
        requests = [text.split(b" ") for text in line[:-1].split(b"\t") if text]
        return [Request(method, target, names.split(b",") if names else [], bytes.fromhex(body.decode()))
                for method, target, names, body in requests]


def run(job: tuple[str, int, int]) -> tuple[collections.Counter, list[tuple[bytes, Request]]]:
    program, count, seed = job
    rng, server = random.Random(seed), Server(program)
    cases = [case for case in corpus.all_cases() if len(case.bytes) < 2_000]
    seeds, served = [case.bytes for case in cases], [case.bytes for case in cases if case.is_served]
    counts, findings = collections.Counter(), []
    for done in range(0, count, BATCH):
        inputs = [mutated(rng, seeds, served) for _ in range(min(BATCH, count - done))]
        for data, taken in zip(inputs, server.ask(inputs)):
            note(data, taken, counts, findings)
    return counts, findings


def note(data: bytes, taken: list[Request], counts: collections.Counter, findings: list) -> None:
    counts["connections"] += 1
    counts["requests taken"] += len(taken)
    reasons, finding = differences(taken, data)
    counts.update(reasons)
    if finding:
        counts["findings"] += 1
        findings.append((data, finding))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program `reading`")
    parser.add_argument("--count", type=int, default=1_000_000, help="mutations (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    jobs = [(options.program, options.count // options.processes, options.seed * 1_000 + number)
            for number in range(options.processes)]
    counts, findings = collections.Counter(), []
    with multiprocessing.Pool(options.processes) as pool:
        for some, more in pool.imap_unordered(run, jobs):
            counts += some
            findings += more
    for name, number in counts.most_common():
        print(f"{number:>10,} {name}")
    for data, taken in findings[:20]:
        print(f"\n{data!r}\n  taken:  {taken}\n  llhttp: {Llhttp(data).requests}\n  h11:    {first_by_h11(data)}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
