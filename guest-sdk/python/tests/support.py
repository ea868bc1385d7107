"""What several tests need."""

import unittest
from unittest import mock

from drillmaster import _group, testing


class GroupTest(unittest.TestCase):
    """A test with a group of its own, and a context without values."""

    def setUp(self) -> None:
        fresh = mock.patch.multiple(_group, _name=None, _classes=[], _on_start=[], _on_stop=[], _on_reload=[])
        fresh.start()
        self.addCleanup(fresh.stop)
        testing.clear()
