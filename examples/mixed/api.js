// An API over the database of database.py, on http://127.0.0.1:3000.

import { defineGroup } from "drillmaster";

export default defineGroup({
  services: {
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
