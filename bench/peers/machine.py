"""What the figures were measured on, without which they say nothing."""

import os
import platform
import subprocess
import time
from pathlib import Path
from statistics import median

SYNCS = 200
BLOCK = 4_096


def facts(folder):
    """Returns what is known of this machine, and what a write that must last costs in `folder`."""
    syncs = sorted(sync_times(Path(folder)))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": first_line("/proc/cpuinfo", "model name"),
        "memory": first_line("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "load_at_start": os.getloadavg()[0],
        "filesystem": filesystem(Path(folder)),
        "fsync_ms": {
            "median": round(median(syncs) * 1e3, 3),
            "p5": round(syncs[SYNCS // 20] * 1e3, 3),
            "p95": round(syncs[SYNCS * 95 // 100] * 1e3, 3),
        },
        "python": platform.python_version(),
        "node": said_by("node", "--version"),
    }


def sync_times(folder):
    """Appends blocks to a file, each followed by an fsync."""
    path, times = folder / "fsync", []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(SYNCS):
            start = time.perf_counter()
            os.write(file, b"x" * BLOCK)
            os.fsync(file)
            times.append(time.perf_counter() - start)
    finally:
        os.close(file)
        path.unlink()
    return times


def filesystem(folder):
    """Returns the kind of the file system that `folder` is on: on tmpfs nothing is durable, and everything is quick."""
    best, kind = "", None
    with open("/proc/mounts") as mounts:
        for line in mounts:
            _, point, type, *_ = line.split()
            inside = point == "/" or str(folder.resolve()).startswith(f"{point}/")
            if inside and len(point) >= len(best):
                best, kind = point, type
    return kind


def first_line(path, name):
    try:
        with open(path) as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith(name)), None)
    except OSError:
        return None


def said_by(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
