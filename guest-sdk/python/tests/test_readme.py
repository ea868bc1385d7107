"""The definition that the README shows, and its test."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SDK = Path(__file__).parent.parent


class Readme(unittest.TestCase):
    def test_the_definition_of_the_readme_passes_its_test(self) -> None:
        blocks = re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)
        self.assertEqual(len(blocks), 2)
        with tempfile.TemporaryDirectory() as directory:
            for name, block in zip(("shop.py", "test_shop.py"), blocks):
                (Path(directory) / name).write_text(block)
            run = subprocess.run(
                [sys.executable, "-B", "test_shop.py"],
                cwd=directory,
                env={**os.environ, "PYTHONPATH": str(SDK / "src")},
                capture_output=True,
                text=True,
            )
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("Ran 3 tests", run.stderr)
