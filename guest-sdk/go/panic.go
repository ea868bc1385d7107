package drillmaster

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

const (
	// How many of the last calls a panic is shown with, and how many are looked at.
	shownCalls, mostCalls = 30, 1 << 10

	sdk = "drillmaster.dev/drillmaster."
	// What calls the hooks.
	caller = sdk + "call"
)

// newPanic tells what a panic said and where it happened, on the first line, which some places alone show; then the
// calls that led there, as Go shows them. It must be called by the function that recovers.
func newPanic(reason any) error {
	calls := panickedCalls()
	lines := []string{fmt.Sprintf("panic: %v", reason)}
	if place := ownCall(calls); place != nil {
		lines[0] = fmt.Sprintf("panic at %s: %v", location(*place), reason)
	}
	for _, call := range calls {
		lines = append(lines, fmt.Sprintf("%s\n\t%s", call.Function, location(call)))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// panickedCalls are the calls from the one that panicked to the hook, without those of Go's runtime and of the SDK.
func panickedCalls() []runtime.Frame {
	addresses := make([]uintptr, mostCalls)
	frames := runtime.CallersFrames(addresses[:runtime.Callers(0, addresses)])
	var calls []runtime.Frame
	panicked := false
	for more := true; more && len(calls) < shownCalls; {
		var frame runtime.Frame
		frame, more = frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case frame.Function == caller:
			return calls
		case panicked && !isFoundation(frame.Function):
			calls = append(calls, frame)
		}
	}
	return calls
}

func isFoundation(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, sdk)
}

// ownCall is the first call of the person's own: a panic may come from a package that was used wrongly.
func ownCall(calls []runtime.Frame) *runtime.Frame {
	for at := range calls {
		if strings.HasPrefix(calls[at].Function, "main.") {
			return &calls[at]
		}
	}
	if len(calls) > 0 {
		return &calls[0]
	}
	return nil
}

// location is the place of a call; a file of the definition's own module is named by its path in there.
func location(call runtime.Frame) string {
	file := call.File
	if build, ok := debug.ReadBuildInfo(); ok {
		file = strings.TrimPrefix(file, build.Main.Path+"/")
	}
	return fmt.Sprintf("%s:%d", file, call.Line)
}
