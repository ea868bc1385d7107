//! What a person sees of a bug in a definition: it is told as the language tells bugs, with its file and line, and never as
//! a trap without words.
//!
//! The tests of a language are in a module that is named after it, so that those of one whose tools cannot be had can be
//! left out, by name. Python's are in `python`.

use std::time::Duration;

use drillmaster_tests::scenario::{Run, Scenario};

fn started(language: &str) -> Run {
    let scenario = Scenario::new(&format!("{language}/crashing")).deadline(Duration::from_mins(5));
    let run = scenario.start(&[]).code(1);
    run.clone().stderr_lacks("unreachable")
}

/// Each service failed with these words.
#[track_caller]
fn failed(run: &Run, failures: &[(&str, &str)]) {
    for (service, words) in failures {
        let failed = |line: &&str| line.starts_with(&format!("{service} ")) && line.contains("failed: ");
        let line = run.stderr.lines().find(failed);
        let line = line.unwrap_or_else(|| panic!("{service} did not fail\n{}", run.stderr));
        assert!(line.ends_with(words), "{line}");
    }
}

mod c {
    #[test]
    fn a_bug_is_told_with_its_file_and_line() {
        let run = super::started("c");
        super::failed(
            &run,
            &[
                ("asserting", "app.c:10: assertion `dm_container_name(container)[0] == 'A'` failed in asserting_ping"),
                ("aborting", "app.c:19: abort was called"),
                ("following", "app.c:43: a NULL pointer is followed"),
                ("giving", "app.c:51: NULL is given to a function that does not take it"),
                ("indexing", "app.c:58: an index is out of the bounds of its array"),
                ("recursing", "its calls are nested too deeply: the stack is exhausted"),
            ],
        );
    }
}

mod go {
    use super::Duration;
    use super::Scenario;

    #[test]
    fn a_panic_is_told_with_its_file_and_line() {
        let run = super::started("go");
        super::failed(
            &run,
            &[
                ("panicking", "panic at main.go:23: runtime error: index out of range [1] with length 0"),
                ("failing", "panic at main.go:38: runtime error: invalid memory address or nil pointer dereference"),
                ("wrapping", "cannot fill the table: `wrapping` does not declare `stranger` as a dependency"),
                ("parallel", "panic: runtime error: index out of range [2] with length 0"),
                ("recursing", "fatal error: stack overflow"),
                ("exiting", "Exited with i32 exit status 1"),
            ],
        );
        run.stderr_has("example.com/crashing/main.go:23").stderr_has("the licence has run out");
    }

    #[test]
    fn a_hook_that_leaves_much_garbage_can_ask_the_host_as_often_as_it_likes() {
        let scenario = Scenario::new("go/asking").deadline(Duration::from_mins(5));
        scenario.start(&[]).code(0).stderr_has("6000060 bytes were read");
    }
}
