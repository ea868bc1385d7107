use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::component::budget::Budget;
use crate::component::{
    Allowed, Containers, Definition, ExecOutput, Hook, HookCall, LogEvent, LogSink, PublishedPort, Runtime,
};
use crate::context::Context;

use super::*;

const MIB: usize = 1024 * 1024;

/// The definition by hand of the end-to-end tests: one service, `hostile`.
const DEFINITION: &str = include_str!("../../../../tests/e2e/hostile/definition.wat");

/// No container is asked for.
struct Nothing;

#[async_trait]
impl Containers for Nothing {
    async fn is_running(&self, _: &str) -> Result<bool, String> {
        unreachable!()
    }

    async fn health(&self, _: &str) -> Result<String, String> {
        unreachable!()
    }

    async fn ports(&self, _: &str) -> Result<Vec<PublishedPort>, String> {
        unreachable!()
    }

    async fn exec(&self, _: &str, _: &[String], _: Duration) -> Result<ExecOutput, String> {
        unreachable!()
    }

    async fn log_tail(&self, _: &str, _: u32) -> Result<Vec<u8>, String> {
        unreachable!()
    }
}

/// A definition that does something in a hook, and what its calls have together.
struct Guest {
    definition: Definition,
    budget: Budget,
    logged: Arc<Mutex<Vec<String>>>,
    directory: tempfile::TempDir,
}

impl Guest {
    async fn new(hook: Hook, code: &str) -> Self {
        let hole = format!(";; {hook}\n");
        assert!(DEFINITION.contains(&hole));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("app.wat");
        std::fs::write(&file, DEFINITION.replace(&hole, &format!("{code}\n"))).unwrap();
        let allowed = Allowed::default();
        let budget = allowed.budget.clone();
        let definition = Runtime::new(None, allowed).unwrap().load(&file).await.unwrap();
        Self { definition, budget, logged: Arc::default(), directory }
    }

    async fn call(&self, hook: Hook, timeout: Duration) -> Result<bool, CallError> {
        let logged = Arc::clone(&self.logged);
        let log: LogSink = Arc::new(move |event| {
            if let LogEvent::Line(line) = event {
                logged.lock().unwrap().push(line.text);
            }
        });
        let call = HookCall {
            hook,
            service: "hostile".to_owned(),
            dependencies: BTreeSet::new(),
            containers: Arc::new(Nothing),
            context: Arc::new(Context::open(&self.directory.path().join("context.json")).unwrap()),
            instance: "instance".to_owned(),
            log,
            timeout,
        };
        self.definition.hook(call).await
    }
}

/// Code that grows by 10 MiB so often, with a pause after each.
fn growing(times: u32) -> String {
    format!(
        "(local $times i32)
        (loop $again
            (if (i32.lt_s (memory.grow (i32.const 160)) (i32.const 0)) (then (unreachable)))
            (call $block (call $subscribe-duration (i64.const 1000000)))
            (local.set $times (i32.add (local.get $times) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $times) (i32.const {times}))))"
    )
}

#[tokio::test]
async fn calls_that_want_more_memory_than_all_may_have_wait_for_each_other() {
    let guest = Guest::new(Hook::PreStart, &growing(19)).await;
    let calls = join_all((0..12).map(|_| guest.call(Hook::PreStart, Duration::from_mins(1)))).await;
    assert!(calls.iter().all(|call| *call == Ok(true)), "{calls:?}");
    let peak = guest.budget.peak() / MIB;
    assert!((500..=1024).contains(&peak), "{peak} MiB");
    assert_eq!(guest.budget.used(), 0);
}

#[tokio::test]
async fn a_call_alone_may_not_have_more_than_before() {
    let guest = Guest::new(Hook::PreStart, &growing(30)).await;
    let error = guest.call(Hook::PreStart, Duration::from_mins(1)).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Exceeded(text) if text.contains("the 256 MiB of memory a call may use")),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_call_waits_for_memory_is_not_its_own() {
    let budget = Budget::default();
    let (all, aside, share) = (budget.share(), budget.share(), budget.share());
    all.take(700 * MIB).await;
    aside.take(200 * MIB).await;
    let ends = async {
        tokio::time::sleep(Duration::from_mins(1)).await;
        drop(aside);
    };
    let call = within(Duration::from_secs(2), &share, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        share.take(100 * MIB).await;
    });
    assert!(tokio::join!(call, ends).0.is_ok());
    let call = within(Duration::from_secs(2), &share, tokio::time::sleep(Duration::from_secs(3)));
    assert!(call.await.is_err());
}

#[tokio::test]
async fn a_ping_that_logs_all_the_time_is_heard_for_so_long() {
    let loud = "(local $times i32)
        (loop $again
            (call $info (i32.const 1024) (i32.const 7))
            (local.set $times (i32.add (local.get $times) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $times) (i32.const 9000))))";
    let guest = Guest::new(Hook::Ping, loud).await;
    for _ in 0..10 {
        assert_eq!(guest.call(Hook::Ping, Duration::from_mins(1)).await, Ok(true));
    }
    let logged = guest.logged.lock().unwrap();
    assert_eq!(logged.len(), 40_000);
    assert_eq!(guest.definition.not_shown(), [(Some("hostile".to_owned()), 50_000)]);
}
