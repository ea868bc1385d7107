import sys
import unittest

sys.path.insert(0, "sdk")

import app
import drillmaster
from drillmaster import testing


class GroupTest(unittest.TestCase):
    def setUp(self):
        testing.clear()

    def test_the_api_starts_after_the_database_and_is_told_where_it_is(self):
        api = testing.declare()["api"]
        self.assertEqual(api.dependencies, ["database"])
        self.assertEqual(api.env["PGRST_DB_URI"], "{database.url}")

    def test_the_database_is_ready_once_it_accepts_clients(self):
        fake = testing.FakeContainer("database").exec_fails(["pg_isready"], 2, "no response")
        self.assertFalse(app.Database(fake).ping())
        fake.exec_succeeds(["pg_isready"], "accepting connections")
        self.assertTrue(app.Database(fake).ping())

    def test_a_new_database_leaves_its_address(self):
        fake = testing.FakeContainer("database").exec_succeeds(["psql"])
        app.Database(fake).post_start_init()
        self.assertEqual(drillmaster.context["database.url"], app.url("database"))


if __name__ == "__main__":
    unittest.main()
