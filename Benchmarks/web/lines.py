"""Lines of code: those that are neither blank nor only a comment, nor a part of what documents a Python function."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

# What is not code, of what Python's tokenizer finds.
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def of_swift(text: str) -> int:
    """This project writes no block comments: `make lint` looks for them."""
    return sum(bool(line.strip()) and not line.strip().startswith("//") for line in text.splitlines())


def of_python(text: str) -> int:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            docstrings.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    lines = text.splitlines()
    return sum(bool(lines[number - 1].strip()) for number in code - docstrings)


def of(paths: list[Path]) -> int:
    """Of all these files together."""
    kinds = {".swift": of_swift, ".py": of_python}
    return sum(kinds[path.suffix](path.read_text()) for path in paths)
