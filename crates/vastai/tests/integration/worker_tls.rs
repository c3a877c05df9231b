//! Workers with TLS under a root of their own, over real sockets.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use vastai::{Delivery, Error, ErrorKind};
use vastai_mock::{Endpoint, Simulator, Worker, Workergroup};

use crate::support::builder;

/// A root as Vast.ai has one: a certificate authority of limited depth whose key usage does not say that it signs certificates.
fn root(usages: Vec<KeyUsagePurpose>) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = usages;
    params.distinguished_name.push(DnType::CommonName, "A root for workers");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A worker with TLS under a root, and how many requests came to it.
struct TlsWorker {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl TlsWorker {
    /// Its certificate is for this address.
    async fn start(root: &CertifiedIssuer<'static, KeyPair>, address: IpAddr) -> Self {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress(address)];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, root).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(mut connection) = acceptor.accept(connection).await else { return };
                    let mut request = [0; 16 * 1024];
                    if connection.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                        count.fetch_add(1, Ordering::SeqCst);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"ok\":true}";
                        let _ = connection.write_all(answer).await;
                        let _ = connection.shutdown().await;
                    }
                });
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What a request through an endpoint comes to whose one worker is this.
async fn asked(worker: &TlsWorker, roots: &[Vec<u8>]) -> Result<Value, Error> {
    let group = Workergroup::new(70).worker(Worker::new(1).url(worker.url.as_str()));
    let endpoint = Endpoint::new(7, "seven").workergroup(group);
    let simulator = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let client = builder(simulator.url(), simulator.url(), simulator.api_key());
    let client = roots.iter().fold(client, |client, root| client.worker_root_certificate(root)).build()?;
    let request = client.endpoint(7).request("/", json!({})).poll_at_most_every(Duration::from_millis(1));
    request.send().await?.json().await
}

#[tokio::test]
async fn a_worker_is_trusted_under_the_root_that_was_given() {
    for usages in [
        vec![],
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign],
        vec![KeyUsagePurpose::KeyCertSign],
    ] {
        let (root, other) = (root(usages.clone()), root(usages));
        let worker = TlsWorker::start(&root, HERE).await;
        let (pem, der) = (root.pem().into_bytes(), root.der().to_vec());
        let bundle = format!("{}{}", other.pem(), root.pem()).into_bytes();
        for roots in [vec![pem.clone()], vec![der], vec![bundle], vec![other.der().to_vec(), pem]] {
            assert_eq!(asked(&worker, &roots).await.unwrap(), json!({ "ok": true }));
        }
        assert_eq!(worker.requests(), 4);
    }
}

#[tokio::test]
async fn a_worker_under_another_root_gets_nothing() {
    let worker = TlsWorker::start(&root(vec![]), HERE).await;
    let error = asked(&worker, &[root(vec![]).der().to_vec()]).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::NotSent), "{error}");
    // Without any, the system's roots decide, of which a small machine has none.
    assert_eq!(asked(&worker, &[]).await.unwrap_err().delivery(), Delivery::NotSent);
    // Nor does one that shows the certificate of another address.
    let root = root(vec![]);
    let elsewhere = TlsWorker::start(&root, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))).await;
    let error = asked(&elsewhere, &[root.pem().into_bytes()]).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!((worker.requests(), elsewhere.requests()), (0, 0));
}

#[tokio::test]
async fn the_root_is_for_workers_alone() {
    let root = root(vec![]);
    let impostor = TlsWorker::start(&root, HERE).await;
    let client = builder(&impostor.url, &impostor.url, "a-key").worker_root_certificate(root.pem()).build();
    // A machine without any roots of the system makes no client for TLS, which is as good.
    let error = match client {
        Ok(client) => client.endpoint(7).workers().await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(impostor.requests(), 0, "the key has not gone there");
}

#[tokio::test]
async fn what_is_not_a_certificate_is_an_error_when_the_client_is_made() {
    let root = root(vec![]);
    let half = root.pem()[..200].to_owned();
    for wrong in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", &half] {
        let client = builder("http://127.0.0.1:1", "http://127.0.0.1:1", "a-key");
        let error = client.worker_root_certificate(wrong).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{wrong}");
        assert_eq!(error.message(), "the root certificate for workers is neither PEM nor DER");
    }
}
