// Package drillmaster is for writing a definition for drillmaster: which Docker services belong together, when each is
// ready, and what a new one needs.
//
//	package main
//
//	import "drillmaster.dev/drillmaster"
//
//	var cache = drillmaster.Service{
//		Name:  "cache",
//		Image: "redis:7",
//		Ports: []drillmaster.Port{{Container: 6379, Host: 6379}},
//		Ping: func(c *drillmaster.Container) (bool, error) {
//			return c.ProbeTCP(6379), nil
//		},
//	}
//
//	func group() drillmaster.Group {
//		return drillmaster.Group{Name: "shop", Services: []drillmaster.Service{cache}}
//	}
//
//	func init() { drillmaster.Export(group) }
//
//	func main() {}
//
// Each call of a hook runs in a fresh instance of the component, with a deadline, and perhaps beside a call for another
// service: a variable keeps nothing from one hook to the next. Values for later are left with [SetContextValue].
//
// Lines for the person at the terminal are written with [Infof] and its like, each shown with the service whose hook
// wrote it. What is written to stdout and stderr, as packages log and log/slog do, is shown as well.
//
// An error that a hook returns fails it, and the person sees its text. So does a panic: the person sees its text and
// where it happened.
package drillmaster
