package drillmaster

import (
	"errors"

	imported "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_container"
	contract "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_context"
	lines "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_log"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
	"drillmaster.dev/drillmaster/internal/host"
)

// The containers of this call. They are held until its end: a handle that is collected as garbage is dropped at any time,
// also while the host hands over memory, when a component must not call it.
var lent []*imported.Container

func lend(container *imported.Container) *Container {
	return NewContainer(hold(container))
}

func hold(container *imported.Container) containerOfHost {
	lent = append(lent, container)
	return containerOfHost{container}
}

func takeBack() {
	for _, container := range lent {
		container.Drop()
	}
	lent = nil
}

type containerOfHost struct {
	handle *imported.Container
}

func (c containerOfHost) ServiceName() string {
	return c.handle.ServiceName()
}

func (c containerOfHost) Address(port uint32) (string, uint32, error) {
	address, err := unwrapped(c.handle.Address(port))
	return address.F0, address.F1, err
}

func (c containerOfHost) IsRunning() (bool, error) {
	return unwrapped(c.handle.IsRunning())
}

func (c containerOfHost) Health() (string, error) {
	return unwrapped(c.handle.Health())
}

func (c containerOfHost) Exec(argv []string, timeout uint32) (host.Output, error) {
	output, err := unwrapped(c.handle.Exec(argv, timeout))
	return host.Output{ExitCode: int(output.ExitCode), Stdout: output.Stdout, Stderr: output.Stderr}, err
}

func (c containerOfHost) ProbeTCP(port, timeout uint32) bool {
	return c.handle.ProbeTcp(port, timeout)
}

func (c containerOfHost) HTTPGet(port uint32, path string, timeout uint32) (host.Response, error) {
	response, err := unwrapped(c.handle.HttpGet(port, path, timeout))
	return host.Response{Status: int(response.Status), Body: response.Body}, err
}

func (c containerOfHost) LogTail(lines uint32) ([]byte, error) {
	return unwrapped(c.handle.LogTail(lines))
}

func (c containerOfHost) Dependency(service string) (host.Container, error) {
	dependency, err := unwrapped(c.handle.Dependency(service))
	if err != nil {
		return nil, err
	}
	return hold(dependency), nil
}

type component struct{}

func (component) Value(key string) (string, bool) {
	value := contract.Get(key)
	return value.SomeOr(""), value.IsSome()
}

func (component) SetValue(key, value string) error {
	_, err := unwrapped(contract.Set(key, host.ValidText(value)))
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

func unwrapped[T any](result witTypes.Result[T, string]) (value T, err error) {
	if result.IsErr() {
		return value, errors.New(result.Err())
	}
	return result.Ok(), nil
}
