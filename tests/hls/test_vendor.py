"""Synthesis with a tool that stands in for Vitis: figures come out of its report, and only out of it."""

import shutil
from pathlib import Path

import pytest

from hls.vendor import SynthesisReport, read_report, report_path, synthesis, vendor_tool
from model.base.errors import UserError
from tests.hls.conftest import Written

REPORT = Path(__file__).parent / "data" / "isospike_hls_csynth.xml"

FIGURES = SynthesisReport(
    target_clock_ns=10.0,
    estimated_clock_ns=6.912,
    latency_cycles_min=3411,
    latency_cycles_max=3415,
    interval_cycles_min=1583,
    interval_cycles_max=1584,
    lut=14230,
    ff=9120,
    bram_18k=29,
    uram=0,
    dsp=0,
    source="isospike_hls_csynth.xml",
)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, body: str) -> None:
    """Put a program on the PATH that says it is Vitis 2024.2 and otherwise does as told."""
    program = folder / name
    program.write_text(f'#!/bin/sh\ncase "$1" in -version|--version) echo "{name} v2024.2"; exit 0;; esac\n{body}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_report_is_read() -> None:
    assert read_report(REPORT) == FIGURES


def test_a_report_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_report(tmp_path / "csynth.xml")
    assert str(error.value) == f"{tmp_path}/csynth.xml: no such report; the synthesis did not finish"


def test_a_report_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "csynth.xml"
    path.write_text(REPORT.read_text(encoding="utf-8")[:900], encoding="utf-8")
    with pytest.raises(UserError, match=r"csynth\.xml: not a readable report \(.*\); synthesise again"):
        read_report(path)


@pytest.mark.parametrize(
    "old, new, text",
    [
        ("<LUT>14230</LUT>", "", "the report has no AreaEstimates/Resources/LUT"),
        ("<DSP>0</DSP>", "<DSP></DSP>", "the report has no AreaEstimates/Resources/DSP"),
        (
            "<Worst-caseLatency>3415<",
            "<Worst-caseLatency>undef<",
            "PerformanceEstimates/SummaryOfOverallLatency/Worst-caseLatency is 'undef', which is no count",
        ),
        (
            "<EstimatedClockPeriod>6.912<",
            "<EstimatedClockPeriod>?<",
            "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod is '?', which is no time",
        ),
    ],
)
def test_a_figure_that_is_missing_is_an_error_and_never_zero(old: str, new: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "csynth.xml"
    report = REPORT.read_text(encoding="utf-8")
    assert old in report
    path.write_text(report.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_report(path)
    assert str(error.value) == f"{path}: {text}"


def test_without_the_tool_no_figure_is_given(written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert vendor_tool() is None
    assert synthesis(written.project, ready=True, tool=None) == {"status": "synthesis-ready, not synthesised"}


def test_a_project_that_failed_a_check_is_not_called_ready(written: Written) -> None:
    assert synthesis(written.project, ready=False, tool=None) == {"status": "not synthesis-ready"}


# The program on the PATH, the tool it is, and how the tool wants to be called.
VITIS = [("vitis_hls", "vitis_hls", "-f build_prj.tcl"), ("vitis-run", "vitis", "--mode hls --tcl build_prj.tcl")]


@pytest.mark.parametrize("vitis", VITIS)
def test_with_the_tool_its_figures_are_given(
    vitis: tuple[str, str, str], written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, tool, arguments = vitis
    folder = written.project.folder
    report = report_path(folder)
    body = f'test "$*" = "{arguments}" && mkdir -p "{report.parent}" && cp "{REPORT}" "{report}"'
    install(tmp_path, monkeypatch, program, body)
    found = synthesis(written.project, ready=True, tool=vendor_tool())
    assert found == {"status": "synthesised", "tool": f"{tool} 2024.2", **vars(FIGURES)}
    options = (folder / "build_opt.tcl").read_text(encoding="utf-8").split()
    assert dict(zip(options[4:-1:2], options[5:-1:2], strict=True)) == {
        "reset": "1", "synth": "1", "csim": "0", "cosim": "0", "validation": "0", "export": "0", "vsynth": "0", "fifo_opt": "0",
    }  # fmt: skip


def test_a_tool_that_fails_is_an_error(written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "vitis_hls", "echo no licence; exit 7")
    log = written.project.folder.parent / "vitis.log"
    with pytest.raises(UserError) as error:
        synthesis(written.project, ready=True, tool=vendor_tool())
    assert str(error.value) == f"vitis_hls 2024.2 ended with status 7; its messages are in {log}"
    assert log.read_text(encoding="utf-8") == "no licence\n"


def test_an_old_report_is_not_taken_for_a_new_one(written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_path(written.project.folder)
    report.parent.mkdir(parents=True)
    shutil.copy(REPORT, report)
    install(tmp_path, monkeypatch, "vitis_hls", "exit 0")
    with pytest.raises(UserError, match="no such report; the synthesis did not finish"):
        synthesis(written.project, ready=True, tool=vendor_tool())
