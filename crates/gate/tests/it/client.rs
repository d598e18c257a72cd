//! A client of people's listener that writes its requests itself, so that it can also write wrong ones.

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768;
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where a node's people's listener is, and what its clients pin.
#[derive(Clone)]
pub struct Door {
    pub at: SocketAddr,
    pub name: String,
    pub authority: Vec<u8>,
}

/// A request's answer.
pub struct Answered {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body of an answer that came in pieces of unknown number.
    pub fn unchunked(&self) -> Vec<u8> {
        let (mut rest, mut whole) = (self.body.as_slice(), Vec::new());
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
            if size == 0 {
                return whole;
            }
            whole.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest = &rest[end + size + 4..];
        }
    }

    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {text}", self.status))
    }

    /// The JSON of an answer that must be good.
    pub fn good(&self) -> Value {
        assert!(self.status < 300, "{} {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The code of a problem, with its status.
    pub fn problem(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap().to_owned())
    }

    /// Status and field of a problem.
    pub fn field(&self) -> (u16, String) {
        (self.status, self.json()["field"].as_str().unwrap_or_default().to_owned())
    }
}

impl Door {
    /// A connection, with the groups of key exchange in the client's order.
    pub async fn connect_by(
        &self,
        kx_groups: Vec<&'static dyn SupportedKxGroup>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = CryptoProvider { kx_groups, ..default_provider() };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.authority.clone())).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.name.clone()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(self.at).await?).await
    }

    pub async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_by(vec![X25519MLKEM768]).await.unwrap()
    }

    pub async fn send(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answered {
        let mut stream = self.connect().await;
        let head = head((method, path), headers, body.len() as u64);
        exchange(&mut stream, &[head.as_bytes(), body].concat()).await
    }
}

/// The head of a request that is the last of its connection.
pub fn head((method, path): (&str, &str), headers: &[(&str, &str)], body_bytes: u64) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}content-length: {body_bytes}\r\n\r\n")
}

/// Sends a request that closes its connection, and reads the whole answer.
pub async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> Answered {
    // A server that answers early may close before it has read everything.
    let _ = stream.write_all(request).await;
    let _ = stream.flush().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Answered::read(&answer)
}
