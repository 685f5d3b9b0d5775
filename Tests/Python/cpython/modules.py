"""Which of CPython's own tests are run in fibers, and which outcomes differ there for a reason."""

#: Packages of tests are taken apart into their modules.
MODULES = """
    test_threading test_thread test_threading_local test_threadedtempfile test_threadsignals test_subprocess test_ssl
    test_socket test_socketserver test_select test_selectors test_poll test_epoll test_sqlite3 test_asyncio test_logging
    test_queue test_concurrent_futures test_fork1 test_wait3 test_wait4 test_popen test_context test_time test_timeout
    test_httplib test_httpservers test_urllib2_localnet test_ftplib test_smtplib test_poplib test_imaplib test_sched
    test_contextlib test_contextlib_async test_coroutines test_asyncgen test_generators test_exceptions test_gc test_weakref
    test_os test_posix test_signal test_faulthandler test_tracemalloc test_sys_settrace test_atexit test_decimal
""".split()

#: Of tests by the end of their names: why they come out differently in a fiber. A name may end in ".*".
REASONS = {}
