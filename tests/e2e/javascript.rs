//! Definitions in JavaScript that are run from their source, without anybody building anything.

use std::fs;

use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;

use crate::support::see;

const APP: &str = r#"
import { context, defineGroup } from "drillmaster";

import greeting from "./greeting.json" with { type: "json" };
import { SERVICE } from "./parts/images.js";

export default defineGroup({
  services: {
    app: {
      image: SERVICE,
      ports: { 8080: null },
      env: (parameters) => ({ SAY: parameters.get("say") ?? "nothing" }),
      ping: (container) => container.probeTcp(8080),
      postStartInit() {
        context.set("greeting", greeting.text);
        console.log("greeted with", context.get("greeting"));
      },
    },
  },
  onStart: (services) => console.log("started", services),
});
"#;

fn with(app: &str) -> Scenario {
    Scenario::empty().with_file("app.js", app)
}

fn app() -> Scenario {
    with(APP)
        .with_file("parts/images.js", "export const SERVICE = 'drillmaster-test-service:latest';\n")
        .with_file("greeting.json", r#"{"text": "good morning"}"#)
}

/// What `check` says of a wrong file.
#[track_caller]
fn refused(scenario: &Scenario) -> Run {
    scenario.run(&["check", "app.js"]).code(2).stderr_lacks("wasm trap").stderr_lacks("drillmaster:")
}

/// A definition of the tests, with all that lies beside it.
fn of_tests(name: &str) -> Scenario {
    let directory = workspace::root().join("tests/definitions/javascript").join(name);
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.fold(Scenario::empty(), |scenario, file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        scenario.with_file(name, fs::read_to_string(&file).unwrap())
    })
}

#[test]
fn a_file_of_javascript_is_started_with_its_neighbours_and_stopped() {
    let scenario = app();
    let run = scenario.run(&["start", "app.js", "--set", "say=hello"]).code(0);
    run.says("greeted with good morning").says(r#"started ["app"]"#);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "hello");
    let before = see(&scenario, "app");
    scenario.run(&["start", "app.js", "--set", "say=hello"]).code(0);
    assert_eq!(see(&scenario, "app"), before);
    // A file that is changed is what runs next.
    scenario.write("parts/images.js", "export const SERVICE = 'drillmaster-test-service';\n");
    scenario.write("app.js", APP.replace(r#""nothing""#, r#""bye""#));
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "bye");
    scenario.run(&["stop", "app.js", "--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_file_of_javascript_and_a_component_make_one_group() {
    let front = r#"import { defineGroup } from "drillmaster";
        export default defineGroup({
          services: { front: { image: "drillmaster-test-service", dependencies: ["app"] } },
        });"#;
    let scenario = Scenario::new("single").with_file("front.mjs", front);
    scenario.run(&["start", "app.wasm", "front.mjs"]).code(0);
    assert_eq!(scenario.running(), ["app", "front"]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_as_javascript_tells_it() {
    refused(&with("const a = 1;\nlet let = 2;\n")).says("fields failed: SyntaxError: ").says("    at app.js:2:");
    let thrown = "\nfunction look(key) {\n  return {}[key].ready;\n}\n\nlook('x');\n";
    refused(&with("import './parts/broken.js';\n").with_file("parts/broken.js", thrown))
        .says("TypeError: cannot read property 'ready' of undefined")
        .says("    at look (parts/broken.js:3:")
        .says("    at <anonymous> (parts/broken.js:6:");
    refused(&with("await null;\nthrow 'no licence';\n")).says("app.js: fields failed: no licence\n");
    refused(&with("await new Promise(() => {});\n")).says("it awaits a promise that nothing settles");
    refused(&with("export const a = 1;\n")).says("it exports no group: `export default defineGroup({ … })` does");
    let misspelt = "import { defineGroup } from 'drillmaster';\n\
                    export default defineGroup({ services: { a: { port: {} } } });\n";
    let run = refused(&with(misspelt));
    run.says("service `a`: there is no `port`: did you mean `ports`?").says("    at <anonymous> (app.js:2:");
}

#[test]
fn what_cannot_be_imported_is_told_with_the_reason() {
    let refuses = |import: &str, reason: &str| {
        let scenario = with(&format!("import \"{import}\";\n")).with_file("near.js", "").with_file("a.json", "{");
        let package = r#"{"main": "index.js"}"#;
        refused(&scenario.with_file("node_modules/old/package.json", package)).says(reason)
    };
    refuses("./nosuch.js", "cannot import './nosuch.js' from app.js: there is no file `nosuch.js`");
    refuses("./near", "there is no file `near`: did you mean `near.js`?");
    refuses("./a.json", "cannot import a file: `a.json` is not JSON: ");
    refuses("node:fs", "there is no Node.js here");
    refuses("left-pad", "there is no package `left-pad` in a directory `node_modules` beside the definition");
    refuses("old", "`node_modules/old/index.js` is CommonJS");
    let large = with("import './large.js';\n");
    large.write("large.js", " ".repeat(4 * 1024 * 1024 + 1));
    refused(&large).says("`large.js` is larger than 4 MiB");
}

#[test]
fn a_package_beside_a_file_of_javascript_is_imported() {
    let scenario = with(
        "import { defineGroup } from 'drillmaster';\nimport { image } from '@shop/images';\n\
         export default defineGroup({ services: { a: { image } } });\n",
    );
    let package = r#"{"type": "module", "exports": {"import": "./lib/index.js"}}"#;
    scenario
        .with_file("node_modules/@shop/images/package.json", package)
        .with_file("node_modules/@shop/images/lib/index.js", "export * from './image.js';\n")
        .with_file("node_modules/@shop/images/lib/image.js", "export const image = 'redis:7';\n")
        .run(&["plan", "--offline", "--json", "app.js"])
        .code(0)
        .stdout_has("redis:7");
}

#[test]
fn a_file_of_javascript_imports_from_its_directory_and_has_nothing_else() {
    let denied = |scenario: &Scenario| {
        let run = refused(scenario).says("leads out of the definition's directory");
        run.says("denied: fields asked to import").stderr_lacks("root:")
    };
    denied(&with("import '../secret.js';\n"));
    denied(&with("import '/etc/passwd';\n"));
    let linked = with("import './passwd.json';\n");
    std::os::unix::fs::symlink("/etc/passwd", linked.project().join("passwd.json")).unwrap();
    denied(&linked);
    let caught = "import { defineGroup } from 'drillmaster';\nawait import('../secret.js').catch(() => {});\n\
                  export default defineGroup({ services: { a: { image: 'a' } } });\n";
    with(caught).run(&["check", "app.js"]).code(0).says("denied: fields asked to import \"../secret.js\"");
    let names = "throw ['process', 'require', 'fetch', 'setTimeout'].filter((name) => name in globalThis).length;\n";
    refused(&with(names)).says("0 was thrown, which is no Error");
    let inspected = app().run(&["inspect", "app.js"]).code(0).says("it can import what lies beside it");
    inspected.stdout_lacks("module-loader").stdout_lacks("unknown").stdout_lacks("wasi:filesystem");
}

#[test]
fn a_file_of_javascript_in_the_home_directory_is_not_lent_all_that_lies_there() {
    let scenario = Scenario::empty();
    let home = scenario.home();
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("app.js"), APP).unwrap();
    let file = home.join("app.js").display().to_string();
    scenario.run(&["check", &file]).code(2).says("put it into a directory of its own");
}

#[test]
fn a_file_of_javascript_that_is_not_there_is_told_at_once() {
    Scenario::empty().run(&["check", "app.js"]).code(2).says("cannot load app.js: there is no such file");
}

#[test]
fn a_loop_without_an_end_is_ended() {
    refused(&with("for (;;);\n")).says("it did not return within 10 s");
}

#[test]
fn each_hook_that_goes_wrong_is_told_as_javascript_tells_it() {
    let scenario = of_tests("crashing");
    scenario
        .run(&["start", "app.js"])
        .code(1)
        .stderr_lacks("wasm trap")
        .stderr_lacks("drillmaster:")
        .says(r#"a printed line: {"of":["an","object"]} 7"#)
        .stderr_lacks("a debug line")
        .says("ping failed: TypeError: cannot read property 'ready' of undefined")
        .says("    at lookUp (lookup.js:2:")
        .says("`ping` of service `vague` gives true or false, not undefined")
        .says("`preStart` gives a promise, which nobody awaits")
        .says("post-start-init failed: Error: cannot fill the table")
        .says("    at postStartInit (app.js:")
        .says("caused by `initialising` does not declare `fine` as a dependency")
        .says("TypeError: the value of `port` is a text, not 5432")
        .says(r#"{"code":7} was thrown, which is no Error"#)
        .says("its calls are nested too deeply: the stack is exhausted")
        .says("InternalError: out of memory")
        .says("on-start failed: RangeError: nobody waits for fine");
    assert_eq!(scenario.running(), ["fine"]);
}

#[test]
fn a_hook_that_fails_is_told_by_its_text_alone() {
    let scenario = of_tests("failing");
    scenario
        .run(&["start", "app.js"])
        .code(1)
        .stderr_lacks("    at ")
        .says("pre-start failed: the licence has run out")
        .says("— since Monday")
        .says("ping failed: it will never be ready")
        .says("`initialising` does not declare `fine` as a dependency")
        .says("`/service` (2 arguments) exited with 1: no such table");
    scenario.run(&["check", "app.js", "--set", "broken=yes"]).code(2).says("service `fine`: it is broken: yes\n");
}
