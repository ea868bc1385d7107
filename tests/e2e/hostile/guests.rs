//! The hostile definitions: what each of them is.

use std::fs;

use drillmaster_tests::definitions;

use super::Guest;

/// The definition by hand, with something in each of these holes.
fn with(holes: &[(&str, &str)]) -> Vec<u8> {
    let whole = include_str!("definition.wat").to_owned();
    let filled = holes.iter().fold(whole, |text, (hole, content)| {
        let hole = format!(";; {hole}\n");
        assert!(text.contains(&hole), "there is no {hole}");
        text.replace(&hole, &format!("{content}\n"))
    });
    filled.into_bytes()
}

/// Something again and again, in a function whose first parameter is local 0.
fn forever(what: &str) -> String {
    format!("(loop $again {what} (br $again)) (unreachable)")
}

/// Something so many times; local 1 counts.
fn times(count: u32, what: &str) -> String {
    let next = "(local.tee 1 (i32.add (local.get 1) (i32.const 1)))";
    format!("(local $count i32) (loop $again {what} (br_if $again (i32.lt_u {next} (i32.const {count}))))")
}

/// Ends with what the host has answered at 4096, should it be an error.
const END_WITH_THE_HOSTS_ERROR: &str = "(if (i32.load8_u (i32.const 4096)) (then (return (i32.const 4096))))";

impl Guest {
    /// The file that it comes in.
    #[allow(clippy::too_many_lines, reason = "it is a list")]
    pub(super) fn file(self) -> Vec<u8> {
        let fields = |code: &str| with(&[("fields", code)]);
        let ping = |code: &str| with(&[("ping", code)]);
        let init = |code: &str| with(&[("post-start-init", code)]);
        let component = |code: &str| with(&[("component", code)]);
        match self {
            Guest::CoreModule => b"\0asm\x01\0\0\0".to_vec(),
            Guest::Truncated => {
                let whole = fs::read(definitions::path("single")).unwrap();
                whole[..whole.len() / 2].to_vec()
            }
            Guest::Precompiled => b"\x7fELF\x02\x01\x01\xc8".to_vec(),
            // Made larger where it lies.
            Guest::Larger => b"\0asm".to_vec(),
            Guest::OtherVersion => {
                String::from_utf8(with(&[])).unwrap().replace("lifecycle@0.1.0", "lifecycle@0.9.0").into_bytes()
            }
            Guest::SharedMemory => component("(core module (memory 1 1 shared))"),
            Guest::LargeMemories64 => component("(core module (memory i64 1))"),
            Guest::SparseImages => {
                let sparse = "(core module (memory 512) (data (i32.const 0) \"a\") (data (i32.const 16000000) \"b\"))";
                component(&sparse.repeat(500))
            }
            Guest::NestedComponents => {
                let core = "(core module $m) (core instance (instantiate $m))".to_owned();
                let doubled = (0..30).fold(core, |inner, _| {
                    let twice = "(instance (instantiate $inner)) (instance (instantiate $inner))";
                    format!("(component $inner {inner}) {twice}")
                });
                component(&doubled)
            }
            Guest::SlowToCompile => component(&slow_function().repeat(50)),

            Guest::LoopInFields => fields(&forever("")),
            Guest::LoopInStart => {
                let start = format!("(func $start {}) (start $start)", forever(""));
                with(&[("module", &start)])
            }
            Guest::LoopInRealloc => with(&[("realloc", &forever(""))]),
            Guest::LoopInPing => ping(&forever("")),
            Guest::LoopInInit => init(&forever("")),
            Guest::EndlessRecursion => {
                let deep = "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))";
                with(&[("module", deep), ("fields", "(drop (call $deep (i32.const 0)))")])
            }
            Guest::SleepForever => ping("(call $block (call $subscribe-duration (i64.const -1)))"),
            Guest::ExecOutlivingItsCall => {
                let exec = "(call $exec (local.get 0) (i32.const 1136) (i32.const 3) (i32.const 0) (i32.const 4096))";
                init(&forever(exec))
            }

            Guest::MemoryBomb => fields(
                "(loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0))))
                (memory.fill (i32.const 3145728) (i32.const 1)
                    (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 3145728)))
                (unreachable)",
            ),
            Guest::LargeMemories => {
                let memory = "(core module $large (memory 1024)) ";
                component(&(memory.to_owned() + &"(core instance (instantiate $large)) ".repeat(10)))
            }
            Guest::ManyMemories => {
                let memory = "(core module $small (memory 1)) ";
                component(&(memory.to_owned() + &"(core instance (instantiate $small)) ".repeat(60)))
            }
            Guest::ManyInstances => {
                component(&("(core module $empty) ".to_owned() + &"(core instance (instantiate $empty)) ".repeat(300)))
            }
            Guest::LargeInstances => {
                let globals = "(global i64 (i64.const 1))".repeat(50_000);
                component(&format!("(core module $m {globals}) {}", "(core instance (instantiate $m)) ".repeat(150)))
            }
            Guest::TableBomb => with(&[
                ("module", "(table $table 0 funcref)"),
                (
                    "fields",
                    "(loop $again (br_if $again
                        (i32.ge_s (table.grow $table (ref.null func) (i32.const 1000)) (i32.const 0)))) (unreachable)",
                ),
            ]),
            Guest::LargeTable => with(&[("module", "(table 9000000 funcref)")]),
            Guest::ManyServices => fields(&forever("(drop (call $declare (local.get 0)))")),
            Guest::ManyHandles => fields(&forever("(drop (call $new-thing (i32.const 0)))")),
            Guest::ManyContainers => with(&[
                (
                    "fields",
                    "(call $add-dependency (call $declare (local.get 0)) (i32.const 1080) (i32.const 3))
                    (return (i32.const 3072))",
                ),
                (
                    "post-start-init",
                    &forever("(call $dependency (local.get 0) (i32.const 1080) (i32.const 3) (i32.const 4096))"),
                ),
            ]),
            Guest::ManyPollables => fields(&forever("(drop (call $subscribe-duration (i64.const -1)))")),
            Guest::ManyStreams => fields(&forever("(drop (call $get-stdout))")),
            Guest::ManySockets => init(&forever("(call $create-socket (i32.const 0) (i32.const 4096))")),
            Guest::RandomBomb => fields("(call $get-random-bytes (i64.const 10000000000) (i32.const 4096))"),

            Guest::EnvironmentBomb => fields(&format!(
                "(local $service i32) (local.set $service (call $declare (local.get 0))) {}",
                forever(
                    "(call $set-env (local.get $service) (i32.const 1024) (i32.const 7)
                        (call $long (i32.const 1)) (i32.const 1048576))"
                )
            )),
            Guest::NameBomb => {
                fields(&forever("(call $set-name (local.get 0) (call $long (i32.const 1)) (i32.const 1048576))"))
            }
            Guest::LongNames => fields(
                "(call $set-name (local.get 0) (call $long (i32.const 1)) (i32.const 1048576))
                (drop (call $declare (local.get 0)))
                (drop (call $add-service (local.get 0)
                    (i32.const 3145728) (i32.const 100000) (i32.const 3145728) (i32.const 100000)))
                (return (i32.const 3072))",
            ),
            Guest::LongParameterName => fields(
                "(call $parameter (local.get 0) (call $long (i32.const 15)) (i32.const 15728640) (i32.const 4096))",
            ),
            Guest::EscapesInNames => with(&[
                ("module", r#"(data (i32.const 1200) "\1b[2J\1b]0;gone\07\c2\9b31m\0d\e2\80\aename")"#),
                (
                    "fields",
                    "(call $set-name (local.get 0) (i32.const 1200) (i32.const 26))
                    (drop (call $add-service (local.get 0)
                        (i32.const 1200) (i32.const 26) (i32.const 1200) (i32.const 26)))
                    (return (i32.const 3072))",
                ),
            ]),
            Guest::EscapesInErrors => with(&[
                ("module", r#"(data (i32.const 1200) "\1b[2J\1b]0;gone\07\c2\9b31m\0d\e2\80\aename")"#),
                (
                    "ping",
                    "(call $info (i32.const 1200) (i32.const 26)) (return (call $error (i32.const 1200) (i32.const 26)))",
                ),
            ]),
            Guest::LongError => ping("(return (call $error (call $long (i32.const 10)) (i32.const 10485760)))"),
            Guest::HugeError => ping("(return (call $error (call $long (i32.const 20)) (i32.const 20971520)))"),

            Guest::HugeLine => fields("(call $info (call $long (i32.const 200)) (i32.const 209715200))"),
            Guest::LongLine => init("(call $info (call $long (i32.const 2)) (i32.const 2097152))"),
            Guest::ManyLines => init(&times(1_000_000, "(call $info (i32.const 1024) (i32.const 7))")),
            Guest::LongLineOnStdout => init(&format!(
                "(local $count i32) (local $stream i32) (local.set $stream (call $get-stdout))
                (drop (call $long (i32.const 1))) {}",
                times(
                    51_200,
                    "(call $write (local.get $stream) (call $long (i32.const 0)) (i32.const 4096) (i32.const 4096))"
                )
                .replace("(local $count i32)", "")
            )),
            Guest::ManyLinesOnStdout => with(&[
                ("module", r#"(data (i32.const 1200) "x\0a")"#),
                (
                    "post-start-init",
                    &format!(
                        "(local $count i32) (local $stream i32) (local.set $stream (call $get-stdout)) {}",
                        times(
                            50_000,
                            "(call $write (local.get $stream) (i32.const 1200) (i32.const 2) (i32.const 4096))"
                        )
                        .replace("(local $count i32)", "")
                    ),
                ),
            ]),

            Guest::HugeArgument => init(&exec_of_mebibytes(100)),
            Guest::LongArgument => init(&exec_of_mebibytes(8)),
            Guest::LongContextKey => init(&format!(
                "(call $set (call $long (i32.const 1)) (i32.const 1048576)
                    (i32.const 1024) (i32.const 7) (i32.const 4096)) {END_WITH_THE_HOSTS_ERROR}"
            )),
            Guest::LongContextValue => init(&format!(
                "(call $set (i32.const 1024) (i32.const 7)
                    (call $long (i32.const 1)) (i32.const 1048576) (i32.const 4096)) {END_WITH_THE_HOSTS_ERROR}"
            )),
            // Under the keys `x`, `xx`, `xxx` …
            Guest::ManyContextValues => init(&times(
                250,
                &format!(
                    "(call $set (call $long (i32.const 1)) (i32.add (local.get 1) (i32.const 1))
                        (i32.const 3145728) (i32.const 65536) (i32.const 4096)) {END_WITH_THE_HOSTS_ERROR}"
                ),
            )),
            Guest::LongContextName => {
                init("(call $get (call $long (i32.const 15)) (i32.const 15728640) (i32.const 4096))")
            }

            Guest::TrapBeforeTheNextHook => with(&[("pre-stop", "(unreachable)")]),
            Guest::HandleKept => with(&[
                ("module", "(global $kept (mut i32) (i32.const 0))"),
                ("fields", "(global.set $kept (local.get 0))"),
                // It is not there any more; and where it was is something else now.
                (
                    "ping",
                    "(if (global.get $kept) (then (return (i32.const 2048))))
                    (drop (call $declare (i32.const 1)))",
                ),
            ]),
        }
    }
}

/// A definition whose service, of this name, takes 190 MiB before it is created, and keeps them for a moment.
pub(super) fn greedy(service: &str) -> Vec<u8> {
    assert_eq!(service.len(), "hostile".len());
    let grow = "(drop (memory.grow (i32.const 2976)))
        (memory.fill (i32.const 3145728) (i32.const 1) (i32.const 196083712))
        (call $block (call $subscribe-duration (i64.const 300000000)))";
    String::from_utf8(with(&[("pre-start", grow)]))
        .unwrap()
        .replace("\"hostile\"", &format!("\"{service}\""))
        .into_bytes()
}

/// A command with an argument of so many MiB.
fn exec_of_mebibytes(mebibytes: u32) -> String {
    format!(
        "(i32.store (i32.const 1200) (call $long (i32.const {mebibytes})))
        (i32.store (i32.const 1204) (i32.const {}))
        (call $exec (local.get 0) (i32.const 1200) (i32.const 1) (i32.const 0) (i32.const 4096))
        {END_WITH_THE_HOSTS_ERROR}",
        mebibytes << 20
    )
}

/// A function that takes the compiler seconds: each of its many loops changes one of many variables, all of which are
/// needed afterwards.
fn slow_function() -> String {
    const MANY: usize = 1000;
    let variables = "i32 ".repeat(MANY);
    let change = |index: usize| {
        let (one, other) = (index * 7 % MANY, index * 3 % MANY);
        format!("(loop (local.set {index} (i32.add (local.get {one}) (local.get 0))) (br_if 0 (local.get {other})))")
    };
    let loops = (0..MANY).map(change).collect::<Vec<_>>().concat();
    let add = |index: usize| format!("(local.set 0 (i32.xor (local.get 0) (local.get {index})))");
    let sum = (0..MANY).map(add).collect::<Vec<_>>().concat();
    format!("(core module (func (param i32) (result i32) (local {variables}) {loops} {sum} (local.get 0)))")
}
