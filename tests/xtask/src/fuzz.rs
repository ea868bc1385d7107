//! Fuzzing: libFuzzer on our own code, for a bounded time a target.
//!
//! The compiler counts which parts of a program an input reaches if it is told to, also a stable one. It is told so for
//! our own packages alone: whatever they stand on is compiled once, for this and for everything else.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::build;
use crate::child;
use crate::definitions::{self, Which};
use crate::failure::Failure;
use crate::narration;
use crate::steps::Steps;
use crate::wasm::Toolchain;
use crate::workspace;

/// Says that this program is to be the compiler: see [`compile`].
const COMPILE: &str = "XTASK_COMPILE";

/// What counts. cargo does not see when it changes: then `cargo clean --package drillmaster`, once.
const INSTRUMENTED: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Ten times as many inputs a second, for a minute more of compiling.
    "-Copt-level=1",
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
];

/// How long each target is fuzzed unless it is said.
const SECONDS: u32 = 20;

/// How many seconds one input may take. A definition that loads has a few calls.
const PATIENCE: u32 = 30;

/// How much memory a target may use, in MiB: four times what a definition may.
const MEMORY: u32 = 1024;

/// How many bytes an input may have.
const LENGTH: u32 = 1024;

/// How much of what a target wrote is shown when it found something.
const SHOWN_LINES: usize = 40;

/// The target that needs the tests' definitions.
const NEEDS_DEFINITIONS: &str = "component";

/// The compiler with what counts, when cargo asks this program for it: it then never returns. Otherwise none.
pub(crate) fn compile() -> Option<Failure> {
    env::var_os(COMPILE)?;
    let mut words = env::args_os().skip(1);
    let mut compiler = Command::new(words.next()?);
    compiler.args(words).args(INSTRUMENTED);
    Some(Failure::system(format_args!("run {}", child::shown(&compiler)), &compiler.exec()))
}

/// Fuzzes the named targets, all when none is named, each for some seconds.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode, Failure> {
    let (targets, seconds) = read(words)?;
    let with_definitions = targets.iter().any(|target| target == NEEDS_DEFINITIONS);
    let mut steps = Steps::of(targets.len() + if with_definitions { 2 } else { 1 });
    let target_directory = workspace::target()?;
    if with_definitions {
        steps.next("Building the definitions that mistakes are made in");
        let toolchain = Toolchain::find()?;
        build::harness_alone()?;
        definitions::build(Which::All, &toolchain, &target_directory)?;
    }
    steps.next("Compiling drillmaster and the targets so that the fuzzer sees what it reaches");
    build()?;
    let mut found = Vec::new();
    for target in &targets {
        steps.next(&format!("Fuzzing {target} for {seconds} s"));
        if !fuzz(target, seconds, &target_directory)? {
            found.push(target.as_str());
        }
    }
    if found.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::step(format!("something was found by {}; see above", found.join(", "))))
}

/// The targets and the seconds of a command line.
fn read(words: &[&str]) -> Result<(Vec<String>, u32), Failure> {
    let known = targets().map_err(|error| Failure::system("list tests/fuzz/src/targets", &error))?;
    let (mut chosen, mut seconds) = (Vec::new(), SECONDS);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == "--seconds" {
            let number = words.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
            seconds = number.ok_or_else(|| Failure::usage("--seconds takes a number of seconds"))?;
        } else if known.iter().any(|target| target == word) {
            chosen.push((*word).to_owned());
        } else {
            return Err(Failure::usage(format!("there is no target `{word}`; the targets are: {}", known.join(", "))));
        }
    }
    Ok((if chosen.is_empty() { known } else { chosen }, seconds))
}

/// The targets by name: one source file each.
fn targets() -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace::root().join("tests/fuzz/src/targets"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").filter(|name| *name != "mod").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn build() -> Result<(), Failure> {
    let own = env::current_exe().map_err(|error| Failure::system("find this program", &error))?;
    let mut cargo = workspace::cargo();
    // Of the whole workspace, as every other build, so that the dependencies are the same.
    cargo.args(["build", "--workspace", "--bin", "fuzz", "--features", "drillmaster-fuzz/libfuzzer"]);
    cargo.env("RUSTC_WORKSPACE_WRAPPER", own).env(COMPILE, "1");
    child::succeed(&mut cargo, "compiling")
}

/// Runs a target; false if it found something.
fn fuzz(target: &str, seconds: u32, target_directory: &Path) -> Result<bool, Failure> {
    let directory = target_directory.join("fuzz").join(target);
    let failure = |error| Failure::system(format_args!("use {}", directory.display()), &error);
    let [corpus, found, scratch] = ["corpus", "found", "scratch"].map(|name| directory.join(name));
    // What an earlier run was killed over.
    let _ = fs::remove_dir_all(&scratch);
    [&corpus, &found, &scratch].into_iter().try_for_each(fs::create_dir_all).map_err(failure)?;
    let log = directory.join("log");
    let mut command = Command::new(build::binary(target_directory, "fuzz"));
    command.env("FUZZ_TARGET", target).env("TMPDIR", &scratch);
    command.env("FUZZ_DEFINITIONS", target_directory.join("definitions"));
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={PATIENCE}"),
        format!("-rss_limit_mb={MEMORY}"),
        format!("-max_len={LENGTH}"),
        // Most inputs are instructions for making up something larger: short ones alone would be tried for hours.
        "-len_control=0".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]);
    command.arg(prefixed("-artifact_prefix=", &found)).arg(&corpus);
    let status = child::run_into(&mut command, "fuzzing", File::create(&log).map_err(failure)?)?;
    let text = String::from_utf8_lossy(&fs::read(&log).map_err(failure)?).into_owned();
    if status.success() {
        narration::line(&format!("      {}", in_short(&text)));
        return Ok(true);
    }
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
        narration::line(line);
    }
    let program = Path::new(command.get_program()).display();
    narration::line(&format!(
        "      found something: {} has all it said; again with FUZZ_TARGET={target} {program} FILE",
        log.display()
    ));
    Ok(false)
}

/// An option of libFuzzer's that takes a directory: it wants a slash at its end.
fn prefixed(option: &str, directory: &Path) -> OsString {
    let mut word = OsString::from(option);
    word.push(PathBuf::from(directory).join(""));
    word
}

/// How many inputs were tried, and how much of the code they reach.
fn in_short(log: &str) -> String {
    let after = |mark: &str| log.rsplit_once(mark)?.1.split_whitespace().next();
    let tried = after("stat::number_of_executed_units:").unwrap_or("an unknown number of");
    let covered = after(" cov: ").unwrap_or("?");
    format!("{tried} inputs, {covered} places in the code reached, nothing found")
}
