// A service whose hook asks the host for much. What it gets is the only garbage, so that Go begins to collect it while
// the host hands over more: a definition that calls the host back just then is ended.
package main

import (
	"strings"

	"drillmaster.dev/drillmaster"
)

const (
	rounds = 60
	length = 100_000
)

var asking = drillmaster.Service{
	Name:  "asking",
	Image: "drillmaster-test-service:latest",
	PostStartInit: func(c *drillmaster.Container) error {
		long := strings.Repeat("x", length)
		read := 0
		for range rounds {
			output, err := c.Exec("/service", "print", long)
			if err != nil {
				return err
			}
			read += len(output.Stdout)
		}
		drillmaster.Infof("%d bytes were read", read)
		return nil
	},
}

func group() drillmaster.Group {
	return drillmaster.Group{Name: "asking", Services: []drillmaster.Service{asking}}
}

func init() { drillmaster.Export(group) }

func main() {}
