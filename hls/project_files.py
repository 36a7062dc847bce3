"""What the generated project says to the synthesiser: scripts, parameters and copies of the kernels."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hls.expected_parameters import expected_structures
from hls.kernel_text import kernel_faults, kernel_headers
from hls.project import TOP_FUNCTION, HlsProject, bench_vectors
from model.integer_network.widths import signed_bits

_SETTING = re.compile(r"^set (\w+) \"?([^\"\n]*)\"?$", re.MULTILINE)
_STRUCTURE = re.compile(r"^struct (?P<name>\w+) [^{]*\{(?P<body>[^}]*)\};", re.MULTILINE)
_CONSTANT = re.compile(r"static const [\w:]+ (\w+) = (-?[\w:]+);")
_INITIALISER = re.compile(r"= \{([^}]*)\};")

_SCRIPT_LINES = (
    "set_top ${project_name}",
    'add_files firmware/${project_name}.cpp -cflags "-std=c++0x"',
    "set_part $part",
    "create_clock -period $clock_period -name default",
    "csynth_design",
)


def kernel_copy_faults(project: HlsProject) -> list[str]:
    """Kernels of the project that are missing or differ from ours."""
    faults = []
    for header in kernel_headers():
        copy = project.firmware / "nnet_utils" / header.name
        if not copy.is_file():
            faults.append(f"{header.name} is missing")
        elif copy.read_bytes() != header.read_bytes():
            faults.append(f"{header.name} differs from the kernel it was copied from")
    return faults


def kernel_copies(project: HlsProject) -> list[Path]:
    """The project's copies of our kernels."""
    return [project.firmware / "nnet_utils" / header.name for header in kernel_headers()]


def kernel_text_faults(project: HlsProject) -> list[str]:
    """Forbidden operators, words and loops in the project's kernels."""
    return [fault for copy in kernel_copies(project) if copy.is_file() for fault in kernel_faults(copy)]


def script_faults(project: HlsProject) -> list[str]:
    """Where the script of the synthesiser names another top function, part or clock, or leaves a command out."""
    settings = dict(_SETTING.findall(_text(project.folder / "project.tcl")))
    expected = {
        "project_name": TOP_FUNCTION,
        "backend": "vitis",
        "part": project.target.part,
        "clock_period": str(project.target.clock_ns),
    }
    faults = [
        f"project.tcl sets {name} to {settings.get(name, 'nothing')}; expected {value}"
        for name, value in expected.items()
        if settings.get(name) != value
    ]
    script = [line.strip() for line in _text(project.folder / "build_prj.tcl").splitlines()]
    faults += [f"build_prj.tcl lacks: {line}" for line in _SCRIPT_LINES if line not in script]
    if f"\nvoid {TOP_FUNCTION}(" not in _text(project.firmware / f"{TOP_FUNCTION}.cpp"):
        faults.append(f"firmware/{TOP_FUNCTION}.cpp defines no function {TOP_FUNCTION}")
    return faults


def parameter_faults(project: HlsProject) -> list[str]:
    """Layers whose structure in parameters.h has another size, wire code or parallelism than the network."""
    text = _text(project.firmware / "parameters.h")
    structures = {match["name"]: dict(_CONSTANT.findall(match["body"])) for match in _STRUCTURE.finditer(text)}
    faults = []
    for chain in project.chains:
        for layer in chain.network.layers:
            node = chain.node(layer.name)
            for name, expected in expected_structures(chain, layer, project.graph.graph[node].index).items():
                found = structures.get(name, {})
                shown = node if name.startswith("config") else f"{node}, {name}"
                faults += [
                    f"parameters.h, {shown}: {constant} is {found.get(constant, 'missing')}; expected {value}"
                    for constant, value in expected.items()
                    if found.get(constant) != value
                ]
    return faults + _wire_type_faults(project)


def _wire_type_faults(project: HlsProject) -> list[str]:
    """Spikes that are stored in another type than the narrowest one of what a time step carries."""
    text = _text(project.firmware / "defines.h")
    faults = []
    for chain in project.chains:
        for source in chain.sources[:-1]:
            low, high = chain.network.source_wire_range(source)
            expected = f"ap_int<{signed_bits(low, high)}>" if low < 0 else f"ap_uint<{high.bit_length()}>"
            name = project.graph.graph[chain.node(source)].get_output_variable().type.name
            found = re.search(rf"^typedef (\S+) {name};", text, re.MULTILINE)
            if found is None or found[1] != expected:
                stored = found[1] if found else "missing"
                faults.append(f"defines.h: the spikes of {chain.node(source)}, {name}, are {stored}; expected {expected}")
    return faults


def memory_faults(project: HlsProject) -> list[str]:
    """Memories whose words, in the header for synthesis or in the text for simulation, are not those of the network."""
    faults = []
    for memory in project.graph.get_weight_variables():
        words = np.asarray(memory.data).reshape(-1)
        header = _text(project.firmware / "weights" / f"{memory.name}.h")
        text = _text(project.firmware / "weights" / f"{memory.name}.txt")
        initialiser = _INITIALISER.search(header)
        for file, content in ((f"{memory.name}.h", initialiser[1] if initialiser else ""), (f"{memory.name}.txt", text)):
            found = [word.strip() for word in content.split(",")]
            expected = [str(word) for word in words]
            if found != expected:
                faults.append(f"{file} {_first_difference(expected, found)}")
    return faults


def vector_faults(project: HlsProject, pixels: npt.NDArray[np.uint8], expected_scores: npt.NDArray[np.int32]) -> list[str]:
    """Files of the test bench that do not hold these frames (frames, …) and their scores (frames, classes)."""
    return [
        f"{path.name} does not hold the {len(pixels)} frames"
        for path, text in bench_vectors(project, pixels, expected_scores).items()
        if not text or _text(path) != text
    ]


def _first_difference(expected: list[str], found: list[str]) -> str:
    if len(found) != len(expected):
        return f"has {len(found)} words; expected {len(expected)}"
    position = next(index for index, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1])
    return f"word {position} is {found[position]}; expected {expected[position]}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
