"""How a worker process delivers: items on standard output, or a text that says what is wrong.

Imports little, since a worker starts with it; what reads it is `readers.pdf.workers`.
"""

import pickle  # noqa: S403 - nothing is loaded
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw


def deliver(items: Iterable[object], memory: int) -> None:
    """Write each item, or in place of the next one a text that says what is wrong. `memory` bounds
    the address space, in bytes."""
    _limit(memory)
    if hasattr(signal, "SIGPIPE"):
        # Where nobody is left to read, end without a word.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        for item in items:
            _write(item)
    except pdfium.PdfiumError as error:
        _write(_damage(error))
    except MemoryError:
        _write(f"the PDF needs more than {memory >> 20} MiB of memory; export it in parts")
    except Exception as error:
        _write(_fault(error))


def _damage(error: pdfium.PdfiumError) -> str:
    if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return "the PDF is encrypted; save it without a password"
    return f"the PDF is damaged ({str(error).rstrip('.')}); export it again"


def _limit(memory: int) -> None:
    """Bound the address space, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    except (OSError, ValueError):  # not every system takes a bound
        return


def _write(item: object) -> None:
    # Whole or not at all, even where memory ends.
    sys.stdout.buffer.write(pickle.dumps(item))
    sys.stdout.buffer.flush()


def _fault(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}, {Path(place.filename).name} line {place.lineno}"
    return f"the PDF cannot be read, by a fault of policyqa's ({where}); please report it"
