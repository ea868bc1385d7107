package drillmaster_test

import (
	"strconv"
	"testing"

	. "drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

var given = drillmastertest.Parameters(map[string]string{"port": "5433", "far": "70000", "word": "web"})

func TestAParameterThatWasNotGivenIsTheFallback(t *testing.T) {
	for _, parameters := range []Parameters{given, nil} {
		_, found := parameters.Lookup("none")
		same(t, found, false)
		same(t, parameters.Value("none", "hello"), "hello")
		port, err := parameters.Port("none", 80)
		succeeds(t, err)
		same(t, port, 80)
	}
}

func TestAParameterIsReadAsWhatIsWanted(t *testing.T) {
	same(t, given.Value("port", ""), "5433")
	port, err := given.Port("port", 80)
	succeeds(t, err)
	same(t, port, 5433)
	number, err := Parse(given, "far", 0, strconv.Atoi)
	succeeds(t, err)
	same(t, number, 70000)
}

func TestAParameterThatCannotBeReadIsAnErrorWithItsNameAndValue(t *testing.T) {
	_, err := given.Port("far", 80)
	fails(t, err, "the parameter `far` cannot be `70000`: value out of range")
	_, err = Parse(given, "word", false, strconv.ParseBool)
	fails(t, err, "the parameter `word` cannot be `web`: invalid syntax")
}
