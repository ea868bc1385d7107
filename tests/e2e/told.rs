//! What a person is told who has made a small mistake, or whose definition has.

use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

/// A definition in JavaScript with a service of this name and these further fields, which has these group hooks.
fn definition(name: &str, fields: &str, hooks: &str) -> String {
    format!(
        "import {{ defineGroup }} from \"drillmaster\";\nexport default defineGroup({{ {hooks} services: {{ {name}: {{ image: \
         {:?}, {fields} }} }} }});\n",
        images::SERVICE
    )
}

#[test]
fn the_failure_of_each_definitions_group_hook_is_told() {
    let failing = |name: &str| {
        let hook = format!("onStart() {{ throw new Error(\"{name} is sad\"); }},");
        definition(name, "ports: { 8080: null }", &hook)
    };
    let scenario = Scenario::empty().with_file("a.js", failing("one")).with_file("b.js", failing("two"));
    let run = scenario.run(&["start", "a.js", "b.js"]).code(0);
    run.stderr_has("one is sad").stderr_has("two is sad");
}

#[test]
fn a_stop_without_time_kills_containers_and_still_calls_hooks() {
    let hooks = "onStop() { console.log(\"on stop\"); },";
    let fields = "preStop() { console.log(\"pre stop\"); }, env: { IGNORE_SIGTERM: \"yes\" }";
    let scenario = Scenario::empty().with_file("app.js", definition("app", fields, hooks));
    scenario.run(&["start", "app.js"]).code(0);
    let run = scenario.run(&["stop", "app.js", "--timeout", "0"]).code(0);
    run.stderr_has("pre stop").stderr_has("on stop").stderr_lacks("failed");
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn a_parameter_that_no_definition_asks_for_is_named_with_those_that_they_ask_for() {
    let fields = "env: (parameters) => ({ MODE: parameters.get(\"mode\") ?? \"dev\" })";
    let scenario = Scenario::empty().with_file("app.js", definition("app", fields, ""));
    let run = scenario.run(&["check", "app.js", "--set", "mod=test"]).code(0);
    run.stderr_has("the parameter mod was given, and no definition asks for it; they ask for mode");
    scenario.run(&["check", "app.js", "--set", "mode=test"]).code(0).stderr_lacks("parameter");
}

#[test]
fn an_image_can_be_named_by_its_id_and_one_that_is_not_there_is_not_pulled() {
    let by_id = |id: &str| definition("app", "ports: { 8080: null }", "").replace(images::SERVICE, id);
    let scenario = Scenario::empty();
    let id = scenario.image(images::SERVICE).unwrap();
    scenario.write("app.js", by_id(&id));
    scenario.run(&["start", "app.js", "--pull", "always"]).code(0);
    assert_eq!(scenario.container("app").unwrap().image.as_deref(), Some(id.as_str()));
    let before = scenario.id("app");
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(scenario.id("app"), before);

    scenario.write("app.js", by_id(&format!("sha256:{}", "0".repeat(64))));
    scenario.run(&["plan", "app.js"]).code(0).stdout_lacks("pull its image");
    scenario.run(&["start", "app.js"]).code(1).says("there is no image of this id here");
}

#[test]
fn an_empty_entrypoint_takes_the_images_away() {
    let cleared = |fields: &str| Scenario::empty().with_file("app.js", definition("app", fields, ""));
    cleared("entrypoint: []").run(&["check", "app.js"]).code(2).says("then a command has to be declared");
    let scenario = cleared("entrypoint: [], command: [\"/service\", \"serve\"]");
    scenario.run(&["start", "app.js"]).code(0);
    let config = scenario.container("app").unwrap().config.unwrap();
    assert_eq!(config.entrypoint.unwrap_or_default(), [""; 0]);
    let before = scenario.id("app");
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(scenario.id("app"), before);
}

#[test]
fn a_command_that_writes_more_than_a_hook_gets_says_so() {
    let fields = "postStartInit(container) { container.exec([\"/service\", \"flood\", \"1100000\"]); }";
    let scenario = Scenario::empty().with_file("app.js", definition("app", fields, ""));
    scenario.run(&["start", "app.js"]).code(0).stderr_has("wrote more than 1 MiB");
}

#[test]
fn what_a_container_writes_into_a_build_context_is_told_with_what_to_do() {
    let fields = "build: \"own\", mounts: [{ source: \"own/data\", target: \"/data\" }]";
    let scenario = Scenario::empty()
        .with_file("app.js", definition("app", fields, "").replace(images::SERVICE, "own"))
        .with_file("own/Dockerfile", format!("FROM {}\n", images::SERVICE))
        .with_file("own/data/first", "")
        .trusted();
    let run = scenario.run(&["plan", "app.js"]).code(0);
    run.stderr_has("app: its image is built from ").stderr_has("and app writes to ").stderr_has("own/.dockerignore");
    scenario.write("own/.dockerignore", "data\n");
    scenario.run(&["plan", "app.js"]).code(0).stderr_lacks("built from");
    scenario.run(&["start", "app.js"]).code(0);
    let before = scenario.id("app");
    scenario.write("own/data/second", "");
    scenario.run(&["start", "app.js"]).code(0).stderr_lacks("built from");
    assert_eq!(scenario.id("app"), before);
}
