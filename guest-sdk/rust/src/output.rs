use std::borrow::Cow;

use crate::Result;

/// How many of its last lines a failed command is shown with.
const SHOWN_LINES: usize = 5;
/// How many characters of a program's name are shown.
const SHOWN_PROGRAM: usize = 120;

/// What a command that ran in a container left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// 0 by custom for success; 126 or 127 when the command could not be run.
    pub exit_code: i32,
    /// At most the last 1 MiB.
    pub stdout: Vec<u8>,
    /// At most the last 1 MiB.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Whether the exit code is 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.exit_code == 0
    }

    /// What the command wrote to stdout; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn stdout_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// What the command wrote to stderr; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn stderr_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }

    /// Itself, if the command succeeded.
    ///
    /// # Errors
    ///
    /// When the exit code is not 0: an error with the program, the code and the last lines of stderr, or of stdout when
    /// stderr is empty. The program's arguments are counted and not shown: there can be a password among them.
    pub fn check(self) -> Result<Self> {
        if self.success() {
            return Ok(self);
        }
        let mut text = format!("{} exited with {}", self.command(), self.exit_code);
        let said = [self.stderr_text(), self.stdout_text()];
        if let Some(said) = said.iter().map(|said| said.trim_end()).find(|said| !said.is_empty()) {
            text.push_str(": ");
            text.push_str(last_lines(said));
        }
        Err(text.into())
    }

    /// The program, not too long, and how many arguments it has.
    fn command(&self) -> String {
        let first = self.argv.first().map_or("", |program| program.trim_start());
        // Somebody may have put a whole command line there.
        let mut program = first.split_whitespace().next().unwrap_or_default().to_owned();
        let mut is_cut = first.trim_end() != program;
        if let Some((end, _)) = program.char_indices().nth(SHOWN_PROGRAM) {
            program.truncate(end);
            is_cut = true;
        }
        let ellipsis = if is_cut { "…" } else { "" };
        match self.argv.len().saturating_sub(1) {
            0 => format!("`{program}{ellipsis}`"),
            1 => format!("`{program}{ellipsis}` (1 argument)"),
            arguments => format!("`{program}{ellipsis}` ({arguments} arguments)"),
        }
    }
}

fn last_lines(text: &str) -> &str {
    let start = text.rmatch_indices('\n').nth(SHOWN_LINES - 1).map_or(0, |(newline, _)| newline + 1);
    text[start..].trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(argv: &[&str], exit_code: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            argv: argv.iter().map(ToString::to_string).collect(),
            exit_code,
            stdout: stdout.into(),
            stderr: stderr.into(),
        }
    }

    fn error(argv: &[&str], exit_code: i32, stdout: &str, stderr: &str) -> String {
        output(argv, exit_code, stdout, stderr).check().unwrap_err().to_string()
    }

    #[test]
    fn a_command_that_succeeded_passes_the_check() {
        let output = output(&["true"], 0, "done\n", "");
        assert_eq!(output.clone().check().unwrap(), output);
    }

    #[test]
    fn a_command_that_failed_is_an_error_with_its_code_and_what_it_said() {
        assert_eq!(
            error(&["psql", "-c", "SELECT 1"], 2, "", "refused\n"),
            "`psql` (2 arguments) exited with 2: refused"
        );
        assert_eq!(error(&["nope"], 126, "no such file\n", " \n"), "`nope` exited with 126: no such file");
        assert_eq!(error(&["false"], 1, "", ""), "`false` exited with 1");
    }

    #[test]
    fn the_arguments_of_a_failed_command_are_counted_and_not_shown() {
        let counted = |argv: &[&str]| error(argv, 1, "", "");
        assert_eq!(counted(&["psql", "postgres://ada:secret@db"]), "`psql` (1 argument) exited with 1");
        assert_eq!(counted(&["sh", "-c", "mysql -psecret"]), "`sh` (2 arguments) exited with 1");
        // A whole command line in place of a program.
        assert_eq!(counted(&[" mysql -psecret\n db "]), "`mysql…` exited with 1");
        assert_eq!(counted(&["\n"]), "`` exited with 1");
        assert_eq!(counted(&[]), "`` exited with 1");
    }

    #[test]
    fn a_failed_command_is_shown_with_its_last_lines_only_and_not_too_long() {
        let error = error(&["é".repeat(500).as_str()], 1, "", "1\n2\n3\n4\n5\n6\n");
        assert_eq!(error, format!("`{}…` exited with 1: 2\n3\n4\n5\n6", "é".repeat(SHOWN_PROGRAM)));
    }

    #[test]
    fn output_that_is_not_utf_8_can_be_read_all_the_same() {
        let output = Output { stdout: b"caf\xe9".into(), ..output(&["cat"], 0, "", "") };
        assert_eq!(output.stdout_text(), "caf\u{fffd}");
    }
}
