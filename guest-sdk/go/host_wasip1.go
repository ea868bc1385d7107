package drillmaster

import (
	"errors"
	"runtime/debug"
	"sync"

	imported "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_container"
	contract "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_context"
	lines "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_log"
	witRuntime "drillmaster.dev/drillmaster/internal/_wit/runtime"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
	"drillmaster.dev/drillmaster/internal/host"
)

type containerOfHost struct {
	handle *imported.Container
}

func (c containerOfHost) ServiceName() string {
	return ask(c.handle.ServiceName)
}

func (c containerOfHost) Address(port uint32) (string, uint32, error) {
	address, err := try(func() result[witTypes.Tuple2[string, uint32]] { return c.handle.Address(port) })
	return address.F0, address.F1, err
}

func (c containerOfHost) IsRunning() (bool, error) {
	return try(c.handle.IsRunning)
}

func (c containerOfHost) Health() (string, error) {
	return try(c.handle.Health)
}

func (c containerOfHost) Exec(argv []string, timeout uint32) (host.Output, error) {
	output, err := try(func() result[imported.ExecOutput] { return c.handle.Exec(argv, timeout) })
	return host.Output{ExitCode: int(output.ExitCode), Stdout: output.Stdout, Stderr: output.Stderr}, err
}

func (c containerOfHost) ProbeTCP(port, timeout uint32) bool {
	return c.handle.ProbeTcp(port, timeout)
}

func (c containerOfHost) HTTPGet(port uint32, path string, timeout uint32) (host.Response, error) {
	response, err := try(func() result[imported.HttpResponse] { return c.handle.HttpGet(port, path, timeout) })
	return host.Response{Status: int(response.Status), Body: response.Body}, err
}

func (c containerOfHost) LogTail(lines uint32) ([]byte, error) {
	return try(func() result[[]byte] { return c.handle.LogTail(lines) })
}

func (c containerOfHost) Dependency(service string) (host.Container, error) {
	handle, err := try(func() result[*imported.Container] { return c.handle.Dependency(service) })
	return containerOfHost{handle}, err
}

type component struct{}

func (component) Value(key string) (string, bool) {
	return given(ask(func() witTypes.Option[string] { return contract.Get(key) }))
}

func (component) SetValue(key, value string) error {
	_, err := try(func() nothing { return contract.Set(key, value) })
	return err
}

func (component) Log(level host.Level, line string) {
	line = host.ValidText(line)
	switch level {
	case host.Debug:
		lines.Debug(line)
	case host.Info:
		lines.Info(line)
	case host.Warn:
		lines.Warn(line)
	default:
		lines.Error(line)
	}
}

type result[T any] = witTypes.Result[T, string]

type nothing = result[witTypes.Unit]

// The host is asked by one goroutine at a time.
var asking sync.Mutex

// How much garbage may be there, as GOGC says, before it is collected. The host hands over memory while it calls the
// component, and while the component calls it. Meanwhile it must not be called back, which Go's garbage collector would
// do: it lets other goroutines run. So nothing is collected before a hook runs, nor while it asks the host.
var garbage = debug.SetGCPercent(-1)

// ask calls a function of the host that leaves something in our memory. That is pinned until the answer refers to it.
func ask[T any](call func() T) T {
	asking.Lock()
	defer asking.Unlock()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer witRuntime.Unpin()
	return call()
}

// try asks for what the host may fail to do.
func try[T any](call func() result[T]) (value T, err error) {
	answer := ask(call)
	if answer.IsErr() {
		return value, errors.New(answer.Err())
	}
	return answer.Ok(), nil
}

func given(value witTypes.Option[string]) (string, bool) {
	return value.SomeOr(""), value.IsSome()
}
