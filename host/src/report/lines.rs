//! A run as plain lines, each with the service it is about.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::ImageProgress;
use crate::run::Event;

use super::image_work::ImageWork;
use super::said::{Said, doing, in_force, said, width_of};
use super::style::{DIMMED, PLAIN};
use super::{Show, Trace, indented_lines};

/// Between two words of progress of one service.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// A service about which nothing was said for so long is mentioned again.
const SILENCE: Duration = Duration::from_secs(5);

/// Writes a line for each event that a person wants to know of. Styles are for the writer to keep or strip.
pub struct Lines<W> {
    verbose: bool,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    services: BTreeMap<String, Activity>,
    width: usize,
}

/// What a service is busy with.
struct Activity {
    doing: &'static str,
    since: Instant,
    last_line: Instant,
    last_progress: Option<Instant>,
    work: ImageWork,
}

impl<W: Write> Lines<W> {
    /// Lines written to `out`; those of level debug too, if `verbose`.
    pub fn new(out: W, verbose: bool) -> Self {
        Self { verbose, state: Mutex::new(State { out, services: BTreeMap::new(), width: 0 }) }
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send> Show for Lines<W> {
    fn show(&self, event: Event) {
        let mut state = self.lock();
        match &event {
            Event::Planned(plan) => state.width = width_of(plan),
            Event::Phase { service, phase } => state.phase(service, doing(*phase)),
            Event::Progress { service, progress } => state.progress(service, progress),
            // It is not silent while it waits for its turn.
            Event::ImageReady { service }
            | Event::Ready { service, .. }
            | Event::Failed { service, .. }
            | Event::NotStarted { service, .. }
            | Event::Interrupted { service }
            | Event::Stopped { service, .. }
            | Event::NotStopped { service, .. } => drop(state.services.remove(service)),
            Event::Grants(grants) => state.notice(&in_force(grants)),
            Event::Log(_)
            | Event::Denied { .. }
            | Event::LogCut { .. }
            | Event::ToolOutput { .. }
            | Event::Removed { .. }
            | Event::HookFailed { .. }
            | Event::GroupHookFailed { .. }
            | Event::Warning(_) => {}
        }
        state.write(&said(&event, self.verbose));
    }

    fn trace(&self, trace: &Trace) {
        self.lock().write(&Said::lines("", DIMMED, &trace.to_string()));
    }

    fn notice(&self, text: &str) {
        self.lock().notice(text);
    }

    /// Mentions the services about which nothing was said for some time.
    fn tick(&self) {
        let mut state = self.lock();
        let silent: Vec<_> = state
            .services
            .iter()
            .filter(|(_, activity)| activity.last_line.elapsed() >= SILENCE)
            .map(|(service, activity)| {
                let word = activity.work.word().map(|word| format!(": {word}")).unwrap_or_default();
                (service.clone(), format!("still {} ({} s){word}", activity.doing, activity.since.elapsed().as_secs()))
            })
            .collect();
        for (service, text) in silent {
            state.write(&[Said::line(&service, DIMMED, &text)]);
        }
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }
}

impl<W: Write> State<W> {
    fn phase(&mut self, service: &str, doing: &'static str) {
        let now = Instant::now();
        let work = ImageWork::default();
        let activity = Activity { doing, since: now, last_line: now, last_progress: None, work };
        self.services.insert(service.to_owned(), activity);
        self.write(&[Said::line(service, PLAIN, doing)]);
    }

    /// Shows how far the image is, unless that was done just now; a step of a build is always shown.
    fn progress(&mut self, service: &str, progress: &ImageProgress) {
        let Some(activity) = self.services.get_mut(service) else { return };
        activity.work.add(progress);
        let due = activity.last_progress.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
        if !due && !matches!(progress, ImageProgress::Step { .. }) {
            return;
        }
        let Some(word) = activity.work.word() else { return };
        activity.last_progress = Some(Instant::now());
        self.write(&[Said::line(service, DIMMED, &word)]);
    }

    /// A line about the command.
    fn notice(&mut self, text: &str) {
        for line in indented_lines(text) {
            let _ = writeln!(self.out, "{line}");
        }
        let _ = self.out.flush();
    }

    /// There is nobody to tell if it fails.
    fn write(&mut self, lines: &[Said]) {
        for said in lines {
            if let Some(activity) = self.services.get_mut(&said.service) {
                activity.last_line = Instant::now();
            }
            let _ = writeln!(self.out, "{}", said.shown(&mut self.width));
        }
        let _ = self.out.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{CallError, GroupHook, Hook, Level, LogLine};
    use crate::grants::{Asked, Denied};
    use crate::plan::Exit;
    use crate::run::{Failure, GrantSource, Phase};

    fn shown(events: Vec<Event>) -> String {
        let lines = Lines::new(anstream::StripStream::new(Vec::new()), false);
        for event in events {
            lines.show(event);
        }
        String::from_utf8(lines.state.into_inner().unwrap().out.into_inner()).unwrap()
    }

    #[test]
    fn a_failure_is_followed_by_the_last_lines_of_the_container() {
        let text = shown(vec![
            Event::Failed {
                service: "db".into(),
                failure: Failure::Exited(Exit { code: 3, out_of_memory: false }),
                log_tail: b"one\ntwo \x1b[31mred\n".to_vec(),
            },
            Event::NotStarted { service: "web".into(), because: "db".into() },
        ]);
        assert_eq!(
            text,
            "db  failed: its container exited with code 3 before the service was ready\n\
             db  the last lines of its container:\n\
             db  | one\n\
             db  | two red\n\
             web  not started, because db failed\n"
        );
    }

    #[test]
    fn what_others_write_is_behind_a_bar_and_what_drillmaster_knows_is_not() {
        let service = || Some("db".to_owned());
        let log = |text: &str| Event::Log(LogLine { service: service(), level: Level::Error, text: text.into() });
        let error = || CallError::Returned("no disk\nerror: forged\ndenied: forged\n".into());
        let text = shown(vec![
            Event::Grants(vec![
                GrantSource { grants: vec!["env A".into(), "env B".into()], from: "/p\u{1b}/drillmaster.toml".into() },
                GrantSource { grants: vec!["memory 64 MiB".into()], from: "the command line".into() },
            ]),
            Event::Grants(Vec::new()),
            log("denied: ping asked for all; --allow-mount / would allow it\rerror: \u{1b}[31mforged\u{1b}[0m"),
            Event::Denied { service: service(), denied: Denied { hook: "ping".into(), asked: Asked::Udp } },
            Event::LogCut { service: None, limit: "1 MiB or 10000 lines a call".into() },
            Event::HookFailed { service: "db".into(), hook: Hook::PreStop, error: error() },
            Event::GroupHookFailed { hook: GroupHook::OnStart(Vec::new()), error: error() },
            Event::ToolOutput { tool: "make".into(), line: "warning: \u{1b}[33mforged".into() },
            Event::Warning("db: it may still run: busy\nerror: forged".into()),
        ]);
        assert_eq!(
            text,
            "grants: env A, env B (from /p\\u{1b}/drillmaster.toml); memory 64 MiB (from the command line)\n\
             grants: none\n\
             db  | denied: ping asked for all; --allow-mount / would allow it\\rerror: forged\n\
             db  denied: ping asked to send UDP\n    \
             it has logged more than 1 MiB or 10000 lines a call; the rest is dropped\n\
             db  pre-stop failed, and the service is stopped all the same: no disk\n\
             db    | error: forged\n\
             db    | denied: forged\n    \
             on-start failed: no disk\n      \
             | error: forged\n      \
             | denied: forged\n    \
             | warning: forged\n    \
             db: it may still run: busy\n      \
             error: forged\n"
        );
    }

    #[test]
    fn progress_is_summed_up_at_intervals_and_steps_are_always_shown() {
        let progress = |progress| Event::Progress { service: "db".into(), progress };
        let line = |text: &str| progress(ImageProgress::Line(text.into()));
        let text = shown(vec![
            Event::Phase { service: "db".into(), phase: Phase::Building },
            line("one"),
            line("two"),
            progress(ImageProgress::Step { number: 2, of: 3, instruction: "RUN make".into() }),
        ]);
        assert_eq!(text, "db  building its image\ndb  | one\ndb  step 2/3 RUN make\n");
    }

    #[test]
    fn debug_lines_are_for_those_who_ask() {
        let line = |level, text: &str| Event::Log(LogLine { service: Some("db".into()), level, text: text.into() });
        assert_eq!(shown(vec![line(Level::Debug, "hidden"), line(Level::Warn, "seen")]), "db  | seen\n");
    }
}
