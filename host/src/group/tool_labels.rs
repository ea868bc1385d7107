//! Labels that other tools on the same engine act on.

/// A tool that reads the labels of every container of an engine, and does something because of them: publishes the
/// container, runs commands in it or on the host, restarts, updates or removes it, or takes it for its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// What the names of its labels begin with, in lower case.
    pub prefix: &'static str,
    /// What it is called.
    pub name: &'static str,
}

/// What the names of drillmaster's own labels begin with.
pub(super) const OWN_LABELS: &str = "dev.drillmaster.";

const fn tool(prefix: &'static str, name: &'static str) -> Tool {
    Tool { prefix, name }
}

/// The tools that are known, by what their labels begin with. Each line has the page that says so.
const TOOLS: [Tool; 41] = [
    // Engines and what they reserve for themselves.
    tool("com.docker.", "Docker"), // docs.docker.com/engine/manage-resources/labels (Compose, Swarm, Desktop)
    tool("io.docker.", "Docker"),  // the same
    tool("org.dockerproject.", "Docker"), // the same
    tool("desktop.docker.", "Docker Desktop"), // desktop.docker.io/binds/…, as Docker Desktop sets it itself
    tool("io.podman.", "Podman"), // docs.podman.io: podman-compose and podman kube use io.podman.compose.*, io.podman.annotations.*
    tool("io.containers.", "Podman"), // docs.podman.io, podman-auto-update: io.containers.autoupdate
    tool("podman_systemd_unit", "Podman"), // docs.podman.io, podman-auto-update: restarts this unit of the host
    tool("io.kubernetes.", "Kubernetes"), // github.com/Mirantis/cri-dockerd: containers of pods are found by these
    tool("annotation.io.kubernetes.", "Kubernetes"), // the same
    tool("io.cri-containerd", "containerd"), // pkg.go.dev/github.com/containerd/containerd/labels: not from untrusted sources
    tool("containerd.io/", "containerd"),    // the same
    tool("com.hashicorp.nomad.", "Nomad"), // developer.hashicorp.com/nomad/docs/drivers/docker: removes dangling containers by these
    tool("com.amazonaws.ecs.", "the Amazon ECS agent"), // docs.aws.amazon.com/AmazonECS: task metadata by label
    // Proxies, which make a container reachable from elsewhere.
    tool("traefik.", "Traefik"),                    // doc.traefik.io/traefik/providers/docker
    tool("caddy", "caddy-docker-proxy"), // github.com/lucaslorentz/caddy-docker-proxy: caddy, caddy_0, caddy.…
    tool("com.github.nginx-proxy.", "nginx-proxy"), // github.com/nginx-proxy/nginx-proxy
    tool("com.github.jrcs.letsencrypt_nginx_proxy_companion.", "acme-companion"), // github.com/nginx-proxy/acme-companion
    tool("easyhaproxy.", "EasyHAProxy"),                                          // github.com/byjg/docker-easy-haproxy
    tool("tsdproxy.", "TSDProxy"),                                                // almeidapaulopt.github.io/tsdproxy
    tool("sablier.", "Sablier"),     // sablierapp.dev: starts and stops by label
    tool("bunkerweb.", "BunkerWeb"), // docs.bunkerweb.io/latest/integrations
    // Schedulers and backups, which run commands.
    tool("ofelia.", "Ofelia"),     // github.com/mcuadros/ofelia: job-exec, job-run, job-local
    tool("chadburn.", "Chadburn"), // github.com/PremoWeb/Chadburn
    tool("deck-chores.", "deck-chores"), // deck-chores.readthedocs.io
    tool("swarm.cronjob.", "swarm-cronjob"), // crazymax.dev/swarm-cronjob
    tool("docker-volume-backup.", "docker-volume-backup"), // offen.github.io/docker-volume-backup: archive-pre, exec-label
    // What restarts, updates or removes containers.
    tool("com.centurylinklabs.watchtower.", "Watchtower"), // containrrr.dev/watchtower: lifecycle hooks run commands
    tool("autoheal", "autoheal"), // github.com/willfarrell/docker-autoheal: autoheal, autoheal.stop.timeout
    tool("wud.", "What's up Docker"), // getwud.github.io/wud: triggers update containers
    tool("diun.", "Diun"),        // crazymax.dev/diun/providers/docker
    tool("org.testcontainers", "Testcontainers"), // github.com/testcontainers/moby-ryuk: removes by label
    tool("com.ddev.", "DDEV"),    // docs.ddev.com: finds its projects' containers by com.ddev.site-name
    tool("io.portainer.", "Portainer"), // docs.portainer.io/advanced/access-control: io.portainer.accesscontrol.public
    // What reads logs and figures, from the addresses that labels give.
    tool("com.datadoghq.", "the Datadog agent"), // docs.datadoghq.com/containers/docker/integrations: com.datadoghq.ad.*
    tool("co.elastic.", "Elastic Beats"),        // www.elastic.co/guide/en/beats: hints of autodiscover
    tool("prometheus", "Prometheus"), // prometheus.io/docs, docker_sd_config: prometheus.io/scrape, prometheus-job
    tool("dev.dozzle.", "Dozzle"),    // dozzle.dev/guide/container-groups
    // Pages that show what runs, with links that labels give.
    tool("homepage.", "Homepage"),        // gethomepage.dev/configs/docker
    tool("glance.", "Glance"),            // github.com/glanceapp/glance: docker-containers
    tool("flame.", "Flame"),              // github.com/pawelmalak/flame
    tool("net.unraid.docker.", "Unraid"), // docs.unraid.net: webui, icon, managed
];

/// The tool that acts on a label of this name, as far as one is known. Some read the names of labels in either case.
#[must_use]
pub fn tool_of_label(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| begins_with(name, tool.prefix))
}

/// Whether a label of this name is one of drillmaster's.
#[must_use]
pub fn is_own_label(name: &str) -> bool {
    begins_with(name, OWN_LABELS)
}

/// Whether the name of a label begins like this, in whichever case.
#[must_use]
pub fn begins_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_a_tool_acts_on_is_known_in_either_case() {
        let of = |name| tool_of_label(name).map(|tool| tool.name);
        for (name, tool) in [
            ("traefik.enable", "Traefik"),
            ("Traefik.HTTP.routers.a.rule", "Traefik"),
            ("com.docker.compose.project", "Docker"),
            ("caddy", "caddy-docker-proxy"),
            ("caddy_0.reverse_proxy", "caddy-docker-proxy"),
            ("autoheal", "autoheal"),
            ("PODMAN_SYSTEMD_UNIT", "Podman"),
            ("org.testcontainers", "Testcontainers"),
            ("prometheus.io/scrape", "Prometheus"),
        ] {
            assert_eq!(of(name), Some(tool), "{name}");
        }
        for free in ["", "team", "org.example.colour", "traefik", "my.traefik.enable", "com.dockers.a", "träfik.a"] {
            assert_eq!(of(free), None, "{free}");
        }
    }

    #[test]
    fn every_prefix_is_in_lower_case_and_none_is_covered_by_another() {
        for tool in &TOOLS {
            assert_eq!(tool.prefix, tool.prefix.to_ascii_lowercase());
            assert_eq!(tool_of_label(tool.prefix), Some(tool), "{} is covered by another", tool.prefix);
        }
    }
}
