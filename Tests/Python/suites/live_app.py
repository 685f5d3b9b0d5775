"""What a live test of Django's sees: its settings and its databases, in a worker."""

import json
import os

from django.conf import settings
from django.utils.module_loading import import_string

with open(os.environ["LIVE_SETTINGS"]) as _file:
    _given = json.load(_file)
for _alias, _name in _given["databases"].items():
    _given["settings"]["DATABASES"][_alias]["NAME"] = _name
settings.configure(**{name: value for name, value in _given["settings"].items() if name != "is_overridden"})

import django  # noqa: E402

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.test.testcases import _MediaFilesHandler  # noqa: E402

app = import_string(_given["static"])(_MediaFilesHandler(WSGIHandler()))
