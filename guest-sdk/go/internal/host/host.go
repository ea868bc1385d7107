// Package host is where the SDK meets what runs a definition: drillmaster in a component, drillmastertest in a test.
package host

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// A Container is the contract's resource of that name. Time-outs are in milliseconds.
type Container interface {
	ServiceName() string
	Address(port uint32) (host string, published uint32, err error)
	IsRunning() (bool, error)
	Health() (string, error)
	Exec(argv []string, timeout uint32) (Output, error)
	ProbeTCP(port, timeout uint32) bool
	HTTPGet(port uint32, path string, timeout uint32) (Response, error)
	LogTail(lines uint32) ([]byte, error)
	Dependency(service string) (Container, error)
}

// An Output is what a command left.
type Output struct {
	ExitCode       int
	Stdout, Stderr []byte
}

// A Response is an HTTP answer.
type Response struct {
	Status int
	Body   []byte
}

// A Host keeps the values that hooks leave, and shows lines to the person.
type Host interface {
	Value(key string) (value string, found bool)
	SetValue(key, value string) error
	Log(level Level, line string)
}

// A Level of the log is one of the contract's.
type Level string

// The levels.
const (
	Debug Level = "debug"
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// Current is the host that runs the definition.
var Current Host = Nowhere{}

// Nowhere is what a test runs on that has made no host.
type Nowhere struct{}

// Value finds nothing.
func (Nowhere) Value(string) (string, bool) {
	return "", false
}

// SetValue fails: a value that is lost in silence is hard to find.
func (Nowhere) SetValue(string, string) error {
	return errors.New("there is no host to keep the value; a test makes one with drillmastertest.NewHost")
}

// Log writes to stderr.
func (Nowhere) Log(level Level, line string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", level, line)
}

// ValidText replaces what is not UTF-8, which the contract cannot carry.
func ValidText(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}

// CheckText gives an error for a text that is not UTF-8, where replacing something would change what is asked for.
func CheckText(texts ...string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return fmt.Errorf("%q is not UTF-8, and the host takes nothing else", text)
		}
	}
	return nil
}
