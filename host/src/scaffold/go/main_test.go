package main

import (
	"slices"
	"strings"
	"testing"

	"drillmaster.dev/drillmaster/drillmastertest"
)

func TestTheAPIStartsAfterTheDatabaseAndIsToldWhereItIs(t *testing.T) {
	if !slices.Contains(api.Dependencies, "database") {
		t.Errorf("it depends on %v", api.Dependencies)
	}
	if uri, _ := api.Env.Value("PGRST_DB_URI"); uri != "{database.url}" {
		t.Errorf("the database is %q", uri)
	}
}

func TestThePortOnTheHostCanBeChosen(t *testing.T) {
	declared, err := group().Declare(drillmastertest.Parameters(map[string]string{"port": "3001"}))
	if err != nil {
		t.Fatal(err)
	}
	if api, _ := declared.Service("api"); api.Ports[0].Host != 3001 {
		t.Errorf("the ports are %v", api.Ports)
	}
}

func TestTheDatabaseIsReadyOnceItAcceptsClients(t *testing.T) {
	fake := drillmastertest.NewContainer("database").OnExec("pg_isready").Fails(2, "no response")
	if ready, err := database.Ping(fake.Container()); ready || err != nil {
		t.Errorf("ready: %t, error: %v", ready, err)
	}
	fake.OnExec("pg_isready").Succeeds("accepting connections")
	if ready, err := database.Ping(fake.Container()); !ready || err != nil {
		t.Errorf("ready: %t, error: %v", ready, err)
	}
}

func TestANewDatabaseGetsItsTableAndLeavesItsAddress(t *testing.T) {
	host := drillmastertest.NewHost(t)
	fake := drillmastertest.NewContainer("database").OnExec("psql").Succeeds("")
	if err := database.PostStartInit(fake.Container()); err != nil {
		t.Fatal(err)
	}
	if calls := fake.Calls(); !strings.Contains(calls[0], "CREATE TABLE IF NOT EXISTS items") {
		t.Errorf("the calls are %q", calls)
	}
	if left := host.Values()["database.url"]; left != url("database") {
		t.Errorf("the address is %q", left)
	}
}
