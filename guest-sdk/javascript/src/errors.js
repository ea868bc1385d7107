export class Failure extends Error {
  get name() {
    return this.constructor.name;
  }
}

export class HostError extends Failure {}

export class CommandFailed extends Failure {}
