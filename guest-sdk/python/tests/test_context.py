"""The context, the parameters, and when neither is there."""

import unittest
from unittest import mock

import drillmaster
from drillmaster import Error, Failure, HostError, _host, context, parameter, testing
from support import GroupTest


class Contexts(GroupTest):
    def test_a_value_is_kept_under_its_key(self) -> None:
        context["appdb.url"] = "a"
        context["appdb.url"] = "b"
        self.assertEqual(context["appdb.url"], "b")
        self.assertIn("appdb.url", context)
        self.assertEqual(context.get("appdb.url"), "b")

    def test_what_is_not_there_is_a_key_error_or_the_default(self) -> None:
        with self.assertRaises(KeyError) as raised:
            context["nothing"]
        self.assertEqual(raised.exception.args, ("nothing",))
        self.assertNotIn("nothing", context)
        self.assertIsNone(context.get("nothing"))
        self.assertEqual(context.get("nothing", "something"), "something")
        with self.assertRaises(TypeError):
            iter(context)

    def test_keys_and_values_are_texts(self) -> None:
        with self.assertRaisesRegex(TypeError, "^the context value `port` is a text, not 5432$"):
            context["port"] = 5432
        with self.assertRaisesRegex(TypeError, "^a context key is a text, not 5432$"):
            context[5432]
        self.assertNotIn(5432, context)

    def test_in_a_test_only_keys_and_values_are_taken_that_the_host_takes(self) -> None:
        for key in ["", "1a", ".a", "a b", "ä", "a{", "a\n"]:
            with self.subTest(key), self.assertRaisesRegex(HostError, "is no key"):
                context[key] = "value"
        for key in ["a", "_", "A.b-c_1", "k" * 256]:
            context[key] = "value"
        with self.assertRaisesRegex(HostError, "has 257 bytes"):
            context["k" * 257] = "value"
        context["long"] = "x" * (64 * 1024)
        with self.assertRaisesRegex(HostError, "longer than 64 KiB"):
            context["long"] = "x" * (64 * 1024 + 1)

    def test_values_are_forgotten_when_a_test_says_so(self) -> None:
        context["a"] = "b"
        testing.clear()
        self.assertNotIn("a", context)


class Parameters(unittest.TestCase):
    def given(self, value: str | None, *arguments: object, **options: object) -> object:
        given = {} if value is None else {"it": value}
        with mock.patch.object(testing._memory, "parameters", given):
            return parameter("it", *arguments, **options)

    def test_a_parameter_that_was_not_given_is_none_or_the_default(self) -> None:
        self.assertIsNone(self.given(None))
        self.assertIsNone(self.given(None, int))
        self.assertEqual(self.given(None, int, default=5), 5)

    def test_a_parameter_is_made_what_is_wanted(self) -> None:
        self.assertEqual(self.given("8080"), "8080")
        self.assertEqual(self.given("8080", int, default=5), 8080)
        self.assertIs(self.given("true", bool), True)
        self.assertIs(self.given("false", bool, default=True), False)

    def test_a_parameter_that_cannot_be_read_is_named_with_its_value(self) -> None:
        with self.assertRaises(Failure) as raised:
            self.given("many", int)
        text = "the parameter `it` cannot be `many`: invalid literal for int() with base 10: 'many'"
        self.assertEqual(str(raised.exception), text)
        with self.assertRaisesRegex(Failure, "`it` cannot be `yes`: it is true or false"):
            self.given("yes", bool)


class Nowhere(unittest.TestCase):
    def test_while_a_definition_is_imported_there_is_nothing(self) -> None:
        with mock.patch.object(_host, "_current", _host._Nobody()):
            with self.assertRaisesRegex(Error, "^the context value `a` is not there while the definition is imported"):
                context["a"]
            with self.assertRaisesRegex(Error, "`a` is not there"):
                context["a"] = "b"
            with self.assertRaisesRegex(Error, "^the parameter `port` is not there"):
                drillmaster.parameter("port", int)
