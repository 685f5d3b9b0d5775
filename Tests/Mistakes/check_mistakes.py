"""Whether the compiler says of the likeliest mistakes in routes what a person understands, compiles what is right, and takes no time
over many routes.

    check_mistakes.py [BUILD FOLDER]    (.build/debug)

The first line of each file in mistakes/ is what it has to say, in one error at least. What is in programs/ has neither errors nor
warnings. 600 routes are compiled in less than 5 s of processor time, and ten times as many would be in some ten times that.
"""
import concurrent.futures
import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Documentation"))
from module_maps import ROOT, build_folder, module_maps  # noqa: E402

ROUTES = """
  app.get("/a{0}") {{ _ in "hello {0}" }}
  app.get("/b{0}/{{id}}") {{ (request, id: Int) in
    let user = try load(id)
    if id == {0} {{ throw HTTPError(.notFound) }}
    return NewNote(id: id, title: user.name + request.path)
  }}.named("b{0}").limit(body: 1 << 20)
  app.post("/c{0}/{{id}}") {{ (_, id: Int, new: Body<NewNote>, user: LoggedIn) in
    let text = try await fetch()
    return Reply(NewNote(id: id + {0}, title: new.title + text), status: .created, headers: [.location: "/b{0}/\\(id)"])
  }}
  app.get("/d{0}") {{ request in
    let items = (0..<3).map {{ number -> HTML in "<li class=\\"\\(number)\\">\\(request.path)</li>" }}
    return "<h1>\\(request.query.title)</h1><ul>\\(items)</ul><p>\\(request.path) \\({0}) \\(1.5)</p>" as HTML
  }}
"""
MOST_SECONDS = 5.0


def compiled(build, *sources):
    """What the compiler says, and whether it is content. Some faults are found after types have been checked."""
    command = ["swiftc", "-emit-sil", "-wmo", "-o", "/dev/null", "-swift-version", "6", "-module-name", "mistakes", "-I",
               build / "Modules", *module_maps(build), *sources]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def mistake(build, source):
    wanted = source.read_text().splitlines()[0].removeprefix("// ")
    said = compiled(build, HERE / "Prelude.swift", source)
    errors = [line for line in said.stderr.splitlines() if " error: " in line and line.startswith("/")]
    if said.returncode != 0 and any(wanted in line for line in errors):
        return ""
    return f"{source.name}: not said: {wanted}\n{said.stderr}"


def program(build, source):
    said = compiled(build, HERE / "Prelude.swift", source)
    return f"{source.name}:\n{said.stderr}" if said.returncode != 0 or "warning:" in said.stderr else ""


def seconds(build, count):
    """The processor time that so many routes take."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "routes.swift"
        functions = [f"func routes{start}(_ app: App) {{{''.join(ROUTES.format(n) for n in range(start, start + 10))}}}"
                     for start in range(0, count // 4, 10)]
        source.write_text("import Greenfinch\n\n" + "\n".join(functions) + "\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["swiftc", "-typecheck", "-swift-version", "6", "-I", build / "Modules", *module_maps(build),
                   HERE / "Prelude.swift", source]
        outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if outcome.returncode != 0:
        raise SystemExit(outcome.stderr)
    return after.ru_utime - before.ru_utime


def main():
    build = build_folder(sys.argv[1:])
    mistakes = sorted((HERE / "mistakes").glob("*.swift"))
    programs = sorted((HERE / "programs").glob("*.swift"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [fault for fault in pool.map(lambda source: mistake(build, source), mistakes) if fault]
        faults += [fault for fault in pool.map(lambda source: program(build, source), programs) if fault]
    none, many = seconds(build, 0), seconds(build, 600)
    if many - none > MOST_SECONDS:
        faults.append(f"600 routes take {many - none:.1f} s, which may be {MOST_SECONDS} s")
    print("\n".join(faults + [f"{len(mistakes)} mistakes, {len(programs)} programs, 600 routes in {many - none:.1f} s, {len(faults)} faults"]))
    return 1 if faults or not mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
