package drillmaster

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"drillmaster.dev/drillmaster/internal/host"
)

const (
	// How many of its last lines a failed command is shown with.
	shownLines = 5
	// How many characters of a command are shown.
	shownCommand = 120
)

// An Output is what a command that ran in a container left.
type Output struct {
	// Argv is the program and its arguments.
	Argv []string
	// ExitCode is 0 by custom for success; 126 or 127 when the command could not be run.
	ExitCode int
	// Stdout is at most the last 1 MiB.
	Stdout []byte
	// Stderr is at most the last 1 MiB.
	Stderr []byte
}

// Success says whether the exit code is 0. No output, which is nil, is that of a command that did not run.
func (o *Output) Success() bool {
	return o != nil && o.ExitCode == 0
}

// Check gives an error if the command failed: with the command, the exit code and the last lines of stderr, or of
// stdout when stderr is empty.
func (o *Output) Check() error {
	if o.Success() {
		return nil
	}
	failed := fmt.Sprintf("`%s` exited with %d", o.command(), o.ExitCode)
	for _, said := range [][]byte{o.Stderr, o.Stdout} {
		if text := strings.TrimRightFunc(host.ValidText(string(said)), unicode.IsSpace); text != "" {
			return fmt.Errorf("%s: %s", failed, lastLines(text))
		}
	}
	return errors.New(failed)
}

// command is the command on one line, and not too long.
func (o *Output) command() string {
	line := []rune(strings.Join(strings.Fields(strings.Join(o.Argv, " ")), " "))
	if len(line) > shownCommand {
		return string(line[:shownCommand]) + "…"
	}
	return string(line)
}

func lastLines(text string) string {
	lines := strings.Split(text, "\n")
	last := lines[max(len(lines)-shownLines, 0):]
	return strings.TrimLeftFunc(strings.Join(last, "\n"), unicode.IsSpace)
}
