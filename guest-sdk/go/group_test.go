package drillmaster_test

import (
	"errors"
	"strings"
	"testing"

	. "drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

var plain = Service{Name: "plain", Image: "plain"}

// picky needs a parameter, and leaves the name of each of its hooks.
func picky(name string, ready bool) Service {
	return Service{
		Name:  name,
		Image: "picky",
		Configure: func(service *Service, parameters Parameters) error {
			port, err := parameters.Port("port", 0)
			if port == 0 && err == nil {
				return errors.New("the parameter `port` is needed")
			}
			service.Ports = []Port{{Container: 80, Host: port}}
			return err
		},
		Ping:          func(*Container) (bool, error) { return ready, nil },
		PostStartInit: func(c *Container) error { return SetContextValue("initialised", c.Name()) },
		PreStart:      func(service string) error { return SetContextValue("starting", service) },
		PreStop:       func(c *Container) error { return SetContextValue("stopping", c.Name()) },
	}
}

func container(service string) *Container {
	return drillmastertest.NewContainer(service).Container()
}

func TestAGroupDeclaresItsServicesInOrderAndConfigured(t *testing.T) {
	group := Group{Name: "shop", Services: []Service{plain, picky("picky", true)}}
	declared, err := group.Declare(drillmastertest.Parameters(map[string]string{"port": "8080"}))
	succeeds(t, err)
	same(t, declared.Name, "shop")
	same(t, []string{declared.Services[0].Name, declared.Services[1].Name}, []string{"plain", "picky"})
	same(t, declared.Services[1].Ports, []Port{{Container: 80, Host: 8080}})
	same(t, group.Services[1].Ports, nil)
}

func TestEveryServiceThatCannotBeDeclaredIsToldAtOnce(t *testing.T) {
	_, err := Group{Services: []Service{picky("a", true), plain, picky("c", true)}}.Declare(nil)
	fails(t, err, "service `a`: the parameter `port` is needed; service `c`: the parameter `port` is needed")
}

func TestAServiceIsFoundUnderItsName(t *testing.T) {
	group := Group{Services: []Service{plain, picky("picky", true)}}
	found, err := group.Service("picky")
	succeeds(t, err)
	same(t, found.Image, "picky")
	_, err = group.Service("stranger")
	fails(t, err, "the definition has no service `stranger`, only plain, picky")
}

func TestAHookGoesToTheServiceOfThatName(t *testing.T) {
	host := drillmastertest.NewHost(t)
	group := Group{Services: []Service{picky("ready", true), picky("busy", false)}}
	for name, want := range map[string]bool{"ready": true, "busy": false} {
		ready, err := Ping(group, container(name))
		succeeds(t, err)
		same(t, ready, want)
	}
	succeeds(t, PostStartInit(group, container("busy")))
	succeeds(t, PreStart(group, "ready"))
	succeeds(t, PreStop(group, container("busy")))
	same(t, host.Values(), map[string]string{"initialised": "busy", "starting": "ready", "stopping": "busy"})
}

func TestAHookForAServiceThatIsNotThereIsAnErrorThatNamesThoseThatAre(t *testing.T) {
	group := Group{Services: []Service{plain}}
	const want = "the definition has no service `stranger`, only plain"
	_, err := Ping(group, container("stranger"))
	fails(t, err, want)
	fails(t, PostStartInit(group, container("stranger")), want)
	fails(t, PreStart(group, "stranger"), want)
	fails(t, PreStop(group, container("stranger")), want)
}

func TestWithoutAPingOfItsOwnAServiceIsReadyWhenItRunsAndIsNotUnhealthy(t *testing.T) {
	group := Group{Services: []Service{plain, {Name: "own", Ping: func(*Container) (bool, error) { return true, nil }}}}
	pinged := func(fake *drillmastertest.Container, want bool) {
		t.Helper()
		ready, err := Ping(group, fake.Container())
		succeeds(t, err)
		same(t, ready, want)
	}
	for health, want := range map[Health]bool{HealthNone: true, HealthStarting: false, Healthy: true, Unhealthy: false} {
		pinged(drillmastertest.NewContainer("plain").HealthIs(health), want)
	}
	pinged(drillmastertest.NewContainer("plain").Stopped(), false)
	pinged(drillmastertest.NewContainer("own").HealthIs(Unhealthy), true)
}

func TestAServiceWithoutHooksNeedsNothing(t *testing.T) {
	group := Group{Services: []Service{plain}}
	succeeds(t, PostStartInit(group, container("plain")))
	succeeds(t, PreStart(group, "plain"))
	succeeds(t, PreStop(group, container("plain")))
}

func TestTheHooksOfAGroupRunWhenThereAreAny(t *testing.T) {
	host := drillmastertest.NewHost(t)
	succeeds(t, OnStart(Group{}, []string{"a"}))
	succeeds(t, OnStop(Group{}, []string{"a"}))
	succeeds(t, OnReload(Group{}, "a"))

	group := Group{
		OnStart:  func(services []string) error { return SetContextValue("started", strings.Join(services, " ")) },
		OnStop:   func([]string) error { return errors.New("too late") },
		OnReload: func(service string) error { return SetContextValue("reloaded", service) },
	}
	succeeds(t, OnStart(group, []string{"a", "b"}))
	fails(t, OnStop(group, nil), "too late")
	succeeds(t, OnReload(group, "c"))
	same(t, host.Values(), map[string]string{"started": "a b", "reloaded": "c"})
}

func TestOfAPairThatIsThereTwiceTheLastValueCounts(t *testing.T) {
	pairs := Pairs{{"A", "1"}, {"B", "2"}, {"A", "3"}}
	value, found := pairs.Value("A")
	same(t, value, "3")
	same(t, found, true)
	_, found = pairs.Value("C")
	same(t, found, false)
}
