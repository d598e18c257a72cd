//! The listeners: people's, over TLS; the watchers', plain and on the loopback interface only; and the log's, plain, where
//! one is wanted.
//!
//! *Absent:* partners. They come over the link, by another parser.

use crate::gate::Gate;
use crate::patient::{Patient, WRITE_SECONDS};
use crate::seats::Seats;
use crate::{health, log, routes, tls::PeopleTls};
use attache_node::fault::Fault;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
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
/// Most connections of the log's readers at one time, from one address too: a proxy before them is one address.
pub const MAX_LOG_READERS: usize = 64;
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
    /// No certificate can be made, or the log not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Where a node is reached by others than its partners.
pub struct Listeners {
    /// By its people, over TLS.
    pub people: TcpListener,
    /// By whoever watches it; on the loopback interface only.
    pub admin: TcpListener,
    /// By whoever checks its published log.
    pub log: Option<TcpListener>,
}

/// Serves whoever comes to `listeners` until the node goes down, and what is under way then for [`CLOSING_SECONDS`] more.
///
/// # Errors
/// [`Unservable`].
pub async fn serve(gate: Gate, listeners: Listeners) -> Result<(), Unservable> {
    let Listeners { people, admin, log } = listeners;
    let is_loopback = admin.local_addr().is_ok_and(|address| address.ip().is_loopback());
    if !is_loopback {
        return Err(Unservable::NotLoopback);
    }
    let office = Arc::clone(gate.office());
    let tls = PeopleTls::new(office.identity.node.clone(), Arc::clone(&office.keys), gate.now())?;
    let (router, watchers) = (routes::router(gate.clone()), health::router(gate.clone()));
    let log = match log {
        Some(listener) => Some((listener, log::router(&office)?)),
        None => None,
    };
    let shutdown = gate.node.shutdown();
    let tls = Arc::new(tls);
    let person = |socket| person(gate.clone(), Arc::clone(&tls), router.clone(), socket);
    let watcher = |socket| converse(socket, watchers.clone(), gate.node.shutdown());
    let people_seats = Seats::new(MAX_CONNECTIONS, MAX_CONNECTIONS_OF_ONE);
    let watchers_seats = Seats::new(MAX_WATCHERS, MAX_WATCHERS);
    let log = async {
        let Some((listener, readers)) = log else { return };
        let reader = |socket| converse(socket, readers.clone(), gate.node.shutdown());
        let seats = Seats::new(MAX_LOG_READERS, MAX_LOG_READERS);
        accept(listener, seats, gate.node.shutdown(), reader).await;
    };
    tokio::join!(
        accept(people, people_seats, shutdown.clone(), person),
        accept(admin, watchers_seats, shutdown, watcher),
        log
    );
    Ok(())
}

/// Takes connections in until the node goes down, each to be served by `serve`.
async fn accept<F>(
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
async fn converse<S>(stream: S, router: Router, mut shutdown: watch::Receiver<bool>)
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
