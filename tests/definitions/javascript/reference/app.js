// The reference: every field, every import and every hook. Each language has the same group, and asks the host for the
// same in the same order.
//
// `every` has every field but a build, which `built` has; `subject` has every hook and calls everything that a hook can
// call, `helper`, which it depends on, has none but a `ping`.

import { context, defineGroup, log } from "drillmaster";

const IMAGE = "drillmaster-test-service:latest";
const PORT = 8080;
// A value without a key of the context in it.
const AS_WRITTEN = '{"db":{"port":5432}} {{ .Name }} ${HOME} {port:d} {}';

function ready(container) {
  try {
    return container.httpGet(PORT, "/ready").status === 200;
  } catch {
    return false;
  }
}

/** What the person is told of something that fails. */
function complain(attempt) {
  try {
    attempt();
  } catch (error) {
    log.info(error.message);
  }
}

function runsCommands(container) {
  log.info(container.exec(["/service", "print", "some words; not a shell's $HOME"]).stdoutText.trimEnd());
  const failed = container.exec(["/service", "fail", "a complaint"]);
  log.info(`${failed.exitCode}: ${failed.stderrText.trimEnd()}`);
  complain(() => failed.check());
  complain(() => container.exec(["/service", "sleep", "60000"], { timeoutMs: 200 }));
}

function reachesPorts(container) {
  log.info(container.address(PORT).host);
  complain(() => container.address(9090));
  log.info(container.probeTcp(PORT, { timeoutMs: 1500 }) ? "somebody listens" : "nobody listens");
  const answer = container.httpGet(PORT, "/env/OWN");
  log.info(`${answer.status} ${answer.text}`);
  log.info(container.httpGet(PORT, "/nowhere", { timeoutMs: 5000 }).status);
  complain(() => container.httpGet(PORT, "nowhere"));
}

function reachesDependencies(container) {
  const helper = container.dependency("helper");
  log.info(`${helper.name} is ${helper.httpGet(PORT, "/env/WHO").text}`);
  complain(() => container.dependency("stranger"));
}

const listed = (services) => services.toSorted().join(", ");

export default defineGroup({
  name: "reference",
  services: {
    every: {
      image: IMAGE,
      ports: (parameters) => ({ [PORT]: null, 9090: parameters.number("tcp_port") ?? 20001 }),
      udpPorts: { 9053: 20002, 9054: null },
      env: { GREETING: "grüß dich, {{Welt}}", COUNT_DIR: "/written", AS_WRITTEN },
      alwaysStartNew: true,
      stopSignal: "SIGQUIT",
      stopTimeoutMs: 2500,
      entrypoint: ["/service", "serve"],
      command: ["first", "second"],
      user: "1234:2345",
      workingDirectory: "/work",
      mounts: [
        { source: "written", target: "/written" },
        { source: "read/only.txt", target: "/read-only.txt", readOnly: true },
      ],
      volumes: [
        { source: "data", target: "/data" },
        { source: "data", target: "/read-only-data", readOnly: true },
      ],
      tmpfs: ["/scratch"],
      labels: { "org.example.colour": "green" },
      aliases: ["nickname"],
      networks: ["further"],
      restartPolicy: "on-failure",
      healthCheck: { argv: ["/service", "exit", "0"], intervalMs: 100 },
      platform: "linux/amd64",
      sharedMemoryMib: 48,
      memoryLimitMib: 128,
      cpuLimitMillicpus: 500,

      ping: (container) => ready(container) && container.probeTcp(PORT) && container.health() === "healthy",
    },

    built: {
      image: "drillmaster-test-reference",
      build: (parameters) => ({
        directory: "context",
        dockerfile: "docker/Chosen.dockerfile",
        arguments: { GREETING: parameters.get("greeting") ?? "hello" },
        target: "chosen",
      }),
      ports: { [PORT]: null },

      ping: ready,
    },

    helper: {
      image: IMAGE,
      ports: { [PORT]: null },
      env: { WHO: "the helper" },

      ping: ready,
    },

    subject: {
      image: IMAGE,
      ports: { [PORT]: null },
      dependencies: ["helper"],
      env: { OWN: "{own.value}", SAY_LINES: "5" },

      ping: ready,

      preStart(service) {
        context.set("own.value", `set before ${service} was created`);
      },

      postStartInit(container) {
        runsCommands(container);
        reachesPorts(container);
        reachesDependencies(container);
        log.debug("a debug line");
        log.info(`${container.name} runs: ${container.isRunning()}`);
        log.warn(`its health is ${container.health()}`);
        log.error(`its log ends with ${container.logTail(1).trimEnd()}`);
        const unset = context.get("reference.done") === undefined;
        context.set("reference.done", `no value before: ${unset ? "yes" : "no"}`);
        log.info(context.get("reference.done"));
      },

      preStop(container) {
        container.exec(["/service", "count", "stopping"]).check();
      },
    },
  },

  onStart: (services) => log.info(`started ${listed(services)}`),
  onStop: (services) => log.info(`stopped ${listed(services)}`),
  onReload: (service) => log.info(`reloaded ${service}`),
});
