//! A server on loopback whose every byte a test decides.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Lets `respond` write to each connection, given the head of the request. The connection is closed after it.
    pub(crate) fn start(respond: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let head = head(&mut connection);
                seen.lock().unwrap().push(head.clone());
                respond(&head, &mut connection);
            }
        });
        Self { port, requests }
    }

    /// Answers each path with its own text, and all others with 404.
    pub(crate) fn site(pages: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let pages: Vec<_> = pages.into_iter().collect();
        Self::start(move |head, connection| {
            let asked = head.split(' ').nth(1).unwrap_or_default();
            let page = pages.iter().find(|(path, _)| *path == asked);
            let (status, body) = page.map_or(("404 Not Found", ""), |(_, body)| ("200 OK", body.as_str()));
            let length = body.len();
            let response =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            // The client may have gone away already.
            let _ = connection.write_all(response.as_bytes());
        })
    }

    /// Answers everything with one body, whole.
    pub(crate) fn answering(status: &'static str, headers: &'static str, body: String) -> Self {
        Self::start(move |_, connection| {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            // The client may have gone away already.
            let _ =
                connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(body.as_bytes()));
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority())
    }

    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn head(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    // What begins with no letter is not HTTP, and has no end to wait for.
    let is_over = |head: &[u8]| {
        head.ends_with(b"\r\n\r\n") || head.first().is_some_and(|first| !first.is_ascii_alphabetic())
    };
    while !is_over(&head) && connection.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}
