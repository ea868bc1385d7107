// Package drillmastertest is for trying a definition with plain go test: no WebAssembly, no Docker.
//
// A [Container] answers what a test tells it to, and remembers what was called. A [Host] keeps the context and the
// log in memory. [drillmaster.Group.Declare] with [Parameters] gives what a group declares as plain data.
//
//	func TestANewDatabaseIsToldToOthers(t *testing.T) {
//		drillmastertest.NewHost(t)
//		fake := drillmastertest.NewContainer("database").OnExec("createdb").Succeeds("")
//		if err := database.PostStartInit(fake.Container()); err != nil {
//			t.Fatal(err)
//		}
//		if url, _ := drillmaster.ContextValue("database.url"); url != "postgresql://database/shop" {
//			t.Errorf("the address is %q", url)
//		}
//	}
package drillmastertest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"

	"drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/internal/host"
)

const (
	longestKey   = 256
	longestValue = 64 * 1024
)

var keys = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// A Host is the host of a test: it keeps the context and the lines of the log in memory.
type Host struct {
	memory *memory
}

// NewHost makes the host that the test runs on until it ends, with an empty context. Since there is only one at a
// time, a test that makes one must not be parallel to others that do.
func NewHost(t testing.TB) *Host {
	before := host.Current
	t.Cleanup(func() { host.Current = before })
	memory := &memory{values: map[string]string{}}
	host.Current = memory
	return &Host{memory}
}

// Values is a copy of the context.
func (h *Host) Values() map[string]string {
	h.memory.lock.Lock()
	defer h.memory.lock.Unlock()
	return maps.Clone(h.memory.values)
}

// LogLines are the lines of the log, oldest first, as "info: the text".
func (h *Host) LogLines() []string {
	h.memory.lock.Lock()
	defer h.memory.lock.Unlock()
	return slices.Clone(h.memory.lines)
}

// Parameters are those that a test gives, as the person running the group does with --set.
func Parameters(given map[string]string) drillmaster.Parameters {
	return func(name string) (string, bool) {
		value, found := given[name]
		return value, found
	}
}

// memory is a host as the SDK sees it. Hooks may ask it from several goroutines.
type memory struct {
	lock   sync.Mutex
	values map[string]string
	lines  []string
}

func (m *memory) Value(key string) (string, bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	value, found := m.values[key]
	return value, found
}

func (m *memory) SetValue(key, value string) error {
	switch {
	case !keys.MatchString(key):
		return fmt.Errorf("`%s` is no key: a letter or `_`, then letters, digits, `_`, `.` or `-`", key)
	case len(key) > longestKey:
		return fmt.Errorf("the key has %d bytes; %d are allowed", len(key), longestKey)
	case len(value) > longestValue:
		return fmt.Errorf("the value of `%s` is longer than 64 KiB", key)
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.values[key] = value
	return nil
}

func (m *memory) Log(level host.Level, line string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.lines = append(m.lines, fmt.Sprintf("%s: %s", level, line))
}
