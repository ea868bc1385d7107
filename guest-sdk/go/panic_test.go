package drillmaster_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	. "drillmaster.dev/drillmaster"
)

func exported(t *testing.T) {
	Export(func() Group { return Group{} })
	t.Cleanup(func() { Export(nil) })
}

func TestAnErrorIsToldWithItsCauses(t *testing.T) {
	exported(t)
	err := Call(func(Group) error { return fmt.Errorf("cannot fill the table: %w", errors.New("refused")) })
	fails(t, err, "cannot fill the table: refused")
	succeeds(t, Call(func(Group) error { return nil }))
}

func TestAPanicIsAnErrorWithItsPlaceAndTheCallsThatLedThere(t *testing.T) {
	exported(t)
	text := Call(func(Group) error { return lookUp(nil, 1) }).Error()
	shape := regexp.MustCompile(`^panic at \S+/panic_test.go:\d+: runtime error: index out of range \[1\] with length 0
drillmaster.dev/drillmaster_test.lookUp
	\S+/panic_test.go:\d+
drillmaster.dev/drillmaster_test.TestAPanic\S+
	\S+/panic_test.go:\d+$`)
	if !shape.MatchString(text) {
		t.Error(text)
	}
}

func lookUp(names []string, at int) error {
	return errors.New(names[at])
}

func TestAPanicInAPackageThatIsUsedWronglyTellsWhere(t *testing.T) {
	exported(t)
	text := Call(func(Group) error { return errors.New(strings.Repeat("a", -1)) }).Error()
	contains(t, text, "strings: negative Repeat count")
	contains(t, text, "\nstrings.Repeat\n")
	contains(t, text, "/panic_test.go:")
}

func TestAnErrorWhoseTextCannotBeAskedForIsAPanic(t *testing.T) {
	exported(t)
	text := Call(func(Group) error { var missing *missingTable; return missing }).Error()
	contains(t, text, "nil pointer dereference")
	contains(t, text, "missingTable")
}

type missingTable struct{ name string }

func (m *missingTable) Error() string { return "there is no table " + m.name }

func TestAPanicWhileTheGroupIsMadeIsAnError(t *testing.T) {
	Export(func() Group { panic("no services yet") })
	t.Cleanup(func() { Export(nil) })
	contains(t, Call(func(Group) error { return nil }).Error(), "panic_test.go")
}

func TestADefinitionThatExportsNothingSaysSo(t *testing.T) {
	Export(nil)
	err := Call(func(Group) error { return nil })
	fails(t, err, "the definition exports no group: call drillmaster.Export in an init function")
}
