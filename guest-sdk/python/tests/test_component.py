"""What a component exports, over a contract that only writes down what it is told."""

import importlib
import logging
import sys
from dataclasses import dataclass
from types import ModuleType
from unittest import mock

import drillmaster
from drillmaster import Build, Failure, HealthCheck, HostError, Mount, Service, _host, context, testing
from support import GroupTest


@dataclass(frozen=True)
class Err(Exception):
    """As componentize-py has it."""

    value: str


class Recorder:
    """Stands for whatever the host has: writes down what it is asked."""

    def __init__(self, told: list[tuple[object, ...]], **answers: object) -> None:
        self.told = told
        self.answers = answers

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> object:
            self.told.append((name, *arguments))
            answer = self.answers.get(name)
            if isinstance(answer, Err):
                raise answer
            return answer(*arguments) if callable(answer) else answer

        return call


class Component(GroupTest):
    def setUp(self) -> None:
        super().setUp()
        self.told: list[tuple[object, ...]] = []
        self.values: dict[str, str] = {}
        imports = {
            "container": ModuleType("container"),
            "context": Recorder(self.told, get=self.values.get, set=self.values.__setitem__),
            "definition": ModuleType("definition"),
            "log": Recorder(self.told),
        }
        for name in ("container.Container", "container.ExecOutput", "container.HttpResponse"):
            setattr(imports["container"], name.split(".")[1], object)
        for name in ("Group", "Service"):
            setattr(imports["definition"], name, object)
        types, world, inside = map(ModuleType, ("componentize_py_types", "wit_world", "wit_world.imports"))
        types.Err = Err
        vars(inside).update(imports)
        modules = {"componentize_py_types": types, "wit_world": world, "wit_world.imports": inside}
        # What it changes for good in a component, it changes here for one test.
        root = logging.getLogger()
        for patch in (
            mock.patch.dict(sys.modules, modules),
            mock.patch.object(_host, "_current", testing._memory),
            mock.patch.multiple(root, handlers=[], level=root.level),
        ):
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(sys.modules.pop, "drillmaster.component", None)
        self.component = importlib.import_module("drillmaster.component")
        self.lifecycle = self.component.Lifecycle()

    def container(self, **answers: object) -> Recorder:
        return Recorder(self.told, **{"service_name": "app", **answers})

    def fields(self, **parameters: str) -> list[tuple[object, ...]]:
        """What the host is told of the group."""
        service = Recorder(self.told)
        self.lifecycle.fields(Recorder(self.told, parameter=parameters.get, add_service=lambda *_: service))
        return self.told

    def error(self, call: object, *arguments: object) -> str:
        with self.assertRaises(Err) as raised:
            call(*arguments)
        return raised.exception.value

    def test_every_field_reaches_the_host(self) -> None:
        class App(Service):
            name = "app"
            image = "app:1"
            dependencies = ["db"]
            env = {"A": "a"}
            ports = {80: 8080, 81: None}
            udp_ports = {53: 5353}
            always_start_new = True
            stop_signal = "SIGQUIT"
            stop_timeout = 2.5
            build = Build("directory", "File", "stage", {"ARG": "value"})
            entrypoint = ["/bin/sh"]
            command = ["-c"]
            user = "1:2"
            working_directory = "/work"
            mounts = {"source": "/target"}
            volumes = [Mount("data", "/data", read_only=True)]
            tmpfs = ["/scratch"]
            labels = {"colour": "green"}
            aliases = ["nickname"]
            networks = ["further"]
            restart_policy = "on-failure"
            health_check = HealthCheck(["true"], 0.1)
            platform = "linux/amd64"
            shared_memory_mib = 48
            memory_limit_mib = 128
            cpu_limit_millicpus = 500

        drillmaster.group_name("shop")
        self.assertEqual(
            self.fields(),
            [
                ("set_name", "shop"),
                ("add_service", "app", "app:1"),
                ("set_build", "directory", "File"),
                ("add_build_argument", "ARG", "value"),
                ("set_build_target", "stage"),
                ("add_dependency", "db"),
                ("set_env", "A", "a"),
                ("add_port", 80, 8080),
                ("add_port", 81, None),
                ("add_udp_port", 53, 5353),
                ("set_always_start_new", True),
                ("set_stop_signal", "SIGQUIT"),
                ("set_stop_timeout", 2500),
                ("set_entrypoint", ["/bin/sh"]),
                ("set_command", ["-c"]),
                ("set_user", "1:2"),
                ("set_working_directory", "/work"),
                ("add_mount", "source", "/target", False),
                ("add_volume", "data", "/data", True),
                ("add_tmpfs", "/scratch"),
                ("add_label", "colour", "green"),
                ("add_alias", "nickname"),
                ("add_network", "further"),
                ("set_restart_policy", "on-failure"),
                ("set_health_check", ["true"], 100),
                ("set_platform", "linux/amd64"),
                ("set_shared_memory", 48),
                ("set_memory_limit", 128),
                ("set_cpu_limit", 500),
            ],
        )

    def test_a_service_of_an_image_alone_tells_nothing_else(self) -> None:
        class App(Service):
            name = "app"
            image = "app:1"

        self.assertEqual(self.fields(), [("add_service", "app", "app:1")])

    def test_parameters_are_known_in_fields_alone(self) -> None:
        class App(Service):
            name = "app"

            @drillmaster.field
            def image(self) -> str:
                return drillmaster.parameter("image", default="app:1")

            def pre_start(self) -> None:
                self.image

        self.assertIn(("add_service", "app", "app:2"), self.fields(image="app:2"))
        text = self.error(self.component.ServiceHooks().pre_start, "app")
        self.assertTrue(text.startswith("the parameter `image` is not known in a hook"), text)

    def test_an_exception_is_the_contracts_error_with_its_traceback(self) -> None:
        class App(Service):
            name = "app"

            def ping(self) -> bool:
                return {}["ready"]

            def post_start_init(self) -> None:
                raise Failure("no licence")

            def pre_start(self) -> None:
                raise SystemExit(3)

        first, _, *calls = self.error(self.lifecycle.ping, self.container()).splitlines()
        self.assertEqual(first, "KeyError: 'ready'")
        self.assertRegex(calls[0], r'File "test_component\.py", line \d+, in ping')
        self.assertEqual(self.error(self.lifecycle.post_start_init, self.container()), "no licence")
        text = self.error(self.component.ServiceHooks().pre_start, "app")
        self.assertTrue(text.startswith("SystemExit: 3\n"), text)

    def test_what_the_host_refuses_is_an_exception_that_a_hook_can_catch(self) -> None:
        class App(Service):
            name = "app"

            def post_start_init(self) -> None:
                try:
                    self.container.exec(["psql"])
                except HostError as error:
                    context["told"] = str(error)
                self.container.is_running()

        container = self.container(exec=Err("it took too long"), is_running=Err("the engine has gone"))
        first, *rest = self.error(self.lifecycle.post_start_init, container).splitlines()
        self.assertEqual(first, "the engine has gone")
        self.assertIn("    self.container.is_running()", rest)
        self.assertFalse([line for line in rest if "Err" in line], rest)
        self.assertEqual(self.values, {"told": "it took too long"})

    def test_a_container_asks_the_host(self) -> None:
        class Left:
            exit_code, stdout, stderr = 0, b"out", b"err"

        class Page:
            status, body = 200, b"page"

        class App(Service):
            name = "app"

            def ping(self) -> bool:
                container = self.container
                assert container.exec(["psql"], timeout=2).stdout == b"out"
                assert container.http_get(80, "/health").text == "page"
                assert container.dependency("db").name == "db"
                assert container.log_tail(3) == "lines"
                assert container.health() == "healthy"
                assert container.is_running()
                assert container.address(80) == ("127.0.0.1", 8080)
                return container.probe_tcp(80)

        container = self.container(
            exec=Left(),
            http_get=Page(),
            # What is callable is called, and a recorder says that it is anything.
            dependency=lambda _: self.container(service_name="db"),
            log_tail=b"lines",
            health="healthy",
            is_running=True,
            address=("127.0.0.1", 8080),
            probe_tcp=True,
        )
        self.assertTrue(self.lifecycle.ping(container))
        self.assertEqual(
            self.told[1:],
            [
                ("exec", ["psql"], 2000),
                ("http_get", 80, "/health", 10_000),
                ("dependency", "db"),
                ("service_name",),
                ("log_tail", 3),
                ("health",),
                ("is_running",),
                ("address", 80),
                ("probe_tcp", 80, 1000),
            ],
        )

    def test_the_hooks_of_the_group_are_called(self) -> None:
        heard = []
        drillmaster.on_start(lambda services: heard.append(services))
        drillmaster.on_stop(lambda services: heard.append(services))
        drillmaster.on_reload(lambda service: heard.append(service))
        hooks = self.component.GroupHooks()
        hooks.on_start(["a"])
        hooks.on_stop(["b"])
        hooks.on_reload("c")
        self.assertEqual(heard, [["a"], ["b"], "c"])

    def test_log_lines_have_the_hosts_levels(self) -> None:
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
            logging.getLogger("some.module").log(level, "%s is %d", "level", level)
        logging.info("half \ud800")
        expected = [
            ("debug", "level is 10"),
            ("info", "level is 20"),
            ("warn", "level is 30"),
            ("error", "level is 40"),
            ("error", "level is 50"),
            ("info", "half \\ud800"),
        ]
        self.assertEqual(self.told, expected)

    def test_an_exception_that_is_logged_has_its_traceback(self) -> None:
        try:
            {}["ready"]
        except KeyError:
            logging.exception("it is not ready")
        (level, text), = self.told
        first, second, _, *calls = text.splitlines()
        self.assertEqual((level, first, second), ("error", "it is not ready", "KeyError: 'ready'"))
        self.assertIn('  File "test_component.py"', calls[0])

    def test_a_definition_can_be_imported_at_the_beginning_of_each_call(self) -> None:
        def load() -> None:
            class Late(Service):
                name = "late"
                image = "late:1"

        self.component.imported_by(load)
        self.assertEqual(self.fields(), [("add_service", "late", "late:1")])

    def test_a_definition_that_cannot_be_imported_is_told(self) -> None:
        self.component.imported_by(lambda: importlib.import_module("no.such.module"))
        for call in (
            lambda: self.lifecycle.ping(self.container()),
            lambda: self.component.ServiceHooks().pre_start("app"),
            lambda: self.component.GroupHooks().on_reload("app"),
        ):
            text = self.error(call)
            self.assertTrue(text.startswith("ModuleNotFoundError: No module named 'no'\n"), text)
            self.assertNotIn("frozen", text)
