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

/// The tools that are known, by what their labels begin with; before them, the pages that say so.
const TOOLS: [Tool; 67] = [
    // What engines and their clients reserve: docs.docker.com/engine/manage-resources/labels. Compose, Swarm and Desktop find
    // their own things by such labels.
    tool("com.docker.", "Docker"),
    tool("io.docker.", "Docker"),
    tool("org.dockerproject.", "Docker"),
    tool("desktop.docker.", "Docker Desktop"),
    // docs.podman.io/en/latest/markdown/podman-auto-update.1.html: it restarts the unit of the host that a label names.
    tool("io.podman.", "Podman"),
    tool("io.containers.", "Podman"),
    tool("podman_systemd_unit", "Podman"),
    // pkg.go.dev/github.com/containerd/containerd/labels: they must not be copied from untrusted sources.
    tool("io.cri-containerd", "containerd"),
    tool("containerd.io/", "containerd"),
    // What others that run containers find theirs by: github.com/Mirantis/cri-dockerd,
    // developer.hashicorp.com/nomad/docs/drivers/docker (which removes those that it does not know),
    // docs.aws.amazon.com/AmazonECS, docs.ddev.com, golang.testcontainers.org/features/garbage_collector (removes them).
    tool("io.kubernetes.", "Kubernetes"),
    tool("annotation.io.kubernetes.", "Kubernetes"),
    tool("com.hashicorp.nomad.", "Nomad"),
    tool("com.amazonaws.ecs.", "the Amazon ECS agent"),
    tool("com.ddev.", "DDEV"),
    // kind.sigs.k8s.io, k3d.io, minikube.sigs.k8s.io, docs.gitlab.com/runner, containers.dev: each finds and removes its own
    // containers by these.
    tool("io.x-k8s.kind.", "kind"),
    tool("k3d.", "k3d"),
    tool("created_by.minikube.", "minikube"),
    tool("com.gitlab.gitlab-runner.", "GitLab Runner"),
    tool("devcontainer.", "the Dev Container CLI"),
    tool("org.testcontainers", "Testcontainers"),
    // Proxies, which make a container reachable from elsewhere: doc.traefik.io/traefik/providers/docker,
    // github.com/lucaslorentz/caddy-docker-proxy, github.com/nginx-proxy, github.com/byjg/docker-easy-haproxy,
    // almeidapaulopt.github.io/tsdproxy, sablierapp.dev (starts and stops), docs.bunkerweb.io/latest/integrations.
    tool("traefik.", "Traefik"),
    tool("caddy", "caddy-docker-proxy"),
    tool("com.github.nginx-proxy.", "nginx-proxy"),
    tool("com.github.jrcs.letsencrypt_nginx_proxy_companion.", "acme-companion"),
    tool("easyhaproxy.", "EasyHAProxy"),
    // github.com/ChrispyBacon-dev/DockFlare (a tunnel to the internet), which had other labels before; and names in a DNS:
    // github.com/kevinjqiu/coredns-dockerdiscovery, github.com/aacebedo/dnsdock, maxfield-allison.github.io/dnsweaver.
    tool("dockflare.", "DockFlare"),
    tool("cloudflare.tunnel", "DockFlare"),
    tool("dnsweaver.", "dnsweaver"),
    tool("coredns.dockerdiscovery.", "coredns-dockerdiscovery"),
    tool("com.dnsdock.", "dnsdock"),
    tool("tsdproxy.", "TSDProxy"),
    // github.com/capnspacehook/whalewall, github.com/shinebayar-g/ufw-docker-automated (firewalls),
    // docs.linuxserver.io/general/swag, github.com/yusing/godoxy, github.com/marvinvr/docktail, docs.crowdsec.net.
    tool("whalewall.", "whalewall"),
    tool("ufw_managed", "ufw-docker-automated"),
    tool("swag", "SWAG"),
    tool("proxy.", "GoDoxy"),
    tool("docktail.", "DockTail"),
    tool("crowdsec.", "CrowdSec"),
    tool("sablier.", "Sablier"),
    tool("bunkerweb.", "BunkerWeb"),
    // Schedulers and backups, which run commands, some on the host: github.com/mcuadros/ofelia and its fork
    // github.com/PremoWeb/Chadburn, deck-chores.readthedocs.io, crazymax.dev/swarm-cronjob,
    // offen.github.io/docker-volume-backup/how-tos/run-custom-commands.html.
    tool("ofelia.", "Ofelia"),
    tool("chadburn.", "Chadburn"),
    tool("deck-chores.", "deck-chores"),
    tool("swarm.cronjob.", "swarm-cronjob"),
    tool("docker-volume-backup.", "docker-volume-backup"),
    // github.com/Minituff/nautical-backup, github.com/lawndoc/stack-back, and restic-compose-backup before it.
    tool("nautical-backup.", "Nautical Backup"),
    tool("stack-back.", "stack-back"),
    tool("restic-compose-backup.", "restic-compose-backup"),
    // What restarts, updates, removes or gives access to containers: containrrr.dev/watchtower (whose hooks run commands),
    // github.com/willfarrell/docker-autoheal, getwud.github.io/wud, crazymax.dev/diun/providers/docker,
    // docs.portainer.io/advanced/access-control.
    tool("com.centurylinklabs.watchtower", "Watchtower"),
    tool("autoheal", "autoheal"),
    tool("wud.", "What's up Docker"),
    tool("diun.", "Diun"),
    // github.com/qdm12/deunhealth, github.com/vmorganp/Lazytainer, github.com/pyouroboros/ouroboros,
    // github.com/mag37/dockcheck, komo.do/docs.
    tool("deunhealth.", "deunhealth"),
    tool("lazytainer.", "Lazytainer"),
    tool("com.ouroboros.", "Ouroboros"),
    tool("mag37.dockcheck.", "dockcheck"),
    tool("komodo.", "Komodo"),
    tool("io.portainer.", "Portainer"),
    // What connects to a container, or reads its logs, as labels say: docs.datadoghq.com/containers/docker/integrations,
    // www.elastic.co/guide/en/beats (hints of autodiscover), prometheus.io/docs (docker_sd_config),
    // dozzle.dev/guide/container-groups.
    tool("com.datadoghq.", "the Datadog agent"),
    tool("co.elastic.", "Elastic Beats"),
    tool("prometheus", "Prometheus"),
    tool("dev.dozzle.", "Dozzle"),
    tool("dozzle.", "Dozzle"),
    // Pages that show what runs, with the links that labels give: gethomepage.dev/configs/docker,
    // github.com/glanceapp/glance, github.com/pawelmalak/flame, docs.unraid.net.
    tool("homepage.", "Homepage"),
    tool("glance.", "Glance"),
    tool("flame.", "Flame"),
    // github.com/BigBoot/AutoKuma, which makes monitors.
    tool("kuma.", "AutoKuma"),
    tool("net.unraid.docker.", "Unraid"),
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
            // With this one alone it takes a container for another one of itself, and stops it.
            ("com.centurylinklabs.watchtower", "Watchtower"),
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
