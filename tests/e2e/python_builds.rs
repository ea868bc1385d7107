//! A definition in Python is built inside the sandbox.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};
use drillmaster_tests::workspace;

/// A definition of one service, whose variable `FOUND` is what this code leaves in `found`.
fn definition(code: &str) -> String {
    format!(
        "import drillmaster\n\nfound = \"\"\n{code}\n\n\nclass App(drillmaster.Service):\n    name = \"app\"\n    \
         image = \"drillmaster-test-service:latest\"\n    env = {{\"FOUND\": found}}\n"
    )
}

/// A project with a directory of sources, and time to make what runs them.
fn shop(code: &str) -> Scenario {
    Scenario::empty().with_file("shop/app.py", definition(code)).deadline(Duration::from_mins(10))
}

fn build(scenario: &Scenario) -> Run {
    scenario.raw(&["build", "shop"])
}

/// The component that was built, somewhere else than its sources.
fn moved(scenario: &Scenario) -> &'static str {
    let directory = scenario.project().join("moved");
    fs::create_dir_all(&directory).unwrap();
    fs::rename(scenario.project().join("shop/app.wasm"), directory.join("app.wasm")).unwrap();
    fs::remove_dir_all(scenario.project().join("shop")).unwrap();
    "moved/app.wasm"
}

/// What lies in directories: of each file its size, when it was written, and its number on the disk.
fn all_in(directories: &[PathBuf]) -> BTreeMap<PathBuf, (u64, i64, i64, u64)> {
    let mut found = BTreeMap::new();
    let mut left = directories.to_vec();
    while let Some(directory) = left.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                left.push(entry.path());
            } else {
                let stamp = (metadata.size(), metadata.mtime(), metadata.mtime_nsec(), metadata.ino());
                found.insert(entry.path(), stamp);
            }
        }
    }
    found
}

/// The directories from which the Python of this machine imports packages.
fn site_packages() -> Vec<PathBuf> {
    let code = "import site; print('\\n'.join([site.getusersitepackages(), *site.getsitepackages()]))";
    let output = Command::new("python3").args(["-c", code]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(PathBuf::from).collect()
}

/// What drillmaster keeps for Python.
fn kept() -> PathBuf {
    workspace::target().join("e2e/cache/drillmaster/python")
}

const ATTEMPTS: &str = r#"
import os
import socket
import subprocess
import sys


def is_refused(attempt):
    try:
        attempt()
    except OSError:
        return
    raise AssertionError("something was possible")


places = [*sys.path, "/", ".", "/definition", "/packages", "/0", "/1", "/2", "/python", "/world", "/bundled", "/tmp"]
for place in places:
    for name in ["evil.pth", "drillmaster.toml", "app.py", "sitecustomize.py"]:
        is_refused(lambda: open(f"{place}/{name}", "w"))
        is_refused(lambda: open(f"{place}/{name}", "r+"))
        is_refused(lambda: os.rename("/definition/app.py", f"{place}/{name}"))
        is_refused(lambda: os.symlink("/etc/passwd", f"{place}/{name}"))
    is_refused(lambda: os.mkdir(f"{place}/evil"))
is_refused(lambda: os.remove("/definition/app.py"))
is_refused(lambda: os.utime("/definition/app.py", (0, 0)))
for path in ["/etc/passwd", "/definition/../../secret", "/definition/link", "/definition/pipe", "/proc/self/maps"]:
    is_refused(lambda: open(path))
is_refused(lambda: socket.create_connection(("127.0.0.1", PORT), 5))
is_refused(lambda: socket.create_server(("127.0.0.1", 0)))
is_refused(lambda: socket.getaddrinfo("example.com", 80))
is_refused(lambda: subprocess.run(["true"]))
print("all was refused")
found = " ".join(sorted(os.environ))
"#;

#[test]
fn a_definition_in_python_reaches_nothing_while_it_is_built_and_changes_no_file() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // What is kept is made first.
    build(&shop("")).code(0);
    let scenario = shop(&ATTEMPTS.replace("PORT", &port.to_string())).with_file("secret", "a secret");
    symlink(scenario.project().join("secret"), scenario.project().join("shop/link")).unwrap();
    assert!(Command::new("mkfifo").arg(scenario.project().join("shop/pipe")).status().unwrap().success());
    let places = [vec![scenario.project(), scenario.home(), kept()], site_packages()].concat();
    let before = all_in(&places);
    let secret = ("A_SECRET", "in a variable");
    let run = scenario.raw_invocation(&["build", "shop"]).envs(&[secret]).spawn().wait().code(0);
    run.says("| all was refused").says("denied: the build asked to change ").stderr_lacks("would allow it");
    let mut after = all_in(&places);
    assert!(after.remove(&scenario.project().join("shop/app.wasm")).is_some());
    // Others may be making or sweeping at the same time.
    let steady = |path: &Path| path.file_name().is_none_or(|name| name != "making");
    let (before, after) = (before.into_iter(), after.into_iter());
    let before: Vec<_> = before.filter(|(path, _)| steady(path)).collect();
    assert_eq!(after.filter(|(path, _)| steady(path)).collect::<Vec<_>>(), before);
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "it has connected");
    let run = scenario.run(&["plan", "--offline", "--json", moved(&scenario)]).code(0);
    run.stdout_has("DRILLMASTER_DEFINITION").stdout_lacks("A_SECRET");
}

#[test]
fn what_a_definition_in_python_takes_while_it_is_built_is_bounded() {
    let run = build(&shop("found = bytearray(300 << 20)")).code(2);
    run.says("cannot build shop/app.py: MemoryError").stderr_lacks("panicked").stderr_lacks("wasm trap");
    let hoarding = "hoard = []\ntry:\n    while True:\n        hoard.append(bytearray(1 << 20))\nexcept MemoryError:\n    hoard = None";
    build(&shop(hoarding)).code(0);
    let run = build(&shop("import random\n\nfound = random.randbytes(60 << 20)")).code(2);
    run.says("cannot build shop/app.py: with what it has imported it takes").says("64 MiB is the most");
}

#[test]
fn a_definition_in_python_that_cannot_be_imported_is_not_built_and_told_as_python_tells_it() {
    let scenario = shop("import parts.broken").with_file("shop/parts/__init__.py", "");
    let scenario = scenario.with_file("shop/parts/broken.py", "def look(key):\n    return [][key]\n\n\nlook(3)\n");
    let run = build(&scenario).code(2).says("cannot build shop/app.py: IndexError: list index out of range");
    run.says("File \"parts/broken.py\", line 2, in look").says("return [][key]").stderr_lacks("importlib");
    assert!(!scenario.project().join("shop/app.wasm").exists());
    build(&shop("import nosuch")).code(2).says("ModuleNotFoundError: No module named 'nosuch'");
    build(&shop("raise SystemExit(3)")).code(2).says("SystemExit: 3");
}

#[test]
fn the_same_sources_in_python_give_the_same_component() {
    let code = "import random\nimport time\nimport uuid\n\nfrom parts.images import NAME\n\n\
                found = f'{NAME} {time.time()} {random.random()} {uuid.uuid4()}'";
    let scenario = shop(code).with_file("shop/parts/images.py", "NAME = 'first'\n");
    let component = || {
        build(&scenario).code(0);
        fs::read(scenario.project().join("shop/app.wasm")).unwrap()
    };
    let first = component();
    // The files are others, with the same in them.
    scenario.write("shop/parts/images.py.new", "NAME = 'first'\n");
    let parts = scenario.project().join("shop/parts");
    fs::rename(parts.join("images.py.new"), parts.join("images.py")).unwrap();
    scenario.write("shop/app.py", definition(code));
    assert!(component() == first, "the second build differs");
}

#[test]
fn a_component_in_python_has_what_was_imported_and_what_it_is_granted_when_it_runs() {
    let code = "import os\nimport random\n\nfrom parts.images import NAME\n\nTEXT = open('/definition/parts/text').read()\n\
                STARTED = random.random()\n\n\ndef state():\n    \
                return f\"{NAME} {TEXT} {sorted(os.environ)} {os.path.exists('/given/file')}\"";
    let definition = definition(code).replace(
        "    env = {\"FOUND\": found}",
        "\n    @drillmaster.field\n    def env(self):\n        return {\"FOUND\": state()}\n\n    \
         def pre_start(self):\n        print(f\"it is another one: {random.random() != STARTED}\")",
    );
    let scenario = shop("")
        .with_file("shop/app.py", definition)
        .with_file("shop/parts/images.py", "NAME = 'first'\n")
        .with_file("shop/parts/text", "text")
        .with_file("given/file", "");
    build(&scenario).code(0);
    let component = moved(&scenario);
    let found = |arguments: &[&str], state: &str| {
        let arguments = [&["plan", "--offline", "--json", component], arguments].concat();
        scenario
            .invocation(&arguments)
            .envs(&[("GRANTED", "x"), ("OTHER", "y")])
            .spawn()
            .wait()
            .code(0)
            .stdout_has(state);
    };
    found(&[], "first text [] False");
    found(&["--allow-env", "GRANTED", "--allow-read", "given"], "first text ['GRANTED'] True");
    // In a hook the random numbers are others each time.
    scenario.run(&["start", component]).code(0).says("it is another one: True");
}

#[test]
fn no_file_of_a_definition_in_python_takes_the_place_of_drillmasters_own() {
    let stranger = "raise Exception('this is not to be imported')\n";
    let names =
        ["drillmaster/__init__", "wit_world/__init__", "componentize_py_types", "componentize_py_runtime", "json"];
    let imports = "import componentize_py_types\nimport json\nimport wit_world\n\nfound = json.dumps('fine')";
    let scenario =
        names.iter().fold(shop(imports), |scenario, name| scenario.with_file(&format!("shop/{name}.py"), stranger));
    // The name of the module that componentize-py begins with is nobody's.
    let scenario = scenario.with_file("shop/entry.py", "raise SystemExit('the entry is imported')\n");
    build(&scenario).code(0);
    scenario.write("shop/app.py", definition("import entry"));
    build(&scenario).code(2).says("the entry is imported");
}

/// Makes a wheel of a package with these files, in pure Python, in a directory.
fn wheel(directory: &Path, name: &str, files: &[(&str, &str)]) {
    fs::create_dir_all(directory).unwrap();
    let info = format!("{name}-1.0.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
    let wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let mut all: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let record: String = files.iter().flat_map(|(path, _)| [*path, ",,\n"]).collect();
    all.extend([
        (format!("{info}/METADATA"), metadata),
        (format!("{info}/WHEEL"), wheel.to_owned()),
        (format!("{info}/RECORD"), record),
    ]);
    let code = "import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as wheel:\n    \
                [wheel.writestr(path, text) for path, text in json.loads(sys.argv[2])]";
    let path = directory.join(format!("{name}-1.0-py3-none-any.whl"));
    let status =
        Command::new("python3").args(["-c", code]).arg(path).arg(serde_json::to_string(&all).unwrap()).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_package_that_a_definition_in_python_requires_runs_nowhere_but_in_the_sandbox() {
    let code = "import helpful\n\nfound = helpful.FOUND";
    let scenario = shop(code).with_file("shop/requirements.txt", "# What it needs:\nhelpful == 1.0\n");
    let marker = scenario.project().join("ran").display().to_string();
    let hostile = format!("open({marker:?}, 'w')\n");
    let place = "import os\n\nfor place in ['/packages', '/definition']:\n    try:\n        \
                 open(f'{place}/evil', 'w')\n    except PermissionError:\n        continue\n    raise Exception(place)\n\
                 FOUND = 'of the package'\n";
    let pth = format!("import os; {hostile}");
    let wheels = scenario.home().join("wheels");
    let files = [
        ("helpful.py", place),
        ("evil.pth", &pth),
        ("sitecustomize.py", &hostile),
        ("drillmaster/__init__.py", &hostile),
        ("wit_world/__init__.py", &hostile),
        ("json/__init__.py", &hostile),
        ("helpful-1.0.data/scripts/python3", &hostile),
    ];
    wheel(&wheels, "helpful", &files);
    let before = all_in(&site_packages());
    let wheels = wheels.display().to_string();
    let environment = [("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", wheels.as_str())];
    scenario.raw_invocation(&["build", "shop"]).envs(&environment).spawn().wait().code(0);
    assert_eq!(all_in(&site_packages()), before);
    assert!(!Path::new(&marker).exists(), "a package ran outside the sandbox");
    scenario.run(&["plan", "--offline", "--json", moved(&scenario)]).code(0).stdout_has("of the package");
}

#[test]
fn what_is_no_package_of_an_index_is_refused_with_its_line_before_anything_is_installed() {
    for (name, text, told) in [
        ("requirements.txt", "six\n-r /etc/passwd\n", "requirements.txt: line 2: `-r /etc/passwd` is an option of pip"),
        (
            "requirements.txt",
            "--index-url http://127.0.0.1:9/\n",
            "line 1: `--index-url http://127.0.0.1:9/` is an option",
        ),
        ("requirements.txt", "-e .\n", "line 1: `-e .` is an option of pip"),
        ("requirements.txt", "./setup\n", "line 1: `./setup` is a file"),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"six @ file:///etc\"]\n",
            "`six @ file:///etc` is a package at an address",
        ),
    ] {
        let scenario = shop("").with_file(&format!("shop/{name}"), text);
        let nothing = scenario.home().join("nothing").display().to_string();
        let run = scenario.raw_invocation(&["build", "shop"]).envs(&[("PATH", &nothing)]).spawn().wait();
        run.code(2).says(told).says("NAME==VERSION");
    }
}

#[test]
fn a_definition_in_python_is_a_file_in_its_own_directory() {
    let scenario = shop("").with_file("other/app.py", definition(""));
    let app = scenario.project().join("shop/app.py");
    let told = |reason: &str| {
        for command in ["build", "inspect", "check"] {
            scenario.raw(&[command, "shop"]).code(2).says("shop/app.py").says(reason);
        }
        fs::remove_file(&app).or_else(|_| fs::remove_dir(&app)).unwrap();
    };
    fs::remove_file(&app).unwrap();
    symlink("../other/app.py", &app).unwrap();
    told("is a symlink out of its directory");
    fs::create_dir(&app).unwrap();
    told("is not a file");
    assert!(Command::new("mkfifo").arg(&app).status().unwrap().success());
    told("is not a file");
}
