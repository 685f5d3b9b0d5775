"""``greenfinch --check-config``: the settings, which the master checks, and then the application, which only Python can load."""

import json
import os
import subprocess
import sys

from . import _gevent
from ._kind import kind
from ._load import explain, load, load_paste

OPTION = "--check-config"


def check(command, environment):
    """Returns the exit status: 0 where a server would start."""
    status = subprocess.call(command, env=environment)
    if status:
        return status
    settings = _read([word for word in command if word != OPTION], environment)
    try:
        _enter(settings)
        kind(_application(settings))
    except BaseException as error:  # SystemExit is as final
        sentence, trace = explain(error)
        print("\nError while loading the application:\n", trace or sentence, sep="\n", file=sys.stderr)
        return 1
    return 0


def _read(command, environment):
    text = subprocess.run([*command, "--print-config=json"], env=environment, stdout=subprocess.PIPE, check=True).stdout
    return {name: setting["value"] for name, setting in json.loads(text).items()}


def _enter(settings):
    """What a worker has before it imports anything."""
    for variable in settings["raw_env"] or ():
        name, _, value = variable.partition("=")
        os.environ[name] = value
    if settings["chdir"]:
        os.chdir(settings["chdir"])
    paths = [path for path in (settings["pythonpath"] or "").split(",") if path]
    sys.path[0:0] = [os.path.abspath(path) for path in [*paths, os.getcwd()]]
    if settings["worker_class"] == "green":
        _gevent.install()


def _application(settings):
    if settings["paste"]:
        return load_paste(settings["paste"], (settings["raw_paste_global_conf"] or "").split(","))
    if not settings["wsgi_app"]:
        sys.exit("Error: no application was named, as in: greenfinch module:app.")
    return load(settings["wsgi_app"])
