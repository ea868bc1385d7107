package drillmaster

// For the tests: what the exports of a component do.
var (
	Call         = call
	Milliseconds = milliseconds

	Ping          = Group.ping
	PostStartInit = Group.postStartInit
	PreStart      = Group.preStart
	PreStop       = Group.preStop
	OnStart       = Group.onStart
	OnStop        = Group.onStop
	OnReload      = Group.onReload
)
