import { CommandFailed } from "./errors.js";
import { decoded } from "./utf8.js";

/** How many of its last lines a failed command is shown with. */
const SHOWN_LINES = 5;
/** How many characters of a program's name are shown. */
const SHOWN_PROGRAM = 120;

export class Output {
  constructor(argv, exitCode, stdout, stderr) {
    this.argv = argv;
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  get success() {
    return this.exitCode === 0;
  }

  get stdoutText() {
    return decoded(this.stdout);
  }

  get stderrText() {
    return decoded(this.stderr);
  }

  check() {
    if (this.success) {
      return this;
    }
    const said = [this.stderrText, this.stdoutText].map((text) => text.trimEnd()).find((text) => text !== "");
    const exited = `${this.#command()} exited with ${this.exitCode}`;
    throw new CommandFailed(said === undefined ? exited : `${exited}: ${lastLines(said)}`);
  }

  /** The program, not too long, and how many arguments it has: there can be a password among those. */
  #command() {
    // Somebody may have put a whole command line there.
    const words = (this.argv[0] ?? "").split(/\s+/).filter((word) => word !== "");
    const characters = [...(words[0] ?? "")];
    const isCut = words.length > 1 || characters.length > SHOWN_PROGRAM;
    const program = characters.slice(0, SHOWN_PROGRAM).join("") + (isCut ? "…" : "");
    const count = Math.max(this.argv.length - 1, 0);
    const counted = count === 0 ? "" : ` (${count} argument${count === 1 ? "" : "s"})`;
    return `\`${program}\`${counted}`;
  }
}

function lastLines(text) {
  return text.split("\n").slice(-SHOWN_LINES).join("\n").trimStart();
}
