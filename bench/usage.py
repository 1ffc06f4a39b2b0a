"""Runs a command and writes what it has used to file descriptor 3, as JSON: exit code, wall-clock seconds, and,
of it and of the children it waited for, processor seconds and the maximum resident set in bytes.

Node tells its own peak but not a child's, and polling /proc misses a short one; wait4 knows.
"""

import json
import os
import resource
import subprocess
import sys
import time

start = time.monotonic()
code = subprocess.Popen(sys.argv[1:], close_fds=True).wait()
seconds = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
usage = {
    "code": code,
    "seconds": seconds,
    "processorSeconds": used.ru_utime + used.ru_stime,
    "peakBytes": used.ru_maxrss * 1024,
}
os.write(3, json.dumps(usage).encode())
