"""PASS or FAIL, with every reason."""

from __future__ import annotations

from pipeline.report.schema import Accuracy, Audit, Checks, Equivalence, Equivalences, Hardware, Netlist


def failures(
    accuracy: Accuracy, equivalence: Equivalences, netlist: Netlist | None, checks: Checks, hardware: Hardware, audit: Audit
) -> list[str]:
    """Why a build fails; empty for PASS."""
    images = {"hls_vs_golden": accuracy.hls_images}
    images |= dict.fromkeys(("rtl_vs_golden", "counters_rtl_vs_golden"), accuracy.rtl_images)
    found = []
    for name in Equivalences.model_fields:
        found.extend(_of_equivalence(name, getattr(equivalence, name), images.get(name, accuracy.test_images)))
    found.extend(_of_accuracy(accuracy, equivalence))
    found.extend(f"hls: {check.name} failed: {check.detail}" for check in checks.hls if not check.passed)
    found.extend(f"simulation: {check.name} failed: {check.detail}" for check in checks.rtl if not check.passed)
    if netlist is not None:
        found.extend(_of_equivalence("netlist_vs_golden", netlist, netlist.images))
    found.extend(f"netlist: {check.name} failed: {check.detail}" for check in checks.netlist if not check.passed)
    found.extend(f"synthesis: {check.name} failed: {check.detail}" for check in checks.estimate if not check.passed)
    if audit.multipliers:
        found.append(f"audit: {audit.multipliers} multipliers in the Verilog; expected none")
    if not audit.passed:
        found.append("audit: not passed; audit.json of the rtl step says why")
    if hardware.xc7.dsp:
        found.append(f"synthesis: {hardware.xc7.dsp} DSP blocks; expected none")
    return found


def _of_equivalence(name: str, compared: Equivalence, images: int) -> list[str]:
    found = []
    if compared.frames < images:
        found.append(f"{name}: {compared.frames} of {images} test images compared")
    if not compared.values:
        found.append(f"{name}: nothing was compared")
    if compared.mismatches and compared.role == "equality":
        found.append(f"{name}: {compared.mismatches} mismatches in {compared.values} values; first {compared.first}")
    return found


def _of_accuracy(accuracy: Accuracy, equivalence: Equivalences) -> list[str]:
    """Equal stages classify equally; anything else is a fault of the evaluation."""
    pairs = [("ann", "reference"), ("golden_of_hls_images", "hls"), ("golden_of_rtl_images", "rtl")]
    if equivalence.reference_vs_golden.role == "equality":
        pairs.insert(1, ("reference", "golden"))
    return [
        f"accuracy: {left} {getattr(accuracy, left)} and {right} {getattr(accuracy, right)} differ"
        for left, right in pairs
        if getattr(accuracy, left) != getattr(accuracy, right)
    ]
