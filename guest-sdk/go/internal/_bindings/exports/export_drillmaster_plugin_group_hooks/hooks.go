// Package export_drillmaster_plugin_group_hooks holds the hooks of the group; the SDK sets them.
package export_drillmaster_plugin_group_hooks

import witTypes "drillmaster.dev/drillmaster/internal/_wit/types"

var (
	OnStart  func(services []string) witTypes.Result[witTypes.Unit, string]
	OnStop   func(services []string) witTypes.Result[witTypes.Unit, string]
	OnReload func(service string) witTypes.Result[witTypes.Unit, string]
)
