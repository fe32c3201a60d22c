"""Runs the ClickHouse server that the Python package chdb-core holds, because no package with its programs can be had.

Takes the package's folder and a folder for the tables. The current folder holds `config.xml` and `users.xml`. The server
listens until it is killed, logs nothing, and exits with one line when it cannot start.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
SERVE = """
SYSTEM START LISTEN HTTP;
SYSTEM START LISTEN TCP;
SELECT sleepEachRow(1) FROM numbers(1000000000)
SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0
FORMAT Null
"""

package, tables = sys.argv[1:]

# The shell that started this has one thread, so the signal comes when the shell is gone, and not before.
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
if os.getppid() == 1:
    sys.exit("the shell that started the server is gone")

sys.path.insert(0, package)
try:
    import _chdb

    _chdb.query(SERVE, "TabSeparated", path=tables)
except Exception as error:
    sys.exit(" ".join(str(error).split()))
