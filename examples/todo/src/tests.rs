use drillmaster_sdk::{Port, Transport, testing::FakeContainer};

use super::*;

fn published(parameters: &Parameters) -> Vec<Port> {
    let declaration = group().declare(parameters).unwrap();
    let services = declaration.services.iter();
    services.flat_map(|service| service.fields.ports.clone()).collect()
}

fn port(container: u16, host: u16) -> Port {
    Port { container, host: Some(host), transport: Transport::Tcp }
}

#[test]
fn the_list_starts_after_its_database_and_is_told_where_it_is() {
    let declaration = group().declare(&Parameters::default()).unwrap();
    let todo = declaration.service("todo").unwrap();
    assert_eq!(todo.dependencies, ["appdb"]);
    assert_eq!(todo.env_value("DATABASE_URL"), Some("{appdb.url}"));
}

#[test]
fn the_ports_on_the_host_can_be_chosen() {
    assert_eq!(published(&Parameters::default()), [port(5432, 5433), port(8080, 8080)]);
    let parameters = Parameters::from([("appdb_port", "15432"), ("todo_port", "18080")]);
    assert_eq!(published(&parameters), [port(5432, 15432), port(8080, 18080)]);
}

#[test]
fn a_port_that_is_none_is_told_with_its_service() {
    let error = group().declare(&Parameters::from([("todo_port", "web")])).unwrap_err().to_string();
    assert!(error.starts_with("service `todo`: the parameter `todo_port` cannot be `web`"), "{error}");
}

#[test]
fn the_database_is_ready_once_it_answers_a_client() {
    let fake = FakeContainer::new("appdb").exec_fails(["psql"], 2, "the database system is starting up");
    assert!(!Appdb.ping(&fake.container()).unwrap());
    let fake = fake.exec_succeeds(["psql"], "1");
    assert!(Appdb.ping(&fake.container()).unwrap());
    assert!(fake.calls().iter().all(|call| call.contains("@127.0.0.1:5432/")), "{:?}", fake.calls());
}

#[test]
fn a_new_database_gets_its_table_and_leaves_its_address() {
    let fake = FakeContainer::new("appdb").exec_succeeds(["psql"], "");
    Appdb.post_start_init(&fake.container()).unwrap();
    assert!(fake.calls()[0].contains("CREATE TABLE IF NOT EXISTS items"));
    assert_eq!(context::get("appdb.url").as_deref(), Some("postgresql://todo:todo@appdb:5432/todo"));
}

#[test]
fn a_database_that_cannot_make_its_table_fails_with_its_own_words() {
    let fake = FakeContainer::new("appdb").exec_fails(["psql"], 1, "ERROR:  permission denied");
    let error = Appdb.post_start_init(&fake.container()).unwrap_err().to_string();
    assert!(error.ends_with("exited with 1: ERROR:  permission denied"), "{error}");
}

#[test]
fn the_list_is_ready_once_its_health_page_says_so() {
    let fake = FakeContainer::new("todo").http_errors(8080, "/health", "connection refused");
    assert!(!Todo.ping(&fake.container()).unwrap());
    let fake = fake.http_answers(8080, "/health", 503, "The database does not answer");
    assert!(!Todo.ping(&fake.container()).unwrap());
    let fake = fake.http_answers(8080, "/health", 200, "ready");
    assert!(Todo.ping(&fake.container()).unwrap());
}
