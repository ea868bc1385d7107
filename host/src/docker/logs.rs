//! The logs of containers, as they come.

use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::{Stream, StreamExt as _};

use crate::engine::Result;
use crate::plan::ContainerId;

use super::Docker;
use super::attach::Output;
use super::client::REQUEST_TIMEOUT;
use super::container::WAIT_TIMEOUT;
use super::error::failed;

impl Docker {
    /// What a container wrote: its last `tail` lines, or all; and with `follow` what it writes until it ends.
    pub fn log(
        &self,
        id: &ContainerId,
        tail: Option<u32>,
        follow: bool,
    ) -> impl Stream<Item = Result<Output>> + Send + use<'_> {
        let tail = tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&tail).follow(follow).build();
        let silence = if follow { WAIT_TIMEOUT } else { REQUEST_TIMEOUT };
        let pieces = self.client.stream(silence, |docker| docker.logs(&id.0, Some(options)));
        pieces.map(|piece| piece.map(Output::from).map_err(|error| failed(self, "read the log", error)))
    }
}
