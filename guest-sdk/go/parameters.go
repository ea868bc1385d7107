package drillmaster

import (
	"errors"
	"fmt"
	"strconv"
)

// Parameters are what the person running the group gave with --set NAME=VALUE. In a test: drillmastertest.Parameters,
// or nil for none at all.
type Parameters func(name string) (value string, given bool)

// Lookup finds the value of a parameter, if it was given.
func (p Parameters) Lookup(name string) (value string, given bool) {
	if p == nil {
		return "", false
	}
	return p(name)
}

// Value is the value of a parameter, or the fallback if it was not given.
func (p Parameters) Value(name, fallback string) string {
	if value, given := p.Lookup(name); given {
		return value
	}
	return fallback
}

// Port is the value of a parameter as a port, or the fallback if it was not given. The error names the parameter and
// shows its value.
func (p Parameters) Port(name string, fallback uint16) (uint16, error) {
	return Parse(p, name, fallback, func(value string) (uint16, error) {
		port, err := strconv.ParseUint(value, 10, 16)
		return uint16(port), err
	})
}

// Parse is the value of a parameter as whatever can be read from text, or the fallback if it was not given: Parse(p,
// "workers", 4, strconv.Atoi). The error names the parameter and shows its value.
func Parse[T any](p Parameters, name string, fallback T, parse func(string) (T, error)) (T, error) {
	value, given := p.Lookup(name)
	if !given {
		return fallback, nil
	}
	parsed, err := parse(value)
	if err != nil {
		return fallback, fmt.Errorf("the parameter `%s` cannot be `%s`: %w", name, value, reason(err))
	}
	return parsed, nil
}

// reason leaves out which function of strconv could not read which text: the person knows the text, and not the
// function.
func reason(err error) error {
	var failed *strconv.NumError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
