"""Services that fail: what `tests/definitions/examples/failing.rs` declares and does."""

import drillmaster
from drillmaster import Failure, Service, field, parameter

drillmaster.group_name("failing")


class Image(Service):
    image = "drillmaster-test-service:latest"


class Fine(Image):
    name = "fine"

    @field
    def env(self) -> dict[str, str]:
        how = parameter("broken")
        if how is not None:
            raise Failure(f"it is broken: {how}")
        return {}

    def pre_stop(self) -> None:
        raise Failure("it does not want to stop")


class Refusing(Image):
    name = "refusing"

    def pre_start(self) -> None:
        raise Failure("the licence has run out\n— since Monday")


class Pinging(Image):
    name = "pinging"

    def ping(self) -> bool:
        raise Failure("it will never be ready")


class Initialising(Image):
    name = "initialising"

    def post_start_init(self) -> None:
        try:
            self.container.dependency("fine")
        except drillmaster.HostError as error:
            raise Failure(error) from None


class Commanding(Image):
    name = "commanding"

    def post_start_init(self) -> None:
        try:
            self.container.exec(["/service", "fail", "no such table"]).check()
        except drillmaster.CommandFailed as error:
            raise Failure(error) from None


@drillmaster.on_start
def started(services: list[str]) -> None:
    raise Failure(f"nobody waits for {', '.join(services)}")


@drillmaster.on_stop
def stopped(services: list[str]) -> None:
    raise Failure(f"nobody misses {', '.join(services)}")
