import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from model.base.files import read_json, write_json
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    Window,
    WireCode,
    verify_network,
    with_proved_widths,
)
from pipeline.report import formats
from pipeline.report.plots.accuracy import binomial_interval
from pipeline.report.step import run_report
from tests.pipeline.report.example import FRAMES, change, write_build, write_build_of


class Page(HTMLParser):
    """References, identifiers and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.identifiers: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
                self.references.append(value or "")
            elif name == "id":
                self.identifiers[value or ""] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(folder: Path) -> tuple[str, Page]:
    html = (folder / "report/report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(html)
    return html, page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    run_report(write_build(folder), folder, folder / "report")
    return folder


def test_the_page_needs_nothing_else(folder: Path) -> None:
    html, page = page_of(folder)
    assert [reference for reference in page.references if not reference.startswith(("#", "data:image/png;base64,"))] == []
    assert set(re.findall(r"https?://[^\"' <]+", html)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"@import|url\((?!#)", html)
    assert not page.tags.keys() & {"script", "link", "iframe", "object", "embed", "img"}


def test_the_netlist_is_part_of_the_chain_where_it_was_simulated(folder: Path, tmp_path: Path) -> None:
    html, page = page_of(folder)
    assert "ECP5 netlist = golden SNN" in page.text
    branches = html.count('class="branch"')
    config = write_build(tmp_path)
    off = config.model_copy(update={"netlist": config.netlist.model_copy(update={"frames": "off"})})
    write_json(tmp_path / "netlist/netlist.json", {"simulated": False})
    run_report(off, tmp_path, tmp_path / "report")
    html, page = page_of(tmp_path)
    assert "ECP5 netlist = golden SNN" not in page.text
    assert html.count('class="branch"') == branches - 1 == 3


def test_references_inside_of_drawings_have_one_target(folder: Path) -> None:
    html, page = page_of(folder)
    assert [name for name, count in page.identifiers.items() if count > 1] == []
    used = set(re.findall(r"url\(#([^)]+)\)", html)) | {name[1:] for name in page.references if name.startswith("#")}
    assert used <= set(page.identifiers)


def test_every_key_number_stands_on_the_page(folder: Path) -> None:
    report = read_json(folder / "report/report.json")
    _, page = page_of(folder)
    numbers = ["1,234.5", "543", "3,210", "7.5", "4,321", "87.65", "2,109", "3,333", "PASS", "synthesis-ready, not synthesised"]
    numbers += [formats.percent(share) for share in report["accuracy"].values() if share <= 1]
    for link in report["equivalence"].values():
        numbers += [formats.count(link[field]) for field in ("frames", "values", "mismatches")]
    numbers += [formats.energy(table["spiking"]["total"]) for table in report["energy"]["tables"].values()]
    for points in report["energy"]["break_even"].values():
        numbers += [formats.significant(point["energy_ratio"]) for point in points.values()]
    assert [number for number in numbers if number not in page.text] == []


def test_the_page_of_a_core_that_fits_no_device_says_what_it_lacks(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    change(tmp_path, "estimate/estimate.json", "placement.missing", "312 of 208 DP16KD")
    change(tmp_path, "estimate/estimate.json", "ecp5.fmax_mhz", None)
    change(tmp_path, "estimate/estimate.json", "critical_path", {})
    run_report(config, tmp_path, tmp_path / "report")
    hardware = read_json(tmp_path / "report/report.json")["hardware"]
    assert [hardware[figure] for figure in ("latency_us", "frames_per_second")] == [None, None]
    assert (hardware["ecp5"]["fmax_mhz"], hardware["ecp5"]["lut4"]) == (None, 4321)
    _, page = page_of(tmp_path)
    assert "no clock: larger than an ECP5-85k" in page.text
    assert "not placed: the core needs 312 of 208 DP16KD of an 85k" in page.text
    assert "PASS" in page.text


def test_nothing_of_a_step_is_taken_for_markup(folder: Path) -> None:
    html, page = page_of(folder)
    assert "compiles against types without <*>" in page.text
    assert "without &lt;*&gt;" in html


def test_the_page_of_a_failed_build_says_why(tmp_path: Path) -> None:
    config = write_build(tmp_path)
    change(tmp_path, "hls/hls.json", "comparison.mismatches", 4)
    run_report(config, tmp_path, tmp_path / "report")
    _, page = page_of(tmp_path)
    assert "FAIL" in page.text
    assert "hls_vs_golden: 4 mismatches" in page.text
    assert "≠" in page.text


def test_the_page_of_a_causal_method_calls_its_loss_a_measurement(tmp_path: Path) -> None:
    run_report(write_build(tmp_path, method="opi"), tmp_path, tmp_path / "report")
    _, page = page_of(tmp_path)
    assert "measurement" in page.text
    assert "Loss of the causal method by layer" in page.text


def test_the_page_of_maps_shows_shapes_windows_and_residual_connections(tmp_path: Path) -> None:
    image = Encoder((2, 6, 6), 2, InputCode.BITS)
    weights = np.ones((3, 2, 3, 3), dtype=np.int64)
    first = Synapses("input", weights, 2, padding=(1, 1))
    nothing, three = np.empty(0, dtype=np.int64), np.full(3, 4)
    neuron = Neuron(NeuronMode.DEFERRED, WireCode.BITS, 3, 2, three, three, nothing, 8, positions=(6, 6))
    own = Synapses("hidden1", np.ones((3, 1, 3, 3), dtype=np.int64), 2, (1, 1), (2, 2), (1, 1), groups=3)
    gains = Synapses("hidden1", np.full((3, 1, 1, 1), 2), 3, (2, 2), groups=3)
    second = replace(neuron, positions=(1, 1))
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, nothing, np.array([3, 1]), nothing, 8)
    layers = (
        Layer("hidden1", (first,), neuron),
        Layer("hidden2", (own, gains), second, Window((3, 3), (1, 1))),
        Layer("readout", (Synapses("hidden2", np.ones((2, 3), dtype=np.int64), 2),), readout),
    )
    network = verify_network(with_proved_widths(Network("maps", "pascal", image, layers)))
    pixels = np.random.default_rng(1).integers(0, 256, (FRAMES, 72), dtype=np.uint8)
    run_report(write_build_of(tmp_path, network, pixels), tmp_path, tmp_path / "report")
    _, page = page_of(tmp_path)
    text = " ".join(page.text.split())
    assert "2×6×6 – 3×6×6 – 3 – 2" in text
    assert "hidden1: 3×3, stride 2×2, 3 groups + hidden1, mean of 2×2: identity" in text


def test_a_network_that_never_sees_a_spike_has_a_page(tmp_path: Path) -> None:
    nothing = np.empty(0, dtype=np.int64)
    neuron = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, nothing, np.array([3, 1, 2]), nothing, 8)
    readout = Layer("readout", (Synapses("input", np.ones((3, 4), dtype=np.int64), 2),), neuron)
    network = Network("silent", "pascal", Encoder((2, 2), 1, InputCode.BITS), (readout,))
    black = np.zeros((FRAMES, 4), dtype=np.uint8)
    run_report(write_build_of(tmp_path, network, black), tmp_path, tmp_path / "report")
    report = read_json(tmp_path / "report/report.json")
    assert report["energy"]["counts"]["spikes_per_synapse"] == 0
    assert report["energy"]["break_even"]["literature"]["zero_skipping"]["energy_ratio"] is None
    assert report["code"] == "bits"


@pytest.mark.parametrize(
    "value, shown",
    [
        (0.0526, "0.0526"),
        (1.5589, "1.56"),
        (226.4, "226"),
        (60, "60.0"),
        (12345.6, "12,346"),
        (0, "0"),
        (0.000123, "0.000123"),
        (-2.974, "\N{MINUS SIGN}2.97"),
    ],
)
def test_significant_numbers_are_never_powers_of_ten(value: float, shown: str) -> None:
    assert formats.significant(value) == shown


@pytest.mark.parametrize("picojoules, shown", [(0.63, "0.630 pJ"), (1242, "1.24 nJ"), (225_552, "226 nJ"), (4.2e6, "4.20 µJ")])
def test_energies_have_their_unit(picojoules: float, shown: str) -> None:
    assert formats.energy(picojoules) == shown


def test_the_binomial_interval_is_wilsons() -> None:
    # Published example: 81 of 263 successes, 95 %: 0.2553 to 0.3662 (Newcombe, Statistics in Medicine 17, 1998).
    low, high = binomial_interval(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("value, text", [(9_999_999, "9,999,999"), (10_000_000, "10.0 M"), (369_760_348, "369.8 M")])
def test_counts_where_room_is_scarce_are_given_in_millions(value: int, text: str) -> None:
    assert formats.brief_count(value) == text
