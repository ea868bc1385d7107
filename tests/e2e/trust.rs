//! What comes with a directory that somebody else has written, and what the person has to say before it counts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use drillmaster_tests::definitions;
use drillmaster_tests::scenario::{Run, Scenario};

/// What a hostile project file says beside its definitions, each with the words in which a person is shown it.
const GRANTS: [(&str, &str); 7] = [
    ("mount = [\"/etc\"]", "mount /etc"),
    ("read = [\"/etc\"]", "read /etc"),
    ("write = [\"out\"]", "write out"),
    ("env = [\"HOME\"]", "env HOME"),
    ("net = [\"169.254.169.254:80\"]", "net 169.254.169.254:80"),
    ("publish-on = \"0.0.0.0\"", "publish-on 0.0.0.0"),
    ("memory = 4096", "memory 4096 MiB"),
];

/// Each command that can be about the definitions of a project file.
const COMMANDS: [&[&str]; 11] = [
    &["start"],
    &["stop"],
    &["stop", "--remove", "--volumes"],
    &["reload", "app"],
    &["restart", "app"],
    &["plan"],
    &["plan", "--offline"],
    &["ps"],
    &["logs"],
    &["exec", "app", "--", "/service"],
    &["check"],
];

/// A project with a component and a file that names it.
fn project(more: &str) -> Scenario {
    Scenario::new("single")
        .with_file("out/x", "")
        .with_file("drillmaster.toml", format!("definitions = [\"app.wasm\"]\n{more}"))
}

fn file(scenario: &Scenario) -> PathBuf {
    scenario.project().canonicalize().unwrap().join("drillmaster.toml")
}

/// The command that trusts the project's file.
fn command(scenario: &Scenario) -> String {
    format!("drillmaster trust {}", file(scenario).display())
}

/// A directory whose Makefile leaves a file `ran` beside the project when anything of it runs.
fn with_makefile(scenario: Scenario, name: &str) -> Scenario {
    let makefile = format!("$(shell touch {})\nall:\n\tfalse\n", ran(&scenario).display());
    scenario.with_file(&format!("{name}/Makefile"), makefile).with_file(&format!("{name}/app.c"), "int x;")
}

fn ran(scenario: &Scenario) -> PathBuf {
    scenario.project().with_file_name("ran")
}

/// In C, whose compiler is whatever the environment says.
fn run(scenario: &Scenario, arguments: &[&str]) -> Run {
    scenario.raw_invocation(arguments).envs(&[("WASM_CC", "true")]).spawn().wait()
}

#[test]
fn what_a_project_file_grants_counts_once_the_person_trusts_it() {
    for (grant, shown) in GRANTS {
        let scenario = project(&format!("[grants]\n{grant}\n"));
        for command in [&["start"][..], &["reload", "app"], &["restart", "app"], &["plan"], &["plan", "--offline"]] {
            let run = scenario.run(command).code(2);
            run.says("is not trusted. It wants").says(shown).says(&self::command(&scenario)).stdout_lacks("app");
        }
        assert_eq!(scenario.names(), [""; 0]);
        // What only looks goes on without.
        for command in [&["check"][..], &["inspect"], &["ps"], &["stop"], &["logs"]] {
            let run = scenario.raw(command).code(0);
            run.stderr_has("is not trusted. It wants").stderr_has(shown).stderr_has(&self::command(&scenario));
        }
        scenario.raw(&["trust"]).code(0).stdout_has("is trusted from now on").stdout_has(shown);
        scenario.run(&["plan", "--offline"]).code(0).stderr_lacks("trust");
    }
}

#[test]
fn a_file_is_trusted_as_it_was_and_where_it_was() {
    let scenario = project("[grants]\nenv = [\"HOME\"]\n").trusted();
    scenario.run(&["plan", "--offline"]).code(0);
    let text = fs::read_to_string(file(&scenario)).unwrap();
    scenario.write("drillmaster.toml", text.clone() + "#\n");
    scenario.run(&["start"]).code(2).says("is not trusted");
    scenario.write("drillmaster.toml", &text);
    scenario.run(&["plan", "--offline"]).code(0);

    let copy =
        scenario.with_file("copy/drillmaster.toml", &text).with_copy(&definitions::path("single"), "copy/app.wasm");
    let run = copy.invocation(&["start"]).within(&copy.project().join("copy")).spawn().wait();
    run.code(2).says("copy/drillmaster.toml is not trusted");

    copy.raw(&["trust", "--list"]).code(0).stdout_has(&file(&copy).display().to_string());
    copy.raw(&["trust", "--revoke"]).code(0).stdout_has("not trusted any more");
    copy.run(&["start"]).code(2).says("is not trusted");
    copy.raw(&["trust", "--revoke"]).code(2).says("is not trusted");
    copy.raw(&["trust", "--list"]).code(0).stdout_has("nothing is trusted");
    assert_eq!(copy.names(), [""; 0]);
}

#[test]
fn a_person_at_a_terminal_is_asked_once() {
    let scenario = project("[grants]\npublish-on = \"0.0.0.0\"\n");
    let ask = |answer: &str| scenario.in_terminal(100, 30, &["start"]).input(answer).spawn().wait();
    for no in ["\n", "n\n", "\u{4}", "yolo\n"] {
        let run = ask(no).code(2).stdout_has("It wants").stdout_has("publish-on 0.0.0.0");
        let run = run.stdout_has("Do you trust this file as it is? [y/N]").stdout_has("is not trusted, and nothing");
        assert!(run.stdout.lines().count() <= 12, "{}", run.stdout);
    }
    assert_eq!(scenario.names(), [""; 0]);
    ask("y\n").code(0).stdout_has("It wants").stdout_has("grants: publish-on 0.0.0.0 (from ");
    ask("").code(0).stdout_lacks("It wants");
    scenario.run(&["plan"]).code(0);
    // Nobody is asked where the output is for a program.
    scenario.write("drillmaster.toml", "definitions = [\"app.wasm\"]\n[grants]\nenv = [\"A\"]\n");
    let run = scenario.in_terminal(100, 30, &["start", "--json"]).input("y\n").spawn().wait();
    run.code(2).stdout_has("is not trusted").stdout_lacks("[y/N]");
}

#[test]
fn an_interruption_ends_the_question() {
    let scenario = project("[grants]\nenv = [\"A\"]\n");
    let mut start = scenario.in_terminal(100, 30, &["start"]).typing().spawn();
    start.until("the question", |start| start.stdout().contains("[y/N]"));
    start.types("\u{3}");
    start.wait().code(130);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_file_that_wants_nothing_needs_no_trust() {
    let scenario = project("[parameters]\n\"app.SAY\" = \"hello\"\n");
    scenario.run(&["start"]).code(0).stderr_has("grants: none").stderr_lacks("trust");
    assert_eq!(scenario.get("app", "/env/SAY").text(), "hello");
}

#[test]
fn every_start_says_which_grants_are_in_force_and_where_they_come_from() {
    let scenario = project("[grants]\nenv = [\"A\"]\n").trusted();
    let run = scenario.run(&["start", "--allow-env", "B", "--memory", "64"]).code(0);
    let path = file(&scenario).display().to_string();
    run.stderr_has(&format!("grants: env A (from {path}); env B, memory 64 MiB (from the command line)"));
    scenario.run(&["restart", "app"]).code(0).stderr_has(&format!("grants: env A (from {path})\n"));
    scenario.start(&[]).code(0).stderr_has("grants: none");
}

#[test]
fn a_file_that_others_can_write_is_used_by_no_command() {
    let scenario = project("");
    let mode = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let directory = scenario.project();
    let below = directory.join("below");
    fs::create_dir(&below).unwrap();
    for (path, changed, back) in
        [(file(&scenario), 0o666, 0o644), (directory.clone(), 0o777, 0o755), (directory.clone(), 0o1777, 0o755)]
    {
        mode(&path, changed);
        for command in COMMANDS.iter().chain([&["inspect"][..]].iter()) {
            let run = scenario.raw_invocation(command).within(&below).spawn().wait().code(2);
            run.says("drillmaster.toml is not used: ").says("can be written by other users");
        }
        scenario.raw(&["trust"]).code(2).says("can be written by other users");
        mode(&path, back);
    }
    assert_eq!(scenario.names(), [""; 0]);
    scenario.run(&["check"]).code(0);
}

#[test]
fn nothing_of_a_directory_runs_natively_before_the_person_trusts_it() {
    let scenario = with_makefile(Scenario::empty(), "sub");
    for named in [false, true] {
        if !named {
            scenario.write("drillmaster.toml", "definitions = [\"sub\"]\n");
        }
        for command in COMMANDS.iter().chain([&["inspect"][..]].iter()) {
            let (subcommand, rest) = command.split_first().unwrap();
            let definition: &[&str] = if named { &["./sub"] } else { &[] };
            let run = run(&scenario, &[&[*subcommand], definition, rest].concat()).code(2);
            let changes = matches!(*subcommand, "start" | "reload" | "restart");
            run.says(if changes || !named { "drillmaster trust " } else { "drillmaster build ./sub" });
            assert!(!ran(&scenario).exists(), "{command:?}");
        }
        let _ = fs::remove_file(scenario.project().join("drillmaster.toml"));
    }
    assert_eq!(fs::read_dir(scenario.project().join("sub")).unwrap().count(), 2);
}

#[test]
fn what_is_trusted_is_built_by_what_changes_and_by_nothing_that_looks() {
    for by_file in [false, true] {
        let scenario = with_makefile(Scenario::empty(), "sub");
        if by_file {
            scenario.write("drillmaster.toml", "definitions = [\"sub\"]\n");
            run(&scenario, &["trust"]).code(0).stdout_has("make in ");
        } else {
            run(&scenario, &["trust", "sub"]).code(0).stdout_has("make in ");
        }
        for command in ["check", "inspect", "plan", "ps", "logs", "stop"] {
            run(&scenario, &[command, "./sub"]).code(2).says("is not built yet").says("drillmaster build ./sub");
        }
        assert!(!ran(&scenario).exists());
        run(&scenario, &["start", "sub"]).code(1).says("make failed");
        assert!(ran(&scenario).exists());
    }
}

#[test]
fn what_others_can_write_is_not_built_and_gets_no_grant() {
    let scenario = with_makefile(Scenario::empty(), "sub").with_file("sub/lib/x.c", "");
    run(&scenario, &["trust", "sub"]).code(0);
    for path in ["sub/Makefile", "sub/lib", "sub/lib/x.c"] {
        let path = scenario.project().join(path);
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o777)).unwrap();
        run(&scenario, &["start", "sub"]).code(2).says("can be written by other users");
        fs::set_permissions(&path, before).unwrap();
    }
    assert!(!ran(&scenario).exists());
    let scenario = project("[grants]\nmemory = 64\n").trusted();
    fs::set_permissions(scenario.project().join("app.wasm"), PermissionsExt::from_mode(0o666)).unwrap();
    scenario.run(&["start"]).code(2).says("app.wasm can be written by other users");
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_command_to_be_copied_runs_nothing_else() {
    let scenario = Scenario::empty().with_copy(&definitions::path("single"), "a $(touch x)'/app.wasm");
    let directory = scenario.project().canonicalize().unwrap().join("a $(touch x)'");
    fs::write(directory.join("drillmaster.toml"), "definitions = [\"app.wasm\"]\n[grants]\nmemory = 64\n").unwrap();
    let run = scenario.invocation(&["start"]).within(&directory).spawn().wait().code(2);
    let command = run.stderr.lines().find_map(|line| line.split_once("If you know who wrote it: ")).unwrap().1;
    let program = scenario.command(Path::new("sh"), &["-c", &command.replace("drillmaster trust ", "printf %s ")]);
    let printed = program.spawn().wait().code(0).stdout;
    assert_eq!(Path::new(&printed), directory.join("drillmaster.toml"));
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
}

#[test]
fn the_group_that_a_file_names_is_told_before_it_is_trusted() {
    let scenario = project("group = \"shop\"\n[grants]\nmemory = 64\n");
    scenario.raw(&["start"]).code(2).says("the group of this name, whoever's it is:").says("    shop");
    scenario.raw(&["trust"]).code(0).stdout_has("    shop");
}

#[test]
fn a_directory_that_a_trusted_file_does_not_name_is_not_trusted_with_it() {
    let scenario = with_makefile(with_makefile(Scenario::empty(), "mine"), "theirs");
    scenario.write("drillmaster.toml", "definitions = [\"mine\"]\n");
    run(&scenario, &["trust"]).code(0);
    run(&scenario, &["start", "theirs"]).code(2).says("theirs is not trusted, and has to be built first");
    assert!(!ran(&scenario).exists());
}

#[test]
fn build_is_the_persons_word_for_once() {
    let scenario = with_makefile(Scenario::empty(), "sub");
    run(&scenario, &["build", "sub"]).code(1);
    assert!(ran(&scenario).exists());
    fs::remove_file(ran(&scenario)).unwrap();
    run(&scenario, &["start", "sub"]).code(2).says("is not trusted");
    assert!(!ran(&scenario).exists());
}

#[test]
fn another_directory_at_the_path_of_a_trusted_one_is_not_trusted() {
    let scenario = with_makefile(Scenario::empty(), "sub");
    run(&scenario, &["trust", "sub"]).code(0);
    fs::rename(scenario.project().join("sub"), scenario.project().join("before")).unwrap();
    let scenario = with_makefile(scenario, "sub");
    run(&scenario, &["start", "sub"]).code(2).says("is not trusted");
    run(&scenario, &["start", "before"]).code(2).says("is not trusted");
    assert!(!ran(&scenario).exists());
}

#[test]
fn a_definition_outside_the_files_directory_needs_trust() {
    let scenario = Scenario::empty().with_copy(&definitions::path("single"), "other/app.wasm");
    let directory = scenario.project().join("project");
    fs::create_dir(&directory).unwrap();
    symlink("../other/app.wasm", directory.join("link.wasm")).unwrap();
    for named in ["../other/app.wasm", "link.wasm"] {
        fs::write(directory.join("drillmaster.toml"), format!("definitions = [\"{named}\"]\n")).unwrap();
        let run = scenario.invocation(&["start"]).within(&directory).spawn().wait().code(2);
        run.says("definitions outside its directory").says(named);
    }
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_file_that_is_not_trusted_names_no_group_of_another_project() {
    let victim = Scenario::new("single");
    victim.run(&["start", "app.wasm"]).code(0);
    let group = victim.group();
    let id = victim.id("app");
    let scenario = project(&format!("group = \"{group}\"\n"));
    // Without --group, and where the victim's things are known.
    let state = victim.state().display().to_string();
    let raw = |arguments: &[&str]| scenario.run_raw(arguments, &[("XDG_STATE_HOME", &state)]);
    for command in [
        &["start"][..],
        &["stop"],
        &["stop", "--remove", "--volumes"],
        &["reload", "app"],
        &["restart", "app"],
        &["plan"],
    ] {
        raw(command).code(2).says(&format!("group {group} belongs to the project in "));
    }
    assert!(victim.is_running("app"));
    assert_eq!(victim.id("app"), id);
}

#[test]
fn services_write_beside_a_definition_only_in_a_project_that_is_trusted() {
    let scenario = Scenario::new("single").with_file("data/file", "").set("app.mount", "data");
    let project = scenario.project().canonicalize().unwrap();
    let project = project.display();
    for command in ["start", "plan", "check"] {
        let run = scenario.run(&[command, "app.wasm"]).code(2);
        run.says(&format!("would be written to, and {project} is not trusted"))
            .says(&format!("`drillmaster trust {project}`"))
            .says(&format!("--allow-mount {project}/data would allow it"));
    }
    assert_eq!(scenario.names(), [""; 0]);
    scenario.start(&["--allow-mount", "data"]).code(0);
    let scenario = scenario.trusted();
    scenario.start(&[]).code(0);
    // A project file takes the directory's place, and has to be trusted itself.
    scenario.write("drillmaster.toml", "definitions = [\"app.wasm\"]\n");
    scenario.run(&["start"]).code(2).says("would be written to");
    scenario.trusted().run(&["start"]).code(0);
}

#[test]
fn a_private_directory_is_no_project() {
    let scenario = Scenario::empty();
    for directory in [scenario.home().join("Downloads"), scenario.home()] {
        fs::create_dir_all(directory.join("Tax 2025")).unwrap();
        fs::copy(definitions::path("single"), directory.join("app.wasm")).unwrap();
        let app = directory.join("app.wasm").display().to_string();
        for field in ["mount", "read-only-mount", "build"] {
            let run = scenario.run(&["start", &app, "--set", &format!("app.{field}=Tax 2025")]).code(2);
            run.says("private").says("no project directory").says("--allow-mount");
        }
        let directory = directory.display().to_string();
        scenario.raw(&["trust", &directory]).code(2).says("is a private directory, holds one");
    }
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn the_home_of_the_account_is_private_whatever_home_says() {
    // The tests' own account's: nothing is written there.
    let run = Scenario::empty().raw_invocation(&["trust", "/root"]).spawn().wait();
    if rustix::process::geteuid().is_root() {
        run.code(2).says("is a private directory");
    } else {
        run.code(2);
    }
}

#[test]
fn what_new_has_written_is_trusted() {
    let scenario = Scenario::empty();
    scenario.raw(&["new", "shop", "--lang", "c"]).code(0);
    let run = scenario.raw(&["trust", "--list"]).code(0);
    run.stdout_has(&scenario.project().canonicalize().unwrap().join("shop").display().to_string());
}

/// As somebody would publish it to be cloned and started.
#[test]
fn a_hostile_repository_gets_nothing_from_any_command_and_shows_what_it_wants_on_one_screen() {
    let victim = Scenario::new("single");
    victim.start(&[]).code(0);
    let (group, before) = (victim.group(), victim.id("app"));
    let state = victim.state().display().to_string();

    let repository = with_makefile(Scenario::empty(), "native").with_file("scripted/app.js", HOSTILE);
    let secret = repository.home().join(".ssh/id_rsa");
    fs::create_dir_all(secret.parent().unwrap()).unwrap();
    fs::write(&secret, "PRIVATE KEY").unwrap();
    let grants = GRANTS.map(|(grant, _)| grant).join("\n").replace("/etc", &repository.home().display().to_string());
    let file = format!(
        "definitions = [\"native\", \"scripted\", \"../x/app.wasm\"]\ngroup = \"{group}\"\n[grants]\n{grants}\n"
    );
    let repository = repository.with_file("drillmaster.toml", file);
    for command in COMMANDS.iter().chain([&["inspect"][..]].iter()) {
        let run =
            repository.raw_invocation(command).envs(&[("XDG_STATE_HOME", &state), ("WASM_CC", "true")]).spawn().wait();
        assert_ne!(run.exit_code(), Some(0), "{run:?}");
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(shown.lines().count() <= 24, "{shown}");
        for wish in ["native tools", "mount /", "read /", "env HOME", "definitions outside"] {
            assert!(shown.contains(wish), "{command:?}: {shown}");
        }
        assert_eq!(shown.matches("drillmaster trust ").count(), 1, "{command:?}: {shown}");
        assert!(!shown.contains("PRIVATE KEY"), "{shown}");
        assert!(!ran(&repository).exists(), "{command:?}");
    }
    assert!(victim.is_running("app"));
    assert_eq!(victim.id("app"), before);
    assert_eq!(victim.names(), ["app"]);
}

/// A definition that wants the person's files, and another project's database.
const HOSTILE: &str = r#"import { defineGroup } from "drillmaster";
export default defineGroup({
    services: { app: { image: "drillmaster-test-service:latest", mounts: { "../../home/.ssh": "/s", ".": "/p" } } },
});
"#;
