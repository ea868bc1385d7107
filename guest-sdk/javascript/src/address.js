export class Address {
  constructor(host, port) {
    this.host = host;
    this.port = port;
  }

  toString() {
    return this.host.includes(":") ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }
}
