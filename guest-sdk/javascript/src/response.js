import { decoded } from "./utf8.js";

export class Response {
  constructor(status, body) {
    this.status = status;
    this.body = body;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  get text() {
    return decoded(this.body);
  }
}
