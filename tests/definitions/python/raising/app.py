"""Services whose hooks raise, each in a way of its own, and `fine`, whose hooks do not. With the parameter `broken` a
field raises.
"""

import logging
import sys
import threading

import drillmaster
from drillmaster import Failure, Service, context, field, on_start, parameter


class Image(Service):
    image = "drillmaster-test-service:latest"


class Fine(Image):
    name = "fine"

    @field
    def env(self) -> dict[str, str]:
        broken = parameter("broken")
        return {} if broken is None else {"PORT": str(int(broken))}

    def post_start_init(self) -> None:
        logging.debug("a debug line")
        logging.getLogger("shop.schema").info("an info line: %s", "ä")
        logging.error("an error line\nin two")
        print("a printed line")


class Pinging(Image):
    name = "pinging"

    def ping(self) -> bool:
        return look_up("ready")


def look_up(key: str) -> bool:
    return {}[key]


class Vague(Image):
    name = "vague"

    def ping(self) -> bool:
        self.container.is_running()


class Initialising(Image):
    name = "initialising"

    def post_start_init(self) -> None:
        try:
            self.container.dependency("fine")
        except drillmaster.HostError as error:
            raise RuntimeError("cannot fill the table") from error


class Commanding(Image):
    name = "commanding"

    def post_start_init(self) -> None:
        self.container.exec(["/service", "fail", "no such table"]).check()


class Refusing(Image):
    name = "refusing"

    def pre_start(self) -> None:
        raise Failure("the licence has run out")


class Exiting(Image):
    name = "exiting"

    def pre_start(self) -> None:
        sys.exit(3)


class Recursing(Image):
    name = "recursing"

    def pre_start(self) -> None:
        self.pre_start()


class Mistyping(Image):
    name = "mistyping"

    def pre_start(self) -> None:
        context["port"] = 5432


class Importing(Image):
    name = "importing"

    def pre_start(self) -> None:
        import later  # noqa: F401


class Threading(Image):
    name = "threading"

    def pre_start(self) -> None:
        threading.Thread(target=print).start()


class Hungry(Image):
    name = "hungry"

    def pre_start(self) -> None:
        bytearray(1 << 30)


@on_start
def started(services: list[str]) -> None:
    raise LookupError(f"nobody waits for {services}")
