// What a component exports. Only a component can import this: each call begins with it, unless the component was built
// with the definition inside, and has done so then.

import * as imports from "drillmaster:plugin/context";
import * as lines from "drillmaster:plugin/log";

import { console } from "./console.js";
import { Container } from "./container.js";
import { Failure, HostError } from "./errors.js";
import { callOfGroup, callWithContainer, declared, defineGroup, ping, preStart } from "./group.js";
import { enter } from "./host.js";
import { Parameters } from "./parameters.js";
import { tell } from "./tell.js";
import { told } from "./told.js";

globalThis.console = console;
Error.stackTraceLimit = 100;

enter({
  get: imports.get,
  set: (key, value) => asked(() => imports.set(key, value)),
  log: (level, message) => lines[level](message),
});

/** The group, or why it cannot be had. */
export const imported = await load();

async function load() {
  try {
    const { default: group } = await import("#definition");
    if (group === undefined) {
      throw new Failure("it exports no group: `export default defineGroup({ … })` does");
    }
    return { group: defineGroup(group) };
  } catch (error) {
    return { error };
  }
}

export const lifecycle = {
  fields: (handle) =>
    answered((group) => tell(handle, declared(group, new Parameters((name) => handle.parameter(name))))),
  ping: (handle) => answered((group) => ping(group, container(handle))),
  postStartInit: (handle) => answered((group) => callWithContainer(group, "postStartInit", container(handle))),
};

export const serviceHooks = {
  preStart: (service) => answered((group) => preStart(group, service)),
  preStop: (handle) => answered((group) => callWithContainer(group, "preStop", container(handle))),
};

export const groupHooks = {
  onStart: (services) => answered((group) => callOfGroup(group, "onStart", services)),
  onStop: (services) => answered((group) => callOfGroup(group, "onStop", services)),
  onReload: (service) => answered((group) => callOfGroup(group, "onReload", service)),
};

/** Runs one export: whatever it throws becomes the contract's error. */
function answered(hook) {
  try {
    if ("error" in imported) {
      throw imported.error;
    }
    return hook(imported.group);
  } catch (error) {
    throw told(error);
  }
}

/** Calls an import. */
function asked(call) {
  try {
    return call();
  } catch (error) {
    throw new HostError(error.message);
  }
}

function container(handle) {
  return new Container(safe(handle));
}

/** The contract's container, with errors that say whose they are. */
function safe(handle) {
  return {
    serviceName: () => handle.serviceName(),
    address: (port) => asked(() => handle.address(port)),
    isRunning: () => asked(() => handle.isRunning()),
    health: () => asked(() => handle.health()),
    exec: (argv, timeoutMs) => asked(() => handle.exec(argv, timeoutMs)),
    probeTcp: (port, timeoutMs) => handle.probeTcp(port, timeoutMs),
    httpGet: (port, path, timeoutMs) => asked(() => handle.httpGet(port, path, timeoutMs)),
    logTail: (lines) => asked(() => handle.logTail(lines)),
    dependency: (service) => safe(asked(() => handle.dependency(service))),
  };
}
