//! A database, and an API over it on <http://127.0.0.1:3000>.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service, context};

/// Bears running again: the data is in a volume, which outlives the container.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL)";

struct Database;

impl Service for Database {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(Fields::new("postgres:17")
            .env("POSTGRES_PASSWORD", "secret")
            .free_port(5432)
            .volume("data", "/var/lib/postgresql/data"))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(container.exec(["pg_isready", "--host", "127.0.0.1"])?.success())
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        container.exec(["psql", &url("127.0.0.1"), "--command", SCHEMA])?.check()?;
        context::set("database.url", url("database"))
    }
}

struct Api;

impl Service for Api {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        Ok(Fields::new("postgrest/postgrest:v12.2.3")
            .depends_on("database")
            .env("PGRST_DB_URI", "{database.url}")
            .env("PGRST_DB_ANON_ROLE", "postgres")
            .port(3000, parameters.parse("port")?.unwrap_or(3000)))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(container.http_get(3000, "/").is_ok())
    }
}

fn url(host: &str) -> String {
    format!("postgresql://postgres:secret@{host}/postgres")
}

fn group() -> Group {
    Group::named("@NAME@").service("database", Database).service("api", Api)
}

drillmaster_sdk::export_group!(group());

#[cfg(test)]
mod tests;
