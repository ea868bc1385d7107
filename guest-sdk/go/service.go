package drillmaster

import "time"

// A Service is a container of the group: what it is like, and what happens in its life. Only Name and Image are needed.
//
// Nothing is checked as it is declared. The host checks the whole group and reports every mistake at once, each with
// its service and field.
type Service struct {
	// Name is unique in the group, and a valid hostname label: other services reach this one under it.
	Name string

	// Image is the image's reference; with Build, what it is called within the group.
	Image string
	// Build says how the image is built, when the group has not built it yet or what it is made of has changed.
	Build *Build
	// Dependencies are the services that are ready before this one is started, and that are stopped after it. Hooks
	// reach their containers with [Container.Dependency].
	Dependencies []string
	// Env has the environment variables. {key} in a value is replaced from the context when the service starts,
	// {{key}} is the text {key}, and all else is left as it is.
	Env Pairs
	// Ports are the TCP ports that are published on the host.
	Ports []Port
	// UDPPorts are the UDP ports that are published on the host.
	UDPPorts []Port
	// AlwaysStartNew replaces a stopped container by a new one instead of starting it again.
	AlwaysStartNew bool
	// StopSignal asks the container to stop; by default the image says which, and else it is SIGTERM.
	StopSignal StopSignal
	// StopTimeout is how long the container may take to stop after that signal before it is killed: 10 seconds by
	// default. Rounded up to seconds.
	StopTimeout time.Duration
	// Entrypoint replaces the image's own, unless it is nil. An empty one takes it away; then there has to be a Command.
	Entrypoint []string
	// Command replaces the image's own, unless it is nil.
	Command []string
	// User is who the container runs as: a name or number of the image, user or user:group.
	User string
	// WorkingDirectory is where the container's process starts: an absolute path in the container.
	WorkingDirectory string
	// Mounts are directories and files below the project directory.
	Mounts []Mount
	// Volumes belong to the group and outlive its containers.
	Volumes []Volume
	// Tmpfs are paths in the container where empty file systems in memory are mounted, gone with the container.
	Tmpfs []string
	// Labels are put on the container. Names that begin with dev.drillmaster. are the host's own; those that other tools
	// act on (as traefik. or com.docker.) need a grant.
	Labels Pairs
	// Aliases are further names of the service on the group's networks.
	Aliases []string
	// Networks are further networks of the group, beside the one that all its services share.
	Networks []string
	// RestartPolicy is what the engine does when the container exits by itself; nothing by default.
	RestartPolicy RestartPolicy
	// HealthCheck is the engine's own. [Container.Health] reads it. The service is ready once it is healthy, unless there
	// is a Ping.
	HealthCheck *HealthCheck
	// Platform is that of the image, as linux/amd64.
	Platform string
	// SharedMemoryMiB is the size of /dev/shm in MiB; the engine's own default if 0.
	SharedMemoryMiB uint32
	// MemoryLimitMiB is the most memory that the container may use, in MiB; no limit if 0.
	MemoryLimitMiB uint32
	// CPULimitMillicpus is the most CPU time that the container may use, in thousandths of one CPU: 1500 is one and a
	// half. No limit if 0.
	CPULimitMillicpus uint32

	// Configure changes what is declared above, where that depends on what the person running the group gave with
	// --set. It is given a copy of the service, whose slices it replaces rather than writes into. With the same
	// parameters it must do the same. It runs at the beginning of each command; an error ends the command.
	Configure func(service *Service, parameters Parameters) error

	// Ping says whether the service is ready. Without it, it is ready once its container runs and its health check, its
	// own or that of its image, says healthy, if there is one; with it, it counts alone. False means "not yet":
	// it is asked again 0.1 s later, until the time for it is up. An error fails the service at once. It must not
	// change anything.
	Ping func(container *Container) (bool, error)
	// PostStartInit runs once for each new container, after the first true of Ping; dependents wait for it. It does
	// not run when a stopped container is started again. It should bear finding its own traces in a volume, from an
	// earlier container or from a run that failed halfway. An error fails the service; the next start replaces the
	// container and runs this again.
	PostStartInit func(container *Container) error
	// PreStart runs before a container is created, once the dependencies are ready. What it sets in the context can be
	// used in Env. An error fails the service, and no container is created.
	PreStart func(service string) error
	// PreStop runs before a running container is stopped. An error is reported and does not keep the service up.
	PreStop func(container *Container) error
}
