//! The screen of a command: where everything goes that is not a result.
//!
//! There is one at a time, since there is one terminal: whoever writes a line goes through it, so that nothing tears the
//! live part.

use std::io::{IsTerminal as _, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt as _;

use crate::component::LogSink;
use crate::report::{Json, Lines, Show, Terminal, Tracing};
use crate::run::{Event, EventSink};

use super::output;

/// How long the screen may take to be left in a hurry: a terminal that is held must not hold the process.
const LEAVING: Duration = Duration::from_millis(100);

/// The screen of the command that is running.
static CURRENT: Mutex<Option<Screen>> = Mutex::new(None);

/// Shows what happens.
#[derive(Clone)]
pub(super) struct Screen(Arc<dyn Show>);

impl Screen {
    /// For people: on stderr, so that stdout holds only results. With all details if `verbose`.
    pub(super) fn new(verbose: bool) -> Self {
        let stderr = stderr();
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let show: Arc<dyn Show> = if stderr.is_terminal() && !(dumb && cfg!(unix)) {
            let colors = anstream::AutoStream::choice(&stderr) != anstream::ColorChoice::Never;
            let size = || {
                let (rows, columns) = console::Term::stderr().size();
                (usize::from(columns), usize::from(rows))
            };
            let out: Box<dyn Write + Send> = Box::new(output::stderr());
            Arc::new(Terminal::new(anstream::AutoStream::always_ansi(out), Box::new(size), colors, verbose))
        } else {
            Arc::new(Lines::new(output::styled_stderr(), verbose))
        };
        Self::on(show, verbose)
    }

    /// For programs: each event as JSON on stdout, if `json`; otherwise for people.
    pub(super) fn of(json: bool, verbose: bool) -> Self {
        if json { Self::on(Arc::new(Json::new(output::stdout(), verbose)), verbose) } else { Self::new(verbose) }
    }

    fn on(show: Arc<dyn Show>, verbose: bool) -> Self {
        let screen = Self(show);
        if current().replace(screen.clone()).is_none() {
            // What a panic says has to be read. Should the screen itself be the reason, it is not asked twice.
            let (say, asked) = (std::panic::take_hook(), AtomicBool::new(false));
            std::panic::set_hook(Box::new(move |panic| {
                if !asked.swap(true, Ordering::Relaxed) {
                    hurry(|| {
                        make_way();
                    });
                }
                say(panic);
            }));
        }
        let ticking = Arc::downgrade(&screen.0);
        tokio::spawn(async move {
            while let Some(show) = ticking.upgrade() {
                // A terminal that takes nothing is not sent what will have changed by then.
                if !output::is_behind() {
                    show.tick();
                }
                let interval = show.interval();
                drop(show);
                tokio::time::sleep(interval).await;
            }
        });
        if verbose {
            let show = Arc::clone(&screen.0);
            let subscriber = tracing_subscriber::registry().with(Tracing::new(move |trace| show.trace(trace)));
            // There is one already if this is the second screen of a process; it goes on as it is.
            let _ = tracing::subscriber::set_global_default(subscriber);
        }
        screen
    }

    pub(super) fn events(&self) -> EventSink {
        let show = Arc::clone(&self.0);
        Arc::new(move |event| show.show(event))
    }

    /// Where a definition's log goes outside a run.
    pub(super) fn log(&self) -> LogSink {
        let events = self.events();
        Arc::new(move |line| events(Event::Log(line)))
    }
}

/// Shows a line for the person; false if no command has a screen.
pub(super) fn notice(line: &str) -> bool {
    let screen = current().clone();
    screen.inspect(|screen| screen.0.notice(line)).is_some()
}

/// Warns the person; says nothing if no command has a screen.
pub(super) fn warn(text: String) {
    let screen = current().clone();
    if let Some(screen) = screen {
        screen.0.show(Event::Warning(text));
    }
}

/// Makes way for results on stdout; false if the screen has told them.
pub(super) fn make_way() -> bool {
    let screen = current().clone();
    screen.is_none_or(|screen| screen.0.make_way())
}

/// The command has ended; what is written from now on is only written.
pub(super) fn finish(exit_code: u8, error: Option<&str>) {
    let screen = current().take();
    if let Some(screen) = screen {
        screen.0.finish(exit_code, error);
    }
}

/// Does something with the screen, but does not wait for it long: whoever has it may be stuck.
pub(super) fn hurry(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    let _ = wait.recv_timeout(LEAVING);
}

fn current() -> MutexGuard<'static, Option<Screen>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}
