package drillmaster

import (
	"fmt"
	"strings"
	"time"

	"drillmaster.dev/drillmaster/internal/host"
)

const (
	execTimeout  = 30 * time.Second
	httpTimeout  = 10 * time.Second
	probeTimeout = time.Second
)

// A Container is that of the service whose hook is running, or of one of its dependencies. It is gone when the hook
// returns.
//
// Ports are those of the container: the host finds out where it published them. A time-out of 0, or one that would
// outlast the hook's own deadline, is cut to that deadline.
type Container struct {
	host host.Container
}

// NewContainer is for package drillmastertest.
func NewContainer(container host.Container) *Container {
	return &Container{container}
}

// Name is the name of the service.
func (c *Container) Name() string {
	return c.host.ServiceName()
}

// Address is where the host reaches a published TCP port of the container. It does not say that anything listens there.
// It is an error when the port is not published.
func (c *Container) Address(port uint16) (Address, error) {
	name, published, err := c.host.Address(uint32(port))
	if err != nil {
		return Address{}, err
	}
	return Address{Host: name, Port: uint16(published)}, nil
}

// IsRunning says whether the container's process is running now. It is an error when the engine cannot be asked.
func (c *Container) IsRunning() (bool, error) {
	return c.host.IsRunning()
}

// Health is what the engine's health check says. It is an error when the engine cannot be asked.
func (c *Container) Health() (Health, error) {
	name, err := c.host.Health()
	if err != nil {
		return "", err
	}
	switch health := Health(name); health {
	case HealthNone, HealthStarting, Healthy, Unhealthy:
		return health, nil
	}
	return "", fmt.Errorf("`%s` is a state of health that this SDK does not know", name)
}

// Exec runs a command in the container and waits for it, for at most 30 seconds.
//
// There is no shell between: each item is one word. A command that cannot be found gives an exit code of 126 or 127. It
// is an error when the container does not run, and when the time is up; the command itself may then go on in the
// container.
func (c *Container) Exec(argv ...string) (*Output, error) {
	return c.ExecTimeout(execTimeout, argv...)
}

// ExecTimeout is [Container.Exec] with a time-out of its own.
func (c *Container) ExecTimeout(timeout time.Duration, argv ...string) (*Output, error) {
	if err := host.CheckText(argv...); err != nil {
		return nil, err
	}
	output, err := c.host.Exec(argv, milliseconds(timeout))
	if err != nil {
		return nil, err
	}
	return &Output{argv, output.ExitCode, output.Stdout, output.Stderr}, nil
}

// Run is [Container.Exec], then [Output.Check]: it is also an error when the command does not succeed.
func (c *Container) Run(argv ...string) error {
	output, err := c.Exec(argv...)
	if err != nil {
		return err
	}
	return output.Check()
}

// ProbeTCP says whether something accepts a TCP connection on this published port within a second.
func (c *Container) ProbeTCP(port uint16) bool {
	return c.ProbeTCPTimeout(port, probeTimeout)
}

// ProbeTCPTimeout is [Container.ProbeTCP] with a time-out of its own.
func (c *Container) ProbeTCPTimeout(port uint16, timeout time.Duration) bool {
	return c.host.ProbeTCP(uint32(port), milliseconds(timeout))
}

// HTTPGet makes a GET request to this published port and waits for the answer, for at most 10 seconds.
//
// The path begins with a slash. Redirects are not followed. Any status is an answer; it is an error when nothing
// answers in time, or not in HTTP.
func (c *Container) HTTPGet(port uint16, path string) (*Response, error) {
	return c.HTTPGetTimeout(port, path, httpTimeout)
}

// HTTPGetTimeout is [Container.HTTPGet] with a time-out of its own.
func (c *Container) HTTPGetTimeout(port uint16, path string, timeout time.Duration) (*Response, error) {
	if err := host.CheckText(path); err != nil {
		return nil, err
	}
	response, err := c.host.HTTPGet(uint32(port), path, milliseconds(timeout))
	if err != nil {
		return nil, err
	}
	return &Response{response.Status, response.Body}, nil
}

// LogTail gives the last lines that the container wrote to stdout and stderr, at most 10,000 lines and 1 MiB; bytes
// that are not UTF-8 are replaced. It is an error when the engine cannot be asked.
func (c *Container) LogTail(lines uint32) (string, error) {
	tail, err := c.host.LogTail(lines)
	return host.ValidText(string(tail)), err
}

// Dependency is the container of a service that this one has in its Dependencies. It is an error for any other name.
func (c *Container) Dependency(service string) (*Container, error) {
	if err := host.CheckText(service); err != nil {
		return nil, err
	}
	dependency, err := c.host.Dependency(service)
	if err != nil {
		return nil, err
	}
	return NewContainer(dependency), nil
}

// An Address is where something listens.
type Address struct {
	// Host is a name or an IP address, without brackets.
	Host string
	// Port is the port on that host.
	Port uint16
}

// String is the address as host:port, which fits into a URL.
func (a Address) String() string {
	// As net.JoinHostPort does; package net would make every definition 1 MB larger.
	if strings.Contains(a.Host, ":") {
		return fmt.Sprintf("[%s]:%d", a.Host, a.Port)
	}
	return fmt.Sprintf("%s:%d", a.Host, a.Port)
}

// Health is what the engine's health check says of a container.
type Health string

// The states of health.
const (
	// HealthNone is that of a container without a health check.
	HealthNone Health = "none"
	// HealthStarting is that of a check that has not answered yet.
	HealthStarting Health = "starting"
	// Healthy is that of a check that succeeded.
	Healthy Health = "healthy"
	// Unhealthy is that of a check that failed.
	Unhealthy Health = "unhealthy"
)

// A Response is an HTTP answer of a container.
type Response struct {
	// Status is the code, as 200.
	Status int
	// Body is at most the first 1 MiB.
	Body []byte
}

// OK says whether the status is one of success, 200 to 299. No answer, which is nil, is none.
func (r *Response) OK() bool {
	return r != nil && 200 <= r.Status && r.Status < 300
}

// milliseconds rounds up: 0 has a meaning of its own in the contract, and neither a short time nor one that has passed
// already must become it.
func milliseconds(duration time.Duration) uint32 {
	const longest = (1<<32 - 1) * time.Millisecond
	switch {
	case duration == 0:
		return 0
	case duration < time.Millisecond:
		return 1
	case duration > longest:
		return 1<<32 - 1
	}
	return uint32((duration + time.Millisecond - 1) / time.Millisecond)
}
