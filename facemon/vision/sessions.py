"""ONNX models from files that a user installed or named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facemon.config import keep_libraries_quiet


def open_session(path: Path) -> Any:
    """A model ready to run, by any thread, on one thread. Raises whatever is wrong with the file."""
    keep_libraries_quiet()
    import onnxruntime  # late, because it begins to talk when it is imported

    options = onnxruntime.SessionOptions()
    # One thread: the same sums in the same order each time, and the other cores belong to somebody else.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
