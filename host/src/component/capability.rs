//! What the interfaces are for that a component can import.

/// What an interface that a component imports is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Drillmaster's own: declaring services, reaching their containers, the context, the log.
    Drillmaster,
    /// Files.
    Files,
    /// The environment of the host.
    Environment,
    /// Sockets, and names of hosts.
    Network,
    /// HTTP requests.
    Http,
    /// What time it is.
    Clock,
    /// Random numbers.
    Random,
    /// Standard input, output and error.
    Stdio,
    /// Streams, polling and exiting, which lead nowhere by themselves.
    Basics,
}

impl Capability {
    /// What an import is for, in whatever version; none if it is no interface that the host has.
    #[must_use]
    pub fn of(import: &str) -> Option<Self> {
        let name = import.split_once('@').map_or(import, |(name, _)| name);
        Some(match name.split_once('/')? {
            ("drillmaster:plugin", "container" | "context" | "definition" | "log") => Self::Drillmaster,
            ("wasi:filesystem", "preopens" | "types") => Self::Files,
            ("wasi:cli", "environment") => Self::Environment,
            (
                "wasi:sockets",
                "instance-network" | "ip-name-lookup" | "network" | "tcp" | "tcp-create-socket" | "udp"
                | "udp-create-socket",
            ) => Self::Network,
            ("wasi:http", "outgoing-handler" | "types") => Self::Http,
            ("wasi:clocks", "monotonic-clock" | "wall-clock") => Self::Clock,
            ("wasi:random", "insecure" | "insecure-seed" | "random") => Self::Random,
            (
                "wasi:cli",
                "stderr" | "stdin" | "stdout" | "terminal-input" | "terminal-output" | "terminal-stderr"
                | "terminal-stdin" | "terminal-stdout",
            ) => Self::Stdio,
            ("wasi:cli", "exit") | ("wasi:io", "error" | "poll" | "streams") => Self::Basics,
            _ => return None,
        })
    }

    /// A word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drillmaster => "drillmaster",
            Self::Files => "files",
            Self::Environment => "environment",
            Self::Network => "network",
            Self::Http => "http",
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Stdio => "stdio",
            Self::Basics => "basics",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_for_the_same_in_every_version() {
        for version in ["", "@0.2.0", "@0.2.12", "@0.3.0"] {
            assert_eq!(Capability::of(&format!("wasi:sockets/tcp{version}")), Some(Capability::Network));
        }
        assert_eq!(Capability::of("wasi:cli/environment@0.2.6"), Some(Capability::Environment));
        assert_eq!(Capability::of("drillmaster:plugin/log@0.1.0"), Some(Capability::Drillmaster));
    }

    #[test]
    fn what_the_host_does_not_have_is_for_nothing() {
        for import in ["wasi:nn/graph@0.2.0", "wasi:http/incoming-handler@0.2.0", "drillmaster:plugin/files", "f", ""] {
            assert_eq!(Capability::of(import), None, "{import}");
        }
    }
}
