"""The commands that the README and the articles show: the lines of blocks marked `sh`, and those in the text that begin with a
program of ours."""
import pathlib
import re
import shlex
from dataclasses import dataclass

from check_articles import pages
from module_maps import ROOT

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# In a block of no language: whoever shows a command marks it.
UNMARKED = re.compile(r"^(\$ |make \w|greenfinch (ctl|new|\w+:)|\./\w+ -)", re.MULTILINE)
INLINE = re.compile(r"`((?:make|greenfinch|program|hello|app) [^`\n]+)`")
# What articles call the program of their reader.
OWN = {"./hello", "./app", "hello", "app", ".build/release/hello", ".build/debug/app", "./notes", "./MyApp", "my-app", "program"}
OPERATOR = set("|&;<>")


@dataclass
class Command:
    place: str
    text: str
    words: list
    page: pathlib.Path


def pages_with_commands():
    return [*pages(), ROOT / "Benchmarks/README.md", *sorted((ROOT / "Examples").glob("*/README.md"))]


def split(text):
    """Each program of a line with its words: without variables before it, comment and redirections."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    parts, redirects = [[]], False
    for word in lexer:
        if word and set(word) <= OPERATOR:
            redirects = bool(set(word) & set("<>"))
            if not redirects:
                parts.append([])
        elif redirects:
            redirects = False
        elif parts[-1] or not re.match(r"^\w+=", word):
            parts[-1].append(word)
    return [part for part in parts if part]


def unmarked(page):
    """The places of blocks that show commands, and do not say so."""
    text = page.read_text()
    for block in BLOCK.finditer(text):
        if not block.group(1) and UNMARKED.search(block.group(2)):
            yield f"{page.relative_to(ROOT)}:{text[: block.start()].count(chr(10)) + 1}: a block of commands is marked sh"


def lines_of(body):
    """Each line with its number; those that end with a backslash are one."""
    pending = ""
    for number, raw in enumerate(body.splitlines()):
        pending += raw.rstrip()
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        if pending.strip() and not pending.lstrip().startswith("#"):
            yield number, pending.strip()
        pending = ""


def blocks(page):
    """The commands of each block of a page, and each that stands in its text as a block of its own."""
    text = page.read_text()

    def commands(line, shown):
        place = f"{page.relative_to(ROOT)}:{line}"
        return [Command(place, shown, words, page) for words in split(shown)]

    for block in BLOCK.finditer(text):
        language, body = block.groups()
        line = text[: block.start()].count("\n") + 2
        if language == "sh":
            yield [each for offset, shown in lines_of(body) for each in commands(line + offset, shown)]
    for inline in INLINE.finditer(BLOCK.sub(lambda block: "\n" * block.group(0).count("\n"), text)):
        yield commands(text[: text.index(inline.group(0))].count("\n") + 1, inline.group(1))
