package drillmaster

import (
	"errors"
	"fmt"
	"strings"
)

// A Group is the services that belong together.
type Group struct {
	// Name is the group's. Without it the group is named after the project directory; --group on the command line wins
	// over both.
	Name string
	// Services are told to the host in this order.
	Services []Service

	// OnStart runs after start, with the names of the services that it started. An error is reported and undoes
	// nothing.
	OnStart func(services []string) error
	// OnStop runs after stop, with the names of the services that it stopped. An error is reported and undoes nothing.
	OnStop func(services []string) error
	// OnReload runs after reload of one service, with its name. An error is reported and undoes nothing.
	OnReload func(service string) error
}

// Declare gives the group as the host is told of it: with these parameters, each service is configured. The group
// itself stays as it is. The error tells of all services that could not be configured.
func (g Group) Declare(parameters Parameters) (Group, error) {
	var failures []string
	services := make([]Service, 0, len(g.Services))
	for _, service := range g.Services {
		if err := service.configure(parameters); err != nil {
			failures = append(failures, fmt.Sprintf("service `%s`: %s", service.Name, err))
		}
		services = append(services, service)
	}
	if failures != nil {
		return Group{}, errors.New(strings.Join(failures, "; "))
	}
	g.Services = services
	return g, nil
}

// Service finds the service of that name.
func (g Group) Service(name string) (Service, error) {
	var names []string
	for _, service := range g.Services {
		if service.Name == name {
			return service, nil
		}
		names = append(names, service.Name)
	}
	return Service{}, fmt.Errorf("the definition has no service `%s`, only %s", name, strings.Join(names, ", "))
}

func (g Group) ping(container *Container) (bool, error) {
	service, err := g.Service(container.Name())
	if err != nil {
		return false, err
	}
	if service.Ping != nil {
		return service.Ping(container)
	}
	running, err := container.IsRunning()
	if err != nil || !running {
		return false, err
	}
	health, err := container.Health()
	return health == HealthNone || health == Healthy, err
}

func (g Group) postStartInit(container *Container) error {
	service, err := g.Service(container.Name())
	if err != nil || service.PostStartInit == nil {
		return err
	}
	return service.PostStartInit(container)
}

func (g Group) preStart(name string) error {
	service, err := g.Service(name)
	if err != nil || service.PreStart == nil {
		return err
	}
	return service.PreStart(name)
}

func (g Group) preStop(container *Container) error {
	service, err := g.Service(container.Name())
	if err != nil || service.PreStop == nil {
		return err
	}
	return service.PreStop(container)
}

func (g Group) onStart(services []string) error {
	if g.OnStart == nil {
		return nil
	}
	return g.OnStart(services)
}

func (g Group) onStop(services []string) error {
	if g.OnStop == nil {
		return nil
	}
	return g.OnStop(services)
}

func (g Group) onReload(service string) error {
	if g.OnReload == nil {
		return nil
	}
	return g.OnReload(service)
}

func (s *Service) configure(parameters Parameters) error {
	if s.Configure == nil {
		return nil
	}
	return s.Configure(s, parameters)
}
