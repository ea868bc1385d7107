//! Asking an engine behind a socket which version of the API it speaks.
//!
//! bollard asks for `/version`, for which the engine runs two programs: some 8 ms, as much as all of a start with
//! nothing to do. `/_ping` says it in a header, at once.

use bollard::{API_DEFAULT_VERSION, ClientVersion};
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

/// The version that the engine and we both speak; none if this way does not say, for whatever reason.
pub(super) async fn api_version(socket: &str) -> Option<ClientVersion> {
    let stream = UnixStream::connect(socket).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get("/_ping").header("host", "localhost").body(Empty::<Bytes>::new()).ok()?;
    let mut answer = std::pin::pin!(sender.send_request(request));
    // The connection has to be driven until the answer is there.
    let answer = tokio::select! {
        answer = &mut answer => answer.ok()?,
        _ended = connection => answer.await.ok()?,
    };
    let (major, minor) = answer.headers().get("api-version")?.to_str().ok()?.split_once('.')?;
    let theirs: (usize, usize) = (major.parse().ok()?, minor.parse().ok()?);
    let ours = (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version);
    let (major_version, minor_version) = theirs.min(ours);
    Some(ClientVersion { major_version, minor_version })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    use super::*;

    /// What is understood of an answer.
    async fn understood(answer: &str) -> Option<(usize, usize)> {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let serve = async {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let length = client.read(&mut request).await.unwrap();
            assert!(request[..length].starts_with(b"GET /_ping HTTP/1.1\r\n"));
            client.write_all(answer.as_bytes()).await.unwrap();
        };
        let (version, ()) = tokio::join!(api_version(socket.to_str().unwrap()), serve);
        version.map(|version| (version.major_version, version.minor_version))
    }

    #[tokio::test]
    async fn the_older_one_of_both_versions_is_spoken() {
        let ours = (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version);
        let of = |version| format!("HTTP/1.1 200 OK\r\nApi-Version: {version}\r\nContent-Length: 2\r\n\r\nOK");
        assert_eq!(understood(&of("1.41")).await, Some((1, 41)));
        assert_eq!(understood(&of("1.999")).await, Some(ours));
    }

    #[tokio::test]
    async fn an_answer_without_a_version_says_nothing() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
            "HTTP/1.1 200 OK\r\nApi-Version: soon\r\nContent-Length: 0\r\n\r\n",
            "what?",
            "",
        ] {
            assert_eq!(understood(answer).await, None, "{answer:?}");
        }
        assert!(api_version("/no/such/socket").await.is_none());
    }
}
