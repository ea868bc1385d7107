/**
 * Write a definition for drillmaster: which Docker services belong together, when each is ready, and what a new one
 * needs.
 *
 *     import { context, defineGroup } from "drillmaster";
 *
 *     export default defineGroup({
 *       services: {
 *         database: {
 *           image: "postgres:17",
 *           env: { POSTGRES_PASSWORD: "secret" },
 *           ports: { 5432: 5433 },
 *           ping: (container) => container.exec(["pg_isready", "--host", "127.0.0.1"]).success,
 *         },
 *       },
 *     });
 *
 * All that a definition needs is here; what a test of it needs is in `drillmaster/testing`. Times are milliseconds.
 */

/** Declares a group, and gives it back: the default export of a definition. What is written wrong is a `TypeError`. */
export function defineGroup<T extends Group>(group: T): T;

/** Services that belong together. */
export interface Group {
  /** Without it the group is named after the project directory; `--group` on the command line wins over both. */
  name?: string;

  /** By name, which is a valid hostname: other services reach a service under it. */
  services: Record<string, Service>;

  /** After `drillmaster start`, with the services that it started. An error is reported, and undoes nothing. */
  onStart?(services: string[]): void;

  /** After `drillmaster stop`, with the services that it stopped. */
  onStop?(services: string[]): void;

  /** After `drillmaster reload` of one service. */
  onReload?(service: string): void;
}

/** A value, or what makes it of the parameters. With the same parameters it has to be the same. */
export type Field<T> = T | undefined | ((parameters: Parameters) => T | undefined);

/** The signal that asks a container to stop. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGQUIT";

/** What the engine does when a container exits by itself. */
export type RestartPolicy = "no" | "always" | "on-failure" | "unless-stopped";

/** What the engine's health check says: `none` if there is none. */
export type Health = "none" | "starting" | "healthy" | "unhealthy";

/**
 * A service: what its container is like, and what happens in its life.
 *
 * The host checks the fields of the whole group and reports every mistake at once.
 *
 * Each call of a hook runs in a fresh instance of the component, with a deadline, and perhaps beside a call for another
 * service: what a hook leaves for later goes into `context`, since a variable is as new as the instance. A hook is a
 * plain function: nobody awaits a promise that it gives. An error from a hook fails the service: the person sees it
 * with the calls that led there, or only its text if it is a `Failure`.
 */
export interface Service {
  /** The image's reference; with a build, what it is called within the group. */
  image: Field<string>;

  /**
   * Builds the image, when the group has not built it yet or what it is built from has changed: a directory below the
   * project directory, or more than that.
   */
  build?: Field<string | Build>;

  /**
   * The services that must be ready first, and are stopped later. Hooks may reach their containers with
   * `container.dependency`.
   */
  dependencies?: Field<readonly string[]>;

  /**
   * Environment variables. `{key}` in a value is replaced from the context when the service starts, `{{key}}` is the
   * text `{key}`, and all else is left as it is.
   */
  env?: Field<Record<string, string>>;

  /** Published TCP ports: of the container, and of the host; null publishes on whichever port is free. */
  ports?: Field<Record<number, number | null>>;

  /** The same for UDP. */
  udpPorts?: Field<Record<number, number | null>>;

  /** Whether a stopped container is replaced by a new one instead of started again. */
  alwaysStartNew?: Field<boolean>;

  /** The signal that asks the container to stop; by default the image says which, and else it is SIGTERM. */
  stopSignal?: Field<StopSignal>;

  /**
   * How long the container may take to stop after that signal before it is killed; 10,000 if nothing is said. Rounded
   * up to seconds.
   */
  stopTimeoutMs?: Field<number>;

  /** Instead of the image's own entrypoint. An empty one takes that away; then there has to be a `command`. */
  entrypoint?: Field<readonly string[]>;

  /** Instead of the image's own command. */
  command?: Field<readonly string[]>;

  /** The user of the image that the container runs as: a name or number, `user` or `user:group`. */
  user?: Field<string>;

  /** The directory that the container's process starts in, an absolute path in the container. */
  workingDirectory?: Field<string>;

  /**
   * Directories and files below the project directory: `{ source: target }`, or a list of mounts, which can be
   * read-only. The target is an absolute path in the container.
   */
  mounts?: Field<Record<string, string> | readonly Mount[]>;

  /** Named volumes, which belong to the group and outlive its containers: `{ name: target }`, or a list of mounts. */
  volumes?: Field<Record<string, string> | readonly Mount[]>;

  /** Where empty file systems in memory are mounted. */
  tmpfs?: Field<readonly string[]>;

  /**
   * Labels on the container. Names that begin with `dev.drillmaster.` are the host's own; those that other tools act on
   * (as `traefik.` or `com.docker.`) need a grant.
   */
  labels?: Field<Record<string, string>>;

  /** Further names of this service on the group's networks. */
  aliases?: Field<readonly string[]>;

  /** Further networks of the group, beside the one that all its services share. */
  networks?: Field<readonly string[]>;

  /** What the engine does when the container exits by itself; nothing, if nothing is said. */
  restartPolicy?: Field<RestartPolicy>;

  /** The engine's own health check. The service is ready once it is healthy, unless it has a `ping`. */
  healthCheck?: Field<HealthCheck>;

  /** The platform of the image, as `linux/amd64`. */
  platform?: Field<string>;

  /** The size of `/dev/shm` in MiB. */
  sharedMemoryMib?: Field<number>;

  /** The most memory that the container may use, in MiB. */
  memoryLimitMib?: Field<number>;

  /** The most CPU time that the container may use, in thousandths of one CPU: 1500 is one and a half. */
  cpuLimitMillicpus?: Field<number>;

  /**
   * Whether the service is ready. False means "not yet": it is asked again 0.1 s later, until its time is up. It must
   * not change anything. An error fails the service at once. Without it, a service is ready once its container runs
   * and its health check, its own or that of its image, says healthy, if there is one. With it, it counts alone.
   */
  ping?(container: Container): boolean;

  /**
   * Runs once for each new container, after the first true of `ping`; dependents wait for it. It does not run when a
   * stopped container is started again. It should bear finding its own traces in a volume, from an earlier container or
   * from a run that failed halfway. An error fails the service; the next start replaces the container and runs this
   * again.
   */
  postStartInit?(container: Container): void;

  /**
   * Runs before a container is created, once the dependencies are ready. What it sets in the context can be used in
   * this service's own environment. An error fails the service, and no container is created.
   */
  preStart?(service: string): void;

  /** Runs before a running container is stopped. An error is reported and does not keep the service up. */
  preStop?(container: Container): void;
}

/** How an image is built. */
export interface Build {
  /** The directory that is sent to the engine, below the project directory. */
  directory: string;
  /** A path inside that directory; `Dockerfile` if nothing is said. */
  dockerfile?: string;
  /** Values for the `ARG`s of the Dockerfile. */
  arguments?: Record<string, string>;
  /** The stage to build up to; the last one if nothing is said. */
  target?: string;
}

/** Something of the host's in the container's file system: a directory or file, or a named volume. */
export interface Mount {
  /** A path below the project directory, or the name of a volume. */
  source: string;
  /** An absolute path in the container. */
  target: string;
  /** Whether the container may only read it. */
  readOnly?: boolean;
}

/** The engine's own health check: a command in the container, healthy when it exits with 0. */
export interface HealthCheck {
  /** The program and its arguments. */
  argv: readonly string[];
  /** The time from one check to the next. */
  intervalMs: number;
}

/**
 * What the person running the group gave with `--set NAME=VALUE`.
 *
 * They are known while the fields are read, and not in hooks: what a hook needs of them can be in its container's
 * environment.
 */
export class Parameters {
  private constructor();

  /** The value of a parameter, if it was given. */
  get(name: string): string | undefined;

  /** The same as a number. A value that is none is a `Failure` with the parameter's name. */
  number(name: string): number | undefined;

  /** The same of `true` and `false`. */
  boolean(name: string): boolean | undefined;
}

/** How long a call may take. One of 0, or one that would outlast the hook's own deadline, is cut to that deadline. */
export interface Limit {
  timeoutMs?: number;
}

/**
 * The container of the service whose hook is running, or of one of its dependencies.
 *
 * Ports are those of the container: the host finds out where it published them. What the host cannot do is a
 * `HostError`.
 */
export class Container {
  protected constructor(handle: never);

  /** The name of the service. */
  readonly name: string;

  /**
   * Where the host reaches a published TCP port of the container. It does not say that anything listens there. A port
   * that is not published is an error, which names those that are.
   */
  address(port: number): Address;

  /** Whether the container's process is running now. */
  isRunning(): boolean;

  /** What the engine's health check says; see `Service.healthCheck`. */
  health(): Health;

  /**
   * Runs a command in the container and waits for it, for at most 30 seconds if nothing else is said.
   *
   * There is no shell between: each item is one word. A command that cannot be found gives an exit code of 126 or 127;
   * `Output.check` makes an error of an exit code other than 0. It is an error when the container does not run, and
   * when the time is up; the command itself may then go on in the container.
   */
  exec(argv: readonly string[], options?: Limit): Output;

  /** Whether something accepts a TCP connection on this published port, within a second if nothing else is said. */
  probeTcp(port: number, options?: Limit): boolean;

  /**
   * Makes a GET request to this published port and waits for the answer, for at most 10 seconds if nothing else is
   * said. `path` begins with `/`, which it is if nothing is said. Redirects are not followed. Any status is an answer;
   * it is an error when nothing answers in time, or not in HTTP.
   */
  httpGet(port: number, path?: string, options?: Limit): Response;

  /**
   * The last lines that the container wrote to stdout and stderr, 20 if nothing else is said, at most 10,000 lines and
   * 1 MiB; bytes that are not UTF-8 are replaced.
   */
  logTail(lines?: number): string;

  /** The container of a service that this one depends on. Any other name is an error. */
  dependency(service: string): Container;
}

/** Where something listens. As a text it is `host:port`, which fits into a URL. */
export class Address {
  constructor(host: string, port: number);
  /** A name or an IP address, without brackets. */
  host: string;
  /** The port on that host. */
  port: number;
  toString(): string;
}

/** What a command that ran in a container left. */
export class Output {
  constructor(argv: readonly string[], exitCode: number, stdout: Uint8Array, stderr: Uint8Array);
  /** The program and its arguments. */
  argv: readonly string[];
  /** 0 by custom for success; 126 or 127 when the command could not be run. */
  exitCode: number;
  /** At most the last 1 MiB. */
  stdout: Uint8Array;
  /** At most the last 1 MiB. */
  stderr: Uint8Array;

  /** Whether the exit code is 0. */
  readonly success: boolean;
  /** What the command wrote to stdout; bytes that are not UTF-8 are replaced. */
  readonly stdoutText: string;
  /** What the command wrote to stderr; bytes that are not UTF-8 are replaced. */
  readonly stderrText: string;

  /**
   * Itself, if the command succeeded; else throws a `CommandFailed` with the program, the code and the last lines of
   * stderr, or of stdout when stderr is empty. The program's arguments are counted and not shown: there can be a password
   * among them.
   */
  check(): this;
}

/** An HTTP answer of a container. */
export class Response {
  constructor(status: number, body: Uint8Array);
  /** The status, as 200. */
  status: number;
  /** At most the first 1 MiB. */
  body: Uint8Array;

  /** Whether the status is one of success, 200 to 299. */
  readonly ok: boolean;
  /** The body; bytes that are not UTF-8 are replaced. */
  readonly text: string;
}

/**
 * Values that hooks leave for the services that start after them.
 *
 * They are kept across commands. A service reads them here, or as `{key}` in its environment variables. A value belongs
 * to the container whose hook set it and goes when that container is removed.
 */
export const context: {
  /** The value under a key. In a field there are no values yet. */
  get(key: string): string | undefined;

  /**
   * Saves a value before it returns. A key is a letter or `_`, then letters, digits, `_`, `.` or `-`, at most 256
   * bytes; a value is at most 64 KiB. Anything else is a `HostError`, and so is a value that cannot be saved, and one
   * that is set in a field or a `ping`, which must not change anything.
   */
  set(key: string, value: string): void;
};

/**
 * Lines for the person at the terminal, each shown with the service whose hook wrote it. `console` writes there too.
 */
export const log: {
  /** Shown with `--verbose` only. */
  debug(message: unknown): void;
  /** Something worth knowing. */
  info(message: unknown): void;
  /** Something that is odd, but does not stop the service. */
  warn(message: unknown): void;
  /** Something that went wrong. To fail the service, throw an error instead. */
  error(message: unknown): void;
};

/** What the person can put right: of it they are told the text alone. */
export class Failure extends Error {}

/** The host cannot do what it was asked. Its text is a sentence. */
export class HostError extends Failure {}

/** A command exited with another code than 0; see `Output.check`. */
export class CommandFailed extends Failure {}
