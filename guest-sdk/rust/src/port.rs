/// A port of the container that is published on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The port in the container.
    pub container: u16,
    /// The port on the host; a free one is chosen when none.
    pub host: Option<u16>,
    /// What it speaks.
    pub transport: Transport,
}

/// What a published port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}
