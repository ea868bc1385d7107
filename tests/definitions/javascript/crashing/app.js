// Services whose hooks go wrong as JavaScript goes wrong, each in a way of its own, and `fine`, whose hooks do not.

import { context, defineGroup } from "drillmaster";

import { lookUp } from "./lookup.js";

const image = "drillmaster-test-service:latest";

export default defineGroup({
  name: "crashing",
  services: {
    fine: {
      image,

      postStartInit() {
        console.debug("a debug line");
        console.log("a printed line:", { of: ["an", "object"] }, 7);
        console.error("an error line\nin two");
      },
    },

    pinging: {
      image,

      ping() {
        return lookUp("ready");
      },
    },

    vague: {
      image,

      ping(container) {
        container.isRunning();
      },
    },

    promising: {
      image,

      preStart() {
        return Promise.reject(new Error("nobody hears this"));
      },
    },

    initialising: {
      image,

      postStartInit(container) {
        try {
          container.dependency("fine");
        } catch (error) {
          throw new Error("cannot fill the table", { cause: error });
        }
      },
    },

    mistyping: {
      image,

      preStart() {
        context.set("port", 5432);
      },
    },

    throwing: {
      image,

      preStart() {
        throw { code: 7 };
      },
    },

    recursing: {
      image,

      preStart(service) {
        this.preStart(service);
      },
    },

    hungry: {
      image,

      preStart() {
        return new Uint8Array(2 ** 30);
      },
    },
  },

  onStart(services) {
    throw new RangeError(`nobody waits for ${services}`);
  },
});
