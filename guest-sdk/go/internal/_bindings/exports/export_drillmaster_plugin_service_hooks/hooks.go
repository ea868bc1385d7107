// Package export_drillmaster_plugin_service_hooks holds the hooks around a container's life; the SDK sets them.
package export_drillmaster_plugin_service_hooks

import (
	"drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_container"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
)

var (
	PreStart func(service string) witTypes.Result[witTypes.Unit, string]
	PreStop  func(*drillmaster_plugin_container.Container) witTypes.Result[witTypes.Unit, string]
)
