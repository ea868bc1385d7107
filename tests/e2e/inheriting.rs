//! What a definition leaves to its image, and what reaches a container as it was written.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

/// A service `app` whose image is built of a Dockerfile, with these further fields.
fn built(dockerfile: &str, fields: &str) -> Scenario {
    let definition = format!(
        "import {{ defineGroup }} from \"drillmaster\";\nexport default defineGroup({{ services: {{ app: {{ image: \"own\", \
         build: \"oven\", ports: {{ 8080: null }}, {fields} }} }} }});\n"
    );
    let dockerfile = format!("FROM {}\n{dockerfile}\n", images::SERVICE);
    Scenario::empty().with_file("app.js", definition).with_file("oven/Dockerfile", dockerfile)
}

#[test]
fn a_container_is_stopped_with_its_images_signal_unless_another_one_is_declared() {
    for (fields, signal) in
        [("", "SIGQUIT"), ("stopSignal: \"SIGINT\"", "SIGINT"), ("stopSignal: \"SIGTERM\"", "SIGTERM")]
    {
        let scenario = built("STOPSIGNAL SIGQUIT", fields);
        scenario.run(&["start", "app.js"]).code(0);
        let config = scenario.container("app").unwrap().config.unwrap();
        assert_eq!(config.stop_signal.as_deref(), Some(signal));
        scenario.run(&["stop", "app.js"]).code(0);
        let log = scenario.logs("app");
        assert!(log.contains(&format!("received {signal}")), "{fields}: {log}");
    }
}

#[test]
fn a_signal_that_is_declared_no_more_is_the_images_again() {
    let scenario = built("STOPSIGNAL SIGQUIT", "stopSignal: \"SIGTERM\"");
    scenario.run(&["start", "app.js"]).code(0);
    let before = scenario.id("app");
    let undeclared = std::fs::read_to_string(scenario.project().join("app.js")).unwrap().replace("SIGTERM", "SIGQUIT");
    scenario.write("app.js", undeclared.replace("stopSignal: \"SIGQUIT\"", ""));
    scenario.run(&["start", "app.js"]).code(0).stderr_has("stop_signal");
    assert_ne!(scenario.id("app"), before);
    let config = scenario.container("app").unwrap().config.unwrap();
    assert_eq!(config.stop_signal.as_deref(), Some("SIGQUIT"));
}

#[test]
fn files_in_an_image_have_the_dates_of_their_last_change_and_a_new_date_alone_builds_nothing() {
    let scenario = built("COPY page /page", "").with_file("oven/page", "price: 100");
    let page = scenario.project().join("oven/page");
    let touch = |seconds| {
        let file = File::options().write(true).open(&page).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    };
    touch(1_000_000_000);
    scenario.run(&["start", "app.js"]).code(0);
    let before = scenario.id("app");
    assert_eq!(scenario.modified("app", "/page"), 1_000_000_000);

    touch(1_500_000_000);
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(scenario.id("app"), before);

    scenario.write("oven/page", "price: 999");
    touch(1_600_000_000);
    scenario.run(&["start", "app.js"]).code(0);
    assert_ne!(scenario.id("app"), before);
    assert_eq!(scenario.modified("app", "/page"), 1_600_000_000);
}

#[test]
fn what_is_no_key_of_the_context_reaches_a_container_as_it_was_written() {
    let as_written = [
        (r#"{"db":{"port":5432}}"#, "NESTED"),
        (r#"[{"a":{"b":{}}}]"#, "LIST"),
        ("{{ .Name }}", "GO"),
        ("${HOME}", "SHELL"),
        ("{port:d}", "PYTHON"),
        ("}}{{", "BRACES"),
    ];
    let env = as_written.map(|(value, name)| format!("{name}: {value:?}")).join(", ");
    let scenario = built("", &format!("env: {{ {env} }}"));
    scenario.run(&["check", "app.js"]).code(0);
    scenario.run(&["start", "app.js"]).code(0);
    for (value, name) in as_written {
        assert_eq!(scenario.get("app", &format!("/env/{name}")).text(), value);
    }
}

#[test]
fn a_key_that_nobody_sets_is_told_with_how_to_write_it_as_a_text() {
    let scenario = built("", "env: { HOST: \"{HOST}\" }");
    let run = scenario.run(&["start", "app.js"]).code(1);
    run.says("env HOST: no value has been set for {HOST}").says("{{HOST}} is the text {HOST}");
    scenario.write(
        "app.js",
        std::fs::read_to_string(scenario.project().join("app.js")).unwrap().replace("{HOST}", "{{HOST}}"),
    );
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(scenario.get("app", "/env/HOST").text(), "{HOST}");
}
