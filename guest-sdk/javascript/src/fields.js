// The fields of a service: how each is read. What they mean is in `index.d.ts`.

import { flag, milliseconds, number, object, only, text, texts } from "./checked.js";

const it = (read) => (value) => read(value, "it");
const list = (value) => texts(value, "it", "each");

/** In the order in which the host is told of them. */
export const FIELDS = {
  image: it(text),
  build,
  dependencies: list,
  env: pairs,
  ports,
  udpPorts: ports,
  alwaysStartNew: it(flag),
  stopSignal: it(text),
  stopTimeoutMs: it(milliseconds),
  entrypoint: list,
  command: list,
  user: it(text),
  workingDirectory: it(text),
  mounts,
  volumes: mounts,
  tmpfs: list,
  labels: pairs,
  aliases: list,
  networks: list,
  restartPolicy: it(text),
  healthCheck,
  platform: it(text),
  sharedMemoryMib: it(number),
  memoryLimitMib: it(number),
  cpuLimitMillicpus: it(number),
};

function pairs(value) {
  const entries = Object.entries(object(value, "it is an object of names and values"));
  return Object.fromEntries(
    entries.map(([name, found]) => [text(name, "a name"), text(found, `the value of \`${name}\``)]),
  );
}

function ports(value) {
  const entries = Object.entries(object(value, "it is an object from ports of the container to ports of the host"));
  return Object.fromEntries(
    entries.map(([container, host]) => {
      number(/^\d+$/.test(container) ? Number(container) : container, "a port of the container");
      return [container, host === null ? null : number(host, "a port of the host")];
    }),
  );
}

const MOUNT = "it is an object from sources to targets, or a list of { source, target, readOnly }";

function mounts(value) {
  if (!Array.isArray(value)) {
    return Object.entries(object(value, MOUNT)).map(([source, target]) => mount({ source, target }));
  }
  return value.map((entry) => mount(only(entry, ["source", "target", "readOnly"], MOUNT)));
}

function mount({ source, target, readOnly = false }) {
  return {
    source: text(source, "a source"),
    target: text(target, "a target"),
    readOnly: flag(readOnly, "`readOnly`"),
  };
}

const BUILD = "it is a directory, or { directory, dockerfile, arguments, target }";

function build(value) {
  if (typeof value === "string") {
    return { directory: text(value, "it") };
  }
  const parts = only(value, ["directory", "dockerfile", "arguments", "target"], BUILD);
  const read = { directory: text(parts.directory, "the directory") };
  for (const name of ["dockerfile", "target"]) {
    if (parts[name] != null) {
      read[name] = text(parts[name], `the ${name}`);
    }
  }
  return parts.arguments == null ? read : { ...read, arguments: pairs(parts.arguments) };
}

function healthCheck(value) {
  const { argv, intervalMs } = only(value, ["argv", "intervalMs"], "it is { argv, intervalMs }");
  return { argv: texts(argv, "`argv`", "each word"), intervalMs: milliseconds(intervalMs, "`intervalMs`") };
}
