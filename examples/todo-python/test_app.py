import unittest

import app
from drillmaster import CommandFailed, context, testing


class TodoTest(unittest.TestCase):
    def setUp(self) -> None:
        testing.clear()

    def test_the_list_starts_after_its_database_and_is_told_where_it_is(self) -> None:
        todo = testing.declare()["todo"]
        self.assertEqual(todo.dependencies, ["appdb"])
        self.assertEqual(todo.env["DATABASE_URL"], "{appdb.url}")

    def test_the_ports_on_the_host_can_be_chosen(self) -> None:
        declared = testing.declare(parameters={"appdb_port": "15432", "todo_port": "18080"})
        self.assertEqual((declared["appdb"].ports, declared["todo"].ports), ({5432: 15432}, {8080: 18080}))

    def test_the_database_is_ready_once_it_answers_a_client(self) -> None:
        fake = testing.FakeContainer("appdb").exec_fails(["psql"], 2, "the database system is starting up")
        self.assertFalse(app.Appdb(fake).ping())
        fake.exec_succeeds(["psql"], "1")
        self.assertTrue(app.Appdb(fake).ping())

    def test_a_new_database_gets_its_table_and_leaves_its_address(self) -> None:
        fake = testing.FakeContainer("appdb").exec_succeeds(["psql"])
        app.Appdb(fake).post_start_init()
        self.assertIn("CREATE TABLE IF NOT EXISTS items", fake.calls[0])
        self.assertEqual(context["appdb.url"], "postgresql://todo:todo@appdb:5432/todo")

    def test_a_database_that_cannot_make_its_table_fails_with_its_own_words(self) -> None:
        fake = testing.FakeContainer("appdb").exec_fails(["psql"], 1, "ERROR:  permission denied")
        with self.assertRaisesRegex(CommandFailed, "exited with 1: ERROR:  permission denied$"):
            app.Appdb(fake).post_start_init()

    def test_the_list_is_ready_once_its_health_page_says_so(self) -> None:
        fake = testing.FakeContainer("todo").http_errors(8080, "/health", "connection refused")
        self.assertFalse(app.Todo(fake).ping())
        fake.http_answers(8080, "/health", 200, "ready")
        self.assertTrue(app.Todo(fake).ping())


if __name__ == "__main__":
    unittest.main()
