//! The generated client alone: one operation, its type, its table entry.

use vastai_api::{Client, Operation, SharedTransport, http_client_builder, types};

/// The endpoints of the account behind `console`.
pub async fn endpoints(console: &str) -> Result<types::ShowEndpointsResponse, Box<dyn std::error::Error>> {
    let client = Client::new_with_client(console, http_client_builder().build()?, SharedTransport::default());
    Ok(client.show_endpoints().send().await?.into_inner())
}

/// The server that the workers of an endpoint are asked from.
pub fn server_of_workers() -> Option<&'static str> {
    Operation::by_id("getEndpointWorkers").map(|operation| operation.server)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn an_answer_comes_back_typed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let console = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = connection.read(&mut request).await.unwrap();
            let body = r#"{"success": true, "results": [{"id": 7, "unheard_of": 1}]}"#;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = super::endpoints(&console).await.unwrap();
        assert_eq!(answer.results.unwrap()[0].id, Some(7));
        assert!(server.await.unwrap().starts_with("GET /api/v0/endptjobs HTTP/1.1"));
    }

    #[test]
    fn the_table_names_the_server() {
        assert_eq!(super::server_of_workers(), Some("https://run.vast.ai"));
    }
}
