//! `wasi:http`: requests to where a call may connect.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::http::uri::Scheme;
use hyper::{Request, Response, Uri};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::component::http;
use crate::grants::Asked;

use super::Network;

/// How long to wait for a connection, the first byte and each further piece unless the definition says otherwise. The
/// call's own deadline ends it in any case.
const PATIENCE: Duration = Duration::from_mins(5);

/// The requests of one call.
pub(in crate::component::wasi) struct Outgoing(pub(in crate::component::wasi) Network);

type Driver = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Outgoing {
    fn default_scheme(&mut self) -> Option<Scheme> {
        // Services are reached on this machine, where nobody has a certificate.
        Some(Scheme::HTTP)
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Driver,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Driver), Error>> + Send> {
        Box::new(send(self.0.clone(), request, options.unwrap_or_default()))
    }
}

async fn send(
    network: Network,
    mut request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<(Response<WasiBody>, Driver), Error> {
    let authority = request.uri().authority().cloned().ok_or(Error::HttpRequestUriInvalid)?;
    if request.uri().scheme() != Some(&Scheme::HTTP) {
        network.deny(Asked::Https(authority.host().to_owned()));
        return Err(Error::HttpProtocolError);
    }
    let address = network.clear_host(authority.host(), authority.port_u16().unwrap_or(80)).await.map_err(refusal)?;
    let patience = options.connect_timeout.unwrap_or(PATIENCE);
    let stream = timeout(patience, TcpStream::connect(address)).await.map_err(|_| Error::ConnectionTimeout)?;
    let (mut sender, connection, answered) = http::handshake(stream.map_err(Error::Connect)?).await?;
    // The server wants only the path: the rest was for us.
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| Error::HttpRequestUriInvalid)?;
    let mut connection = Box::pin(connection);
    let exchange = async {
        let mut response = std::pin::pin!(sender.send_request(request));
        // The connection has to be driven until the answer is there; afterwards by who reads the body.
        tokio::select! {
            response = &mut response => response,
            ended = &mut connection => {
                ended?;
                response.await
            }
        }
    };
    let patience = options.first_byte_timeout.unwrap_or(PATIENCE);
    let response = timeout(patience, exchange).await.map_err(|_| Error::ConnectionReadTimeout)??;
    answered.begins();
    let response = response.map(|body| body.map_err(Error::from).boxed_unsync());
    Ok((response, Box::new(async move { connection.await.map_err(Error::from) })))
}

/// What a definition is told of a refusal.
fn refusal(reason: ErrorCode) -> Error {
    match reason {
        ErrorCode::AccessDenied => Error::HttpRequestDenied,
        ErrorCode::TemporaryResolverFailure => Error::DnsTimeout,
        _ => Error::DestinationNotFound,
    }
}
