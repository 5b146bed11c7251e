"""What a measurement was made on."""

import os
import platform
import resource
from pathlib import Path


def machine() -> dict[str, str | int | float]:
    """Columns for a table of measurements; call it before the work, so that `load` is that of others."""
    cores, load = os.cpu_count(), round(os.getloadavg()[0], 1)
    return {"cores": cores, "load": load, "machine": platform.machine(), "processor": processor()}


def processor() -> str:
    """The processor's name where Linux tells it, else empty."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")


def processor_seconds() -> float:
    """Of all commands that this process started and that have ended, with what they started."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
