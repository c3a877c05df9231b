//! Connections that break at each moment, and what is then known of the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vastai::{Client, Delivery, Error, ErrorKind};

use crate::support::builder;

const DONE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"success\":true}";

/// A server that treats its connections as it is told, and counts the requests whose head came whole.
pub(crate) async fn server<F>(
    treat: impl Fn(TcpStream, Arc<AtomicUsize>) -> F + Send + 'static,
) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            tokio::spawn(treat(connection, counted.clone()));
        }
    });
    (url, requests)
}

/// Reads a request; `false` at the end of the connection.
pub(crate) async fn request(connection: &mut TcpStream, requests: &AtomicUsize) -> bool {
    let mut read = Vec::new();
    loop {
        let mut part = [0; 4096];
        match connection.read(&mut part).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => read.extend_from_slice(&part[..count]),
        }
        if read.windows(4).any(|end| end == b"\r\n\r\n") {
            requests.fetch_add(1, Ordering::SeqCst);
            return true;
        }
    }
}

async fn reboot(client: &Client) -> Result<(), Error> {
    client.api().reboot_instance().id(7).send().await?;
    Ok(())
}

/// A read, over a connection that is kept.
async fn look(client: &Client) -> Result<(), Error> {
    client.call(Client::operation("showInstance")?).set("id", 7)?.send().await?;
    Ok(())
}

#[tokio::test]
async fn a_kept_connection_that_closes_upon_a_request_leaves_it_open_whether_it_was_done() {
    let (url, requests) = server(async |mut connection, requests| {
        if request(&mut connection, &requests).await {
            connection.write_all(DONE).await.unwrap();
        }
        // The second request on the connection arrives, and nothing is answered.
        request(&mut connection, &requests).await;
    })
    .await;
    let client = crate::support::client(&url, &url, "a-key");
    look(&client).await.unwrap();
    let error = look(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.attempts()),
        (ErrorKind::Connection, Delivery::Unknown, 1)
    );
    assert!(!error.may_have_been_done(), "it only reads");
    assert_eq!(requests.load(Ordering::SeqCst), 2, "the HTTP client did not send it again by itself");
}

#[tokio::test]
async fn what_must_not_be_done_twice_has_a_connection_of_its_own() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let (url, requests) = server(move |mut connection, requests| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            while request(&mut connection, &requests).await {
                connection.write_all(DONE).await.unwrap();
            }
        }
    })
    .await;
    let client = builder(&url, &url, "a-key").build().unwrap();
    for _ in 0..3 {
        look(&client).await.unwrap();
    }
    assert_eq!((connections.load(Ordering::SeqCst), requests.load(Ordering::SeqCst)), (1, 3));
    for count in 2..=4 {
        reboot(&client).await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), count);
    }
    // Of a client that was given, nothing is known; one for creations can be given, too.
    let http = vastai_api::fresh_connections(vastai_api::http_client_builder()).build().unwrap();
    let kept = vastai_api::http_client_builder().build().unwrap();
    let client = builder(&url, &url, "a-key").http_client(kept).creation_http_client(http).build().unwrap();
    for _ in 0..3 {
        look(&client).await.unwrap();
        reboot(&client).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 4 + 1 + 3);
}

#[tokio::test]
async fn a_connection_that_closed_while_it_was_kept_costs_nothing() {
    let (closed, mut was_closed) = tokio::sync::mpsc::unbounded_channel();
    let (url, requests) = server(move |mut connection, requests| {
        let closed = closed.clone();
        async move {
            if request(&mut connection, &requests).await {
                connection.write_all(DONE).await.unwrap();
            }
            connection.shutdown().await.unwrap();
            // The client has seen the end once it ends its own side.
            let mut rest = [0; 1];
            let _ = connection.read(&mut rest).await;
            closed.send(()).unwrap();
        }
    })
    .await;
    let client = builder(&url, &url, "a-key").build().unwrap();
    for count in 1..=3 {
        look(&client).await.unwrap();
        was_closed.recv().await.unwrap();
        assert_eq!(requests.load(Ordering::SeqCst), count);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_head_of_a_response_is_ambiguous() {
    for part in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-le", "garbage\r\n\r\n"] {
        let (url, requests) = server(async move |mut connection, requests| {
            request(&mut connection, &requests).await;
            connection.write_all(part.as_bytes()).await.unwrap();
        })
        .await;
        let client = builder(&url, &url, "a-key").build().unwrap();
        let error = reboot(&client).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Connection, Delivery::Unknown),
            "{part}: {error:?}"
        );
        assert!(error.may_have_been_done() && error.attempts() == 1, "{part}");
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    }
}
