use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// A reader that takes nothing as long as somebody holds the other end of the channel.
struct Reader {
    held: Receiver<()>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.held.recv();
        self.text.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output whose reader is held, and has begun to take the first line.
fn held(patience: Option<Duration>) -> (Arc<Output>, Sender<()>, Arc<Mutex<Vec<u8>>>) {
    let (hold, end) = channel();
    let text = Arc::default();
    let output = Output::begin(Box::new(Reader { held: end, text: Arc::clone(&text) }), patience);
    output.write(&line()).unwrap();
    while !output.lock().is_writing {
        thread::yield_now();
    }
    (output, hold, text)
}

fn line() -> Vec<u8> {
    [&[b'x'; PIECE - 1][..], b"\n"].concat()
}

/// So many lines find room.
const ROOM: usize = LIMIT / PIECE;

#[test]
fn what_is_read_comes_in_full_and_in_order() {
    let (output, hold, text) = held(None);
    let lines: Vec<String> = (0..400_000).map(|index| format!("{index}\n")).collect();
    let expected = lines.concat();
    assert!(expected.len() > 2 * LIMIT);
    drop(hold);
    for line in &lines {
        output.write(line.as_bytes()).unwrap();
    }
    output.finish().unwrap();
    assert!(!output.lock().is_busy());
    assert!(text.lock().unwrap()[PIECE..] == *expected.as_bytes());
}

#[test]
fn somebody_who_does_not_read_is_not_waited_for_and_told_what_was_left_out() {
    let (output, hold, text) = held(Some(Duration::from_millis(1)));
    for _ in 0..ROOM + 100 {
        output.write(&line()).unwrap();
    }
    output.finish().unwrap();
    assert!(output.lock().is_busy() && text.lock().unwrap().is_empty());
    drop(hold);
    while output.lock().waiting.len() >= LIMIT {
        thread::yield_now();
    }
    output.write(b"the end\n").unwrap();
    while output.lock().is_busy() {
        thread::yield_now();
    }
    let text = String::from_utf8(text.lock().unwrap().clone()).unwrap();
    let end = "x\n\n(100 lines were left out here, since nobody read them)\nthe end\n";
    assert!(text.ends_with(end), "{}", &text[text.len() - 100..]);
    assert_eq!(text.matches("x\n").count(), 1 + ROOM);
}

#[test]
fn whoever_waits_for_a_reader_goes_on_when_the_person_wants_to_leave() {
    let (output, hold, _) = held(None);
    let writing = thread::spawn({
        let output = Arc::clone(&output);
        move || {
            (0..2 * ROOM).for_each(|_| output.write(&line()).unwrap());
            output.finish()
        }
    });
    while output.lock().waiting.len() < LIMIT {
        thread::yield_now();
    }
    assert!(!writing.is_finished());
    output.hurry();
    writing.join().unwrap().unwrap();
    output.finish().unwrap();
    assert_eq!(output.lock().left_out, ROOM);
    drop(hold);
}

#[test]
fn a_reader_that_has_gone_is_an_error_and_nobody_waits_for_it() {
    let (reader, writer) = io::pipe().unwrap();
    let output = Output::begin(Box::new(writer), None);
    drop(reader);
    output.write(&line()).unwrap();
    assert_eq!(output.finish().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(output.write(&line()).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert!(!output.lock().is_busy());
}
