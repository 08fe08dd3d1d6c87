"""Runs the tests of one module and reports them as GoogleTest does, so that ./dev counts them like all others."""

import os
import sys
import time
import unittest
from xml.sax.saxutils import escape


def _attribute(text):
    return escape(text, {'"': "&quot;", "\n": "&#x0A;", "\t": " "})


class _Recorder(unittest.TextTestResult):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cases = []  # (suite, name, "" or "failure" or "skipped", why)

    def _record(self, test, kind="", why=""):
        if not hasattr(test, "_testMethodName"):  # setUpClass: it stands for all tests of the class
            self.cases.append((type(test).__name__, str(test), kind, why))
            return
        # test_says_a_fact -> SaysAFact
        name = "".join(word.capitalize() for word in test._testMethodName.removeprefix("test_").split("_"))
        self.cases.append((type(test).__name__, name, kind, why))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._record(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, "failure", str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, "failure", f"{err[0].__name__}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, "skipped", reason)


def _write(path, name, cases, seconds):
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="{name}" tests="{len(cases)}" time="{seconds:.3f}">']
    for suite, case, kind, why in cases:
        result = "skipped" if kind == "skipped" else "completed"
        lines.append(f'    <testcase name="{_attribute(case)}" status="run" result="{result}" classname="{_attribute(suite)}">')
        if kind:
            lines.append(f'      <{kind} message="{_attribute(why)}"></{kind}>')
        lines.append("    </testcase>")
    lines.append("</testsuites>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main(name):
    """`name` is that of the suite in ctest."""
    started = time.monotonic()
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=_Recorder, verbosity=2).run(suite)
    kind, _, where = os.environ.get("GTEST_OUTPUT", "").partition(":")
    if kind == "xml":
        path = os.path.join(where, f"{name}.xml") if where.endswith("/") else where
        _write(path, name, result.cases, time.monotonic() - started)
    sys.exit(0 if result.wasSuccessful() else 1)
