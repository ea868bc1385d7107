package main

import (
	"slices"
	"strings"
	"testing"

	"drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

// publishes fails the test unless these are the ports on the host, in the order of services.
func publishes(t *testing.T, given map[string]string, want ...uint16) {
	t.Helper()
	declared, err := group().Declare(drillmastertest.Parameters(given))
	if err != nil {
		t.Fatal(err)
	}
	var published []uint16
	for _, service := range declared.Services {
		for _, port := range service.Ports {
			published = append(published, port.Host)
		}
	}
	if !slices.Equal(published, want) {
		t.Errorf("got the ports %v, want %v", published, want)
	}
}

// answers fails the test unless this is what ping says.
func answers(t *testing.T, service drillmaster.Service, fake *drillmastertest.Container, want bool) {
	t.Helper()
	if ready, err := service.Ping(fake.Container()); ready != want || err != nil {
		t.Errorf("ready: %t, error: %v", ready, err)
	}
}

func TestTheListStartsAfterItsDatabaseAndIsToldWhereItIs(t *testing.T) {
	if !slices.Equal(todo.Dependencies, []string{"appdb"}) {
		t.Errorf("it depends on %v", todo.Dependencies)
	}
	if url, _ := todo.Env.Value("DATABASE_URL"); url != "{appdb.url}" {
		t.Errorf("the database is %q", url)
	}
}

func TestThePortsOnTheHostCanBeChosen(t *testing.T) {
	publishes(t, nil, 5433, 8080)
	publishes(t, map[string]string{"appdb_port": "15432", "todo_port": "18080"}, 15432, 18080)
}

func TestAPortThatIsNoneIsToldWithItsService(t *testing.T) {
	_, err := group().Declare(drillmastertest.Parameters(map[string]string{"todo_port": "web"}))
	const want = "service `todo`: the parameter `todo_port` cannot be `web`: invalid syntax"
	if err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
}

func TestTheDatabaseIsReadyOnceItAnswersAClient(t *testing.T) {
	fake := drillmastertest.NewContainer("appdb").OnExec("psql").Fails(2, "the database system is starting up")
	answers(t, appdb, fake, false)
	answers(t, appdb, fake.OnExec("psql").Succeeds("1"), true)
	for _, call := range fake.Calls() {
		if !strings.Contains(call, "@127.0.0.1:5432/") {
			t.Errorf("%q is not over TCP", call)
		}
	}
}

func TestANewDatabaseGetsItsTableAndLeavesItsAddress(t *testing.T) {
	host := drillmastertest.NewHost(t)
	fake := drillmastertest.NewContainer("appdb").OnExec("psql").Succeeds("")
	if err := appdb.PostStartInit(fake.Container()); err != nil {
		t.Fatal(err)
	}
	if calls := fake.Calls(); !strings.Contains(calls[0], "CREATE TABLE IF NOT EXISTS items") {
		t.Errorf("the calls are %q", calls)
	}
	if url := host.Values()["appdb.url"]; url != "postgresql://todo:todo@appdb:5432/todo" {
		t.Errorf("the address is %q", url)
	}
}

func TestADatabaseThatCannotMakeItsTableFailsWithItsOwnWords(t *testing.T) {
	fake := drillmastertest.NewContainer("appdb").OnExec("psql").Fails(1, "ERROR:  permission denied")
	err := appdb.PostStartInit(fake.Container())
	if err == nil || !strings.HasSuffix(err.Error(), "exited with 1: ERROR:  permission denied") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheListIsReadyOnceItsHealthPageSaysSo(t *testing.T) {
	fake := drillmastertest.NewContainer("todo").OnHTTPGet(8080, "/health").Errors("connection refused")
	answers(t, todo, fake, false)
	answers(t, todo, fake.OnHTTPGet(8080, "/health").Answers(503, "The database does not answer"), false)
	answers(t, todo, fake.OnHTTPGet(8080, "/health").Answers(200, "ready"), true)
}
