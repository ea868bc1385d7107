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
	// How many characters of a program's name are shown.
	shownProgram = 120
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

// Check gives an error if the command failed: with the program, the exit code and the last lines of stderr, or of stdout
// when stderr is empty. The program's arguments are counted and not shown: there can be a password among them.
func (o *Output) Check() error {
	if o.Success() {
		return nil
	}
	failed := fmt.Sprintf("%s exited with %d", o.command(), o.ExitCode)
	for _, said := range [][]byte{o.Stderr, o.Stdout} {
		if text := strings.TrimRightFunc(host.ValidText(string(said)), unicode.IsSpace); text != "" {
			return fmt.Errorf("%s: %s", failed, lastLines(text))
		}
	}
	return errors.New(failed)
}

// command is the program, not too long, and how many arguments it has.
func (o *Output) command() string {
	var words []string
	if len(o.Argv) > 0 {
		// Somebody may have put a whole command line there.
		words = strings.Fields(o.Argv[0])
	}
	program := ""
	if len(words) > 0 {
		program = words[0]
	}
	if runes := []rune(program); len(runes) > shownProgram {
		program = string(runes[:shownProgram]) + "…"
	} else if len(words) > 1 {
		program += "…"
	}
	switch arguments := len(o.Argv) - 1; {
	case arguments <= 0:
		return fmt.Sprintf("`%s`", program)
	case arguments == 1:
		return fmt.Sprintf("`%s` (1 argument)", program)
	default:
		return fmt.Sprintf("`%s` (%d arguments)", program, arguments)
	}
}

func lastLines(text string) string {
	lines := strings.Split(text, "\n")
	last := lines[max(len(lines)-shownLines, 0):]
	return strings.TrimLeftFunc(strings.Join(last, "\n"), unicode.IsSpace)
}
