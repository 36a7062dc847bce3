import json
import re
from pathlib import Path
from typing import Any

import pytest

from model.base.errors import UserError
from model.base.files import read_json, write_json
from pipeline.report.collect import load_network_and_golden
from pipeline.report.growth import frame_costs
from pipeline.report.schema import Report, schema_text
from pipeline.report.sources import BuildFiles
from pipeline.report.step import build_report, run_report
from tests.pipeline.report.example import FRAMES, change, write_build

SCRIPTED_KEYS = {
    "": ("schema", "name", "method", "code", "verdict"),
    "network.": ("layers", "neurons", "synapses", "time_steps"),
    "accuracy.": ("test_images", "trained", "ann", "reference", "golden", "hls", "rtl"),
    "hardware.latency_cycles.": ("min", "median", "max"),
    "hardware.": ("interval_cycles", "latency_us"),
    "hardware.xc7.": ("lut", "ff", "bram36", "dsp"),
    "hardware.ecp5.": ("lut4", "ff", "bram", "fmax_mhz", "fmax_mhz_lowest", "fmax_mhz_highest"),
    "audit.": ("multipliers",),
    "energy.": ("counts", "tables", "baselines", "break_even"),
    "seconds.": ("data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist", "report"),
    "provenance.": ("network", "seeds", "data.checksums", "tools", "flags"),
}
CHAIN = ("ann_vs_reference", "reference_vs_golden", "hls_vs_golden", "rtl_vs_golden", "counters_rtl_vs_golden")
COMPARISONS = {
    "ann_vs_reference": ("convert/convert.json", "comparison"),
    "reference_vs_golden": ("golden/golden.json", "comparison"),
    "hls_vs_golden": ("hls/hls.json", "comparison"),
    "rtl_vs_golden": ("sim/sim.json", "rtl_vs_golden"),
    "counters_rtl_vs_golden": ("sim/sim.json", "counters_rtl_vs_golden"),
}


def value_at(content: Any, key: str) -> Any:
    for part in key.split("."):
        content = content[part]
    return content


def judged(folder: Path, **settings: Any) -> Report:
    """The report of a build folder, without drawings."""
    config = settings.pop("config", None) or write_build(folder, **settings)
    network, golden = load_network_and_golden(folder)
    return build_report(config, BuildFiles(folder), network, frame_costs(folder, golden))


def report_of_changed(folder: Path, file: str, key: str, value: object, method: str = "pascal") -> Report:
    config = write_build(folder, method=method)
    change(folder, file, key, value)
    return judged(folder, config=config)


def test_every_key_that_scripts_rely_on_is_there(tmp_path: Path) -> None:
    run_report(write_build(tmp_path), tmp_path, tmp_path / "report")
    content = read_json(tmp_path / "report/report.json")
    for key in [section + key for section, keys in SCRIPTED_KEYS.items() for key in keys]:
        assert value_at(content, key) is not None, key
    for name in CHAIN:
        assert content["equivalence"][name]["frames"] == FRAMES
        assert content["equivalence"][name]["values"] > 0
        assert content["equivalence"][name]["mismatches"] == 0
    assert content["verdict"] == "PASS"
    assert Report.model_validate_json(json.dumps(content)).verdict == "PASS"


def test_figures_are_those_of_the_steps(tmp_path: Path) -> None:
    report = judged(tmp_path)
    assert report.hardware.latency_cycles.median == 1234.5
    assert report.hardware.interval_cycles == 543
    assert report.hardware.latency_us == pytest.approx(1234.5 / 87.65)
    assert report.hardware.frames_per_second == pytest.approx(87.65e6 / 543)
    assert report.hardware.xc7.bram36 == 7.5
    assert report.seconds == dict.fromkeys(
        ("data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist"), 1.25
    )
    assert report.provenance.seeds == {"training": 7, "simulation": 11, "place_and_route": [1, 2, 3]}
    assert (tmp_path / report.provenance.network).is_file()


def test_the_line_of_growth_is_that_of_the_frames(tmp_path: Path) -> None:
    growth = judged(tmp_path).hardware.latency_growth
    assert growth is not None
    assert growth.cycles_per_event == pytest.approx(3)
    assert growth.cycles_without_events == pytest.approx(1000)
    assert growth.explained == pytest.approx(1)


def test_cycles_of_frames_that_are_missing_or_cut_name_their_file(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    path = tmp_path / "sim/latency.npy"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match=r"sim/latency\.npy: no readable cycles of frames .*; run the sim step again"):
        judged(tmp_path, config=config)


def test_every_figure_remembers_its_file(tmp_path: Path) -> None:
    figures = judged(tmp_path).provenance.figures
    assert figures["accuracy.rtl"] == "sim/sim.json#accuracy"
    assert figures["equivalence.hls_vs_golden.values"] == "hls/hls.json#comparison.values"
    assert figures["hardware.interval_cycles"] == "sim/sim.json#interval_cycles.median"
    assert figures["hardware.xc7.lut"] == "estimate/xc7.json"
    assert figures["hardware.xc7.dsp"] == "estimate/estimate.json#xc7.dsp"
    assert figures["seconds.train"] == "train/manifest.json#seconds"


@pytest.mark.parametrize("name", CHAIN)
def test_one_mismatch_in_any_link_fails(tmp_path: Path, name: str) -> None:
    file, key = COMPARISONS[name]
    report = report_of_changed(tmp_path, file, f"{key}.mismatches", 1)
    assert report.verdict == "FAIL"
    assert [reason.partition(":")[0] for reason in report.failures] == [name]


@pytest.mark.parametrize(
    "key, value, reason",
    [
        ("netlist_vs_golden.mismatches", 1, "netlist_vs_golden: 1 mismatches in "),
        ("netlist_vs_golden.values", 0, "netlist_vs_golden: nothing was compared"),
        ("netlist_vs_golden.frames", 11, "netlist_vs_golden: 11 of 12 test images compared"),
        ("checks", [{"name": "spaced: packets", "passed": False, "detail": "d"}], "netlist: spaced: packets failed: d"),
    ],
)
def test_a_netlist_that_is_not_golden_fails(tmp_path: Path, key: str, value: object, reason: str) -> None:
    report = report_of_changed(tmp_path, "netlist/netlist.json", key, value)
    assert report.verdict == "FAIL"
    assert [found.startswith(reason) for found in report.failures] == [True]


def test_a_netlist_that_was_not_simulated_was_not_asked_for(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    write_json(tmp_path / "netlist/netlist.json", {"simulated": False})
    with pytest.raises(UserError, match=r"netlist/netlist\.json: "):
        judged(tmp_path, config=config)
    off = config.model_copy(update={"netlist": config.netlist.model_copy(update={"frames": "off"})})
    report = judged(tmp_path, config=off)
    assert (report.verdict, report.netlist, report.checks.netlist) == ("PASS", None, [])


@pytest.mark.parametrize(
    "file, key, section", [("hls/hls.json", "comparison", "hls"), ("sim/sim.json", "rtl_vs_golden", "simulation")]
)
def test_a_simulation_runs_as_many_images_as_were_asked_for(tmp_path: Path, file: str, key: str, section: str) -> None:
    config = write_build(tmp_path)
    change(tmp_path, file, f"{key}.frames", 5)
    assert any("5 of 12 test images compared" in reason for reason in judged(tmp_path, config=config).failures)
    fewer = config.model_copy(update={section: getattr(config, section).model_copy(update={"frames": 5})})
    assert judged(tmp_path, config=fewer).verdict == "PASS"
    more = config.model_copy(update={section: getattr(config, section).model_copy(update={"frames": 6})})
    assert any("5 of 6 test images compared" in reason for reason in judged(tmp_path, config=more).failures)


def test_simulations_classify_like_golden_on_the_same_images(tmp_path: Path) -> None:
    report = report_of_changed(tmp_path, "golden/golden.json", "accuracy_of_frames.simulation", 0.5)
    assert report.failures == [f"accuracy: golden_of_rtl_images 0.5 and rtl {report.accuracy.rtl} differ"]


def test_the_reason_of_a_failure_names_the_first_difference(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    change(tmp_path, "sim/sim.json", "rtl_vs_golden.mismatches", 2)
    change(tmp_path, "sim/sim.json", "rtl_vs_golden.first", "rtl: image 3 layer hidden1 time step 0 neuron 4: expected 1, got 0")
    report = judged(tmp_path, config=config)
    values = report.equivalence.rtl_vs_golden.values
    first = "rtl: image 3 layer hidden1 time step 0 neuron 4: expected 1, got 0"
    assert report.failures == [f"rtl_vs_golden: 2 mismatches in {values} values; first {first}"]


@pytest.mark.parametrize(
    "file, key, value, reason",
    [
        ("sim/sim.json", "rtl_vs_golden.frames", 11, "rtl_vs_golden: 11 of 12 test images compared"),
        ("hls/hls.json", "comparison.values", 0, "hls_vs_golden: nothing was compared"),
        ("rtl/audit.json", "multipliers", 2, "audit: 2 multipliers in the Verilog; expected none"),
        ("rtl/audit.json", "passed", False, "audit: not passed; audit.json of the rtl step says why"),
        ("estimate/estimate.json", "xc7.dsp", 1, "synthesis: 1 DSP blocks; expected none"),
        ("hls/hls.json", "checks.operators.passed", False, "hls: operators failed: compiles against types without <*>"),
        ("hls/hls.json", "accuracy", 0.5, f"accuracy: golden_of_hls_images {11 / 12} and hls 0.5 differ"),
    ],
)
def test_whatever_else_is_wrong_fails(tmp_path: Path, file: str, key: str, value: object, reason: str) -> None:
    report = report_of_changed(tmp_path, file, key, value)
    assert report.verdict == "FAIL"
    assert report.failures == [reason]


def test_a_failed_simulation_check_fails(tmp_path: Path) -> None:
    check = {"name": "back-pressure", "passed": False, "detail": "result 3 came twice"}
    report = report_of_changed(tmp_path, "sim/sim.json", "checks", [check])
    assert report.failures == ["simulation: back-pressure failed: result 3 came twice"]


def test_a_failed_check_of_the_netlist_fails(tmp_path: Path) -> None:
    check = {"name": "no latches", "passed": False, "detail": "2 latches; expected none"}
    report = report_of_changed(tmp_path, "estimate/estimate.json", "checks", [check])
    assert report.failures == ["synthesis: no latches failed: 2 latches; expected none"]


def test_a_causal_method_is_measured_against_its_ann_and_passes(tmp_path: Path) -> None:
    report = judged(tmp_path, method="opi")
    assert report.equivalence.reference_vs_golden.mismatches == 5
    assert report.equivalence.reference_vs_golden.role == "measurement"
    assert report.verdict == "PASS"
    assert report.loss_by_layer is not None
    assert set(report.loss_by_layer) == {layer.name for layer in report.network.by_layer}
    assert all(getattr(report.equivalence, name).role == "equality" for name in CHAIN if name != "reference_vs_golden")


def test_a_causal_method_still_fails_where_hardware_differs(tmp_path: Path) -> None:
    report = report_of_changed(tmp_path, "sim/sim.json", "rtl_vs_golden.mismatches", 1, method="opi")
    assert report.verdict == "FAIL"


@pytest.mark.parametrize(
    "file, key",
    [
        ("data/data.json", "counts.test"),
        ("train/train.json", "accuracy.test"),
        ("convert/convert.json", "accuracy.reference"),
        ("golden/golden.json", "comparison.mismatches"),
        ("golden/golden.json", "simulated_counts.layers.readout.accumulates"),
        ("hls/hls.json", "synthesis"),
        ("rtl/audit.json", "multipliers"),
        ("sim/sim.json", "interval_cycles.median"),
        ("sim/sim.json", "engine_counts.readout.row_reads"),
        ("sim/sim.json", "weight_counts.readout"),
        ("estimate/estimate.json", "ecp5.fmax_mhz"),
        ("estimate/estimate.json", "placement"),
        ("estimate/estimate.json", "flags"),
        ("sim/manifest.json", "seconds"),
    ],
)
def test_a_missing_figure_names_file_and_key(tmp_path: Path, file: str, key: str) -> None:
    config = write_build(tmp_path)
    change(tmp_path, file, key, None)
    with pytest.raises(UserError) as caught:
        judged(tmp_path, config=config)
    assert str(caught.value) == f"{tmp_path / file}: no figure '{key}'; run the {file.partition('/')[0]} step again"


def test_a_figure_without_a_value_is_missing(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    path = tmp_path / "estimate/estimate.json"
    path.write_text(path.read_text().replace('"dsp": 0', '"dsp": null'))
    with pytest.raises(UserError, match=r"no figure 'xc7.dsp'"):
        judged(tmp_path, config=config)


def test_a_missing_file_names_itself(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    (tmp_path / "sim/sim.json").unlink()
    with pytest.raises(UserError) as caught:
        judged(tmp_path, config=config)
    assert str(caught.value) == f"{tmp_path / 'sim/sim.json'}: no such file; run the step that writes it"


def test_a_figure_of_the_wrong_kind_names_its_origin(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        report_of_changed(tmp_path, "hls/hls.json", "accuracy", 98.5)
    assert str(caught.value) == (
        f"{tmp_path}: figure accuracy.hls from hls/hls.json#accuracy is 98.5; input should be less than or equal to 1"
    )


def test_engine_counts_of_other_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        report_of_changed(tmp_path, "sim/sim.json", "frames", 24)
    assert str(caught.value) == (
        f"{tmp_path / 'sim/sim.json'}: engine counts of 24 frames, golden counts of 12; run the sim step again"
    )


def test_groups_of_synapses_that_read_other_rows_than_their_layer_are_refused(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    counted = read_json(tmp_path / "sim/sim.json")["engine_counts"]["readout"]["row_reads"]
    change(tmp_path, "sim/sim.json", "engine_counts.readout.row_reads", counted + 1)
    with pytest.raises(UserError) as caught:
        judged(tmp_path, config=config)
    assert str(caught.value) == (
        f"{tmp_path / 'sim/sim.json'}: layer readout read {counted + 1} weight rows, its groups of synapses {counted};"
        " run the sim step again"
    )


def test_the_published_schema_is_the_one_that_is_checked() -> None:
    published = Path(__file__).parents[3] / "docs" / "report.schema.json"
    assert published.read_text(encoding="utf-8") == schema_text(), "run: python -m pipeline.report"


def test_the_schema_refuses_an_unknown_key(tmp_path: Path) -> None:
    content = json.loads(judged(tmp_path).model_dump_json(by_alias=True))
    content["network"]["neurones"] = 3
    with pytest.raises(ValueError, match=re.escape("network.neurones")):
        Report.model_validate_json(json.dumps(content))
