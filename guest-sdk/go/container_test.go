package drillmaster_test

import (
	"math"
	"testing"
	"time"

	. "drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

func TestATimeIsRoundedUpToMillisecondsAndNeverOverflows(t *testing.T) {
	for duration, want := range map[time.Duration]uint32{
		0:                   0,
		1:                   1,
		-time.Second:        1,
		time.Millisecond:    1,
		1500001:             2,
		30 * time.Second:    30_000,
		math.MaxInt64:       math.MaxUint32,
		50 * 24 * time.Hour: math.MaxUint32,
	} {
		same(t, Milliseconds(duration), want)
	}
}

func TestAnAddressFitsIntoAURL(t *testing.T) {
	same(t, Address{Host: "127.0.0.1", Port: 80}.String(), "127.0.0.1:80")
	same(t, Address{Host: "::1", Port: 80}.String(), "[::1]:80")
}

func TestOnlyAStatusOfSuccessIsOK(t *testing.T) {
	for status, want := range map[int]bool{199: false, 200: true, 299: true, 302: false, 503: false} {
		same(t, (&Response{Status: status}).OK(), want)
	}
	var none *Response
	same(t, none.OK(), false)
}

func TestAnUnknownStateOfHealthIsAnErrorThatNamesIt(t *testing.T) {
	_, err := drillmastertest.NewContainer("db").HealthIs("dizzy").Container().Health()
	fails(t, err, "`dizzy` is a state of health that this SDK does not know")
}

func TestACommandThatIsRunMustSucceed(t *testing.T) {
	fake := drillmastertest.NewContainer("db").OnExec("psql").Fails(1, "no such table")
	fails(t, fake.Container().Run("psql"), "`psql` exited with 1: no such table")
	fake.OnExec("psql").Errors("the time is up")
	fails(t, fake.Container().Run("psql"), "the time is up")
	succeeds(t, fake.OnExec("psql").Succeeds("").Container().Run("psql"))
}

func TestALogThatIsNotUTF8CanBeReadAllTheSame(t *testing.T) {
	tail, err := drillmastertest.NewContainer("db").Logged("caf\xe9").Container().LogTail(1)
	succeeds(t, err)
	same(t, tail, "caf\uFFFD")
}

func TestATextThatIsNotUTF8IsNotAskedFor(t *testing.T) {
	fake := drillmastertest.NewContainer("db").OnExec("cat").Succeeds("")
	const want = `"caf\xe9" is not UTF-8, and the host takes nothing else`
	fails(t, fake.Container().Run("cat", "caf\xe9"), want)
	_, err := fake.Container().HTTPGet(80, "caf\xe9")
	fails(t, err, want)
	_, err = fake.Container().Dependency("caf\xe9")
	fails(t, err, want)
	fails(t, SetContextValue("menu", "caf\xe9"), want)
	same(t, len(fake.Calls()), 0)
}
