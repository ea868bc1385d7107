// Services that fail, each in a hook of its own, and `fine`, which does not. Each language has the same group, and its
// errors say the same. With the parameter `broken` the fields fail.

import { Failure, defineGroup } from "drillmaster";

const image = "drillmaster-test-service:latest";

export default defineGroup({
  name: "failing",
  services: {
    fine: {
      image(parameters) {
        const how = parameters.get("broken");
        if (how !== undefined) {
          throw new Failure(`it is broken: ${how}`);
        }
        return image;
      },

      preStop() {
        throw new Failure("it does not want to stop");
      },
    },

    refusing: {
      image,

      preStart() {
        throw new Failure("the licence has run out\n— since Monday");
      },
    },

    pinging: {
      image,

      ping() {
        throw new Failure("it will never be ready");
      },
    },

    // The host's own error is handed on.
    initialising: {
      image,

      postStartInit(container) {
        container.dependency("fine");
      },
    },

    // A command fails.
    commanding: {
      image,

      postStartInit(container) {
        container.exec(["/service", "fail", "no such table"]).check();
      },
    },
  },

  onStart(services) {
    throw new Failure(`nobody waits for ${services.join(", ")}`);
  },

  onStop(services) {
    throw new Failure(`nobody misses ${services.join(", ")}`);
  },
});
