"""The reference in Python: what `tests/definitions/examples/reference.rs` declares and does."""

import logging
from datetime import timedelta

import drillmaster
from drillmaster import Build, HealthCheck, HostError, Mount, Service, context, field, parameter

SERVICE = "drillmaster-test-service:latest"
PORT = 8080
# A value without a key of the context in it.
AS_WRITTEN = '{"db":{"port":5432}} {{ .Name }} ${HOME} {port:d} {}'

drillmaster.group_name("reference")


class Steered(Service):
    """Made of the tests' service, which says itself when it is ready."""

    image = SERVICE
    ports = {PORT: None}

    def ping(self) -> bool:
        try:
            return self.container.http_get(PORT, "/ready").status == 200
        except HostError:
            return False


class Every(Steered):
    name = "every"
    env = {"GREETING": "grüß dich, {{Welt}}", "COUNT_DIR": "/written", "AS_WRITTEN": AS_WRITTEN}
    udp_ports = {9053: 20002, 9054: None}
    always_start_new = True
    stop_signal = "SIGQUIT"
    stop_timeout = 2.5
    entrypoint = ["/service", "serve"]
    command = ["first", "second"]
    user = "1234:2345"
    working_directory = "/work"
    mounts = [Mount("written", "/written"), Mount("read/only.txt", "/read-only.txt", read_only=True)]
    volumes = [Mount("data", "/data"), Mount("data", "/read-only-data", read_only=True)]
    tmpfs = ["/scratch"]
    labels = {"org.example.colour": "green"}
    aliases = ["nickname"]
    networks = ["further"]
    restart_policy = "on-failure"
    health_check = HealthCheck(["/service", "exit", "0"], interval=timedelta(milliseconds=100))
    platform = "linux/amd64"
    shared_memory_mib = 48
    memory_limit_mib = 128
    cpu_limit_millicpus = 500

    @field
    def ports(self) -> dict[int, int | None]:
        return {PORT: None, 9090: parameter("tcp_port", int, default=20001)}

    def ping(self) -> bool:
        return super().ping() and self.container.probe_tcp(PORT) and self.container.health() == "healthy"


class Built(Steered):
    name = "built"
    image = "drillmaster-test-reference"

    @field
    def build(self) -> Build:
        arguments = {"GREETING": parameter("greeting", default="hello")}
        return Build("context", dockerfile="docker/Chosen.dockerfile", target="chosen", arguments=arguments)


class Helper(Steered):
    name = "helper"
    env = {"WHO": "the helper"}


class Subject(Steered):
    name = "subject"
    dependencies = ["helper"]
    env = {"OWN": "{own.value}", "SAY_LINES": "5"}

    def pre_start(self) -> None:
        context["own.value"] = f"set before {self.name} was created"

    def post_start_init(self) -> None:
        self.runs_commands()
        self.reaches_ports()
        self.reaches_dependencies()
        logging.debug("a debug line")
        logging.info("%s runs: %s", self.container.name, str(self.container.is_running()).lower())
        logging.warning("its health is %s", self.container.health())
        logging.error("its log ends with %s", self.container.log_tail(1).rstrip())
        unset = "reference.done" not in context
        context["reference.done"] = "no value before: " + ("yes" if unset else "no")
        logging.info(context["reference.done"])

    def pre_stop(self) -> None:
        self.container.exec(["/service", "count", "stopping"]).check()

    def runs_commands(self) -> None:
        printed = self.container.exec(["/service", "print", "some words; not a shell's $HOME"])
        logging.info(printed.stdout_text.rstrip())
        failed = self.container.exec(["/service", "fail", "a complaint"])
        logging.info("%d: %s", failed.exit_code, failed.stderr_text.rstrip())
        try:
            failed.check()
        except drillmaster.CommandFailed as error:
            logging.info(error)
        try:
            self.container.exec(["/service", "sleep", "60000"], timeout=0.2)
        except HostError as error:
            logging.info(error)

    def reaches_ports(self) -> None:
        logging.info(self.container.address(PORT).host)
        try:
            self.container.address(9090)
        except HostError as error:
            logging.info(error)
        listens = self.container.probe_tcp(PORT, timeout=1.5)
        logging.info("somebody listens" if listens else "nobody listens")
        answer = self.container.http_get(PORT, "/env/OWN")
        logging.info("%d %s", answer.status, answer.text)
        logging.info(self.container.http_get(PORT, "/nowhere", timeout=5).status)
        try:
            self.container.http_get(PORT, "nowhere")
        except HostError as error:
            logging.info(error)

    def reaches_dependencies(self) -> None:
        helper = self.container.dependency("helper")
        logging.info("%s is %s", helper.name, helper.http_get(PORT, "/env/WHO").text)
        try:
            self.container.dependency("stranger")
        except HostError as error:
            logging.info(error)


@drillmaster.on_start
def started(services: list[str]) -> None:
    logging.info("started %s", ", ".join(sorted(services)))


@drillmaster.on_stop
def stopped(services: list[str]) -> None:
    logging.info("stopped %s", ", ".join(sorted(services)))


@drillmaster.on_reload
def reloaded(service: str) -> None:
    logging.info("reloaded %s", service)
