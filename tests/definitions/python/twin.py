"""What `everything.rs` and `building.rs` declare, in Python."""

from datetime import timedelta

from drillmaster import Build, Failure, HealthCheck, Mount, Service, field, group_name, parameter

SERVICE = "drillmaster-test-service:latest"
PORT = 8080

group_name("everything")


def needed(name: str) -> int:
    port = parameter(name, int)
    if port is None:
        raise Failure("a port is needed")
    return port


class Everything(Service):
    name = "everything"
    image = SERVICE
    env = {"GREETING": "hello", "COUNT_DIR": "/written"}
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
    shared_memory_mib = 48
    memory_limit_mib = 128
    cpu_limit_millicpus = 500

    @field
    def ports(self) -> dict[int, int | None]:
        return {PORT: None, 9090: needed("tcp_port")}

    @field
    def udp_ports(self) -> dict[int, int | None]:
        return {9053: needed("udp_port"), 9054: None}

    @field
    def platform(self) -> str:
        return parameter("platform", default="")


class Built(Service):
    name = "built"
    ports = {PORT: None}
    volumes = {"counts": "/counts"}

    @field
    def image(self) -> str:
        return parameter("image", default="")

    @field
    def build(self) -> Build:
        arguments = {"GREETING": parameter("greeting", default="hello")}
        return Build("context", dockerfile="docker/Chosen.dockerfile", target="chosen", arguments=arguments)
