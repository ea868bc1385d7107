// Services whose hooks have bugs, as a person's may, each in a way of its own.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

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

// A panic in a package that is used wrongly.
var repeating = drillmaster.Service{
	Name:  "repeating",
	Image: image,
	PreStart: func(service string) error {
		return fmt.Errorf("%s", strings.Repeat(service, -len(service)))
	},
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

// Nobody will ever send.
var waiting = drillmaster.Service{
	Name:  "waiting",
	Image: image,
	PreStart: func(string) error {
		return <-make(chan error)
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

// More memory than there is.
var hungry = drillmaster.Service{
	Name:  "hungry",
	Image: image,
	PreStart: func(string) error {
		var eaten [][]byte
		for {
			eaten = append(eaten, make([]byte, 1<<20))
		}
	},
}

// The end of the whole program, with a word.
var giving = drillmaster.Service{
	Name:  "giving-up",
	Image: image,
	PreStart: func(string) error {
		log.Fatal("the licence has run out")
		return nil
	},
}

// The end of the whole program, without a word.
var exiting = drillmaster.Service{
	Name:  "exiting",
	Image: image,
	PreStart: func(string) error {
		os.Exit(3)
		return nil
	},
}

func group() drillmaster.Group {
	return drillmaster.Group{
		Name: "crashing",
		Services: []drillmaster.Service{
			panicking, repeating, failing, wrapping, parallel, waiting, recursing, hungry, giving, exiting,
		},
	}
}

func init() { drillmaster.Export(group) }

func main() {}
