package drillmastertest_test

import (
	"slices"
	"testing"

	"drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
}

func called(t *testing.T, fake *drillmastertest.Container, want ...string) {
	t.Helper()
	if got := fake.Calls(); !slices.Equal(got, want) {
		t.Errorf("got the calls %q, want %q", got, want)
	}
}

func TestACommandGetsTheAnswerToldToTheMostOfItsWords(t *testing.T) {
	fake := drillmastertest.NewContainer("db").
		OnExec("psql").Succeeds("old").
		OnExec("psql").Succeeds("new").
		OnExec("psql", "--version").Fails(3, "too old").
		OnExec("sleep").Errors("the time is up")
	output, _ := fake.Container().Exec("psql", "-c", "SELECT 1")
	same(t, string(output.Stdout), "new")
	output, _ = fake.Container().Exec("psql", "--version")
	same(t, output.ExitCode, 3)
	same(t, string(output.Stderr), "too old")
	_, err := fake.Container().Exec("sleep", "60")
	fails(t, err, "the time is up")
	called(t, fake, "exec psql -c SELECT 1", "exec psql --version", "exec sleep 60")
}

func TestACallThatTheTestToldNothingAboutIsAnErrorThatNamesIt(t *testing.T) {
	host := drillmastertest.NewHost(t)
	fake := drillmastertest.NewContainer("db").OnExec("psql").Succeeds("")
	c := fake.Container()
	_, exec := c.Exec("createdb", "shop")
	_, get := c.HTTPGet(80, "/")
	_, address := c.Address(5432)
	_, dependency := c.Dependency("cache")
	for at, err := range []error{exec, get, address, dependency} {
		fails(t, err, "the fake container `db` was told nothing about `"+fake.Calls()[at]+"`")
	}
	same(t, c.ProbeTCP(5432), false)
	want := []string{"warn: the fake container `db` was told nothing about `probe-tcp 5432`"}
	if got := host.LogLines(); !slices.Equal(got, want) {
		t.Errorf("got the lines %q, want %q", got, want)
	}
}

func TestWhatIsToldLaterCountsForContainersThatWereGivenOutBefore(t *testing.T) {
	fake := drillmastertest.NewContainer("db").OnExec("psql").Fails(2, "refused")
	c := fake.Container()
	output, _ := c.Exec("psql")
	same(t, output.Success(), false)
	fake.OnExec("psql").Succeeds("")
	output, _ = c.Exec("psql")
	same(t, output.Success(), true)
}

func TestAContainerAnswersAllThatItWasTold(t *testing.T) {
	db := drillmastertest.NewContainer("db").
		Publishes(5432, drillmaster.Address{Host: "127.0.0.1", Port: 5433})
	c := drillmastertest.NewContainer("app").
		OnHTTPGet(80, "/health").Answers(200, "well").
		OnHTTPGet(80, "/slow").Errors("no answer in 10 s").
		Listens(80).
		HealthIs(drillmaster.Healthy).
		Stopped().
		DependsOn(db).
		Container()
	same(t, c.Name(), "app")
	answer, _ := c.HTTPGet(80, "/health")
	same(t, string(answer.Body), "well")
	_, err := c.HTTPGet(80, "/slow")
	fails(t, err, "no answer in 10 s")
	same(t, c.ProbeTCP(80), true)
	health, _ := c.Health()
	same(t, health, drillmaster.Healthy)
	running, _ := c.IsRunning()
	same(t, running, false)
	dependency, _ := c.Dependency("db")
	address, _ := dependency.Address(5432)
	same(t, address.String(), "127.0.0.1:5433")
	called(t, db, "address 5432")
}

func TestTheLogHasTheLastLines(t *testing.T) {
	c := drillmastertest.NewContainer("app").Logged("one\ntwo\nthree\n").Container()
	for lines, want := range map[uint32]string{0: "", 2: "two\nthree\n", 9: "one\ntwo\nthree\n"} {
		tail, _ := c.LogTail(lines)
		same(t, tail, want)
	}
}
