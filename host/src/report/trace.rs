//! Each request to the engine and each call of a hook with its time, for those who ask: `--verbose`.

use std::fmt;
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::group::mask_text;

/// The targets of the spans that are shown.
const KINDS: [&str; 2] = ["docker", "hook"];

/// A request to the engine or a call of a hook that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// `docker` or `hook`.
    pub kind: &'static str,
    /// What was asked, and of what.
    pub what: String,
    /// How long it took. A request that has to wait for others waits within it.
    pub took: Duration,
    /// What came of it, where that is not simply success.
    pub outcome: Option<String>,
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:6}  {}  {} ms", self.kind, self.what, self.took.as_millis())?;
        match &self.outcome {
            Some(outcome) => write!(f, " → {outcome}"),
            None => Ok(()),
        }
    }
}

/// Makes a [`Trace`] of each span of ours when it closes. Spans and events of libraries cost nothing.
pub struct Tracing<S, C = fn() -> Instant> {
    sink: S,
    clock: C,
}

impl<S: Fn(&Trace)> Tracing<S> {
    /// Traces go to `sink`.
    pub fn new(sink: S) -> Self {
        Self { sink, clock: Instant::now }
    }
}

/// What is remembered of a span while it is open.
struct Open {
    began: Instant,
    what: What,
    outcome: Outcome,
}

impl<R, S, C> Layer<R> for Tracing<S, C>
where
    R: Subscriber + for<'a> LookupSpan<'a>,
    S: Fn(&Trace) + 'static,
    C: Fn() -> Instant + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, R>) -> bool {
        KINDS.contains(&metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, R>) {
        let Some(span) = context.span(id) else { return };
        // A hook's name is no constant and so among the fields; its span has no other.
        let mut what =
            What(if span.name() == span.metadata().target() { Vec::new() } else { vec![span.name().to_owned()] });
        attributes.record(&mut what);
        span.extensions_mut().insert(Open { began: (self.clock)(), what, outcome: Outcome(None) });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, R>) {
        let Some(span) = context.event_span(event) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            event.record(&mut open.outcome);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, R>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Open { began, what, outcome }) = span.extensions_mut().remove::<Open>() else { return };
        let took = (self.clock)().saturating_duration_since(began);
        let what = mask_text(&what.0.join(" ")).into_owned();
        let outcome = outcome.0.map(|outcome| mask_text(&outcome).into_owned());
        (self.sink)(&Trace { kind: span.metadata().target(), what, took, outcome });
    }
}

/// The name of a span and the values of its fields.
struct What(Vec<String>);

impl Visit for What {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.push(value.to_owned());
    }

    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        self.0.push(format!("{value:?}"));
    }
}

/// What `instrument` tells of a function's result.
struct Outcome(Option<String>);

impl Visit for Outcome {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "error" => self.0 = Some(text),
            // `ping` alone has an answer; every other hook that succeeds returns nothing or true.
            "return" if text == "false" => self.0 = Some(text),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[tracing::instrument(
        target = "hook",
        name = "hook",
        level = "debug",
        skip_all,
        fields(hook = "ping", service = service),
        ret(level = "debug"),
        err(level = "debug")
    )]
    async fn ping(service: &str, answer: Result<bool, String>) -> Result<bool, String> {
        answer
    }

    #[tracing::instrument(target = "docker", name = "create", level = "debug", skip_all, fields(name = %name, id = "0123"))]
    fn create(name: &str) {
        tracing::debug!(target: "elsewhere", error = "not ours");
        futures_util::FutureExt::now_or_never(ping("db", Ok(false)));
    }

    fn traced(work: impl FnOnce()) -> Vec<String> {
        let began = Instant::now();
        let ticks = Mutex::new(0);
        // Each look at the clock is five milliseconds after the one before.
        let clock = move || {
            let mut ticks = ticks.lock().unwrap();
            *ticks += 1;
            began + Duration::from_millis(5) * *ticks
        };
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let told = Arc::clone(&told);
            move |trace: &Trace| told.lock().unwrap().push(trace.to_string())
        };
        let subscriber = tracing_subscriber::registry().with(Tracing { sink, clock });
        tracing::subscriber::with_default(subscriber, work);
        let told = told.lock().unwrap();
        told.clone()
    }

    #[test]
    fn each_span_of_ours_is_told_when_it_closes_with_its_time_and_outcome() {
        let told = traced(|| {
            create("g-db");
            futures_util::FutureExt::now_or_never(ping("web", Ok(true)));
            futures_util::FutureExt::now_or_never(ping("web", Err("no disk".into())));
            futures_util::FutureExt::now_or_never(ping("web", Err("no answer from redis://:hunter2@db".into())));
            tracing::info_span!(target: "hyper", "not ours").in_scope(|| {});
        });
        assert_eq!(
            told,
            [
                "hook    ping db  5 ms → false",
                "docker  create g-db 0123  15 ms",
                "hook    ping web  5 ms",
                "hook    ping web  5 ms → no disk",
                "hook    ping web  5 ms → no answer from redis://:***@db",
            ]
        );
    }
}
