"""Fields, and what is wrong with them."""

from datetime import timedelta

import drillmaster
from drillmaster import Build, Failure, HealthCheck, Mount, Service, testing
from support import GroupTest


def wrong(**fields: object) -> str:
    """What is said of a service with these fields."""
    service = type("Wrong", (Service,), {"name": "wrong", **fields})
    try:
        testing.declare(service)
    except Failure as failure:
        return str(failure)
    raise AssertionError(f"{fields} are declared")


class Fields(GroupTest):
    def test_a_service_of_an_image_alone_has_nothing_else(self) -> None:
        class Plain(Service):
            name = "plain"
            image = "plain:1"

        plain = testing.declare(Plain)["plain"]
        self.assertEqual((plain.name, plain.image), ("plain", "plain:1"))
        rest = {name: value for name, value in vars(plain).items() if name not in ("name", "image") and value}
        self.assertEqual(rest, {})

    def test_every_field_is_declared_as_it_was_written(self) -> None:
        class Everything(Service):
            name = "everything"
            image = "everything:1"
            dependencies = ("other",)
            env = {"GREETING": "hello"}
            ports = {80: 8080, 81: None}
            udp_ports = {53: 5353}
            always_start_new = True
            stop_signal = "SIGQUIT"
            stop_timeout = 2.5
            build = Build("directory", "docker/File", "stage", {"ARG": "value"})
            entrypoint = ["/bin/sh"]
            command = ("-c", "true")
            user = "1:2"
            working_directory = "/work"
            mounts = {"source": "/target"}
            volumes = [Mount("data", "/data"), Mount("data", "/read", read_only=True)]
            tmpfs = ["/scratch"]
            labels = {"colour": "green"}
            aliases = ["nickname"]
            networks = ["further"]
            restart_policy = "on-failure"
            health_check = HealthCheck(["true"], interval=timedelta(milliseconds=100))
            platform = "linux/amd64"
            shared_memory_mib = 48
            memory_limit_mib = 128
            cpu_limit_millicpus = 500

        declared = vars(testing.declare(Everything)["everything"])
        expected = {
            "name": "everything",
            "image": "everything:1",
            "dependencies": ["other"],
            "env": {"GREETING": "hello"},
            "ports": {80: 8080, 81: None},
            "udp_ports": {53: 5353},
            "always_start_new": True,
            "stop_signal": "SIGQUIT",
            "stop_timeout": timedelta(seconds=2.5),
            "build": Build("directory", "docker/File", "stage", {"ARG": "value"}),
            "entrypoint": ["/bin/sh"],
            "command": ["-c", "true"],
            "user": "1:2",
            "working_directory": "/work",
            "mounts": [Mount("source", "/target")],
            "volumes": [Mount("data", "/data"), Mount("data", "/read", True)],
            "tmpfs": ["/scratch"],
            "labels": {"colour": "green"},
            "aliases": ["nickname"],
            "networks": ["further"],
            "restart_policy": "on-failure",
            "health_check": HealthCheck(["true"], timedelta(milliseconds=100)),
            "platform": "linux/amd64",
            "shared_memory_mib": 48,
            "memory_limit_mib": 128,
            "cpu_limit_millicpus": 500,
        }
        self.assertEqual(declared, expected)

    def test_a_directory_alone_is_a_build(self) -> None:
        class Built(Service):
            name = "built"
            image = "built"
            build = "directory"

        self.assertEqual(testing.declare(Built)["built"].build, Build("directory"))

    def test_a_field_can_depend_on_a_parameter(self) -> None:
        class Database(Service):
            name = "appdb"
            image = "postgres:17"

            @drillmaster.field
            def ports(self) -> dict[int, int]:
                return {5432: drillmaster.parameter("port", int, default=5433)}

        self.assertEqual(testing.declare(Database)["appdb"].ports, {5432: 5433})
        self.assertEqual(testing.declare(Database, parameters={"port": "6000"})["appdb"].ports, {5432: 6000})

    def test_a_field_is_inherited_and_can_be_another_in_a_subclass(self) -> None:
        class Base(Service):
            image = "base"
            env = {"A": "a"}

        class Child(Base):
            name = "child"
            env = {**Base.env, "B": "b"}

        child = testing.declare()["child"]
        self.assertEqual((child.image, child.env), ("base", {"A": "a", "B": "b"}))

    def test_everything_that_is_wrong_is_told_at_once_with_its_service_and_field(self) -> None:
        text = wrong(image=7, ports=[80], env={"PORT": 5432}, command="true", stop_timeout=-1)
        self.assertEqual(
            text.splitlines(),
            [
                "service `wrong`, image: it is a text, not 7",
                "service `wrong`, env: the value of `PORT` is a text, not 5432",
                "service `wrong`, ports: it is a dictionary from ports of the container to ports of the host or None, "
                "not [80]",
                "service `wrong`, stop_timeout: it cannot be less than nothing, as -1 is",
                "service `wrong`, command: it is a list of texts, not 'true'",
            ],
        )

    def test_what_the_contract_cannot_carry_is_told(self) -> None:
        for fields, told in [
            ({"ports": {-1: None}}, "a port is a number from 0 to 4294967295, not -1"),
            ({"ports": {80: "8080"}}, "a port of the host is a whole number, not '8080'"),
            ({"ports": {True: None}}, "a port is a whole number, not True"),
            ({"memory_limit_mib": 1.5}, "it is a whole number, not 1.5"),
            ({"memory_limit_mib": 2**32}, "not 4294967296"),
            ({"stop_timeout": float("nan")}, "it is a number of seconds or a timedelta, not nan"),
            ({"always_start_new": "yes"}, "it is True or False, not 'yes'"),
            ({"dependencies": {"a", "b"}}, "it is a list of texts, not {"),
            ({"mounts": [("a", "/b")]}, "a list of Mount, not [('a', '/b')]"),
            ({"volumes": [Mount("a", 7)]}, "a target is a text, not 7"),
            ({"build": {"context": "."}}, "a directory's name or a Build, not {"),
            ({"build": Build(7)}, "the directory is a text, not 7"),
            ({"health_check": ["true"]}, "it is a HealthCheck, not ['true']"),
            ({"health_check": HealthCheck("true", 1)}, "it is a list of texts, not 'true'"),
            ({"health_check": HealthCheck(["true"], "1s")}, "the interval is a number of seconds or a timedelta"),
            ({"user": "\ud800"}, "it has something in it that is no character: '\\ud800'"),
        ]:
            with self.subTest(fields):
                self.assertIn(told, wrong(**fields))

    def test_an_exception_of_a_field_is_told_with_its_line(self) -> None:
        def env(self: Service) -> dict[str, str]:
            return {}["nothing"]

        text = wrong(env=drillmaster.field(env))
        first, *rest = text.splitlines()
        self.assertEqual(first, "service `wrong`, env: KeyError: 'nothing'")
        self.assertIn('  File "test_fields.py"', rest[1])
        self.assertIn('return {}["nothing"]', rest[2])


class Spelling(GroupTest):
    def declares(self, **attributes: object) -> None:
        type("Misspelt", (Service,), {"name": "misspelt", "image": "x", **attributes})

    def test_an_attribute_that_is_nearly_a_field_is_refused_with_the_field(self) -> None:
        for name, value, meant in [
            ("port", {80: 8080}, "ports"),
            ("dependency", ["appdb"], "dependencies"),
            ("dependancies", ["appdb"], "dependencies"),
            ("stop_timout", 5, "stop_timeout"),
            ("memory_limit_mb", 512, "memory_limit_mib"),
            ("volume", {"data": "/data"}, "volumes"),
            ("healthcheck", ["true"], "health_check"),
            ("environment", {"A": "a"}, "env"),
            ("depends_on", ["appdb"], "dependencies"),
            ("restart", "always", "restart_policy"),
            ("cmd", "serve", "command"),
            ("build_from", "app", "build"),
        ]:
            with self.subTest(name):
                with self.assertRaises(TypeError) as raised:
                    self.declares(**{name: value})
                first, second = str(raised.exception).split("? ")
                self.assertEqual(first, f"`Misspelt.{name}` is no field: did you mean `{meant}`")
                self.assertEqual(second, f"If it is for yourself, call it `_{name}`")

    def test_a_method_that_is_nearly_a_hook_is_refused_with_the_hook(self) -> None:
        def hook(self: Service) -> None:
            pass

        for name, meant in [("post_start", "post_start_init"), ("pre_strt", "pre_start"), ("is_ready", "ping")]:
            with self.subTest(name):
                with self.assertRaises(TypeError) as raised:
                    self.declares(**{name: hook})
                first, second = str(raised.exception).split("? ")
                self.assertEqual(first, f"`Misspelt.{name}` is no hook: did you mean `{meant}`")
                self.assertEqual(second, f"If it is for yourself, call it `_{name}`")
        self.declares(pinger=hook, ping_address="x", start=hook)

    def test_what_is_no_field_is_ones_own_affair(self) -> None:
        own = {
            "port": 5432,
            "PORTS": {80: 8080},
            "_port": {80: 8080},
            "users": ["a"],
            "schema": "CREATE TABLE",
            "database": "shop",
            "password": "secret",
            "url": "http://here",
            "label": property(lambda self: {}),
            "mount": lambda self: None,
        }
        self.declares(**own)
