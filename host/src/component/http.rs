//! What the host does over the network for a hook: a GET request and a look whether somebody listens.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The most bytes of a body that are kept: the first ones.
const MAX_BODY: usize = 1024 * 1024;

/// Whether something accepts a connection.
pub(super) async fn probe(host: &str, port: u16, within: Duration) -> bool {
    matches!(timeout(within, TcpStream::connect((host, port))).await, Ok(Ok(_)))
}

/// The status and body of a GET request. Redirects are not followed.
pub(super) async fn get(host: &str, port: u16, path: &str, within: Duration) -> Result<(u16, Vec<u8>), String> {
    let failed = |reason: String| format!("cannot get http://{host}:{port}{path}: {reason}");
    timeout(within, request(host, port, path))
        .await
        .map_err(|_| failed(format!("no answer within {} ms", within.as_millis())))?
        .map_err(|error| failed(error.to_string()))
}

async fn request(
    host: &str,
    port: u16,
    path: &str,
) -> Result<(u16, Vec<u8>), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path).header("host", format!("{host}:{port}")).body(Empty::<Bytes>::new())?;
    let exchange = async {
        let mut response = sender.send_request(request).await?;
        let mut body = Vec::new();
        while let Some(frame) = response.frame().await {
            if let Some(data) = frame?.data_ref() {
                body.extend_from_slice(&data[..data.len().min(MAX_BODY - body.len())]);
                if body.len() == MAX_BODY {
                    break;
                }
            }
        }
        Ok((response.status().as_u16(), body))
    };
    // The connection has to be driven while the exchange goes on, and goes with it.
    let mut connection = std::pin::pin!(connection);
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        done = &mut exchange => done,
        ended = &mut connection => {
            ended?;
            exchange.await
        }
    }
}
