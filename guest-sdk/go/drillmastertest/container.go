package drillmastertest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/internal/host"
)

// A Container answers what a test tells it to, and remembers what was called.
//
// It runs and has no health check until told otherwise. What the test told nothing about is an error that names the
// call; an unexpected TCP probe finds nothing, with a warning in the log, as on the host. What a test tells later
// counts from then on, and of two answers to the same the one told last. Each method but Container and Calls gives
// the container back, so that several can be told in a row.
type Container struct {
	lock         sync.Mutex
	name         string
	running      bool
	health       drillmaster.Health
	log          string
	addresses    map[uint32]drillmaster.Address
	listening    map[uint32]bool
	commands     []command
	pages        map[page]answer[host.Response]
	dependencies map[string]*Container
	calls        []string
}

type command struct {
	words  []string
	answer answer[host.Output]
}

type page struct {
	port uint32
	path string
}

type answer[T any] struct {
	value T
	err   error
}

// NewContainer makes the running container of the service of this name.
func NewContainer(service string) *Container {
	return &Container{
		name:         service,
		running:      true,
		health:       drillmaster.HealthNone,
		addresses:    map[uint32]drillmaster.Address{},
		listening:    map[uint32]bool{},
		pages:        map[page]answer[host.Response]{},
		dependencies: map[string]*Container{},
	}
}

// A Command is one that begins with the words of [Container.OnExec].
type Command struct {
	fake  *Container
	words []string
}

// OnExec tells what becomes of a command that begins with these words. The answer told to the most words is taken.
func (c *Container) OnExec(words ...string) Command {
	return Command{c, words}
}

// Succeeds lets the command exit with 0 and write this to stdout.
func (c Command) Succeeds(stdout string) *Container {
	return c.leaves(host.Output{Stdout: []byte(stdout)}, nil)
}

// Fails lets the command exit with this code and write this to stderr.
func (c Command) Fails(exitCode int, stderr string) *Container {
	return c.leaves(host.Output{ExitCode: exitCode, Stderr: []byte(stderr)}, nil)
}

// Errors says that the command cannot be run at all: its time is up, or the container stopped.
func (c Command) Errors(text string) *Container {
	return c.leaves(host.Output{}, errors.New(text))
}

func (c Command) leaves(output host.Output, err error) *Container {
	return c.fake.tell(func() {
		c.fake.commands = append(c.fake.commands, command{c.words, answer[host.Output]{output, err}})
	})
}

// A Page is that of [Container.OnHTTPGet].
type Page struct {
	fake *Container
	page page
}

// OnHTTPGet tells what becomes of a GET request to this path of this container port.
func (c *Container) OnHTTPGet(port uint16, path string) Page {
	return Page{c, page{uint32(port), path}}
}

// Answers lets the request have this answer.
func (p Page) Answers(status int, body string) *Container {
	return p.leaves(host.Response{Status: status, Body: []byte(body)}, nil)
}

// Errors says that there is no answer.
func (p Page) Errors(text string) *Container {
	return p.leaves(host.Response{}, errors.New(text))
}

func (p Page) leaves(response host.Response, err error) *Container {
	return p.fake.tell(func() { p.fake.pages[p.page] = answer[host.Response]{response, err} })
}

// Publishes says that the host reaches this container port at that address.
func (c *Container) Publishes(port uint16, address drillmaster.Address) *Container {
	return c.tell(func() { c.addresses[uint32(port)] = address })
}

// Listens says that something accepts TCP connections on this container port.
func (c *Container) Listens(port uint16) *Container {
	return c.tell(func() { c.listening[uint32(port)] = true })
}

// Logged says what the container wrote to stdout and stderr.
func (c *Container) Logged(text string) *Container {
	return c.tell(func() { c.log = text })
}

// HealthIs says what the engine's health check says.
func (c *Container) HealthIs(health drillmaster.Health) *Container {
	return c.tell(func() { c.health = health })
}

// Stopped says that the container does not run.
func (c *Container) Stopped() *Container {
	return c.tell(func() { c.running = false })
}

// DependsOn gives the container of a service that this one depends on. What that is asked is remembered there.
func (c *Container) DependsOn(dependency *Container) *Container {
	return c.tell(func() { c.dependencies[dependency.name] = dependency })
}

// Container is the container for a hook.
func (c *Container) Container() *drillmaster.Container {
	return drillmaster.NewContainer(asked{c})
}

// Calls are what was called so far, oldest first: exec createdb shop, http-get 8080 /health, address 5432, probe-tcp
// 5432, log-tail 20, dependency appdb, is-running, health.
func (c *Container) Calls() []string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.Clone(c.calls)
}

func (c *Container) tell(told func()) *Container {
	c.lock.Lock()
	defer c.lock.Unlock()
	told()
	return c
}

// asked is the container as the SDK sees it.
type asked struct {
	fake *Container
}

func (a asked) ServiceName() string {
	return a.fake.name
}

func (a asked) Address(port uint32) (string, uint32, error) {
	address, err := find(a.fake, fmt.Sprintf("address %d", port), func() (drillmaster.Address, bool) {
		address, found := a.fake.addresses[port]
		return address, found
	})
	return address.Host, uint32(address.Port), err
}

func (a asked) IsRunning() (bool, error) {
	return find(a.fake, "is-running", func() (bool, bool) { return a.fake.running, true })
}

func (a asked) Health() (string, error) {
	return find(a.fake, "health", func() (string, bool) { return string(a.fake.health), true })
}

func (a asked) Exec(argv []string, _ uint32) (host.Output, error) {
	left, err := find(a.fake, strings.Join(append([]string{"exec"}, argv...), " "), func() (answer[host.Output], bool) {
		return a.fake.outputOf(argv)
	})
	return left.value, cmp.Or(err, left.err)
}

func (a asked) ProbeTCP(port, _ uint32) bool {
	_, err := find(a.fake, fmt.Sprintf("probe-tcp %d", port), func() (any, bool) {
		return nil, a.fake.listening[port]
	})
	if err != nil {
		drillmaster.Warnf("%v", err)
	}
	return err == nil
}

func (a asked) HTTPGet(port uint32, path string, _ uint32) (host.Response, error) {
	left, err := find(a.fake, fmt.Sprintf("http-get %d %s", port, path), func() (answer[host.Response], bool) {
		left, found := a.fake.pages[page{port, path}]
		return left, found
	})
	return left.value, cmp.Or(err, left.err)
}

func (a asked) LogTail(lines uint32) ([]byte, error) {
	return find(a.fake, fmt.Sprintf("log-tail %d", lines), func() ([]byte, bool) {
		log := strings.SplitAfter(a.fake.log, "\n")
		if log[len(log)-1] == "" {
			log = log[:len(log)-1]
		}
		return []byte(strings.Join(log[max(len(log)-int(lines), 0):], "")), true
	})
}

func (a asked) Dependency(service string) (host.Container, error) {
	dependency, err := find(a.fake, "dependency "+service, func() (*Container, bool) {
		dependency, found := a.fake.dependencies[service]
		return dependency, found
	})
	return asked{dependency}, err
}

// outputOf finds the answer told to the most words that the command begins with, and of equals the last.
func (c *Container) outputOf(argv []string) (output answer[host.Output], found bool) {
	most := -1
	for _, command := range c.commands {
		words := len(command.words)
		if words >= most && words <= len(argv) && slices.Equal(command.words, argv[:words]) {
			most, output = words, command.answer
		}
	}
	return output, most >= 0
}

// find remembers a call and finds the answer to it, or an error that says that there is none.
func find[T any](fake *Container, call string, look func() (T, bool)) (T, error) {
	fake.lock.Lock()
	defer fake.lock.Unlock()
	fake.calls = append(fake.calls, call)
	answer, found := look()
	if !found {
		return answer, fmt.Errorf("the fake container `%s` was told nothing about `%s`", fake.name, call)
	}
	return answer, nil
}
