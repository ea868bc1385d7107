//! Definitions in Python that are run from their source, without anybody building anything.

use std::fs;
use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::see;

const APP: &str = r#"
import drillmaster

from parts.images import SERVICE


class App(drillmaster.Service):
    name = "app"
    image = SERVICE
    ports = {8080: None}

    @drillmaster.field
    def env(self):
        return {"SAY": drillmaster.parameter("say", default="nothing")}

    def ping(self):
        listens = self.container.probe_tcp(8080)
        return listens and self.container.http_get(8080, "/env/SAY").status == 200

    def post_start_init(self):
        with open("/definition/greeting.txt") as greeting:
            drillmaster.context["greeting"] = greeting.read()
        print(f"greeted with {drillmaster.context['greeting']}")


@drillmaster.on_start
def told(services):
    print(f"started {services}")
"#;

/// A project with one file in it, and time to make what runs it.
fn with(app: &str) -> Scenario {
    Scenario::empty().with_file("app.py", app).deadline(Duration::from_mins(10))
}

fn app() -> Scenario {
    with(APP)
        .with_file("parts/__init__.py", "")
        .with_file("parts/images.py", "SERVICE = 'drillmaster-test-service:latest'\n")
        .with_file("greeting.txt", "good morning")
}

/// What `check` says of a wrong file.
#[track_caller]
fn refused(scenario: &Scenario) -> Run {
    let run = scenario.run(&["check", "app.py"]).code(2);
    run.stderr_lacks("wasm trap").stderr_lacks("importlib")
}

#[test]
fn a_file_of_python_is_started_with_its_neighbours_and_stopped() {
    let scenario = app();
    let run = scenario.run(&["start", "app.py", "--set", "say=hello"]).code(0);
    run.says("greeted with good morning").says("started ['app']");
    assert_eq!(scenario.get("app", "/env/SAY").text(), "hello");
    let before = see(&scenario, "app");
    scenario.run(&["start", "app.py", "--set", "say=hello"]).code(0);
    assert_eq!(see(&scenario, "app"), before);
    // A file that is changed is what runs next.
    scenario.write("parts/images.py", "SERVICE = 'drillmaster-test-service'\n");
    scenario.write("app.py", APP.replace("default=\"nothing\"", "default=\"bye\""));
    scenario.run(&["start", "app.py"]).code(0);
    assert_eq!(scenario.get("app", "/env/SAY").text(), "bye");
    scenario.run(&["stop", "app.py", "--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
    // It has written nothing there, not even what Python keeps beside what it imports.
    let names = |directory: &str| {
        let entries = fs::read_dir(scenario.project().join(directory)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("."), ["app.py", "greeting.txt", "parts"]);
    assert_eq!(names("parts"), ["__init__.py", "images.py"]);
}

#[test]
fn a_file_of_python_and_a_component_make_one_group() {
    let front = "import drillmaster\n\n\nclass Front(drillmaster.Service):\n    name = 'front'\n    \
                 image = 'drillmaster-test-service'\n    dependencies = ['app']\n";
    let scenario = Scenario::new("single").with_file("front.py", front).deadline(Duration::from_mins(10));
    scenario.run(&["start", "app.wasm", "front.py"]).code(0);
    assert_eq!(scenario.running(), ["app", "front"]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_as_python_tells_it() {
    let run = refused(&with("import drillmaster\n\nclass A(drillmaster.Service)\n    name = 'a'\n"));
    run.says("fields failed:   File \"app.py\", line 3\n").says("SyntaxError: expected ':'");
    let run = refused(&with("import drillmaster\nimport nosuch\n"));
    run.says("ModuleNotFoundError: No module named 'nosuch'").says("File \"app.py\", line 2, in <module>");
    let broken = with("from parts import broken\n").with_file("parts/__init__.py", "");
    let run = refused(&broken.with_file("parts/broken.py", "def look(key):\n    return {}[key]\n\n\nlook('ready')\n"));
    run.says("KeyError: 'ready'").says("File \"parts/broken.py\", line 2, in look").says("return {}[key]");
    let run =
        refused(&with("import drillmaster\n\n\nclass A(drillmaster.Service):\n    name = 'a'\n    port = {1: 2}\n"));
    run.says("File \"app.py\", line 4").says("ports");
}

#[test]
fn a_file_of_python_reads_its_directory_and_nothing_else() {
    let denied = |code: &str| {
        let run = refused(&with(code));
        run.says("PermissionError").says("denied: fields asked")
    };
    denied("open('/definition/out.txt', 'w')\n").says("--allow-write DIR would allow it");
    denied("open('/definition/../../etc/passwd')\n").says("--allow-read DIR would allow it");
    let linked = with("print(open('/definition/passwd').read())\n");
    std::os::unix::fs::symlink("/etc/passwd", linked.project().join("passwd")).unwrap();
    refused(&linked).says("PermissionError").stderr_lacks("root:");
    refused(&with("print(open('/etc/passwd').read())\n")).says("FileNotFoundError").stderr_lacks("root:");
    let run = refused(&with("import os\nraise Exception(sorted(os.environ))\n"));
    run.says("Exception: ['DRILLMASTER_DEFINITION']");
    app().run(&["inspect", "app.py"]).code(0).says("its own directory, to read; beside that nothing");
    app().run(&["inspect", "app.py", "--json"]).code(0).stdout_lacks("import-definition");
}

#[test]
fn a_file_of_python_takes_no_name_of_drillmasters_own_modules() {
    for name in ["drillmaster.py", "wit_world.py", "componentize_py_types.py"] {
        let scenario = with("").with_file(name, APP);
        scenario.run(&["check", name]).code(2).says(&format!("a definition cannot be called {name}"));
    }
}

#[test]
fn where_there_is_no_python_to_make_what_runs_it_the_person_is_told_what_to_install() {
    let scenario = with(APP);
    let (cache, nothing) = (scenario.home().join("cache"), scenario.home().join("nothing"));
    let environment = [("XDG_CACHE_HOME", cache.display().to_string()), ("PATH", nothing.display().to_string())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let run = scenario.invocation(&["check", "app.py"]).envs(&environment).spawn().wait().code(1);
    run.says("needs a Python 3.10 or later").says("sudo apt install python3-venv");
}

#[test]
fn what_could_not_be_downloaded_is_told_and_nothing_is_left_of_the_attempt() {
    // What lies beside a stranger's definition is the stranger's too: no Python outside the sandbox imports it.
    let stranger = "open('ran', 'w')\n";
    let scenario = ["venv.py", "ensurepip.py", "pip.py", "componentize_py.py", "sitecustomize.py"]
        .iter()
        .fold(with(APP), |scenario, name| scenario.with_file(name, stranger));
    let cache = scenario.home().join("cache");
    let environment = [
        ("XDG_CACHE_HOME", cache.display().to_string()),
        ("PIP_INDEX_URL", "http://127.0.0.1:9/simple".to_owned()),
        ("PIP_RETRIES", "0".to_owned()),
    ];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let run = scenario.invocation(&["check", "app.py"]).envs(&environment).spawn().wait().code(1);
    run.says("installing componentize-py failed").says("can this machine reach that?");
    let left = fs::read_dir(cache.join("drillmaster/python")).unwrap();
    assert_eq!(left.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>(), ["making"]);
    assert!(!scenario.project().join("ran").exists(), "a stranger's module ran outside the sandbox");
}

#[test]
fn a_file_of_python_in_the_home_directory_is_not_lent_all_that_lies_there() {
    let scenario = Scenario::empty();
    let home = scenario.home();
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("app.py"), APP).unwrap();
    let file = home.join("app.py").display().to_string();
    scenario.run(&["check", &file]).code(2).says("put it into a directory of its own");
}

#[test]
fn a_file_of_python_that_is_not_there_is_told_at_once() {
    let scenario = Scenario::empty();
    let cache = scenario.home().join("cache").display().to_string();
    let environment = [("XDG_CACHE_HOME", cache.as_str())];
    let run = scenario.invocation(&["check", "app.py"]).envs(&environment).spawn().wait().code(2);
    run.says("cannot load app.py: there is no such file");
    assert!(!scenario.home().join("cache").exists());
}
