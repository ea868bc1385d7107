// A to-do list, on http://127.0.0.1:8080, and its database, on port 5433.

import { context, defineGroup } from "drillmaster";

const USER = "todo";
const PASSWORD = "todo";
const DATABASE = "todo";

// Bears running again: the data is in a volume, which outlives the container.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL);
  INSERT INTO items (text) SELECT 'Read the README' WHERE NOT EXISTS (SELECT FROM items);
`;

const databaseUrl = (host) => `postgresql://${USER}:${PASSWORD}@${host}:5432/${DATABASE}`;

/** Runs SQL in the database's container, logged in over TCP like every other client. */
const psql = (container, sql) => container.exec(["psql", databaseUrl("127.0.0.1"), "--command", sql]);

export default defineGroup({
  name: "todo",
  services: {
    appdb: {
      image: "todo-appdb",
      build: "appdb",
      env: { POSTGRES_USER: USER, POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: DATABASE },
      ports: (parameters) => ({ 5432: parameters.number("appdb_port") ?? 5433 }),
      volumes: { "appdb-data": "/var/lib/postgresql/data" },
      stopSignal: "SIGINT",

      ping: (container) => psql(container, "SELECT 1").success,

      postStartInit(container) {
        psql(container, SCHEMA).check();
        context.set("appdb.url", databaseUrl("appdb"));
      },
    },

    todo: {
      image: "todo-app",
      build: "todo",
      dependencies: ["appdb"],
      env: { DATABASE_URL: "{appdb.url}" },
      ports: (parameters) => ({ 8080: parameters.number("todo_port") ?? 8080 }),
      stopSignal: "SIGINT",

      ping(container) {
        try {
          return container.httpGet(8080, "/health").ok;
        } catch {
          return false;
        }
      },
    },
  },
});
