// What is declared, as calls of the contract, in the order of all SDKs.

export function tell(group, { name, services }) {
  if (name !== undefined) {
    group.setName(name);
  }
  for (const [service, fields] of Object.entries(services)) {
    tellFields(group.addService(service, fields.image ?? ""), fields);
  }
}

function tellFields(service, fields) {
  const given = (value, set) => {
    if (value !== undefined) {
      set(value);
    }
  };
  const each = (values, add) => Object.entries(values ?? {}).forEach(([name, value]) => add(name, value));
  given(fields.build, (build) => {
    service.setBuild(build.directory, build.dockerfile ?? null);
    each(build.arguments, (name, value) => service.addBuildArgument(name, value));
    given(build.target, (stage) => service.setBuildTarget(stage));
  });
  fields.dependencies?.forEach((name) => service.addDependency(name));
  each(fields.env, (name, value) => service.setEnv(name, value));
  each(fields.ports, (port, host) => service.addPort(Number(port), host));
  each(fields.udpPorts, (port, host) => service.addUdpPort(Number(port), host));
  if (fields.alwaysStartNew) {
    service.setAlwaysStartNew(true);
  }
  given(fields.stopSignal, (signal) => service.setStopSignal(signal));
  given(fields.stopTimeoutMs, (time) => service.setStopTimeout(time));
  given(fields.entrypoint, (argv) => service.setEntrypoint(argv));
  given(fields.command, (argv) => service.setCommand(argv));
  given(fields.user, (user) => service.setUser(user));
  given(fields.workingDirectory, (path) => service.setWorkingDirectory(path));
  fields.mounts?.forEach((mount) => service.addMount(mount.source, mount.target, mount.readOnly));
  fields.volumes?.forEach((volume) => service.addVolume(volume.source, volume.target, volume.readOnly));
  fields.tmpfs?.forEach((target) => service.addTmpfs(target));
  each(fields.labels, (name, value) => service.addLabel(name, value));
  fields.aliases?.forEach((hostname) => service.addAlias(hostname));
  fields.networks?.forEach((name) => service.addNetwork(name));
  given(fields.restartPolicy, (policy) => service.setRestartPolicy(policy));
  given(fields.healthCheck, ({ argv, intervalMs }) => service.setHealthCheck(argv, intervalMs));
  given(fields.platform, (platform) => service.setPlatform(platform));
  given(fields.sharedMemoryMib, (size) => service.setSharedMemory(size));
  given(fields.memoryLimitMib, (size) => service.setMemoryLimit(size));
  given(fields.cpuLimitMillicpus, (limit) => service.setCpuLimit(limit));
}
