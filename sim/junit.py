"""Checks as JUnit XML, one test case a check."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from model.base.files import replacing
from sim.checks import Check


def suite_of(name: str, checks: Iterable[Check]) -> TestSuite:
    """A test suite of checks; the group of a check is the class of its test case."""
    suite = TestSuite(name)
    for check in checks:
        case = TestCase(check.name, classname=str(check.group))
        case.system_out = check.detail
        if not check.passed:
            case.result = [Failure(check.detail, "mismatch")]
        suite.add_testcase(case)
    return suite


def write_suites(suites: Iterable[TestSuite], path: Path) -> None:
    """Join suites and write them, whole or not at all."""
    xml = JUnitXml()
    for suite in suites:
        xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]
    with replacing(path) as beside:
        xml.write(str(beside), pretty=True)


def write_results(checks: Iterable[Check], path: Path) -> None:
    """Write the checks of one core."""
    write_suites([suite_of("isospike_core", checks)], path)
