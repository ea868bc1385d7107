// Package export_drillmaster_plugin_lifecycle holds what every definition exports; the SDK sets it.
package export_drillmaster_plugin_lifecycle

import (
	"drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_container"
	"drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_definition"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
)

var (
	Fields        func(*drillmaster_plugin_definition.Group) witTypes.Result[witTypes.Unit, string]
	Ping          func(*drillmaster_plugin_container.Container) witTypes.Result[bool, string]
	PostStartInit func(*drillmaster_plugin_container.Container) witTypes.Result[witTypes.Unit, string]
)
