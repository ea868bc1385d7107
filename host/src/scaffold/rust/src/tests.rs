use drillmaster_sdk::testing::FakeContainer;

use super::*;

#[test]
fn the_api_starts_after_the_database_and_is_told_where_it_is() {
    let declaration = group().declare(&Parameters::default()).unwrap();
    let api = declaration.service("api").unwrap();
    assert_eq!(api.dependencies, ["database"]);
    assert_eq!(api.env_value("PGRST_DB_URI"), Some("{database.url}"));
}

#[test]
fn the_database_is_ready_once_it_accepts_clients() {
    let fake = FakeContainer::new("database").exec_fails(["pg_isready"], 2, "no response");
    assert!(!Database.ping(&fake.container()).unwrap());
    let fake = fake.exec_succeeds(["pg_isready"], "accepting connections");
    assert!(Database.ping(&fake.container()).unwrap());
}

#[test]
fn a_new_database_gets_its_table_and_leaves_its_address() {
    let fake = FakeContainer::new("database").exec_succeeds(["psql"], "");
    Database.post_start_init(&fake.container()).unwrap();
    assert!(fake.calls()[0].contains("CREATE TABLE IF NOT EXISTS items"), "{:?}", fake.calls());
    assert_eq!(context::get("database.url"), Some(url("database")));
}
