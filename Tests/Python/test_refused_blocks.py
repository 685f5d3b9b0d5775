"""Where a fiber cannot be a whole thread to Python, WSGI is served by threads, and ASGI is refused."""

import os
import subprocess
import tempfile
import threading
import unittest

from serving import PATIENCE, Server, serving

# The runtime takes a program that has this for a sanitizer's, whose threads it leaves as they are.
MARK = "void __msan_init(void) {}\n"
REASON = "a sanitizer keeps what it knows of a thread in the thread's control block"


class RefusedBlocksTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        source, library = os.path.join(folder.name, "mark.c"), os.path.join(folder.name, "mark.so")
        with open(source, "w") as file:
            file.write(MARK)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        cls.environment = {"LD_PRELOAD": library}

    def test_wsgi_is_served_by_threads_and_the_log_says_so(self):
        for target in ("shapes:application", "mounted:calls"):
            with self.subTest(target), serving(target, "-k", "green", environment=self.environment) as server:
                server.wait_for(f"This worker serves by threads, since a fiber cannot be one to Python here: {REASON}")
                self.assertEqual(server.get("/" if target.startswith("shapes") else "/a")[0], 200)

    def test_requests_that_wait_do_so_at_once(self):
        with serving("shapes:application", "-k", "green", environment=self.environment) as server:
            answers = []
            # The first of each goes on when all have come.
            threads = [threading.Thread(target=lambda: answers.append(server.get("/meeting?8")[2])) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(answers, [b"met"] * 8)

    def test_asgi_is_refused_in_one_sentence(self):
        for target in ("asgi_shapes", "mounted:application"):
            with self.subTest(target):
                server = Server(target, "-k", "green", environment=self.environment)
                self.assertEqual(server.process.wait(PATIENCE), 3, server.text())
                self.assertIn(f"workers of class green cannot run Python here: {REASON}", server.text())
                server.stop()
                server.log.close()


if __name__ == "__main__":
    unittest.main()
