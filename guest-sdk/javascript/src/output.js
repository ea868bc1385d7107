import { CommandFailed } from "./errors.js";
import { decoded } from "./utf8.js";

/** How many of its last lines a failed command is shown with. */
const SHOWN_LINES = 5;
/** How many characters of a command are shown. */
const SHOWN_COMMAND = 120;

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
    const exited = `\`${this.#command()}\` exited with ${this.exitCode}`;
    throw new CommandFailed(said === undefined ? exited : `${exited}: ${lastLines(said)}`);
  }

  /** The command on one line, and not too long. */
  #command() {
    const words = this.argv.join(" ").split(/\s+/).filter((word) => word !== "");
    const characters = [...words.join(" ")];
    const shown = characters.slice(0, SHOWN_COMMAND).join("");
    return characters.length > SHOWN_COMMAND ? `${shown}…` : shown;
  }
}

function lastLines(text) {
  return text.split("\n").slice(-SHOWN_LINES).join("\n").trimStart();
}
