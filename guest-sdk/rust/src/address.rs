use std::fmt::{self, Display, Formatter};

/// Where something listens. Shown as `host:port`, so that it fits into a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// The port on that host.
    pub port: u16,
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(host: &str) -> String {
        Address { host: host.into(), port: 80 }.to_string()
    }

    #[test]
    fn an_address_fits_into_a_url() {
        assert_eq!(shown("127.0.0.1"), "127.0.0.1:80");
        assert_eq!(shown("::1"), "[::1]:80");
    }
}
