"""Settings for Django's own tests: two databases of a PostgreSQL, and our server for its live tests where that is asked for."""

import os
import urllib.parse

_place = urllib.parse.urlsplit(os.environ["SUITE_POSTGRESQL"])
_database = {
    "ENGINE": "django.db.backends.postgresql", "USER": _place.username, "HOST": _place.hostname, "PORT": _place.port,
}  # fmt: skip
DATABASES = {"default": {**_database, "NAME": "django"}, "other": {**_database, "NAME": "django2"}}
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False

if os.environ.get("SERVED_BY_GREENFINCH"):
    import live_server

    live_server.install()
