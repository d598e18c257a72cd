//! The door of a witness: C2SP tlog-witness v1.0.0 over HTTP, `POST /add-checkpoint` for logs and
//! `GET /<SHA-256 of the origin>/checkpoint` for whoever compares what witnesses saw.
//!
//! Nothing here is secret, and a log believes a witness's keys, not the connection; TLS is there for whoever wants the way sealed.
//!
//! *Absent:* who asks. Anyone may bring a checkpoint that a log signed.

use super::{Witness, WitnessAnswer, WitnessFault};
use crate::listen::{HANDSHAKE_SECONDS, accept, converse};
use crate::seats::Seats;
use attache_node::pace::{Pace, Paced};
use attache_store::StoreError;
use attache_tlog::{MAX_REQUEST_BYTES, STOPPED_STATUS, WitnessRefusal};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// Most connections at one time.
pub const MAX_WITNESS_CALLERS: usize = 128;
/// Most connections from one address.
pub const MAX_WITNESS_CALLERS_OF_ONE: usize = 32;
/// A request must be here so soon after its head, in seconds.
pub const REQUEST_SECONDS: u64 = 15;
/// How often one address may ask. A log asks once a beat, and twice where it had forgotten where it stands.
pub const WITNESS_PACE: Pace = Pace { in_a_row: 120, per_minute: 600 };
/// Addresses of which it is remembered how often they asked. Those that are rested make room for others.
const MAX_PACED: usize = 4096;
/// After so long one may ask again who asked too often, in seconds.
const RETRY_SECONDS: u32 = 10;

const TEXT: &str = "text/plain; charset=utf-8";
/// The type of the answer that says at which size a witness stands.
const SIZE: &str = "text/x.tlog.size";

/// What a log is told that signed two histories.
const STOPPED: &str = "the log signed two trees of one size; nothing of it is cosigned until the people of this witness decide\n";

/// What every request has at hand.
#[derive(Clone)]
struct Door {
    witness: Arc<Witness>,
    asked: Arc<Mutex<BTreeMap<IpAddr, Paced>>>,
    failed: watch::Sender<bool>,
    from: Option<IpAddr>,
}

/// Serves whoever comes to `listener` until `shutdown` is true or the store failed, which is the error.
///
/// # Errors
/// After a write that failed it is not known what is on the disk; the witness signs nothing more before it was started anew.
pub async fn serve_witness(
    witness: Arc<Witness>,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    mut shutdown: watch::Receiver<bool>,
) -> Result<(), &'static str> {
    let failed = watch::Sender::new(false);
    let door = Door { witness, asked: Arc::default(), failed: failed.clone(), from: None };
    let ending = watch::Sender::new(false);
    let call = |socket: TcpStream| {
        let from = socket.peer_addr().ok().map(|from| from.ip());
        let router = Router::new().fallback(answer).with_state(Door { from, ..door.clone() });
        call(socket, tls.clone(), router, ending.subscribe())
    };
    let mut broken = failed.subscribe();
    let ends = async {
        tokio::select! {
            _ = shutdown.wait_for(|down| *down) => {}
            _ = broken.wait_for(|failed| *failed) => {}
        }
        ending.send_replace(true);
    };
    let seats = Seats::new(MAX_WITNESS_CALLERS, MAX_WITNESS_CALLERS_OF_ONE);
    tokio::join!(accept(listener, seats, ending.subscribe(), call), ends);
    let has_failed = *failed.borrow();
    if has_failed { Err("the store failed; nothing more is signed before a new start") } else { Ok(()) }
}

/// TLS for a witness: 1.3 only, with a certificate chain and its private key in PEM.
///
/// # Errors
/// They cannot be read, or do not belong together.
pub fn witness_tls(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, rustls::Error> {
    let unreadable = |what: &str| rustls::Error::General(format!("no {what} in PEM"));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = chain.map_err(|_| unreadable("certificate chain"))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| unreadable("private key"))?;
    let provider =
        CryptoProvider { kx_groups: vec![kx_group::X25519MLKEM768, kx_group::X25519], ..default_provider() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

async fn call(
    socket: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    shutdown: watch::Receiver<bool>,
) {
    let Some(tls) = tls else { return converse(socket, router, shutdown).await };
    let patience = Duration::from_secs(HANDSHAKE_SECONDS);
    match timeout(patience, TlsAcceptor::from(tls).accept(socket)).await {
        Ok(Ok(stream)) => converse(stream, router, shutdown).await,
        _ => tracing::debug!("a handshake failed or took too long"),
    }
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    if !door.may_ask() {
        let mut refused = said(StatusCode::TOO_MANY_REQUESTS, TEXT, "asked too often\n");
        refused.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
        return refused;
    }
    let (method, uri) = (request.method(), request.uri());
    if uri.query().is_some() {
        return said(StatusCode::NOT_FOUND, TEXT, "nothing is here\n");
    }
    match uri.path() {
        "/add-checkpoint" if method == Method::POST => door.add(request.into_body()).await,
        "/add-checkpoint" => only("POST"),
        path => match origin_of(path) {
            None => said(StatusCode::NOT_FOUND, TEXT, "nothing is here\n"),
            Some(origin) if method == Method::GET || method == Method::HEAD => door.latest(origin).await,
            Some(_) => only("GET, HEAD"),
        },
    }
}

/// The origin of which the path asks for the latest checkpoint, by its hash in lower case.
fn origin_of(path: &str) -> Option<[u8; 32]> {
    let hash = path.strip_prefix('/')?.strip_suffix("/checkpoint")?;
    HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()
}

impl Door {
    async fn add(self, body: Body) -> Response {
        let patience = Duration::from_secs(REQUEST_SECONDS);
        let body = match timeout(patience, to_bytes(body, MAX_REQUEST_BYTES)).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => return said(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "the request is too long\n"),
            Err(_) => return said(StatusCode::REQUEST_TIMEOUT, TEXT, "the request took too long\n"),
        };
        match self.with(move |witness| witness.add_checkpoint(&body)).await {
            None => unable(),
            Some(WitnessAnswer::Cosigned(lines)) => said(StatusCode::OK, TEXT, lines),
            Some(WitnessAnswer::UnknownLog) => {
                said(StatusCode::NOT_FOUND, TEXT, "the log is not witnessed here\n")
            }
            Some(WitnessAnswer::Stopped) => {
                said(StatusCode::from_u16(STOPPED_STATUS).unwrap_or(StatusCode::LOCKED), TEXT, STOPPED)
            }
            Some(WitnessAnswer::Refused(WitnessRefusal::OtherSize { size })) => {
                said(StatusCode::CONFLICT, SIZE, format!("{size}\n"))
            }
            Some(WitnessAnswer::Refused(refusal)) => {
                let status = StatusCode::from_u16(refusal.http_status());
                said(status.unwrap_or(StatusCode::BAD_REQUEST), TEXT, format!("{refusal}\n"))
            }
        }
    }

    async fn latest(self, origin: [u8; 32]) -> Response {
        match self.with(move |witness| witness.latest(&origin)).await {
            None => unable(),
            Some(Some(note)) => said(StatusCode::OK, TEXT, note),
            Some(None) => said(StatusCode::NOT_FOUND, TEXT, "nothing of that log was cosigned here\n"),
        }
    }

    /// Asks the witness, which waits for the disk; `None` where it failed.
    async fn with<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Witness) -> Result<T, WitnessFault> + Send + 'static,
    ) -> Option<T> {
        let witness = Arc::clone(&self.witness);
        let asked = tokio::task::spawn_blocking(move || ask(&witness)).await;
        match asked {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(fault)) => {
                tracing::error!(%fault, "the witness could not answer");
                // A full disk took nothing, and takes more once there is room.
                if matches!(&fault, WitnessFault::Store(store) if !matches!(store, StoreError::Full { .. })) {
                    self.failed.send_replace(true);
                }
                None
            }
            Err(_) => None,
        }
    }

    /// Whether the address may ask once more.
    fn may_ask(&self) -> bool {
        let Some(from) = self.from else { return false };
        let now = (self.witness.clock)();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MAX_PACED && !asked.contains_key(&from) {
            asked.retain(|_, paced| !WITNESS_PACE.is_rested(paced, now));
            if asked.len() >= MAX_PACED {
                return false;
            }
        }
        WITNESS_PACE.allows(asked.entry(from).or_insert_with(|| WITNESS_PACE.rested(now)), now)
    }
}

fn unable() -> Response {
    said(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the witness cannot answer at present\n")
}

fn only(methods: &'static str) -> Response {
    let mut refused = said(StatusCode::METHOD_NOT_ALLOWED, TEXT, "not by this method\n");
    refused.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    refused
}

fn said(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, body.into()).into_response()
}
