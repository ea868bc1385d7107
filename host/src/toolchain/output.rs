//! What a tool writes while it runs, line by line: it may repeat a stranger's words, so that it does not get the terminal.

use std::time::Duration;

use futures_util::future::join;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::sync::oneshot;

/// Takes a line that a tool wrote, with the name of the tool.
pub type Output<'a> = &'a (dyn Fn(&str, String) + Send + Sync);

/// A line that is longer is shown in pieces.
const LONGEST: u64 = 64 * 1024;

/// How long what a tool has written is still read when it has ended: a process that it left behind may hold its output.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Waits until a tool ends, and tells what it writes to either of two pipes meanwhile.
pub(super) async fn told_until<T>(
    ended: impl Future<Output = T>,
    pipes: (Option<impl AsyncRead + Unpin>, Option<impl AsyncRead + Unpin>),
    tell: impl Fn(String),
) -> T {
    let (running, stopped) = oneshot::channel::<()>();
    let ended = async {
        let ended = ended.await;
        drop(running);
        ended
    };
    let reading = join(lines(pipes.0, &tell), lines(pipes.1, &tell));
    let enough = async {
        let _ = stopped.await;
        tokio::time::sleep(AFTERWARDS).await;
    };
    let reading = async {
        tokio::select! {
            _ = reading => {}
            () = enough => {}
        }
    };
    join(ended, reading).await.0
}

/// Tells each line until the other end is closed.
async fn lines(pipe: Option<impl AsyncRead + Unpin>, tell: &impl Fn(String)) {
    let Some(pipe) = pipe else { return };
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut pipe).take(LONGEST).read_until(b'\n', &mut line).await {
        let text = String::from_utf8_lossy(&line);
        tell(text.trim_end_matches(['\r', '\n']).to_owned());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn lines_come_one_by_one_and_long_ones_in_pieces() {
        let told = Mutex::new(Vec::new());
        let long = "x".repeat(usize::try_from(LONGEST).unwrap() + 1);
        let written = format!("one\r\n\n\u{1b}[31mtwo\n{long}");
        lines(Some(written.as_bytes()), &|line| told.lock().unwrap().push(line)).await;
        let told = told.into_inner().unwrap();
        assert_eq!(told[..3], ["one", "", "\u{1b}[31mtwo"]);
        assert_eq!((told.len(), told[4].as_str()), (5, "x"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pipe_that_somebody_else_holds_is_not_waited_for() {
        let (mut held, pipe) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut held, b"last words\n").await.unwrap();
        let told = Mutex::new(Vec::new());
        let pipes = (Some(pipe), None::<&[u8]>);
        let ended = told_until(async { 7 }, pipes, |line| told.lock().unwrap().push(line)).await;
        assert_eq!((ended, told.into_inner().unwrap()), (7, vec!["last words".to_owned()]));
        drop(held);
    }
}
