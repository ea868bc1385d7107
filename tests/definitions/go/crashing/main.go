// Services whose hooks have bugs, as a person's may, each in a way of its own.
package main

import (
	"fmt"
	"log"

	"drillmaster.dev/drillmaster"
)

const image = "drillmaster-test-service:latest"

// A panic in a function that the hook calls.
var panicking = drillmaster.Service{
	Name:  "panicking",
	Image: image,
	PreStart: func(string) error {
		return lookUp(nil, 1)
	},
}

func lookUp(names []string, at int) error {
	return drillmaster.SetContextValue("name", names[at])
}

// An error that is none: a nil pointer, whose text cannot be asked for.
var failing = drillmaster.Service{
	Name:  "failing",
	Image: image,
	PreStart: func(string) error {
		var missing *missingTable
		return missing
	},
}

type missingTable struct{ name string }

func (m *missingTable) Error() string { return "there is no table " + m.name }

// An error with its cause.
var wrapping = drillmaster.Service{
	Name:  "wrapping",
	Image: image,
	PostStartInit: func(c *drillmaster.Container) error {
		if _, err := c.Dependency("stranger"); err != nil {
			return fmt.Errorf("cannot fill the table: %w", err)
		}
		return nil
	},
}

// A panic where no hook can recover it.
var parallel = drillmaster.Service{
	Name:  "parallel",
	Image: image,
	PreStart: func(string) error {
		done := make(chan error)
		go func() { done <- lookUp(nil, 2) }()
		return <-done
	},
}

// A stack that overflows.
var recursing = drillmaster.Service{
	Name:     "recursing",
	Image:    image,
	PreStart: recurse,
}

func recurse(service string) error {
	return fmt.Errorf("again: %w", recurse(service+"!"))
}

// The end of the whole program.
var exiting = drillmaster.Service{
	Name:  "exiting",
	Image: image,
	PreStart: func(string) error {
		log.Fatal("the licence has run out")
		return nil
	},
}

func group() drillmaster.Group {
	return drillmaster.Group{
		Name:     "crashing",
		Services: []drillmaster.Service{panicking, failing, wrapping, parallel, recursing, exiting},
	}
}

func init() { drillmaster.Export(group) }

func main() {}
