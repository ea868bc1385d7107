package drillmaster

import "time"

// Pairs are names and their values, in order: {{"POSTGRES_USER", "shop"}, {"POSTGRES_DB", "shop"}}. Of a name that is
// there twice, the last value counts.
type Pairs [][2]string

// Value finds the value of a name.
func (p Pairs) Value(name string) (value string, found bool) {
	for _, pair := range p {
		if pair[0] == name {
			value, found = pair[1], true
		}
	}
	return value, found
}

// A Build says how the image of a service is built.
type Build struct {
	// Directory is sent to the engine: a path below the project directory.
	Directory string
	// Dockerfile is a path inside that directory; Dockerfile by default.
	Dockerfile string
	// Arguments give values to the ARGs of the Dockerfile.
	Arguments Pairs
	// Target is the stage to build up to; the last one by default.
	Target string
}

// A Port of the container is published on the host.
type Port struct {
	// Container is the port in the container.
	Container uint16
	// Host is the port on the host; whichever is free if 0.
	Host uint16
}

// A Mount shows a directory or file of the host in the container.
type Mount struct {
	// Source is a path below the project directory.
	Source string
	// Target is an absolute path in the container.
	Target string
	// ReadOnly keeps the container from changing it.
	ReadOnly bool
}

// A Volume is mounted in the container.
type Volume struct {
	// Name is that of the volume in the group.
	Name string
	// Target is an absolute path in the container.
	Target string
	// ReadOnly keeps the container from changing it.
	ReadOnly bool
}

// A HealthCheck is a command in the container, which is healthy when it exits with 0.
type HealthCheck struct {
	// Command is the program and its arguments.
	Command []string
	// Interval is the time from one check to the next, in whole milliseconds.
	Interval time.Duration
}

// A StopSignal asks a container to stop.
type StopSignal string

// The signals that a container may be stopped with.
const (
	SIGINT  StopSignal = "SIGINT"
	SIGTERM StopSignal = "SIGTERM"
	SIGKILL StopSignal = "SIGKILL"
	SIGQUIT StopSignal = "SIGQUIT"
)

// A RestartPolicy is what the engine does when a container exits by itself.
type RestartPolicy string

// The restart policies.
const (
	// RestartNo does nothing.
	RestartNo RestartPolicy = "no"
	// RestartAlways starts it again.
	RestartAlways RestartPolicy = "always"
	// RestartOnFailure starts it again after an exit code other than 0.
	RestartOnFailure RestartPolicy = "on-failure"
	// RestartUnlessStopped starts it again, but not after a restart of the engine when it had been stopped before.
	RestartUnlessStopped RestartPolicy = "unless-stopped"
)
