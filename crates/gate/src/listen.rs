//! The listeners: people's, over TLS; the watchers', plain and on the loopback interface only; the log's, plain, and that of
//! machine clients, over TLS or behind a proxy, where they are wanted.
//!
//! *Absent:* partners. They come over the link, by another parser.

use crate::gate::Gate;
use crate::kas::Provider;
use crate::patient::{Patient, WRITE_SECONDS};
use crate::seats::Seats;
use crate::{health, kas, log, routes, tls::PeopleTls, transparency};
use attache_node::fault::Fault;
use attache_rewrap::discovery::Origin;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// Most connections of people at one time.
pub const MAX_CONNECTIONS: usize = 512;
/// Most connections of people from one address.
pub const MAX_CONNECTIONS_OF_ONE: usize = 64;
/// Most connections of watchers at one time.
pub const MAX_WATCHERS: usize = 32;
/// Most connections of readers of the log, and of the transparency page, at one time, from one address too: a proxy before them is one address.
pub const MAX_LOG_READERS: usize = 64;
/// Most connections of machine clients at one time.
pub const MAX_MACHINES: usize = 128;
/// Most connections of machine clients from one address.
pub const MAX_MACHINES_OF_ONE: usize = 64;
/// A handshake must be over so soon, in seconds.
pub const HANDSHAKE_SECONDS: u64 = 10;
/// The head of a request must be here so soon, in seconds. A connection that is kept for a further one waits no longer.
pub const HEAD_SECONDS: u64 = 30;
/// Longest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Once the node goes down, answers under way may take so long, in seconds.
pub const CLOSING_SECONDS: u64 = 10;
/// Pause after the system could not accept a connection, in milliseconds: it lacks something that must come back first.
const ACCEPT_PAUSE_MILLIS: u64 = 100;

/// Why people cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Unservable {
    /// The watchers' listener could be reached from outside.
    #[error(
        "listen.admin: a loopback address such as 127.0.0.1:9443, since it is neither sealed nor guarded"
    )]
    NotLoopback,
    /// Machine clients could send secrets in clear over a network.
    #[error("kas.plain: only where listen.kas is a loopback address, since nothing seals what clients send")]
    PlainKas,
    /// No certificate of this node can name the host.
    #[error(
        "kas.url: the host must be the node's name or an IP address, since its certificate can name nothing else; or put a \
         proxy before it and set kas.plain"
    )]
    KasName,
    /// There is nothing to serve with.
    #[error("listen.kas: the node has no keys for that service; make them with attache key service")]
    NoServiceKeys,
    /// No certificate can be made, or the log not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How machine clients reach the key access service.
#[derive(Debug, Clone)]
pub struct Door {
    /// By what address, as they and what they seal name it.
    pub origin: Origin,
    /// Whether nothing seals the connection: on the loopback interface only, where a proxy does.
    pub is_plain: bool,
    /// Whose access tokens are taken beside the node's own.
    pub provider: Option<Arc<Provider>>,
    /// The origins whose web pages may call.
    pub pages: Vec<String>,
}

impl Door {
    /// A door for clients with the node's own tokens.
    pub fn new(origin: Origin, is_plain: bool) -> Self {
        Self { origin, is_plain, provider: None, pages: Vec::new() }
    }
}

/// Where a node is reached by others than its partners.
pub struct Listeners {
    /// By its people, over TLS.
    pub people: TcpListener,
    /// By whoever watches it; on the loopback interface only.
    pub admin: TcpListener,
    /// By whoever checks its published log.
    pub log: Option<TcpListener>,
    /// By machine clients that want keys, and how they reach it.
    pub kas: Option<(TcpListener, Door)>,
    /// By whoever reads its transparency page.
    pub public: Option<TcpListener>,
}

/// Serves whoever comes to `listeners` until the node goes down, and what is under way then for [`CLOSING_SECONDS`] more.
///
/// # Errors
/// [`Unservable`].
pub async fn serve(gate: Gate, listeners: Listeners) -> Result<(), Unservable> {
    let Listeners { people, admin, log, kas, public } = listeners;
    let is_loopback = admin.local_addr().is_ok_and(|address| address.ip().is_loopback());
    if !is_loopback {
        return Err(Unservable::NotLoopback);
    }
    let office = Arc::clone(gate.office());
    let tls = PeopleTls::new(office.identity.node.clone(), Arc::clone(&office.keys), None, gate.now())?;
    let (router, watchers) = (routes::router(gate.clone()), health::router(gate.clone()));
    let log = match log {
        Some(listener) => Some((listener, log::router(Arc::clone(&office))?)),
        None => None,
    };
    let kas = kas.map(|(listener, door)| machines(&gate, listener, door)).transpose()?;
    let public = match public {
        Some(listener) => Some((listener, transparency::router(gate.clone())?)),
        None => None,
    };
    let shutdown = gate.node.shutdown();
    let tls = Arc::new(tls);
    let person = |socket| person(gate.clone(), Arc::clone(&tls), router.clone(), socket);
    let watcher = |socket| converse(socket, watchers.clone(), gate.node.shutdown());
    let people_seats = Seats::new(MAX_CONNECTIONS, MAX_CONNECTIONS_OF_ONE);
    let watchers_seats = Seats::new(MAX_WATCHERS, MAX_WATCHERS);
    let shown = |listening: Option<(TcpListener, Router)>| async {
        let Some((listener, readers)) = listening else { return };
        let reader = |socket| converse(socket, readers.clone(), gate.node.shutdown());
        let seats = Seats::new(MAX_LOG_READERS, MAX_LOG_READERS);
        accept(listener, seats, gate.node.shutdown(), reader).await;
    };
    let kas = async {
        if let Some((listener, tls, router)) = kas {
            let machine = |socket| machine(gate.clone(), tls.clone(), router.clone(), socket);
            let seats = Seats::new(MAX_MACHINES, MAX_MACHINES_OF_ONE);
            accept(listener, seats, gate.node.shutdown(), machine).await;
        }
    };
    tokio::join!(
        accept(people, people_seats, shutdown.clone(), person),
        accept(admin, watchers_seats, shutdown, watcher),
        shown(log),
        kas,
        shown(public)
    );
    Ok(())
}

/// What serves machine clients: TLS, unless it is plain, and the routes.
fn machines(
    gate: &Gate,
    listener: TcpListener,
    door: Door,
) -> Result<(TcpListener, Option<Arc<PeopleTls>>, Router), Unservable> {
    let office = gate.office();
    if door.is_plain && !listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        return Err(Unservable::PlainKas);
    }
    let address = door.origin.host().parse::<IpAddr>().ok();
    if !door.is_plain && address.is_none() && door.origin.host() != office.identity.node.as_str() {
        return Err(Unservable::KasName);
    }
    let keys = Arc::clone(&office.keys);
    let tls = match door.is_plain {
        true => None,
        false => {
            let node = office.identity.node.clone();
            Some(Arc::new(PeopleTls::new(node, keys, address, gate.now())?))
        }
    };
    let url = door.origin.kas();
    let router = kas::router(gate, door).ok_or(Unservable::NoServiceKeys)?;
    gate.serves_keys_at(url);
    Ok((listener, tls, router))
}

/// Takes connections in until the node goes down, each to be served by `serve`.
pub(crate) async fn accept<F>(
    listener: TcpListener,
    seats: Arc<Seats>,
    mut shutdown: watch::Receiver<bool>,
    serve: impl Fn(TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    while !*shutdown.borrow() {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, from)) => {
                    if let Some(seat) = seats.take(from.ip()) {
                        let served = serve(socket);
                        connections.spawn(async move {
                            served.await;
                            drop(seat);
                        });
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(Duration::from_millis(ACCEPT_PAUSE_MILLIS)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = gone_down(&mut shutdown) => {}
        }
    }
    drop(listener);
    let last = async { while connections.join_next().await.is_some() {} };
    // Whoever is served still after that is cut off.
    let _ = timeout(Duration::from_secs(CLOSING_SECONDS), last).await;
}

/// One connection of a machine client.
async fn machine(gate: Gate, tls: Option<Arc<PeopleTls>>, router: Router, socket: TcpStream) {
    match tls {
        Some(tls) => person(gate, tls, router, socket).await,
        None => converse(socket, router, gate.node.shutdown()).await,
    }
}

/// One connection of a person, from its handshake on.
async fn person(gate: Gate, tls: Arc<PeopleTls>, router: Router, socket: TcpStream) {
    let config = match tls.config(gate.now()) {
        Ok(config) => config,
        Err(fault) => return tracing::error!(%fault, "no certificate for people's listener"),
    };
    let patience = Duration::from_secs(HANDSHAKE_SECONDS);
    match timeout(patience, TlsAcceptor::from(config).accept(socket)).await {
        Ok(Ok(stream)) => converse(stream, router, gate.node.shutdown()).await,
        Ok(Err(error)) => tracing::debug!(%error, "a handshake with a person's client failed"),
        Err(_) => tracing::debug!("a handshake with a person's client took too long"),
    }
}

/// One connection, until it ends or the node goes down: then the request under way is still answered.
pub(crate) async fn converse<S>(stream: S, router: Router, mut shutdown: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS))
        .max_buf_size(MAX_HEAD_BYTES)
        .keep_alive(true);
    let stream = Patient::new(stream, Duration::from_secs(WRITE_SECONDS));
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = gone_down(&mut shutdown) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Someone hung up. What it was about is not the log's to know.
        tracing::debug!(%error, "a connection ended");
    }
}

async fn gone_down(shutdown: &mut watch::Receiver<bool>) {
    // A node that is gone altogether has gone down too.
    let _ = shutdown.wait_for(|down| *down).await;
}
