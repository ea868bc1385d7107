//! What the host does over the network for a hook: a GET request and a look whether somebody listens.

mod head;

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(super) use head::handshake;

/// The most bytes of a body that are kept: the first ones.
const MAX_BODY: usize = 1024 * 1024;

/// How long a connection must stay open to count. Docker's own proxy accepts every connection to a published port, and
/// closes it at once when nobody listens in the container.
const STAYS_OPEN: Duration = Duration::from_millis(100);

/// Whether something accepts a connection, and keeps it.
pub(super) async fn probe(host: &str, port: u16, within: Duration) -> bool {
    let Ok(Ok(stream)) = timeout(within, TcpStream::connect((host, port))).await else { return false };
    let mut first = [0];
    match timeout(STAYS_OPEN, stream.peek(&mut first)).await {
        // Most servers wait for the client to speak first.
        Err(_silence) => true,
        Ok(spoken) => spoken.is_ok_and(|bytes| bytes > 0),
    }
}

/// The status and body of a GET request. Redirects are not followed.
pub(super) async fn get(host: &str, port: u16, path: &str, within: Duration) -> Result<(u16, Vec<u8>), String> {
    let failed = |reason: String| format!("cannot get http://{host}:{port}{path}: {reason}");
    timeout(within, request(host, port, path))
        .await
        .map_err(|_| failed(format!("no answer within {} ms", within.as_millis())))?
        .map_err(|error| failed(reason(&*error)))
}

/// Why there was no answer, in words for a person.
fn reason(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    match error.downcast_ref::<hyper::Error>() {
        Some(error) if error.is_canceled() || error.is_closed() || error.is_incomplete_message() => {
            "the connection was closed before there was an answer".to_owned()
        }
        // The rest of the chain says what the first words leave open.
        _ => std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": "),
    }
}

async fn request(
    host: &str,
    port: u16,
    path: &str,
) -> Result<(u16, Vec<u8>), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection, answered) = handshake(stream).await?;
    let request = Request::get(path).header("host", format!("{host}:{port}")).body(Empty::<Bytes>::new())?;
    let exchange = async {
        let mut response = sender.send_request(request).await?;
        answered.begins();
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[tokio::test]
    async fn a_server_that_waits_for_its_client_listens() {
        let (_listener, port) = listener().await;
        assert!(probe("127.0.0.1", port, WITHIN).await);
    }

    #[tokio::test]
    async fn a_server_that_speaks_first_listens() {
        let (listener, port) = listener().await;
        let server = async { listener.accept().await.unwrap().0.write_all(b"220 hello").await.unwrap() };
        let (listens, ()) = tokio::join!(probe("127.0.0.1", port, WITHIN), server);
        assert!(listens);
    }

    #[tokio::test]
    async fn a_proxy_that_closes_at_once_does_not_listen() {
        let (listener, port) = listener().await;
        let (listens, ()) = tokio::join!(probe("127.0.0.1", port, WITHIN), async {
            drop(listener.accept().await.unwrap());
        });
        assert!(!listens);
    }

    #[tokio::test]
    async fn a_port_that_nobody_has_does_not_listen() {
        let (listener, port) = listener().await;
        drop(listener);
        assert!(!probe("127.0.0.1", port, WITHIN).await);
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up() {
        let (_listener, port) = listener().await;
        let error = get("127.0.0.1", port, "/slow", Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error, format!("cannot get http://127.0.0.1:{port}/slow: no answer within 50 ms"));
    }

    #[tokio::test]
    async fn a_connection_that_is_closed_without_an_answer_is_told_as_that() {
        let (listener, port) = listener().await;
        for reads in [false, true] {
            let server = async {
                let (mut client, _) = listener.accept().await.unwrap();
                if reads {
                    assert!(client.read(&mut [0; 1024]).await.unwrap() > 0);
                    client.write_all(b"HTTP/1.1 20").await.unwrap();
                }
            };
            let (answer, ()) = tokio::join!(get("127.0.0.1", port, "/", WITHIN), server);
            let error = answer.unwrap_err();
            assert!(error.contains("closed before") || error.contains("reset by peer"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_limit() {
        let (listener, port) = listener().await;
        let server = async {
            let (mut client, _) = listener.accept().await.unwrap();
            assert!(client.read(&mut [0; 1024]).await.unwrap() > 0);
            let _ = client.write_all(b"HTTP/1.1 201 Created\r\nconnection: close\r\n\r\n").await;
            let _ = client.write_all(&vec![b'x'; MAX_BODY * 2]).await;
        };
        let (answer, ()) = tokio::join!(get("127.0.0.1", port, "/", WITHIN), server);
        let (status, body) = answer.unwrap();
        assert_eq!((status, body.len()), (201, MAX_BODY));
    }

    #[tokio::test]
    async fn interim_answers_without_an_end_are_given_up() {
        let (listener, port) = listener().await;
        let server = async {
            let (mut client, _) = listener.accept().await.unwrap();
            assert!(client.read(&mut [0; 1024]).await.unwrap() > 0);
            let many = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000);
            while client.write_all(many.as_bytes()).await.is_ok() {}
        };
        let (answer, ()) = tokio::join!(get("127.0.0.1", port, "/", WITHIN), server);
        let error = answer.unwrap_err();
        assert!(error.starts_with("cannot get http://127.0.0.1:") && !error.contains("no answer within"), "{error}");
    }

    #[tokio::test]
    async fn the_answer_after_an_interim_one_is_the_answer() {
        let (listener, port) = listener().await;
        let server = async {
            let (mut client, _) = listener.accept().await.unwrap();
            assert!(client.read(&mut [0; 1024]).await.unwrap() > 0);
            client
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK")
                .await
                .unwrap();
        };
        let (answer, ()) = tokio::join!(get("127.0.0.1", port, "/", WITHIN), server);
        assert_eq!(answer, Ok((200, b"OK".to_vec())));
    }
}
