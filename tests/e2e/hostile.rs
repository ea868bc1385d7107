//! Definitions that mean harm, one for each way of doing it, in a group with one that does not.
//!
//! Each is told in a sentence and in time, takes a bounded amount of memory, and harms no other service.

mod guests;

use std::fs::File;
use std::time::Duration;

use drillmaster_tests::process;
use drillmaster_tests::scenario::{Run, Scenario};
use rustix::process::Signal;

use crate::support::{assert_plain, see};

const MIB: u64 = 1024 * 1024;

/// What a command may take beside what the guest takes: time for Docker on a busy machine, and memory for the rest.
const SLACK: Duration = Duration::from_secs(20);
const REST: u64 = 100;

/// The hostile definitions, each with its test: there is none without.
macro_rules! guests {
    ($($guest:ident: $test:ident,)*) => {
        #[derive(Debug, Clone, Copy)]
        enum Guest {
            $($guest,)*
        }

        $(
            #[test]
            fn $test() {
                play(Guest::$guest);
            }
        )*
    };
}

guests! {
    CoreModule: a_core_module_is_refused,
    Truncated: a_truncated_component_is_refused,
    Precompiled: compiled_code_is_refused,
    Larger: a_file_of_200_megabytes_is_refused,
    OtherVersion: a_component_for_another_version_is_refused,
    SharedMemory: shared_memory_is_refused,
    LargeMemories64: memory_of_64_bits_is_refused,
    SparseImages: sparse_memory_images_end_when_compiling_takes_too_much_memory,
    NestedComponents: components_that_double_each_other_are_refused,
    SlowToCompile: a_component_that_compiles_for_long_can_be_interrupted,

    LoopInFields: a_loop_in_fields_ends,
    LoopInStart: a_loop_while_it_is_instantiated_ends,
    LoopInRealloc: a_loop_while_a_text_is_passed_ends,
    LoopInPing: a_loop_in_ping_ends,
    LoopInInit: a_loop_in_post_start_init_ends,
    EndlessRecursion: an_endless_recursion_ends,
    SleepForever: a_sleep_without_end_ends,
    ExecOutlivingItsCall: a_command_that_outlives_its_hook_is_given_up,

    MemoryBomb: one_memory_grows_to_the_limit,
    LargeMemories: many_large_memories_are_counted_together,
    ManyMemories: there_are_only_so_many_memories,
    ManyInstances: there_are_only_so_many_instances,
    LargeInstances: instances_take_only_so_much_beside_their_memories,
    TableBomb: a_table_grows_to_the_limit,
    LargeTable: a_table_that_is_too_large_from_the_beginning_is_refused,
    ManyServices: there_are_only_so_many_services,
    ManyHandles: there_are_only_so_many_handles_of_its_own_resources,
    ManyContainers: there_are_only_so_many_handles_of_containers,
    ManyPollables: there_are_only_so_many_handles_of_pollables,
    ManyStreams: there_are_only_so_many_handles_of_streams,
    ManySockets: there_are_only_so_many_sockets,
    RandomBomb: there_are_only_so_many_random_bytes,

    EnvironmentBomb: what_is_declared_is_bounded,
    NameBomb: what_is_declared_again_and_again_is_bounded,
    LongNames: names_that_are_too_long_are_cut_where_they_are_shown,
    LongParameterName: a_parameter_of_15_megabytes_is_not_there,
    EscapesInNames: escape_sequences_in_names_are_made_visible,
    EscapesInErrors: escape_sequences_in_logs_and_errors_are_made_visible,
    LongError: an_error_of_10_megabytes_is_cut,
    HugeError: an_error_of_20_megabytes_is_refused,

    HugeLine: a_log_line_of_200_megabytes_is_refused,
    LongLine: a_log_line_of_2_megabytes_is_dropped,
    ManyLines: of_a_million_log_lines_most_are_dropped,
    LongLineOnStdout: of_200_megabytes_on_stdout_most_are_dropped,
    ManyLinesOnStdout: of_many_lines_on_stdout_most_are_dropped,

    HugeArgument: an_argument_of_100_megabytes_is_refused,
    LongArgument: an_argument_of_8_megabytes_is_an_error,
    LongContextKey: a_context_key_of_a_megabyte_is_an_error,
    LongContextValue: a_context_value_of_a_megabyte_is_an_error,
    ManyContextValues: all_context_values_together_are_bounded,
    LongContextName: a_context_value_of_a_name_of_15_megabytes_is_not_there,

    TrapBeforeTheNextHook: a_hook_that_traps_leaves_the_next_one_as_it_is,
    HandleKept: a_handle_that_was_kept_means_nothing_in_the_next_call,
}

/// What comes of starting a guest.
enum Outcome {
    /// The command is refused before anything is changed.
    Refused,
    /// The guest's service fails, and the other one is started.
    Fails,
    /// Both services are started.
    Works,
    /// The person loses patience.
    Interrupted,
}

struct Expected {
    outcome: Outcome,
    /// What the person is told.
    says: &'static [&'static str],
    /// How long the guest itself can take, in seconds.
    seconds: u64,
    /// The memory that the guest itself can take, in MiB.
    memory: u64,
    /// The time-out of the hooks, in seconds.
    timeout: u64,
}

impl Expected {
    fn new(outcome: Outcome, says: &'static [&'static str]) -> Self {
        Self { outcome, says, seconds: 1, memory: 0, timeout: 2 }
    }

    fn refused(says: &'static [&'static str]) -> Self {
        Self::new(Outcome::Refused, says)
    }

    fn fails(says: &'static [&'static str]) -> Self {
        Self::new(Outcome::Fails, says)
    }

    fn works(says: &'static [&'static str]) -> Self {
        Self::new(Outcome::Works, says)
    }

    fn seconds(self, seconds: u64) -> Self {
        Self { seconds, ..self }
    }

    /// For hooks that take their time and end by themselves.
    fn patient(self) -> Self {
        Self { seconds: 30, timeout: 30, ..self }
    }

    fn memory(self, memory: u64) -> Self {
        Self { memory, ..self }
    }
}

const HANDLES: &str = "it holds more than 10000 handles at a time";
const AT_ONCE: &str = "it passed more than 16 MiB to drillmaster at once";
const DROPPED: &str = "it has logged more than 1 MiB or 10000 lines a call; the rest is dropped";
const IN_TIME: &str = "post-start-init failed: it did not return within 2 s; --timeout gives more";
const MEMORY: &str = "fields failed: it wanted more than the 256 MiB of memory a call may use; --memory gives more";
const COMPILING: &str = "hostile.wat: compiling it took more than 1024 MiB of memory";
const TABLE: &str = "fields failed: it wanted more than the 1000000 table elements that a call may use";
const DECLARED: &str = "fields failed: it declares more than the 4 MiB that all fields may take";
const COUNTS: &str = "fields failed: it is made of more than 200 tables or 50 memories";
const VISIBLE: &str = r"\u{1b}[2J\u{1b}]0;gone\u{7}\u{9b}31m\r\u{202e}name";

impl Guest {
    fn expected(self) -> Expected {
        match self {
            Guest::CoreModule => Expected::refused(&["hostile.wat: it is a core Wasm module and not a component"]),
            Guest::Truncated | Guest::Precompiled => Expected::refused(&["hostile.wat: it is not a"]),
            Guest::Larger => Expected::refused(&["hostile.wat: it is larger than 64 MiB"]).memory(130),
            Guest::OtherVersion => {
                Expected::refused(&["hostile.wat: it was made for version 0.9.0 of drillmaster's interface"])
            }
            Guest::SharedMemory => {
                Expected::refused(&["hostile.wat: it is not a Wasm component that can be compiled", "threads"])
            }
            Guest::LargeMemories64 => {
                Expected::refused(&["hostile.wat: it is not a Wasm component that can be compiled", "memory64"])
            }
            Guest::SparseImages => Expected::refused(&[COMPILING]).seconds(40).memory(1024 + 300),
            Guest::NestedComponents | Guest::ManyInstances => {
                Expected::refused(&["hostile.wat: it is made of more than 200 core instances"])
            }
            Guest::LargeInstances => {
                let says = &["hostile.wat: it is made of core instances that take more than 64 MiB"];
                Expected::refused(says).memory(50)
            }
            Guest::SlowToCompile => Expected::new(Outcome::Interrupted, &["interrupted"]).seconds(20).memory(1024),

            Guest::LoopInFields | Guest::LoopInStart => {
                Expected::refused(&["hostile.wat: fields failed: it did not return within 10 s"]).seconds(10)
            }
            Guest::LoopInRealloc => {
                Expected::fails(&["pre-start failed: it did not return within 2 s; --timeout gives more"]).seconds(2)
            }
            Guest::LoopInPing | Guest::SleepForever => {
                Expected::fails(&["it was not ready within 2 s: ping did not return; --timeout gives more"]).seconds(2)
            }
            Guest::LoopInInit | Guest::ExecOutlivingItsCall => Expected::fails(&[IN_TIME]).seconds(2),
            Guest::EndlessRecursion => {
                Expected::refused(&["fields failed: its calls are nested too deeply: the stack is exhausted"])
            }

            Guest::MemoryBomb => Expected::refused(&[MEMORY]).memory(256),
            Guest::LargeMemories => Expected::refused(&[MEMORY]),
            Guest::ManyMemories => Expected::refused(&[COUNTS]),
            Guest::TableBomb | Guest::LargeTable => Expected::refused(&[TABLE]),
            Guest::ManyServices => Expected::refused(&["fields failed: it declares more than 1000 services"]),
            Guest::ManyHandles | Guest::ManyPollables | Guest::ManyStreams => {
                Expected::refused(&["fields failed", HANDLES])
            }
            Guest::ManyContainers | Guest::ManySockets => Expected::fails(&["post-start-init failed", HANDLES]),
            Guest::RandomBomb => {
                Expected::refused(&["fields failed: it wanted more than 64 KiB of random bytes at once"])
            }

            Guest::EnvironmentBomb | Guest::NameBomb => Expected::refused(&[DECLARED]).memory(20),
            Guest::LongNames => Expected::refused(&["is not a valid hostname", "x…"]).memory(20),
            Guest::LongParameterName | Guest::LongContextName => Expected::works(&[]).memory(50),
            Guest::EscapesInNames => Expected::refused(&["hostile.wat", VISIBLE]),
            Guest::EscapesInErrors => Expected::fails(&["ping failed", VISIBLE]),
            Guest::LongError => Expected::fails(&["ping failed: xxx", "x…"]).memory(50),
            Guest::HugeError => Expected::fails(&["ping failed", AT_ONCE]).memory(50),

            Guest::HugeLine => Expected::refused(&["fields failed", AT_ONCE]).memory(210),
            Guest::LongLine => Expected::works(&[DROPPED]),
            Guest::ManyLines | Guest::LongLineOnStdout | Guest::ManyLinesOnStdout => {
                Expected::works(&[DROPPED]).patient()
            }

            Guest::HugeArgument => Expected::fails(&["post-start-init failed", AT_ONCE]).memory(110),
            Guest::LongArgument => {
                Expected::fails(&["post-start-init failed: exec: the arguments have 8388609 bytes"]).memory(50)
            }
            Guest::LongContextKey => {
                Expected::fails(&["post-start-init failed: a context key has 1048576 bytes; 256 are allowed"])
            }
            Guest::LongContextValue => Expected::fails(&["the value of hostile has 1048576 bytes; 65536 are allowed"]),
            Guest::ManyContextValues => {
                Expected::fails(&["all context values of the group would have more than the 4 MiB that are allowed"])
                    .patient()
                    .memory(50)
            }

            Guest::TrapBeforeTheNextHook => Expected::works(&[]),
            Guest::HandleKept => Expected::fails(&["ping failed: the definition crashed"]),
        }
    }
}

/// Starts a guest together with a definition whose service is `app`.
fn play(guest: Guest) {
    let scenario =
        Scenario::empty().with_file("good.wat", include_str!("by_hand.wat")).with_file("hostile.wat", guest.file());
    if matches!(guest, Guest::Larger) {
        let file = File::options().write(true).open(scenario.project().join("hostile.wat")).unwrap();
        file.set_len(200_000_000).unwrap();
    }
    let expected = guest.expected();
    match expected.outcome {
        Outcome::Refused | Outcome::Interrupted => {
            scenario.run(&["start", "good.wat"]).code(0);
            let app = see(&scenario, "app");
            let run = start(&scenario, &expected);
            if matches!(expected.outcome, Outcome::Refused) {
                let told = run.stderr.lines().filter(|line| !line.starts_with("grants: ")).count();
                // Of several mistakes each has a line of its own.
                assert!(told == 1 || run.stderr.contains(" mistakes:"), "{told} lines\n{}", run.stderr);
                run.code(2);
            } else {
                run.code(130);
            }
            assert_eq!(see(&scenario, "app"), app);
            assert_eq!(scenario.names(), ["app"]);
        }
        Outcome::Fails => {
            start(&scenario, &expected).code(1);
            assert_eq!(scenario.running(), ["app"]);
            let names = scenario.names();
            // Kept for a look, if there was a container by then.
            assert!(names == ["app", "hostile.starting"] || names == ["app"], "{names:?}");
        }
        Outcome::Works => {
            start(&scenario, &expected).code(0);
            assert_eq!(scenario.running(), ["app", "hostile"]);
        }
    }
    if matches!(guest, Guest::TrapBeforeTheNextHook) {
        let id = scenario.id("hostile");
        let run = scenario.run(&["reload", "good.wat", "hostile.wat", "hostile"]).code(0);
        run.says("pre-stop failed").says("unreachable").says("ready");
        assert_ne!(scenario.id("hostile"), id);
    }
    scenario.run(&["stop"]).code(0);
    assert_eq!(scenario.running(), [""; 0]);
}

#[test]
fn hooks_that_take_190_megabytes_each_take_a_gigabyte_together() {
    let services: Vec<String> = (10..22).map(|number| format!("host-{number}")).collect();
    let scenario = services.iter().fold(Scenario::empty(), |scenario, service| {
        scenario.with_file(&format!("{service}.wat"), guests::greedy(service))
    });
    let files: Vec<String> = services.iter().map(|service| format!("{service}.wat")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let expected = Expected::works(&[]).patient().memory(1024);
    run(&scenario, &[&["start"], &files[..], &["--no-cache"]].concat(), &expected).code(0);
    assert_eq!(scenario.running(), services);
}

/// Starts a guest, with what holds for every one.
#[track_caller]
fn start(scenario: &Scenario, expected: &Expected) -> Run {
    let timeout = expected.timeout.to_string();
    run(scenario, &["start", "good.wat", "hostile.wat", "--timeout", &timeout, "--no-cache"], expected)
}

/// The command, with what holds for every guest: what is told, and how much time, memory and output it took.
#[track_caller]
fn run(scenario: &Scenario, command: &[&str], expected: &Expected) -> Run {
    let mut start = scenario.spawn(command);
    let mut most = process::Memory::default();
    let mut interrupted = !matches!(expected.outcome, Outcome::Interrupted);
    start.until("its end", |start| {
        let memory = process::memory(start.pid(), "drillmaster");
        if let Some(memory) = memory.clone().filter(|memory| memory.peak > most.peak) {
            most = memory;
        }
        // It is being compiled by then.
        if !interrupted && most.peak > REST * MIB {
            start.signal(Signal::INT);
            interrupted = true;
        }
        memory.is_none()
    });
    let run = start.wait().within(SLACK + Duration::from_secs(expected.seconds));
    let process::Memory { peak, now } = most;
    assert!(peak <= (REST + expected.memory) * MIB, "it took {} MiB ({now})\n{}", peak / MIB, run.stderr);
    assert!(run.stderr.len() < 2 * 1024 * 1024, "it told {} bytes", run.stderr.len());
    assert_plain(&run);
    expected.says.iter().fold(run, |run, text| run.says(text))
}
