//! Running another program: its output passes through, its silence is filled, and it ends when we are to end.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGKILL};

use crate::failure::Failure;
use crate::interrupt;
use crate::narration::{self, Stream};
use crate::steps;

/// After so much silence a heartbeat is shown.
const SILENCE: Duration = Duration::from_secs(6);
/// How long an interrupted child may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// How long the output of a child that has ended is still read: what it left behind may hold the pipe open.
const DRAIN: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);

/// Runs a command to its end, in a process group of its own and without stdin. `doing` completes the sentence
/// "… still …" for the heartbeat. All of its output becomes ours on stderr.
pub(crate) fn run(command: &mut Command, doing: &str) -> Result<ExitStatus, Failure> {
    pass_on(command, doing, Duration::MAX, Stream::Err)
}

/// The same, with all of its output on stdout.
pub(crate) fn run_to_stdout(command: &mut Command, doing: &str) -> Result<ExitStatus, Failure> {
    pass_on(command, doing, Duration::MAX, Stream::Out)
}

/// The same as [`run`], for at most so long; the command is then killed, and its status says so.
pub(crate) fn run_within(command: &mut Command, doing: &str, limit: Duration) -> Result<ExitStatus, Failure> {
    pass_on(command, doing, limit, Stream::Err)
}

fn pass_on(command: &mut Command, doing: &str, limit: Duration, stream: Stream) -> Result<ExitStatus, Failure> {
    let failure = |error| Failure::system("make a pipe", &error);
    // One pipe for both: lines come out in the order they were written.
    let (output, input) = io::pipe().map_err(failure)?;
    command.stdin(Stdio::null()).stdout(input.try_clone().map_err(failure)?).stderr(input).process_group(0);
    let mut child = spawn(command)?;
    // The pipe ends once nobody can write to it: the command must not keep its ends of it.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let drained = pump(output, stream);
    let status = wait_aloud(&mut child, doing, limit);
    // An error means that the pipe is closed or will not close in time; both end the reading.
    let _ = drained.recv_timeout(DRAIN);
    status
}

/// The same as [`run`], with all of its output in a file.
pub(crate) fn run_into(command: &mut Command, doing: &str, file: File) -> Result<ExitStatus, Failure> {
    let output = file.try_clone().map_err(|error| Failure::system("use a file twice", &error))?;
    command.stdin(Stdio::null()).stdout(output).stderr(file).process_group(0);
    wait_aloud(&mut spawn(command)?, doing, Duration::MAX)
}

/// Waits for a child with a group of its own, and breaks the silence.
fn wait_aloud(child: &mut Child, doing: &str, limit: Duration) -> Result<ExitStatus, Failure> {
    let start = Instant::now();
    let status = wait(child, Whom::Group, limit, || {
        if narration::silence() > SILENCE {
            narration::heartbeat(&format!("      … still {doing}, {}", steps::seconds(start.elapsed())));
        }
    });
    if status.is_err() {
        // Whatever ignored the signal, or ended too slowly for its parent.
        send(SIGKILL, child, Whom::Group);
    }
    status
}

/// Runs a command that talks with the person itself: stdin, stdout and stderr are ours.
pub(crate) fn run_inherited(command: &mut Command) -> Result<ExitStatus, Failure> {
    let mut child = spawn(command)?;
    wait(&mut child, Whom::Process, Duration::MAX, || ())
}

/// Runs a command that needs no words and gives its stdout, or none when it cannot be run or fails.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command; anything but success is a failure that names it.
pub(crate) fn succeed(command: &mut Command, doing: &str) -> Result<(), Failure> {
    let status = run(command, doing)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::step(format!("{} ended with {status}, while {doing}", shown(command))))
}

/// The command as one could type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

fn spawn(command: &mut Command) -> Result<Child, Failure> {
    command.spawn().map_err(|error| Failure::system(format_args!("run {}", shown(command)), &error))
}

/// Whom a signal is handed on to.
#[derive(Clone, Copy)]
enum Whom {
    Group,
    /// It shares our process group, so the terminal's Ctrl-C has reached it already.
    Process,
}

fn wait(child: &mut Child, whom: Whom, limit: Duration, mut tick: impl FnMut()) -> Result<ExitStatus, Failure> {
    let start = Instant::now();
    let mut interrupted: Option<(i32, Instant)> = None;
    loop {
        let ended = child.try_wait().map_err(|error| Failure::system("wait for a child", &error))?;
        if let Some(status) = ended {
            return match interrupted {
                Some((signal, _)) => Err(Failure::interrupted(signal)),
                None => Ok(status),
            };
        }
        match (interrupt::take(), interrupted) {
            (Some(signal), None) => {
                send(signal, child, whom);
                interrupted = Some((signal, Instant::now()));
            }
            (Some(_), Some(_)) => kill(child, whom),
            (None, Some((_, since))) if since.elapsed() > GRACE => kill(child, whom),
            (None, _) => {}
        }
        if start.elapsed() > limit {
            kill(child, whom);
        }
        tick();
        thread::sleep(POLL);
    }
}

fn send(signal: i32, child: &Child, whom: Whom) {
    let target = match whom {
        Whom::Group => format!("-{}", child.id()),
        Whom::Process if signal == SIGINT && narration::on_terminal() => {
            return;
        }
        Whom::Process => child.id().to_string(),
    };
    // The shell's own `kill`, since std has none. If it fails, the child has just ended.
    let _ = Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"$2\" 2>/dev/null", "sh", &signal.to_string(), &target])
        .status();
}

fn kill(child: &mut Child, whom: Whom) {
    if matches!(whom, Whom::Group) {
        send(SIGKILL, child, whom);
    }
    // The same holds here.
    let _ = child.kill();
}

/// Passes a pipe on in a thread; the receiver hears of its end.
fn pump(mut pipe: impl Read + Send + 'static, stream: Stream) -> Receiver<()> {
    let (done, drained) = mpsc::channel();
    thread::spawn(move || {
        let _done = done;
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            narration::pass(stream, &buffer[..count]);
        }
    });
    drained
}

/// The exit code of a child as ours: a signal counts as a shell counts it.
pub(crate) fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}
