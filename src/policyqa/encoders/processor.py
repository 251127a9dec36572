"""Which numbers a CPU multiplies fast: OpenVINO takes bfloat16 wherever a CPU has it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TOLD = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Processor:
    """A CPU: who made it, and its features, as Linux names them."""

    vendor: str = ""
    features: frozenset[str] = frozenset()

    @property
    def multiplies_bfloat16(self) -> bool:
        """Whether bfloat16 is faster than float32. Intel's CPUs without AMX (or with AMX hidden, as
        virtual machines do) have it, and are slower with it."""
        if self.vendor == "AuthenticAMD":
            return "avx512_bf16" in self.features
        return "amx_bf16" in self.features

    @property
    def multiplies_bytes(self) -> bool:
        """Whether 8-bit numbers are several times as fast as float32."""
        return "avx512_vnni" in self.features


@cache
def this_processor() -> Processor:
    """The CPU that runs this; one without features where the system is not Linux on x86."""
    if not _TOLD.exists():
        return Processor()
    return described(_TOLD.read_text(errors="replace"))


def described(told: str) -> Processor:
    """The first CPU of a /proc/cpuinfo."""
    lines = dict(_line(line) for line in reversed(told.splitlines()))
    return Processor(lines.get("vendor_id", ""), frozenset(lines.get("flags", "").split()))


def _line(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()
