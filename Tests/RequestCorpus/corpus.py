"""The bytes of the cases in the folder `requests`: its README.md tells the format."""
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "requests"
ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|\{(\d+) ([^}]*)\}|(.))", re.S)
PLAIN = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


def unescaped(text: bytes) -> bytes:
    def replace(match: re.Match) -> bytes:
        code, count, repeated, plain = match.groups()
        if code:
            return bytes([int(code, 16)])
        if count:
            return int(count) * unescaped(repeated)
        return PLAIN[plain]
    return ESCAPE.sub(replace, text)


def line_bytes(text: bytes) -> bytes:
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return unescaped(text[:-1]) if backslashes % 2 else unescaped(text) + b"\r\n"


class Case:
    def __init__(self, name: str):
        self.name = name
        self.bytes = b""
        self.is_served = False
        """Whether the first answer is no refusal."""
        self.is_answered = False


def cases(path: Path) -> list[Case]:
    found: list[Case] = []
    beginnings: dict[bytes, Case] = {}
    current = Case("")
    for line in path.read_bytes().split(b"\n"):
        kind, rest = line[:1], line[2:]
        if kind == b"*":
            current = beginnings[rest] = Case(rest.decode())
        elif kind == b"@":
            current = Case(rest.decode())
            found.append(current)
        elif kind == b"+":
            current.bytes += beginnings[rest].bytes
        elif kind == b">":
            current.bytes += line_bytes(rest)
        elif kind == b"=" and not current.is_answered:
            current.is_answered, current.is_served = True, rest.startswith(b"200")
    return found


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in cases(path)]
