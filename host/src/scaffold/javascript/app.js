// A database, and an API of its tables on http://127.0.0.1:3000.

import { context, defineGroup } from "drillmaster";

const databaseUrl = (host) => `postgresql://postgres:secret@${host}/postgres`;

// Bears running again: the data is in a volume, which outlives the container.
const SCHEMA = "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL)";

export default defineGroup({
  name: "@NAME@",
  services: {
    database: {
      image: "postgres:17",
      env: { POSTGRES_PASSWORD: "secret" },
      ports: { 5432: null },
      volumes: { data: "/var/lib/postgresql/data" },

      ping: (container) => container.exec(["pg_isready", "--host", "127.0.0.1"]).success,

      postStartInit(container) {
        container.exec(["psql", databaseUrl("127.0.0.1"), "--command", SCHEMA]).check();
        context.set("database.url", databaseUrl("database"));
      },
    },

    api: {
      image: "postgrest/postgrest:v12.2.3",
      dependencies: ["database"],
      env: { PGRST_DB_URI: "{database.url}", PGRST_DB_ANON_ROLE: "postgres" },
      ports: (parameters) => ({ 3000: parameters.number("port") ?? 3000 }),

      ping(container) {
        try {
          container.httpGet(3000);
          return true;
        } catch {
          return false;
        }
      },
    },
  },
});
