// Services that fail, each in a hook of its own, and fine, which does not. Each language has the same group, and its
// errors say the same. With the parameter broken the fields fail.
package main

import (
	"errors"
	"fmt"
	"strings"

	"drillmaster.dev/drillmaster"
)

const image = "drillmaster-test-service:latest"

var fine = drillmaster.Service{
	Name:  "fine",
	Image: image,
	Configure: func(_ *drillmaster.Service, parameters drillmaster.Parameters) error {
		if how, given := parameters.Lookup("broken"); given {
			return fmt.Errorf("it is broken: %s", how)
		}
		return nil
	},
	PreStop: func(*drillmaster.Container) error {
		return errors.New("it does not want to stop")
	},
}

var refusing = drillmaster.Service{
	Name:  "refusing",
	Image: image,
	PreStart: func(string) error {
		return errors.New("the licence has run out\n— since Monday")
	},
}

var pinging = drillmaster.Service{
	Name:  "pinging",
	Image: image,
	Ping: func(*drillmaster.Container) (bool, error) {
		return false, errors.New("it will never be ready")
	},
}

// The host's own error is handed on.
var initialising = drillmaster.Service{
	Name:  "initialising",
	Image: image,
	PostStartInit: func(c *drillmaster.Container) error {
		_, err := c.Dependency("fine")
		return err
	},
}

// A command fails.
var commanding = drillmaster.Service{
	Name:  "commanding",
	Image: image,
	PostStartInit: func(c *drillmaster.Container) error {
		return c.Run("/service", "fail", "no such table")
	},
}

func group() drillmaster.Group {
	return drillmaster.Group{
		Name:     "failing",
		Services: []drillmaster.Service{fine, refusing, pinging, initialising, commanding},
		OnStart: func(services []string) error {
			return fmt.Errorf("nobody waits for %s", strings.Join(services, ", "))
		},
		OnStop: func(services []string) error {
			return fmt.Errorf("nobody misses %s", strings.Join(services, ", "))
		},
	}
}

func init() { drillmaster.Export(group) }

func main() {}
