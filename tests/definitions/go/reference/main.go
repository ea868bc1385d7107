// The reference: every field, every import and every hook. Each language has the same group, and asks the host for the
// same in the same order.
//
// every has every field but a build, which built has; subject has every hook and calls everything that a hook can call,
// helper, which it depends on, has none but a ping.
package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"drillmaster.dev/drillmaster"
)

const (
	image = "drillmaster-test-service:latest"
	port  = 8080
	// A value without a key of the context in it.
	asWritten = `{"db":{"port":5432}} {{ .Name }} ${HOME} {port:d} {}`
)

var healthCheck = drillmaster.HealthCheck{
	Command:  []string{"/service", "exit", "0"},
	Interval: 100 * time.Millisecond,
}

var every = drillmaster.Service{
	Name:  "every",
	Image: image,
	Env: drillmaster.Pairs{
		{"GREETING", "grüß dich, {{Welt}}"},
		{"COUNT_DIR", "/written"},
		{"AS_WRITTEN", asWritten},
	},
	UDPPorts:         []drillmaster.Port{{Container: 9053, Host: 20002}, {Container: 9054}},
	AlwaysStartNew:   true,
	StopSignal:       drillmaster.SIGQUIT,
	StopTimeout:      2500 * time.Millisecond,
	Entrypoint:       []string{"/service", "serve"},
	Command:          []string{"first", "second"},
	User:             "1234:2345",
	WorkingDirectory: "/work",
	Mounts: []drillmaster.Mount{
		{Source: "written", Target: "/written"},
		{Source: "read/only.txt", Target: "/read-only.txt", ReadOnly: true},
	},
	Volumes: []drillmaster.Volume{
		{Name: "data", Target: "/data"},
		{Name: "data", Target: "/read-only-data", ReadOnly: true},
	},
	Tmpfs:             []string{"/scratch"},
	Labels:            drillmaster.Pairs{{"org.example.colour", "green"}},
	Aliases:           []string{"nickname"},
	Networks:          []string{"further"},
	RestartPolicy:     drillmaster.RestartOnFailure,
	HealthCheck:       &healthCheck,
	Platform:          "linux/amd64",
	SharedMemoryMiB:   48,
	MemoryLimitMiB:    128,
	CPULimitMillicpus: 500,

	Configure: func(service *drillmaster.Service, parameters drillmaster.Parameters) error {
		tcpPort, err := parameters.Port("tcp_port", 20001)
		service.Ports = []drillmaster.Port{{Container: port}, {Container: 9090, Host: tcpPort}}
		return err
	},
	Ping: func(c *drillmaster.Container) (bool, error) {
		if answered, err := ready(c); err != nil || !answered || !c.ProbeTCP(port) {
			return false, err
		}
		health, err := c.Health()
		return health == drillmaster.Healthy, err
	},
}

var built = drillmaster.Service{
	Name:  "built",
	Image: "drillmaster-test-reference",
	Ports: []drillmaster.Port{{Container: port}},

	Configure: func(service *drillmaster.Service, parameters drillmaster.Parameters) error {
		service.Build = &drillmaster.Build{
			Directory:  "context",
			Dockerfile: "docker/Chosen.dockerfile",
			Arguments:  drillmaster.Pairs{{"GREETING", parameters.Value("greeting", "hello")}},
			Target:     "chosen",
		}
		return nil
	},
	Ping: ready,
}

var helper = drillmaster.Service{
	Name:  "helper",
	Image: image,
	Env:   drillmaster.Pairs{{"WHO", "the helper"}},
	Ports: []drillmaster.Port{{Container: port}},
	Ping:  ready,
}

var subject = drillmaster.Service{
	Name:         "subject",
	Image:        image,
	Dependencies: []string{"helper"},
	Env:          drillmaster.Pairs{{"OWN", "{own.value}"}, {"SAY_LINES", "5"}},
	Ports:        []drillmaster.Port{{Container: port}},

	Ping: ready,
	PreStart: func(service string) error {
		return drillmaster.SetContextValue("own.value", fmt.Sprintf("set before %s was created", service))
	},
	PostStartInit: initialise,
	PreStop: func(c *drillmaster.Container) error {
		return c.Run("/service", "count", "stopping")
	},
}

// ready is false as long as the service does not answer.
func ready(c *drillmaster.Container) (bool, error) {
	answer, err := c.HTTPGet(port, "/ready")
	return err == nil && answer.Status == 200, nil
}

func initialise(c *drillmaster.Container) error {
	steps := []func(*drillmaster.Container) error{
		runsCommands, reachesPorts, reachesDependencies, looksAtItself, leavesValues,
	}
	for _, step := range steps {
		if err := step(c); err != nil {
			return err
		}
	}
	return nil
}

func runsCommands(c *drillmaster.Container) error {
	printed, err := c.Exec("/service", "print", "some words; not a shell's $HOME")
	if err != nil {
		return err
	}
	drillmaster.Infof("%s", strings.TrimSpace(string(printed.Stdout)))
	failed, err := c.Exec("/service", "fail", "a complaint")
	if err != nil {
		return err
	}
	drillmaster.Infof("%d: %s", failed.ExitCode, strings.TrimSpace(string(failed.Stderr)))
	if err := failed.Check(); err != nil {
		drillmaster.Infof("%v", err)
	}
	if _, err := c.ExecTimeout(200*time.Millisecond, "/service", "sleep", "60000"); err != nil {
		drillmaster.Infof("%v", err)
	}
	return nil
}

func reachesPorts(c *drillmaster.Container) error {
	address, err := c.Address(port)
	if err != nil {
		return err
	}
	drillmaster.Infof("%s", address.Host)
	if _, err := c.Address(9090); err != nil {
		drillmaster.Infof("%v", err)
	}
	if c.ProbeTCPTimeout(port, 1500*time.Millisecond) {
		drillmaster.Infof("somebody listens")
	} else {
		drillmaster.Infof("nobody listens")
	}
	return readsPages(c)
}

func readsPages(c *drillmaster.Container) error {
	answer, err := c.HTTPGet(port, "/env/OWN")
	if err != nil {
		return err
	}
	drillmaster.Infof("%d %s", answer.Status, answer.Body)
	nothing, err := c.HTTPGetTimeout(port, "/nowhere", 5*time.Second)
	if err != nil {
		return err
	}
	drillmaster.Infof("%d", nothing.Status)
	if _, err := c.HTTPGet(port, "nowhere"); err != nil {
		drillmaster.Infof("%v", err)
	}
	return nil
}

func reachesDependencies(c *drillmaster.Container) error {
	helper, err := c.Dependency("helper")
	if err != nil {
		return err
	}
	// Its name is asked for before its page.
	name := helper.Name()
	who, err := helper.HTTPGet(port, "/env/WHO")
	if err != nil {
		return err
	}
	drillmaster.Infof("%s is %s", name, who.Body)
	if _, err := c.Dependency("stranger"); err != nil {
		drillmaster.Infof("%v", err)
	}
	return nil
}

func looksAtItself(c *drillmaster.Container) error {
	drillmaster.Debugf("a debug line")
	name := c.Name()
	running, err := c.IsRunning()
	if err != nil {
		return err
	}
	drillmaster.Infof("%s runs: %t", name, running)
	health, err := c.Health()
	if err != nil {
		return err
	}
	drillmaster.Warnf("its health is %s", health)
	tail, err := c.LogTail(1)
	if err != nil {
		return err
	}
	drillmaster.Errorf("its log ends with %s", strings.TrimSpace(tail))
	return nil
}

func leavesValues(*drillmaster.Container) error {
	before := "no value before: yes"
	if _, found := drillmaster.ContextValue("reference.done"); found {
		before = "no value before: no"
	}
	if err := drillmaster.SetContextValue("reference.done", before); err != nil {
		return err
	}
	left, _ := drillmaster.ContextValue("reference.done")
	drillmaster.Infof("%s", left)
	return nil
}

func listed(services []string) string {
	return strings.Join(slices.Sorted(slices.Values(services)), ", ")
}

func group() drillmaster.Group {
	return drillmaster.Group{
		Name:     "reference",
		Services: []drillmaster.Service{every, built, helper, subject},
		OnStart: func(services []string) error {
			drillmaster.Infof("started %s", listed(services))
			return nil
		},
		OnStop: func(services []string) error {
			drillmaster.Infof("stopped %s", listed(services))
			return nil
		},
		OnReload: func(service string) error {
			drillmaster.Infof("reloaded %s", service)
			return nil
		},
	}
}

func init() { drillmaster.Export(group) }

func main() {}
