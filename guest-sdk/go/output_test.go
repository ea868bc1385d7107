package drillmaster_test

import (
	"strings"
	"testing"

	. "drillmaster.dev/drillmaster"
)

func left(exitCode int, stdout, stderr string, argv ...string) *Output {
	return &Output{Argv: argv, ExitCode: exitCode, Stdout: []byte(stdout), Stderr: []byte(stderr)}
}

func TestACommandThatSucceededPassesTheCheck(t *testing.T) {
	succeeds(t, left(0, "done\n", "", "true").Check())
}

func TestACommandThatDidNotRunIsNoSuccess(t *testing.T) {
	var none *Output
	same(t, none.Success(), false)
}

func TestACommandThatFailedIsAnErrorWithItsCodeAndWhatItSaid(t *testing.T) {
	failed := left(2, "", "refused\n", "psql", "-c", "SELECT 1")
	fails(t, failed.Check(), "`psql` (2 arguments) exited with 2: refused")
	fails(t, left(126, "no such file\n", " \n", "nope").Check(), "`nope` exited with 126: no such file")
	fails(t, left(1, "", "", "false").Check(), "`false` exited with 1")
}

func TestTheArgumentsOfAFailedCommandAreCountedAndNotShown(t *testing.T) {
	fails(t, left(1, "", "", "psql", "postgres://ada:secret@db").Check(), "`psql` (1 argument) exited with 1")
	fails(t, left(1, "", "", "sh", "-c", "mysql -psecret").Check(), "`sh` (2 arguments) exited with 1")
	// A whole command line in place of a program.
	fails(t, left(1, "", "", " mysql -psecret\n db ").Check(), "`mysql…` exited with 1")
	fails(t, left(1, "", "", "\n").Check(), "`` exited with 1")
	fails(t, left(1, "", "").Check(), "`` exited with 1")
}

func TestAFailedCommandIsShownWithItsLastLinesOnlyAndNotTooLong(t *testing.T) {
	err := left(1, "", "1\n2\n3\n4\n5\n6\n", strings.Repeat("é", 500)).Check()
	fails(t, err, "`"+strings.Repeat("é", 120)+"…` exited with 1: 2\n3\n4\n5\n6")
}

func TestOutputThatIsNotUTF8IsShownAllTheSame(t *testing.T) {
	fails(t, left(1, "", "caf\xe9", "cat").Check(), "`cat` exited with 1: caf\uFFFD")
}
