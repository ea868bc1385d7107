package drillmaster

import (
	"fmt"

	"drillmaster.dev/drillmaster/internal/host"
)

// Debugf writes a line that is shown with --verbose only. It is formatted as by [fmt.Sprintf], like those of the
// others.
func Debugf(format string, arguments ...any) {
	host.Current.Log(host.Debug, fmt.Sprintf(format, arguments...))
}

// Infof writes a line that is worth knowing.
func Infof(format string, arguments ...any) {
	host.Current.Log(host.Info, fmt.Sprintf(format, arguments...))
}

// Warnf writes a line about something odd that does not stop the service.
func Warnf(format string, arguments ...any) {
	host.Current.Log(host.Warn, fmt.Sprintf(format, arguments...))
}

// Errorf writes a line about something that went wrong. It fails nothing: for that, a hook returns an error, as
// [fmt.Errorf] makes one.
func Errorf(format string, arguments ...any) {
	host.Current.Log(host.Error, fmt.Sprintf(format, arguments...))
}
