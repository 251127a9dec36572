"""Print what this machine lacks for the wheels of the bundle, or `fits`.

Runs under Python 3.6 and later, since telling that it is the wrong one is its work.
"""

import importlib.util
import json
import platform
import sys
import sysconfig


def here():
    """What machine.json asks for, as this machine has it."""
    return {
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
        "glibc": platform.libc_ver()[1] or "none",
    }


def missing(needs, has):
    """One phrase for each thing that is not as the wheels need it."""
    return [
        f"{name} {need}{' or later' if name == 'glibc' else ''} (here: {has[name]})"
        for name, need in needs.items()
        if not fits(name, need, has[name])
    ]


def fits(name, need, has):
    if name != "glibc":
        return has == need
    # Every later glibc takes what an older one takes; another C library takes none of it.
    return has != "none" and numbers(has) >= numbers(need)


def numbers(version):
    return [int(part) for part in version.split(".")[:2]]


def missing_modules():
    """Debian and Ubuntu ship venv and ensurepip apart."""
    return [
        f"the Python module {name} (Debian, Ubuntu: the package python3-venv)"
        for name in ("venv", "ensurepip")
        if importlib.util.find_spec(name) is None
    ]


if __name__ == "__main__":
    with open(sys.argv[1]) as stream:
        wanted = json.load(stream)
    print("; ".join(missing(wanted, here()) + missing_modules()) or "fits")
