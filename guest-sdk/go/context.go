package drillmaster

import "drillmaster.dev/drillmaster/internal/host"

// ContextValue finds the value that a hook left in the group's context under a key. While a service is configured there
// are no values yet.
func ContextValue(key string) (value string, found bool) {
	return host.Current.Value(key)
}

// SetContextValue leaves a value in the group's context. It is kept across commands, for other hooks, and as {key}
// for the environment variables of services that start later; it belongs to the container whose hook set it and goes
// when that container is removed.
//
// A key is a letter or _, then letters, digits, _, . or -, at most 256 bytes. A value is UTF-8, and at most 64 KiB.
// It is an error when the key or the value is not like that, when the value cannot be saved, and in Configure and
// Ping, which must not change anything.
func SetContextValue(key, value string) error {
	if err := host.CheckText(key, value); err != nil {
		return err
	}
	return host.Current.SetValue(key, value)
}
