"""What the person sees of an exception."""

import importlib
import linecache
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from drillmaster import CommandFailed, Failure, Output, _sources, context
from drillmaster._failure import told
from drillmaster.testing import FakeContainer


def shown(call: Callable[[], object]) -> list[str]:
    try:
        call()
    except BaseException as error:
        return told(error).splitlines()
    raise AssertionError("it raised nothing")


class Failures(unittest.TestCase):
    def test_an_exception_is_told_first_and_then_where_it_was_raised(self) -> None:
        def hook() -> None:
            int("x")

        first, title, *calls = shown(hook)
        self.assertEqual(first, "ValueError: invalid literal for int() with base 10: 'x'")
        self.assertEqual(title, "Traceback (most recent call last):")
        self.assertRegex(calls[-2 if "^" not in calls[-1] else -3], r'^  File "test_failure\.py", line \d+, in hook$')
        self.assertIn('    int("x")', calls)

    def test_a_failure_is_its_text_alone(self) -> None:
        def hook() -> None:
            try:
                int("x")
            except ValueError as error:
                raise Failure("the licence has run out") from error

        self.assertEqual(shown(hook), ["the licence has run out"])

    def test_an_error_of_the_host_is_a_sentence_with_the_line_that_met_it(self) -> None:
        def hook() -> None:
            FakeContainer("db").exec(["psql"])

        first, *rest = shown(hook)
        self.assertEqual(first, "the fake container `db` was told nothing about `exec psql`")
        self.assertIn("in hook", rest[-3 if "^" in rest[-1] else -2])
        self.assertFalse([line for line in rest if "_container.py" in line or "testing.py" in line], rest)

    def test_a_failed_command_is_a_sentence(self) -> None:
        output = Output(["psql"], 2, b"", b"refused")
        self.assertEqual(shown(output.check)[0], "`psql` exited with 2: refused")
        self.assertIsInstance(CommandFailed("text", output), Exception)

    def test_causes_follow_with_their_own_lines(self) -> None:
        def hook() -> None:
            try:
                context["nothing"]
            except KeyError as error:
                raise RuntimeError("cannot begin") from error

        lines = shown(hook)
        self.assertEqual(lines[0], "RuntimeError: cannot begin")
        cause = lines.index("caused by KeyError: 'nothing'")
        self.assertIn("Traceback (most recent call last):", lines[cause + 1])
        self.assertIn('    context["nothing"]', lines[cause:])

    def test_an_exception_while_another_was_handled_is_told_so(self) -> None:
        def hook() -> None:
            try:
                int("x")
            except ValueError:
                {}["y"]

        lines = shown(hook)
        self.assertEqual(lines[0], "KeyError: 'y'")
        self.assertIn("while handling ValueError: invalid literal for int() with base 10: 'x'", lines)

        def hidden() -> None:
            try:
                int("x")
            except ValueError:
                raise RuntimeError("only this") from None

        self.assertFalse([line for line in shown(hidden) if "ValueError" in line])

    def test_causes_in_a_circle_end(self) -> None:
        first, second = RuntimeError("first"), RuntimeError("second")
        first.__cause__, second.__cause__ = second, first
        self.assertEqual(told(first).splitlines(), ["RuntimeError: first", "caused by RuntimeError: second"])

    def test_each_of_several_exceptions_is_told(self) -> None:
        class Several(Exception):
            exceptions = (ValueError("a"), KeyError("b"))

        lines = told(Several("both")).splitlines()
        self.assertTrue(lines[0].endswith("Several: both"), lines)
        self.assertEqual(lines[1:], ["of which one is ValueError: a", "of which one is KeyError: 'b'"])

    def test_an_exit_is_told(self) -> None:
        self.assertEqual(shown(lambda: sys.exit(3))[0], "SystemExit: 3")

    def test_an_endless_recursion_is_told_in_short(self) -> None:
        def first(n: int) -> int:
            return second(n)

        def second(n: int) -> int:
            return first(n)

        lines = shown(lambda: first(0))
        self.assertEqual(lines[0], "RecursionError: maximum recursion depth exceeded")
        self.assertRegex(lines[2], r"^  \(\d+ calls before these\)$")
        self.assertLess(len("\n".join(lines)), 16 * 1024)

    def test_an_exception_that_cannot_be_told_is_named(self) -> None:
        class Mute(Failure):
            def __str__(self) -> str:
                return self.nothing

        self.assertTrue(told(Mute()).endswith("Mute, which cannot be told: AttributeError"), told(Mute()))

    def test_what_is_no_character_is_told_as_what_it_is(self) -> None:
        self.assertEqual(told(ValueError("half \ud800")), "ValueError: half \\ud800")

    def test_the_lines_of_a_file_that_has_gone_are_remembered(self) -> None:
        with tempfile.TemporaryDirectory() as directory, mock.patch.object(sys, "path", [directory, *sys.path]):
            (Path(directory) / "gone.py").write_text("def hook():\n    int('x')  # here\n")
            gone = importlib.import_module("gone")
            self.addCleanup(sys.modules.pop, "gone")
            self.addCleanup(linecache.clearcache)
            _sources.remember()
        self.assertIn("    int('x')  # here", shown(gone.hook))
        self.assertNotIn(linecache.__file__, linecache.cache, "the standard library is not remembered")
