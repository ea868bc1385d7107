import assert from "node:assert/strict";
import { test } from "node:test";

import { defineGroup } from "../index.js";
import { FIELDS } from "../src/fields.js";
import { tell } from "../src/tell.js";
import { declare } from "../testing.js";

/** A handle that remembers what is called on it and on what it gives. */
function recorder(calls) {
  return new Proxy(
    {},
    {
      get: (_, name) => (...values) => {
        calls.push([name, ...values]);
        return recorder(calls);
      },
    },
  );
}

const SAID = {
  image: "image",
  build: { directory: "d", dockerfile: "f", arguments: { A: "1" }, target: "t" },
  dependencies: ["other"],
  env: { A: "1" },
  ports: { 80: 8080, 81: null },
  udpPorts: { 53: null },
  alwaysStartNew: true,
  stopSignal: "SIGINT",
  stopTimeoutMs: 1500,
  entrypoint: ["e"],
  command: ["c"],
  user: "u",
  workingDirectory: "/w",
  mounts: { m: "/m" },
  volumes: { v: "/v" },
  tmpfs: ["/t"],
  labels: { l: "1" },
  aliases: ["a"],
  networks: ["n"],
  restartPolicy: "always",
  healthCheck: { argv: ["h"], intervalMs: 100 },
  platform: "p",
  sharedMemoryMib: 1,
  memoryLimitMib: 2,
  cpuLimitMillicpus: 3,
};

test("the host is told all fields in the order of all SDKs", () => {
  assert.deepEqual(Object.keys(SAID), Object.keys(FIELDS));
  const calls = [];
  tell(recorder(calls), declare(defineGroup({ name: "g", services: { s: SAID } })));
  assert.deepEqual(calls, [
    ["setName", "g"],
    ["addService", "s", "image"],
    ["setBuild", "d", "f"],
    ["addBuildArgument", "A", "1"],
    ["setBuildTarget", "t"],
    ["addDependency", "other"],
    ["setEnv", "A", "1"],
    ["addPort", 80, 8080],
    ["addPort", 81, null],
    ["addUdpPort", 53, null],
    ["setAlwaysStartNew", true],
    ["setStopSignal", "SIGINT"],
    ["setStopTimeout", 1500],
    ["setEntrypoint", ["e"]],
    ["setCommand", ["c"]],
    ["setUser", "u"],
    ["setWorkingDirectory", "/w"],
    ["addMount", "m", "/m", false],
    ["addVolume", "v", "/v", false],
    ["addTmpfs", "/t"],
    ["addLabel", "l", "1"],
    ["addAlias", "a"],
    ["addNetwork", "n"],
    ["setRestartPolicy", "always"],
    ["setHealthCheck", ["h"], 100],
    ["setPlatform", "p"],
    ["setSharedMemory", 1],
    ["setMemoryLimit", 2],
    ["setCpuLimit", 3],
  ]);
});

test("the host is told nothing that was not said", () => {
  const calls = [];
  tell(recorder(calls), declare(defineGroup({ services: { s: { build: "d", alwaysStartNew: false } } })));
  assert.deepEqual(calls, [["addService", "s", ""], ["setBuild", "d", null]]);
});
