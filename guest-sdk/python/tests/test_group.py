"""The group: which classes are services, and where hooks go."""

import drillmaster
from drillmaster import Error, Failure, Service, _group, context, testing
from drillmaster.testing import FakeContainer
from support import GroupTest


class Groups(GroupTest):
    def test_each_subclass_with_a_name_is_a_service_in_the_order_of_their_classes(self) -> None:
        class Base(Service):
            image = "base"

        class B(Base):
            name = "b"

        class A(Base):
            name = "a"

        self.assertEqual([service.name for service in testing.declare().services], ["b", "a"])
        with self.assertRaises(KeyError):
            testing.declare()["c"]

    def test_the_group_can_have_a_name(self) -> None:
        self.assertIsNone(testing.declare().name)
        drillmaster.group_name("shop")
        self.assertEqual(testing.declare().name, "shop")
        with self.assertRaises(TypeError):
            drillmaster.group_name(None)

    def test_the_mistakes_of_all_services_are_told_at_once(self) -> None:
        class First(Service):
            name = "first"
            image = 1

        class Forgotten(Service):
            image = "forgotten"

        class Last(Service):
            name = "last"
            image = 2

        with self.assertRaises(Failure) as raised:
            testing.declare()
        self.assertEqual(
            str(raised.exception).splitlines(),
            [
                f"`{Forgotten.__qualname__}` has an image but no name: it is no service",
                "service `first`, image: it is a text, not 1",
                "service `last`, image: it is a text, not 2",
            ],
        )

    def test_a_name_is_a_text(self) -> None:
        for name in [7, None, property(lambda self: "x")]:
            with self.subTest(name), self.assertRaisesRegex(TypeError, "by which hooks find the service"):
                type("Named", (Service,), {"name": name})

    def test_a_hook_goes_to_the_service_of_that_name(self) -> None:
        class Ready(Service):
            name = "ready"

            def pre_start(self) -> None:
                context["starting"] = self.name

        class Busy(Service):
            name = "busy"

            def ping(self) -> bool:
                return False

            def post_start_init(self) -> None:
                context["initialised"] = self.container.name

            def pre_stop(self) -> None:
                context["stopping"] = self.container.name

        self.assertTrue(_group.ping(FakeContainer("ready")))
        self.assertFalse(_group.ping(FakeContainer("busy")))
        _group.pre_start("ready")
        _group.post_start_init(FakeContainer("busy"))
        _group.pre_stop(FakeContainer("busy"))
        left = [context[key] for key in ("starting", "initialised", "stopping")]
        self.assertEqual(left, ["ready", "busy", "busy"])

    def test_without_a_ping_of_its_own_a_service_is_ready_when_it_runs_and_is_not_unhealthy(self) -> None:
        class Plain(Service):
            name = "plain"

        class Own(Service):
            name = "own"

            def ping(self) -> bool:
                return True

        self.assertIs(_group.ping(FakeContainer("plain")), True)
        for health, ready in (("none", True), ("starting", False), ("healthy", True), ("unhealthy", False)):
            self.assertIs(_group.ping(FakeContainer("plain").health_is(health)), ready, health)
        self.assertIs(_group.ping(FakeContainer("plain").stopped()), False)
        self.assertIs(_group.ping(FakeContainer("own").health_is("unhealthy")), True)

    def test_a_service_without_hooks_needs_nothing(self) -> None:
        class Plain(Service):
            name = "plain"

        _group.post_start_init(FakeContainer("plain"))
        _group.pre_start("plain")
        _group.pre_stop(FakeContainer("plain"))

    def test_a_hook_for_a_service_that_is_not_there_is_an_error_that_names_those_that_are(self) -> None:
        class A(Service):
            name = "a"

        class B(Service):
            name = "b"

        with self.assertRaisesRegex(Error, "^the definition has no service `c`, only a, b$"):
            _group.ping(FakeContainer("c"))

    def test_a_ping_says_true_or_false(self) -> None:
        for answer in [None, 1, "yes"]:
            service = type("Vague", (Service,), {"name": "vague", "ping": lambda self, answer=answer: answer})
            with self.subTest(answer), self.assertRaises(TypeError) as raised:
                _group.ping(FakeContainer(service.name))
            self.assertEqual(str(raised.exception), f"`Vague.ping` returned {answer!r}: it says True or False")
            _group._classes.clear()

    def test_there_is_no_container_before_it_is_created(self) -> None:
        class Early(Service):
            name = "early"

            def pre_start(self) -> None:
                self.container.is_running()

        with self.assertRaisesRegex(Error, "`early` has no container here"):
            _group.pre_start("early")

    def test_a_hook_is_a_plain_function(self) -> None:
        async def hook(*_: object) -> None: ...

        with self.assertRaisesRegex(TypeError, r"`Later\.ping` is async"):
            type("Later", (Service,), {"name": "later", "ping": hook})
        with self.assertRaisesRegex(TypeError, r"`Never\.pre_stop` is not a function but None"):
            type("Never", (Service,), {"name": "never", "pre_stop": None})
        for register in (drillmaster.on_start, drillmaster.on_stop, drillmaster.on_reload):
            with self.assertRaisesRegex(TypeError, "is async"):
                register(hook)

    def test_the_hooks_of_a_group_run_when_there_are_any(self) -> None:
        _group.started(["a"])
        _group.stopped(["a"])
        _group.reloaded("a")
        heard = []

        @drillmaster.on_start
        def started(services: list[str]) -> None:
            heard.append(("started", services))

        drillmaster.on_stop(lambda services: heard.append(("stopped", services)))
        drillmaster.on_reload(lambda service: heard.append(("reloaded", service)))
        _group.started(["a", "b"])
        _group.stopped([])
        _group.reloaded("c")
        self.assertEqual(heard, [("started", ["a", "b"]), ("stopped", []), ("reloaded", "c")])
        started(["itself"])
        self.assertEqual(heard[-1], ("started", ["itself"]))
