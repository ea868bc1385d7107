package drillmaster

import (
	definition "drillmaster.dev/drillmaster/internal/_bindings/imports/drillmaster_plugin_definition"
	witTypes "drillmaster.dev/drillmaster/internal/_wit/types"
)

// tell tells the host what was declared, and nothing else, in the order that every SDK keeps.
func tell(group *definition.Group, declared Group) {
	if declared.Name != "" {
		group.SetName(declared.Name)
	}
	for _, service := range declared.Services {
		told := group.AddService(service.Name, service.Image)
		tellStart(told, service)
		tellStop(told, service)
		tellProcess(told, service)
		tellFiles(told, service)
		tellPlace(told, service)
		tellLimits(told, service)
		told.Drop()
	}
}

func tellStart(told *definition.Service, service Service) {
	if service.Build != nil {
		tellBuild(told, *service.Build)
	}
	for _, name := range service.Dependencies {
		told.AddDependency(name)
	}
	for _, pair := range service.Env {
		told.SetEnv(pair[0], pair[1])
	}
	for _, port := range service.Ports {
		told.AddPort(uint32(port.Container), unlessZero(uint32(port.Host)))
	}
	for _, port := range service.UDPPorts {
		told.AddUdpPort(uint32(port.Container), unlessZero(uint32(port.Host)))
	}
}

func tellBuild(told *definition.Service, build Build) {
	told.SetBuild(build.Directory, unlessZero(build.Dockerfile))
	for _, pair := range build.Arguments {
		told.AddBuildArgument(pair[0], pair[1])
	}
	if build.Target != "" {
		told.SetBuildTarget(build.Target)
	}
}

func tellStop(told *definition.Service, service Service) {
	if service.AlwaysStartNew {
		told.SetAlwaysStartNew(true)
	}
	if service.StopSignal != "" {
		told.SetStopSignal(string(service.StopSignal))
	}
	if service.StopTimeout != 0 {
		told.SetStopTimeout(milliseconds(service.StopTimeout))
	}
}

func tellProcess(told *definition.Service, service Service) {
	if service.Entrypoint != nil {
		told.SetEntrypoint(service.Entrypoint)
	}
	if service.Command != nil {
		told.SetCommand(service.Command)
	}
	if service.User != "" {
		told.SetUser(service.User)
	}
	if service.WorkingDirectory != "" {
		told.SetWorkingDirectory(service.WorkingDirectory)
	}
}

func tellFiles(told *definition.Service, service Service) {
	for _, mount := range service.Mounts {
		told.AddMount(mount.Source, mount.Target, mount.ReadOnly)
	}
	for _, volume := range service.Volumes {
		told.AddVolume(volume.Name, volume.Target, volume.ReadOnly)
	}
	for _, target := range service.Tmpfs {
		told.AddTmpfs(target)
	}
}

func tellPlace(told *definition.Service, service Service) {
	for _, pair := range service.Labels {
		told.AddLabel(pair[0], pair[1])
	}
	for _, hostname := range service.Aliases {
		told.AddAlias(hostname)
	}
	for _, name := range service.Networks {
		told.AddNetwork(name)
	}
}

func tellLimits(told *definition.Service, service Service) {
	if service.RestartPolicy != "" {
		told.SetRestartPolicy(string(service.RestartPolicy))
	}
	if check := service.HealthCheck; check != nil {
		told.SetHealthCheck(check.Command, milliseconds(check.Interval))
	}
	if service.Platform != "" {
		told.SetPlatform(service.Platform)
	}
	if service.SharedMemoryMiB != 0 {
		told.SetSharedMemory(service.SharedMemoryMiB)
	}
	if service.MemoryLimitMiB != 0 {
		told.SetMemoryLimit(service.MemoryLimitMiB)
	}
	if service.CPULimitMillicpus != 0 {
		told.SetCpuLimit(service.CPULimitMillicpus)
	}
}

func unlessZero[T comparable](value T) witTypes.Option[T] {
	var zero T
	if value == zero {
		return witTypes.None[T]()
	}
	return witTypes.Some(value)
}
