//! Secrets: shown nowhere, and in no label.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::see;

/// What is secret in the definition below, one of each kind.
const SECRETS: [&str; 19] = [
    "env-by-name-hunter2",
    "env-url-hunter3",
    "dsnkey4dsnkey4dsnkey4dsnkey4",
    "erlang-cookie-hunter5",
    "connection-string-hunter6",
    "c2lnbmF0dXJlN3NpZ25hdHVyZTc",
    "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
    "MIIEowIBAAKCAQEA9hunter9hunter9",
    "bearer-hunter10-hunter10",
    "query-token-hunter11",
    "command-hunter12",
    "entrypoint-hunter13",
    "health-hunter14",
    "label-hunter15",
    "build-argument-hunter16",
    "context-hunter17",
    "shell-hunter18",
    "changed-hunter19",
    "exec-hunter20",
];

/// What is no secret and is to be read.
const READABLE: [&str; 5] = ["MODE", "development", "postgres://db/todo", "--appendonly", "todo:"];

const APP: &str = r#"
import { context, defineGroup } from "drillmaster";

export default defineGroup({
  services: {
    db: {
      image: "drillmaster-test-service:latest",
      entrypoint: ["/service"],
      command: ["serve", "--appendonly", "yes", "--requirepass", "command-hunter12"],
      env: (parameters) => ({
        MODE: "development",
        PLAIN_URL: "postgres://db/todo",
        DB_PASSWORD: parameters.get("db_password") ?? "env-by-name-hunter2",
        DATABASE_URL: "postgres://todo:env-url-hunter3@db/todo",
        SENTRY_DSN: "https://dsnkey4dsnkey4dsnkey4dsnkey4@sentry.example/1",
        RABBITMQ_ERLANG_COOKIE: "erlang-cookie-hunter5",
        CONN: "Server=db;User Id=sa;Password=connection-string-hunter6;",
        SESSION: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0b2RvIn0.c2lnbmF0dXJlN3NpZ25hdHVyZTc",
        CI: "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        IDENTITY: "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA9hunter9hunter9\n-----END RSA PRIVATE KEY-----",
        HEADER: "Authorization: Bearer bearer-hunter10-hunter10",
        CALLBACK: "https://example.org/hook?token=query-token-hunter11&mode=fast",
      }),
      healthCheck: { argv: ["mysqladmin", "-phealth-hunter14", "ping"], intervalMs: 60000 },
      labels: { "com.example.password": "label-hunter15" },
      ports: { 8080: null },
      ping: (container) => container.probeTcp(8080),
      postStartInit: () => context.set("db.url", "postgres://todo:context-hunter17@db/todo"),
    },
    web: {
      image: "GROUP-web:latest",
      build: { directory: "web", arguments: { PIP_PASSWORD: "build-argument-hunter16" } },
      dependencies: ["db"],
      entrypoint: ["/service", "serve", "--token=entrypoint-hunter13"],
      command: ["sh", "-c", "PGPASSWORD=shell-hunter18 psql"],
      env: { URL: "{db.url}" },
      ports: { 8080: null },
      ping: (container) => container.probeTcp(8080),
      postStartInit: (container) => INIT,
    },
  },
});
"#;

/// A project with the definition, in which `web` is initialised by this expression.
fn initialised_by(init: &str) -> Scenario {
    let scenario = Scenario::empty();
    let app = APP.replace("GROUP", &scenario.group()).replace("INIT", init);
    let dockerfile = "FROM drillmaster-test-service:latest\nARG PIP_PASSWORD\n";
    scenario.with_file("app.js", app).with_file("web/Dockerfile", dockerfile)
}

fn scenario() -> Scenario {
    initialised_by("undefined")
}

/// That none of the secrets is in a text.
#[track_caller]
fn assert_hidden(what: &str, text: &str) {
    let told: Vec<_> = SECRETS.into_iter().filter(|secret| text.contains(secret)).collect();
    assert!(told.is_empty(), "{what} tells {told:?}:\n{text}");
}

#[track_caller]
fn hides(run: &Run) {
    assert_hidden("stdout", &run.stdout);
    assert_hidden("stderr", &run.stderr);
}

/// A container's labels but for those that the definition itself gives it.
fn own_labels(scenario: &Scenario, service: &str) -> HashMap<String, String> {
    let labels = scenario.container(service).unwrap().config.unwrap().labels.unwrap();
    labels.into_iter().filter(|(name, _)| name.starts_with("dev.drillmaster.")).collect()
}

#[test]
fn no_secret_is_in_a_label_of_ours() {
    let scenario = scenario();
    scenario.run(&["start", "app.js"]).code(0);
    for service in ["db", "web"] {
        for (name, value) in own_labels(&scenario, service) {
            assert_hidden(&name, &value);
        }
    }
    // As whoever may list containers sees them, but for the definition's own.
    let filter = format!("label=dev.drillmaster.group={}", scenario.group());
    let arguments = ["ps", "--no-trunc", "--filter", &filter, "--format", "{{.Labels}}"];
    let listed = Command::new("docker").args(arguments).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap().replace("com.example.password=label-hunter15", "");
    assert!(listed.contains("dev.drillmaster.declared="), "{listed}");
    assert_hidden("docker ps", &listed);
}

#[test]
fn no_secret_is_shown_by_any_command() {
    let scenario = scenario();
    let changed = ["--set", "db_password=changed-hunter19"];
    for command in ["plan", "inspect", "check"] {
        for options in [&["app.js"][..], &["app.js", "--json"], &["app.js", "--verbose"]] {
            hides(&scenario.run(&[&[command], options].concat()).code(0));
        }
    }
    hides(&scenario.run(&["start", "app.js", "--json", "--verbose"]).code(0));
    for (command, options) in [("plan", &[][..]), ("plan", &["--json"]), ("ps", &[]), ("ps", &["--json"])] {
        let run = scenario.run(&[&[command, "app.js"], options, &changed].concat()).code(0);
        hides(&run);
        run.stdout_has("env DB_PASSWORD");
    }
    hides(&scenario.run(&[&["start", "app.js", "--verbose"], &changed[..]].concat()).code(0));
    hides(&scenario.run(&["stop", "app.js", "--json", "--verbose", "--remove"]).code(0));
}

#[test]
fn what_is_no_secret_stays_readable() {
    let scenario = scenario();
    for command in ["plan", "inspect"] {
        let run = scenario.run(&[command, "app.js", "--json"]).code(0);
        for readable in READABLE {
            assert!(run.stdout.contains(readable), "{command} hides {readable}:\n{}", run.stdout);
        }
    }
}

#[test]
fn a_command_that_fails_does_not_tell_its_arguments() {
    // How long it sleeps is the secret where nothing else can be.
    let secret = "8643109";
    for (init, said) in [
        (format!(r#"container.exec(["/service", "sleep", "{secret}"], {{ timeoutMs: 200 }})"#), "it took longer"),
        (r#"container.exec(["/nowhere", "exec-hunter20"]).check()"#.to_owned(), "exited with"),
        (
            r#"container.exec(["/nowhere --token=exec-hunter20 postgres://todo:env-url-hunter3@db"]).check()"#
                .to_owned(),
            "exited with",
        ),
        (r#"container.exec(["PGPASSWORD=exec-hunter20"]).check()"#.to_owned(), "exited with"),
    ] {
        let run = initialised_by(&init).run(&["start", "app.js", "--verbose"]).code(1).says(said);
        hides(&run.clone().stdout_lacks(secret).stderr_lacks(secret));
        assert!(run.stderr.contains("post-start-init failed"), "{}", run.stderr);
    }
}

#[test]
fn an_error_of_a_hook_does_not_tell_what_is_secret_by_the_same_rule() {
    for init in [
        r#"(() => { throw new Error("no answer from postgres://todo:context-hunter17@db/todo"); })()"#,
        r"(() => { throw new Error(`cannot run mysql -pshell-hunter18 shop`); })()",
        r#"(() => { throw new Error("sent Authorization: Bearer bearer-hunter10-hunter10"); })()"#,
    ] {
        for options in [&[][..], &["--json"], &["--verbose"]] {
            let run = initialised_by(init).run(&[&["start", "app.js"], options].concat()).code(1);
            hides(&run.says("***"));
        }
    }
}

#[test]
fn a_mistake_and_a_wrong_parameter_do_not_tell_a_secret() {
    let wrong = r#"
        import { defineGroup } from "drillmaster";
        export default defineGroup({ services: { db: {
          image: "https://todo:env-url-hunter3@registry.example/Image",
          env: (parameters) => ({ "DB_PASSWORD=env-by-name-hunter2": "", A: String(parameters.number("db_password") ?? 1) }),
        } } });"#;
    let scenario = Scenario::empty().with_file("app.js", wrong);
    for command in ["check", "inspect", "plan", "start"] {
        let options = if command == "check" || command == "inspect" { &[&[][..], &["--json"]][..] } else { &[&[][..]] };
        for options in options {
            let run = scenario.run(&[&[command, "app.js"], *options].concat()).code(2);
            hides(&run.says("DB_PASSWORD=***"));
            let run = scenario.run(&[&[command, "app.js", "--set", "db_password=changed-hunter19"], *options].concat());
            hides(&run.code(2).says("the parameter `db_password` cannot be `***`"));
        }
    }
    let project = "definitions = [\"app.js\"]\n[parameters]\ndb_password = changed-hunter19\n";
    let scenario = Scenario::empty().with_file("app.js", wrong).with_file("drillmaster.toml", project);
    hides(&scenario.run(&["check"]).code(2).says("line 3"));
}

#[test]
fn an_instruction_of_a_build_does_not_tell_a_secret() {
    let scenario = scenario();
    let dockerfile = "FROM drillmaster-test-service:latest\nENV API_TOKEN=shell-hunter18\nRUN [\"/nowhere\", \"--password\", \
                      \"command-hunter12\"]\n";
    scenario.write("web/Dockerfile", dockerfile);
    for options in [&[][..], &["--json"]] {
        hides(&scenario.run(&[&["start", "app.js"], options].concat()).code(1).says("ENV API_TOKEN=***"));
    }
}

#[test]
fn a_lost_state_directory_replaces_nothing_and_is_told() {
    let scenario = scenario();
    scenario.run(&["start", "app.js"]).code(0);
    let before = ["db", "web"].map(|service| see(&scenario, service));
    fs::remove_dir_all(scenario.state()).unwrap();
    // Without the value of the context, `web` could not be made anew.
    let changed = ["--set", "db_password=changed-hunter19"];
    for command in ["plan", "ps", "start"] {
        let run = scenario.run(&[&[command, "app.js"], &changed[..]].concat()).code(0);
        hides(&run.says("not compared: ").says("env DB_PASSWORD"));
    }
    assert_eq!(["db", "web"].map(|service| see(&scenario, service)), before);
    // What takes no key is compared all the same.
    scenario.write(
        "app.js",
        fs::read_to_string(scenario.project().join("app.js")).unwrap().replacen("ports:", "user: \"0\", ports:", 1),
    );
    scenario.run(&["plan", "app.js"]).code(0).stdout_has("user: (not set) → 0");
}

#[test]
fn the_key_is_for_the_user_alone_and_looking_makes_none() {
    let scenario = scenario();
    let key = || {
        let engines = fs::read_dir(scenario.state().join("drillmaster")).into_iter().flatten();
        engines.map(|engine| engine.unwrap().path().join(".key")).find(|key| key.exists())
    };
    scenario.run(&["plan", "app.js"]).code(0);
    assert_eq!(key(), None);
    scenario.run(&["start", "app.js"]).code(0);
    let (path, content) = (key().unwrap(), fs::read(key().unwrap()).unwrap());
    assert_eq!((fs::metadata(&path).unwrap().permissions().mode() & 0o777, content.len()), (0o600, 32));
    scenario.run(&["stop", "app.js", "--remove"]).code(0);
    scenario.run(&["start", "app.js"]).code(0);
    assert_eq!(fs::read(path).unwrap(), content);
}
