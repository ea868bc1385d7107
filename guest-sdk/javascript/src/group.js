// The services that belong together, and their hooks.

import { isPromise, object, shown, text } from "./checked.js";
import { Failure } from "./errors.js";
import { FIELDS } from "./fields.js";
import { unknown } from "./spelling.js";
import { told } from "./told.js";

const SERVICE_HOOKS = ["ping", "postStartInit", "preStart", "preStop"];
const GROUP_HOOKS = ["onStart", "onStop", "onReload"];

const IN_SERVICE = [...Object.keys(FIELDS), ...SERVICE_HOOKS];
const IN_GROUP = ["name", "services", ...GROUP_HOOKS];

export function defineGroup(group) {
  object(group, "a group is an object with `services`");
  const wrong = [...names(group, IN_GROUP), ...hooks(group, GROUP_HOOKS)].map((problem) => `group: ${problem}`);
  if (group.name !== undefined) {
    text(group.name, "the group's name");
  }
  for (const [name, service] of Object.entries(object(group.services, "`services` is an object of services"))) {
    object(service, `service \`${name}\` is an object with its fields`);
    const problems = [...names(service, IN_SERVICE), ...hooks(service, SERVICE_HOOKS)];
    wrong.push(...problems.map((problem) => `service \`${name}\`: ${problem}`));
  }
  if (wrong.length > 0) {
    throw new TypeError(wrong.join("\n"));
  }
  return group;
}

function names(value, known) {
  const others = Object.keys(value).filter((name) => !known.includes(name));
  return others.map((name) => unknown(name, known));
}

function hooks(value, known) {
  const there = known.filter((hook) => value[hook] !== undefined);
  return there.flatMap((hook) => {
    if (typeof value[hook] !== "function") {
      return [`\`${hook}\` is a function, not ${shown(value[hook])}`];
    }
    return value[hook].constructor.name === "AsyncFunction" ? [awaited(hook)] : [];
  });
}

function awaited(hook) {
  return `\`${hook}\` gives a promise, which nobody awaits: it has to be a plain function`;
}

/** What the host is told of a group. What is wrong with the fields is one `Failure`, a line for each. */
export function declared(group, parameters) {
  const wrong = [];
  const services = {};
  for (const [name, service] of Object.entries(group.services)) {
    try {
      services[name] = fields(name, service, parameters, wrong);
    } catch (error) {
      wrong.push(`service \`${name}\`: ${told(error)}`);
    }
  }
  if (wrong.length > 0) {
    throw new Failure(wrong.join("\n"));
  }
  return { name: group.name, services };
}

/** The fields of one service that are said. */
function fields(service, said, parameters, wrong) {
  const values = {};
  for (const [name, read] of Object.entries(FIELDS)) {
    const value = typeof said[name] === "function" ? said[name](parameters) : said[name];
    if (value == null) {
      continue;
    }
    try {
      values[name] = read(value);
    } catch (error) {
      wrong.push(`service \`${service}\`, ${name}: ${error.message}`);
    }
  }
  return values;
}

/** Whether the service that a container belongs to is ready. */
export function ping(group, container) {
  const service = find(group, container.name);
  if (service.ping === undefined) {
    return container.isRunning() && ["none", "healthy"].includes(container.health());
  }
  const answer = done("ping", service.ping(container));
  if (typeof answer !== "boolean") {
    throw new TypeError(`\`ping\` of service \`${container.name}\` gives true or false, not ${shown(answer)}`);
  }
  return answer;
}

/** Calls `postStartInit` or `preStop` of the service that a container belongs to, if it has it. */
export function callWithContainer(group, hook, container) {
  done(hook, find(group, container.name)[hook]?.(container));
}

/** Calls `preStart` of a service, if it has it. */
export function preStart(group, name) {
  done("preStart", find(group, name).preStart?.(name));
}

/** Calls a hook of the group, if it has it. */
export function callOfGroup(group, hook, changed) {
  done(hook, group[hook]?.(changed));
}

function done(hook, answer) {
  if (isPromise(answer)) {
    throw new TypeError(awaited(hook));
  }
  return answer;
}

function find(group, wanted) {
  if (!Object.hasOwn(group.services, wanted)) {
    const all = Object.keys(group.services).join(", ");
    throw new Failure(`the definition has no service \`${wanted}\`, only ${all}`);
  }
  return group.services[wanted];
}
