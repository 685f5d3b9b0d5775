"""The README's three ways in, carried out as they are written there, in folders of their own.

    ways_in.py [python] [swift] [c] [--wheel FILE]

Python: a fresh virtual environment, `pip install` of this folder (or of a wheel that it has made) with Flask, and the server that is
started there. Swift: a package that names this one by its path, of the program shown. C: the library, installed below a folder,
and the compiler's line. What asks for another's rights (`sudo`) is left out; Scripts/install-dependencies has installed that.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request

from module_maps import ROOT
from reader import Server

README = (ROOT / "README.md").read_text()
WAYS = README.partition("## Three ways in")[2].partition("\n## ")[0]
PACKAGE = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "hello",
  dependencies: [{dependency}],
  targets: [.executableTarget(name: "hello", dependencies: [.product(name: "Greenfinch", package: "greenfinch")])])
"""


def block(language):
    """The first block of a language in this part of the README."""
    return re.search(rf"^```{language}\n(.*?)^```", WAYS, re.MULTILINE | re.DOTALL).group(1)


def expect(is_so, what):
    if not is_so:
        sys.exit(f"ways_in: {what}")


def ask_at_once(server, what):
    """Ten requests that wait at the same time."""
    try:
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            address = f"http://127.0.0.1:{server.port}/"
            answers = set(pool.map(lambda _: urllib.request.urlopen(address, timeout=60).read().decode().strip(), range(10)))
        expect(answers == {"Hello World!"}, f"{what} answers {answers}")
    finally:
        status = server.end()
    expect(status == 0, f"{what} ends with {status}: {server.text()}")


def python(place, wheel):
    """The lines up to the last are one script, whose variables the server has."""
    lines = [line.partition("  #")[0].rstrip() for line in block("sh").splitlines() if not line.startswith("sudo ")]
    expect(lines[-1].startswith("greenfinch ") and "pip install . " in "\n".join(lines), "the README has another way to Python")
    script = "\n".join(lines[:-1]).replace("pip install .", f"pip install {shlex.quote(str(wheel or ROOT))}")
    script = re.sub(r"^cd ", f"cd {shlex.quote(str(ROOT))}/", script, flags=re.MULTILINE)
    # Servers' workers are this interpreter; none of the modules of whoever runs this are theirs.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    said = subprocess.run(["bash", "-euc", f"{script}\nenv -0 >'{place}/variables'"], cwd=place, env=environment,
                          capture_output=True, text=True)
    expect(said.returncode == 0, f"the commands for Python end with {said.returncode}: {said.stdout}{said.stderr}")
    variables = dict(each.split("=", 1) for each in (place / "variables").read_text().split("\0") if each)
    program, *options = shlex.split(lines[-1])
    folder = pathlib.Path(variables["PWD"])
    ask_at_once(Server([place / "venv/bin" / program, *options], folder, variables), "the application in Python")


def swift(place, _):
    dependency = re.search(r'`(\.package\(path: "\.\./greenfinch"\))`', WAYS).group(1)
    (place / "greenfinch").symlink_to(ROOT)
    package = place / "hello"
    (package / "Sources/hello").mkdir(parents=True)
    (package / "Package.swift").write_text(PACKAGE.format(dependency=dependency))
    code = block("swift")
    (package / "Sources/hello/main.swift").write_text(code)
    scratch = ROOT / ".build-examples/readme"
    subprocess.run(["swift", "build", "--package-path", package, "--scratch-path", scratch], check=True)
    options = re.search(r"reads the command line: (.*)", code).group(1)
    ask_at_once(Server([scratch / "debug/hello", *shlex.split(options)], place), "the program in Swift")


def c(place, _):
    prefix = place / "prefix"
    subprocess.run(["make", "--no-print-directory", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True)
    compile_and_run(place, prefix)


def compile_and_run(place, prefix):
    code = block("c")
    (place / "hello.c").write_text(code)
    line = re.search(r"// (cc hello\.c .*)", code).group(1)
    environment = {**os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig", "LD_LIBRARY_PATH": f"{prefix}/lib"}
    subprocess.run(["bash", "-euc", line], cwd=place, env=environment, check=True)
    said = subprocess.run([place / "a.out"], env=environment, capture_output=True, text=True, timeout=60)
    expect(said.returncode == 0, f"the program in C ends with {said.returncode}: {said.stderr}")
    expect(sorted(said.stdout.splitlines()) == ["hello Anna", "hello Otto"], f"the program in C says {said.stdout}")


def main():
    ways = {"python": python, "swift": swift, "c": c}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", metavar="WAY", help="python, swift or c; all of them")
    parser.add_argument("--wheel", type=pathlib.Path, help="what to install for Python in place of the folder")
    options = parser.parse_args()
    if unknown := set(options.ways) - set(ways):
        parser.error(f"{unknown.pop()} is none of {', '.join(ways)}")
    for name in options.ways or ways:
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            # Whoever workers run as finds the program too.
            place.chmod(0o755)
            ways[name](place, options.wheel and options.wheel.resolve())
        print(f"the README's way in for {name} leads there", flush=True)


if __name__ == "__main__":
    main()
