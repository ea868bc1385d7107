//! Processes: who they are, and whether they live.

use std::fs;
use std::process;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

/// A process, told from another that was given the same number later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// When it started, in the kernel's ticks since the machine did.
    pub started: u64,
}

impl Identity {
    /// This process.
    ///
    /// # Panics
    ///
    /// Where there is no `/proc`.
    #[must_use]
    pub fn own() -> Self {
        Self::of(process::id()).expect("/proc/self/stat tells when this process started")
    }

    /// The process that has this id now; none when there is no such process, or it has ended and only waits for its
    /// parent to take note.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in parentheses, and may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace();
        if matches!(fields.next()?, "Z" | "X") {
            return None;
        }
        let started = fields.nth(18)?.parse().ok()?;
        Some(Self { pid, started })
    }

    /// Whether the process lives.
    #[must_use]
    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }
}

/// Sends a signal to a process; false when there is none of this id, or it is not ours.
#[must_use]
pub fn send(pid: u32, signal: Signal) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| kill_process(pid, signal).is_ok())
}

/// From now on a process can make no file larger than this, as if the disk were full. False when there is no such
/// process, or it is not ours. A process that does not ignore SIGXFSZ is ended by it when it tries.
#[must_use]
pub fn limit_file_size(pid: u32, bytes: u64) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let limit = Rlimit { current: Some(bytes), maximum: None };
    pid.is_some_and(|pid| prlimit(Some(pid), Resource::Fsize, limit).is_ok())
}

/// Kills every `drillmaster` that works on a group, which a killed test has left running. Gives how many.
#[must_use]
pub fn kill_those_on(group: &str) -> usize {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| works_on(*pid, group) && send(*pid, Signal::KILL)).count()
}

fn works_on(pid: u32, group: &str) -> bool {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<&[u8]> = command.split(|byte| *byte == 0).collect();
    let program = words.first().copied().unwrap_or_default();
    let named = words.windows(2).any(|pair| pair[0] == b"--group" && pair[1] == group.as_bytes());
    named && program.ends_with(b"/drillmaster")
}

/// What a process has had of memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The most so far, in bytes.
    pub peak: u64,
    /// What it has now, as the kernel tells it: its own memory, files, and what it shares.
    pub now: String,
}

/// What a process has had of memory, once it runs this program; before that, what is told of it can be the memory of who
/// created it. None when there is no such process, or it has ended.
#[must_use]
pub fn memory(pid: u32, program: &str) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let peak = value("VmHWM:")?.strip_suffix(" kB")?.parse::<u64>().ok()? * 1024;
    if value("Name:") != Some(program) {
        return Some(Memory::default());
    }
    let now = ["RssAnon:", "RssFile:", "RssShmem:", "VmStk:", "Threads:"];
    let now = now.map(|name| format!("{name} {}", value(name).unwrap_or_default())).join(", ");
    Some(Memory { peak, now })
}
