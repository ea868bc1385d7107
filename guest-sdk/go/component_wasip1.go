package drillmaster

import (
	"runtime/debug"

	groupHooks "drillmaster.dev/drillmaster/internal/_bindings/exports/export_drillmaster_plugin_group_hooks"
	lifecycle "drillmaster.dev/drillmaster/internal/_bindings/exports/export_drillmaster_plugin_lifecycle"
	serviceHooks "drillmaster.dev/drillmaster/internal/_bindings/exports/export_drillmaster_plugin_service_hooks"
	_ "drillmaster.dev/drillmaster/internal/_bindings/exports/wit_exports"
	imported "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_container"
	definition "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_definition"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
	"drillmaster.dev/drillmaster/internal/host"
)

// The stack of a call in bytes. When it overflows, Go tells where; when more of it were allowed, the host would end the
// call first, and could not.
const mostStack = 1 << 20

func init() {
	host.Current = component{}
	debug.SetMaxStack(mostStack)

	lifecycle.Fields = fields
	lifecycle.Ping = ping
	lifecycle.PostStartInit = func(container *imported.Container) nothing {
		defer container.Drop()
		return answer(func(g Group) error { return g.postStartInit(containerOf(container)) })
	}
	serviceHooks.PreStart = func(service string) nothing {
		return answer(func(g Group) error { return g.preStart(service) })
	}
	serviceHooks.PreStop = func(container *imported.Container) nothing {
		defer container.Drop()
		return answer(func(g Group) error { return g.preStop(containerOf(container)) })
	}
	groupHooks.OnStart = func(services []string) nothing {
		return answer(func(g Group) error { return g.onStart(services) })
	}
	groupHooks.OnStop = func(services []string) nothing {
		return answer(func(g Group) error { return g.onStop(services) })
	}
	groupHooks.OnReload = func(service string) nothing {
		return answer(func(g Group) error { return g.onReload(service) })
	}
}

func fields(group *definition.Group) nothing {
	defer group.Drop()
	return answer(func(g Group) error {
		declared, err := g.Declare(func(name string) (string, bool) {
			return given(ask(func() witTypes.Option[string] { return group.Parameter(name) }))
		})
		if err == nil {
			tell(group, declared)
		}
		return err
	})
}

func ping(container *imported.Container) result[bool] {
	defer container.Drop()
	var ready bool
	told := answer(func(g Group) (err error) {
		ready, err = g.ping(containerOf(container))
		return err
	})
	if told.IsErr() {
		return witTypes.Err[bool](told.Err())
	}
	return witTypes.Ok[bool, string](ready)
}

// answer runs one export: an error becomes the contract's.
func answer(hook func(Group) error) nothing {
	debug.SetGCPercent(garbage)
	if err := call(hook); err != nil {
		return witTypes.Err[witTypes.Unit](host.ValidText(err.Error()))
	}
	return witTypes.Ok[witTypes.Unit, string](witTypes.Unit{})
}

func containerOf(handle *imported.Container) *Container {
	return NewContainer(containerOfHost{handle})
}
