"""Django's LiveServerTestCase with greenfinch in the place of its own server: a process beside the tests, with their settings and the
database that they have made."""

import json
import os
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def _plain(value):
    """What JSON can say of a setting; None of what it cannot."""
    try:
        return json.loads(json.dumps(value, default=str))
    except (TypeError, ValueError):
        return None


def _settings():
    from django.conf import settings

    values = {name: _plain(getattr(settings, name)) for name in dir(settings) if name.isupper()}
    return {name: value for name, value in values.items() if value is not None}


def install():
    """From now on live tests have our server."""
    from django.test import testcases
    from serving import Server

    class Served(testcases.LiveServerThread):
        """Is ready once the server is."""

        served = None

        def run(self):
            from django.db import connections

            try:
                if self.connections_override:
                    raise RuntimeError("an in-memory database cannot be served by another process")
                file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
                databases = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
                json.dump({"settings": _settings(), "databases": databases, "static": _name(self.static_handler)}, file)
                file.close()
                environment = {"LIVE_SETTINGS": file.name, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], os.getcwd()])}
                options = ["-k", "green"] + (["-b", "%s:%d" % (self.host, self.port)] if self.port else [])
                self.served = Server("live_app:app", *options, environment=environment, folder=HERE)
                self.served.wait_for("Booting worker")
                self.port = self.port or self.served.port
            except BaseException as error:
                self.error = error
            finally:
                self.is_ready.set()

        def terminate(self):
            if self.served:
                self.served.stop()
                with open(os.environ.get("SERVED_LOG", os.devnull), "a") as file:
                    file.write(self.served.text())
                self.served.log.close()
            self.join()

    testcases.LiveServerTestCase.server_thread_class = Served


def _name(kind):
    return "%s.%s" % (kind.__module__, kind.__qualname__)
