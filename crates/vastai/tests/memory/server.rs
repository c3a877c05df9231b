//! A server that answers every request with one response, which may be endless, and assigns workers to itself.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A body: a start, a piece that is repeated so often, and an end.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    start: Vec<u8>,
    piece: Vec<u8>,
    count: usize,
    end: Vec<u8>,
}

/// A piece comes as long as somebody reads.
pub(crate) const ENDLESS: usize = usize::MAX;

pub(crate) fn body(
    start: impl Into<Vec<u8>>,
    piece: impl Into<Vec<u8>>,
    count: usize,
    end: impl Into<Vec<u8>>,
) -> Body {
    Body { start: start.into(), piece: piece.into(), count, end: end.into() }
}

pub(crate) const ENDPOINT_KEY: &str = "the-endpoint-key";

/// Starts a server whose responses have this head, from the status on.
pub(crate) async fn server(head: &'static str, body: Body) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let (url, body) = (own.clone(), body.clone());
            tokio::spawn(async move {
                // Whoever has read enough closes the connection.
                let _ = serve(connection, &url, head, &body).await;
            });
        }
    });
    url
}

async fn serve(connection: TcpStream, url: &str, head: &str, body: &Body) -> std::io::Result<()> {
    let mut connection = BufReader::new(connection);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if connection.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            match line.trim().to_ascii_lowercase() {
                line if line.is_empty() => break,
                line if path.is_empty() => path = line.split(' ').nth(1).unwrap_or_default().to_owned(),
                line => {
                    if let Some(value) = line.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                }
            }
        }
        connection.read_exact(&mut vec![0; length]).await?;
        if path.contains("/route") {
            let assigned =
                format!(r#"{{"url": "{url}", "signature": "the-signature", "reqnum": 1, "request_idx": 1}}"#);
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{assigned}", assigned.len());
            connection.write_all(answer.as_bytes()).await?;
            continue;
        }
        let head = format!("HTTP/1.1 {head}\r\ntransfer-encoding: chunked\r\n\r\n");
        connection.write_all(head.as_bytes()).await?;
        chunk(&mut connection, &body.start).await?;
        let at_once = (64 * 1024 / body.piece.len().max(1)).max(1);
        let mut left = body.count;
        while left > 0 && !body.piece.is_empty() {
            let count = at_once.min(left);
            chunk(&mut connection, &body.piece.repeat(count)).await?;
            left -= count;
        }
        chunk(&mut connection, &body.end).await?;
        connection.write_all(b"0\r\n\r\n").await?;
    }
}

async fn chunk(connection: &mut BufReader<TcpStream>, data: &[u8]) -> std::io::Result<()> {
    if data.is_empty() {
        return Ok(());
    }
    connection.write_all(format!("{:x}\r\n", data.len()).as_bytes()).await?;
    connection.write_all(data).await?;
    connection.write_all(b"\r\n").await
}
