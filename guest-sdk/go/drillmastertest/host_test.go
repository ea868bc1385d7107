package drillmastertest_test

import (
	"slices"
	"strings"
	"testing"

	"drillmaster.dev/drillmaster"
	"drillmaster.dev/drillmaster/drillmastertest"
)

func TestTheContextKeepsValuesUntilTheTestEnds(t *testing.T) {
	t.Run("one", func(t *testing.T) {
		drillmastertest.NewHost(t)
		for _, value := range []string{"a", "b"} {
			if err := drillmaster.SetContextValue("db.url", value); err != nil {
				t.Error(err)
			}
		}
		value, found := drillmaster.ContextValue("db.url")
		same(t, value, "b")
		same(t, found, true)
	})
	_, found := drillmaster.ContextValue("db.url")
	same(t, found, false)
}

func TestTheContextTakesOnlyKeysAndValuesThatTheHostTakes(t *testing.T) {
	drillmastertest.NewHost(t)
	for _, key := range []string{"", "1a", ".a", "a b", "ä", "a{", "a\n", strings.Repeat("a", 257)} {
		if drillmaster.SetContextValue(key, "value") == nil {
			t.Errorf("%q is taken for a key", key)
		}
	}
	for _, key := range []string{"a", "_", "A.b-c_1"} {
		if err := drillmaster.SetContextValue(key, strings.Repeat("x", 64*1024)); err != nil {
			t.Error(err)
		}
	}
	if drillmaster.SetContextValue("a", strings.Repeat("x", 64*1024+1)) == nil {
		t.Error("a value of more than 64 KiB is taken")
	}
}

func TestAValueIsNotLostInSilenceWhereThereIsNoHost(t *testing.T) {
	if drillmaster.SetContextValue("a", "value") == nil {
		t.Error("a value is set without a host")
	}
}

func TestTheLogKeepsLinesWithTheirLevel(t *testing.T) {
	host := drillmastertest.NewHost(t)
	drillmaster.Debugf("a")
	drillmaster.Infof("%s", "b")
	drillmaster.Warnf("c%d", 1)
	drillmaster.Errorf("d")
	want := []string{"debug: a", "info: b", "warn: c1", "error: d"}
	if got := host.LogLines(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
