//! What containers and hooks could put in the place of what the person trusts, or has granted.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use drillmaster_tests::images;
use drillmaster_tests::scenario::{Run, Scenario};

/// A definition in JavaScript whose `app` has these mounts, as `source: "data", target: "/data"`, and what it imports first.
fn mounting(imports: &str, mounts: &[&str]) -> String {
    let mounts: Vec<_> = mounts.iter().map(|mount| format!("{{ {mount} }}")).collect();
    format!(
        "import {{ defineGroup }} from \"drillmaster\";\n{imports}\nexport default defineGroup({{ services: {{ app: {{ image: \
         {:?}, ports: {{ 8080: null }}, mounts: [{}] }} }} }});\n",
        images::SERVICE,
        mounts.join(", ")
    )
}

/// One that writes to a directory of its project.
fn writing(directory: &str) -> String {
    mounting("", &[&format!("source: {directory:?}, target: \"/at\"")])
}

/// A project that is trusted, with a definition that writes to this directory, in which these files are.
fn project(directory: &str, files: &[&str]) -> Scenario {
    let scenario = Scenario::empty().with_file("app.js", writing(directory));
    files.iter().fold(scenario, |scenario, file| scenario.with_file(file, "")).trusted()
}

/// Trusts a directory of the project, or the file in it, as who has written it.
#[track_caller]
fn trust(scenario: &Scenario, path: &str) {
    scenario.raw(&["trust", path]).code(0);
}

#[track_caller]
fn plan(scenario: &Scenario, more: &[&str]) -> Run {
    scenario.run(&[&["plan", "--offline", "app.js"], more].concat())
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn nothing_writes_what_defines_another_project_that_the_person_trusts() {
    let scenario = project("native", &["native/Makefile", "native/app.c", "shop/app.js", "deep/shop/lib.js"]);
    scenario.write("shop/drillmaster.toml", "definitions = [\"app.js\", \"../deep/shop\"]\n");
    plan(&scenario, &[]).code(0);
    trust(&scenario, "native");
    trust(&scenario, "shop");
    plan(&scenario, &[]).code(2).says("is a directory that you trust");
    for (directory, holds) in
        [("shop", "a project file that you trust"), ("deep", "a definition of a project that you trust")]
    {
        scenario.write("app.js", writing(directory));
        plan(&scenario, &[]).code(2).says(holds);
        plan(&scenario, &["--allow-write", directory]).code(2).says("a definition can read it, with --allow-read");
    }
    scenario.write("app.js", mounting("", &["source: \"native\", target: \"/at\", readOnly: true"]));
    plan(&scenario, &[]).code(0);
    plan(&scenario, &["--allow-write", "native"]).code(2).says("a directory that you trust");
}

#[test]
fn a_symlink_that_leads_to_a_definition_is_written_as_little_as_the_definition() {
    let scenario = project("link", &["link/data"]);
    scenario.write("real/app.js", writing("link"));
    let linked = scenario.project().join("link/app.js");
    symlink("../real/app.js", &linked).unwrap();
    scenario.write("drillmaster.toml", "definitions = [\"link/app.js\"]\n");
    trust(&scenario, "drillmaster.toml");
    scenario.run(&["plan", "--offline"]).code(2).says("link, which holds a definition").says("link/app.js");
    let run = scenario.run(&["check", "link/app.js", "--allow-write", "link"]).code(2);
    run.says("which holds a definition");
    fs::remove_file(&linked).unwrap();
    fs::rename(scenario.project().join("real"), scenario.project().join("link/real")).unwrap();
    symlink("link/real", scenario.project().join("way")).unwrap();
    scenario.write("drillmaster.toml", "definitions = [\"way/app.js\"]\n");
    trust(&scenario, "drillmaster.toml");
    scenario.run(&["plan", "--offline"]).code(2).says("which holds a definition");
}

#[test]
fn a_directory_that_others_can_write_by_now_is_not_built_although_it_was_trusted() {
    let scenario = Scenario::empty().with_file("above/sub/Makefile", "all:\n").with_file("above/sub/app.c", "");
    trust(&scenario, "above/sub");
    let build = || scenario.raw_invocation(&["start", "above/sub"]).envs(&[("WASM_CC", "true")]).spawn().wait().code(2);
    build().stderr_lacks("can be written by other users");
    for writable in ["above/sub", "above"] {
        let writable = scenario.project().join(writable);
        mode(&writable, 0o777);
        build().says("somebody else could say how").says("can be written by other users");
        mode(&writable, 0o755);
    }
}

#[test]
fn what_is_granted_cannot_be_replaced_by_a_service_or_by_a_hook() {
    let scenario = project("data", &["data/report/a", "out/sub/a", "other/a"]);
    plan(&scenario, &[]).code(0);
    for grant in ["--allow-read", "--allow-write", "--allow-mount"] {
        plan(&scenario, &[grant, "data/report"]).code(2).says("data/report, which is granted by name");
        plan(&scenario, &[grant, "data"]).code(0);
        plan(&scenario, &["--allow-write", "out", grant, "out/sub"]).code(2).says("holds what is granted by name");
    }
    plan(&scenario, &["--allow-read", "out", "--allow-write", "out/sub"]).code(0);
    // A hook could put a symlink in the place of what is mounted.
    scenario.write("app.js", mounting("", &["source: \"out/sub\", target: \"/at\", readOnly: true"]));
    plan(&scenario, &["--allow-write", "out"]).code(2).says("to which the code of the definitions may write");
    plan(&scenario, &["--allow-write", "out/sub"]).code(0);
}

#[test]
fn a_grant_of_a_project_file_leads_through_no_symlink_of_the_project() {
    let scenario = project("other", &["other/a"]);
    symlink("/etc", scenario.project().join("conf")).unwrap();
    for grant in ["read", "write", "mount"] {
        scenario.write("drillmaster.toml", format!("definitions = [\"app.js\"]\n[grants]\n{grant} = [\"conf\"]\n"));
        for command in [&["start"][..], &["plan"], &["check"], &["trust"]] {
            scenario.raw(command).code(2).says("conf is a symlink, so that what is granted is /etc today");
        }
    }
}

#[test]
fn a_repository_is_not_written_whatever_it_is_called() {
    let scenario =
        project("x.git/hooks", &["x.git/HEAD", "x.git/objects/a", "x.git/refs/a", "x.git/hooks/a", "_darcs/a"]);
    plan(&scenario, &[]).code(2).says("x.git, which is a repository");
    scenario.write("app.js", writing("x.git"));
    plan(&scenario, &[]).code(2).says("is a repository");
    scenario.write("app.js", writing("_darcs"));
    plan(&scenario, &[]).code(2).says("_darcs");
    scenario.write("app.js", mounting("", &[]));
    scenario.write(".git/config", "");
    for directory in ["x.git/hooks", "x.git", "_darcs", ".git"] {
        let run = plan(&scenario, &["--allow-write", directory]).code(2);
        run.says("what programs of this machine obey");
    }
}

#[test]
fn what_a_container_writes_is_not_mounted_below_after_its_directory_was_moved() {
    let scenario = Scenario::empty()
        .with_file("before/rw.js", writing("data").replace("app:", "writer:"))
        .with_file("before/app.js", writing("data/in"))
        .with_file("before/data/in/a", "");
    trust(&scenario, "before");
    let run = |directory: &str, words: &[&str]| {
        scenario.invocation(words).within(&scenario.project().join(directory)).spawn().wait()
    };
    run("before", &["start", "rw.js"]).code(0);
    fs::rename(scenario.project().join("before"), scenario.project().join("after")).unwrap();
    trust(&scenario, "after");
    run("after", &["start", "app.js"]).code(1).says("writes to what was").says("is not there any more");
    run("after", &["stop", "rw.js"]).code(0);
    run("after", &["start", "app.js"]).code(0);
}

#[test]
fn a_module_that_others_can_write_gets_no_grant() {
    let imports = "import { x } from \"./lib/x.js\";\nglobalThis.x = x;";
    let scenario = Scenario::empty()
        .with_file("app.js", mounting(imports, &[]))
        .with_file("lib/x.js", "export const x = 1;\n")
        .with_file("data/notes.txt", "")
        .with_file("drillmaster.toml", "definitions = [\"app.js\"]\n[grants]\nenv = [\"HOME\"]\n")
        .trusted();
    let plan = || scenario.run(&["plan", "--offline"]);
    for (path, usual) in [("lib/x.js", 0o644), ("lib", 0o755)] {
        let path = scenario.project().join(path);
        plan().code(0);
        mode(&path, 0o777);
        plan().code(2).says("can be written by other users");
        mode(&path, usual);
    }
    // What nobody imports can be anybody's.
    mode(&scenario.project().join("data"), 0o777);
    plan().code(0);
}

#[test]
fn a_definition_in_python_does_not_read_what_drillmaster_keeps() {
    let text = format!(
        "import drillmaster\n\n\nclass App(drillmaster.Service):\n    name = \"app\"\n    image = {:?}\n",
        images::SERVICE
    );
    let scenario = Scenario::empty().with_file("app.py", text);
    let state = scenario.project().join(".state").display().to_string();
    let run = scenario.raw_invocation(&["check", "app.py"]).envs(&[("XDG_STATE_HOME", &state)]).spawn().wait();
    run.code(2)
        .says("could read what drillmaster keeps in")
        .says("set XDG_STATE_HOME to a directory that does not lie in");
}

#[test]
fn what_looks_secret_in_a_mistake_is_masked_in_json_as_well() {
    let text =
        mounting("", &[]).replace("ports:", "dependencies: [\"https://x:S3CRETPW@h/\", \"token=S3CRETPW\"], ports:");
    let scenario = Scenario::empty().with_file("app.js", text);
    for command in ["check", "inspect"] {
        let run = scenario.run(&[command, "app.js", "--json"]).code(2);
        run.stdout_has("***").stdout_lacks("S3CRETPW").stderr_lacks("S3CRETPW");
    }
}
