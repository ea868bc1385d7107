"""Runs the tests whose names contain one of the arguments, or all, and says so in the words of `cargo test`.

`python -m unittest discover` runs them as well.
"""

import sys
import time
import unittest
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]


class Result(unittest.TestResult):
    """A line for each test as it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self.failed: list[tuple[str, str]] = []

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.passed += 1
        print(f"test {name(test)} ... ok", flush=True)

    def addError(self, test: unittest.TestCase, err: object) -> None:
        self.failed.append((name(test), self._exc_info_to_string(err, test)))
        print(f"test {name(test)} ... FAILED", flush=True)

    addFailure = addError

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: object) -> None:
        if err is not None:
            self.addError(subtest, err)


def name(test: unittest.TestCase) -> str:
    return "guest-sdk/python::" + test.id().replace(".", "::", 1)


def tests(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests(item)
        else:
            yield item


def main(filters: list[str]) -> int:
    found = list(tests(unittest.defaultTestLoader.discover(str(HERE))))
    chosen = [test for test in found if not filters or any(filter in name(test) for filter in filters)]
    print(f"\nrunning {len(chosen)} tests", flush=True)
    start, result = time.monotonic(), Result()
    for test in chosen:
        test.run(result)
    for failed, trace in result.failed:
        print(f"\n---- {failed} ----\n{trace}")
    word, left = ("FAILED", 1) if result.failed else ("ok", 0)
    print(
        f"\ntest result: {word}. {result.passed} passed; {len(result.failed)} failed; 0 ignored; 0 measured; "
        f"{len(found) - len(chosen)} filtered out; finished in {time.monotonic() - start:.2f}s\n"
    )
    return left


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
