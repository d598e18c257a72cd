//! The two listeners: people's, over TLS, and the watchers', plain and on the loopback interface only.
//!
//! *Absent:* partners. They come over the link, by another parser.

use crate::gate::Gate;
use crate::routes;
use crate::{health, tls::PeopleTls};
use attache_node::fault::Fault;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// Most connections of people at one time.
pub const MAX_CONNECTIONS: usize = 512;
/// Most connections of watchers at one time.
pub const MAX_WATCHERS: usize = 32;
/// A handshake must be over so soon, in seconds.
pub const HANDSHAKE_SECONDS: u64 = 10;
/// The head of a request must be here so soon, in seconds.
pub const HEAD_SECONDS: u64 = 30;
/// Longest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Serves people on `people` and watchers on `admin` until the node goes down.
///
/// # Errors
/// [`Fault`] where `admin` is not on the loopback interface, or no certificate can be made.
pub async fn serve(gate: Gate, people: TcpListener, admin: TcpListener) -> Result<(), Fault> {
    let is_loopback = admin.local_addr().is_ok_and(|address| address.ip().is_loopback());
    if !is_loopback {
        return Err(Fault::Certificate(
            "listen.admin must be a loopback address: it is neither sealed nor guarded",
        ));
    }
    let office = Arc::clone(gate.office());
    let tls = PeopleTls::new(office.identity.node.clone(), Arc::clone(&office.keys), gate.now())?;
    let (router, _) = routes::router(gate.clone());
    let watchers = health::router(gate.clone());
    let shutdown = gate.node.shutdown();
    tokio::join!(
        accept_people(gate, people, tls, router, shutdown.clone()),
        accept_watchers(admin, watchers, shutdown)
    );
    Ok(())
}

async fn accept_people(
    gate: Gate,
    listener: TcpListener,
    tls: PeopleTls,
    router: Router,
    mut shutdown: watch::Receiver<bool>,
) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while !*shutdown.borrow() {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.changed() => continue,
        };
        let Ok((socket, _)) = accepted else {
            // Out of file descriptors, most likely: others must end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // Whoever finds no seat is turned away at once rather than kept waiting.
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else { continue };
        let config = match tls.config(gate.now()) {
            Ok(config) => config,
            Err(fault) => {
                tracing::error!(%fault, "no certificate for people's listener");
                continue;
            }
        };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tokio::spawn(async move {
            let patience = Duration::from_secs(HANDSHAKE_SECONDS);
            let shaken = tokio::time::timeout(patience, TlsAcceptor::from(config).accept(socket)).await;
            if let Ok(Ok(stream)) = shaken {
                converse(stream, router, shutdown).await;
            }
            drop(seat);
        });
    }
}

async fn accept_watchers(listener: TcpListener, router: Router, mut shutdown: watch::Receiver<bool>) {
    let seats = Arc::new(Semaphore::new(MAX_WATCHERS));
    while !*shutdown.borrow() {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.changed() => continue,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else { continue };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tokio::spawn(async move {
            converse(socket, router, shutdown).await;
            drop(seat);
        });
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
    let service = TowerToHyperService::new(router);
    let connection = http.serve_connection(TokioIo::new(stream), service);
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
        tracing::debug!(%error, "a connection of a person ended");
    }
}

async fn gone_down(shutdown: &mut watch::Receiver<bool>) {
    // A node that is gone altogether has gone down too.
    let _ = shutdown.wait_for(|down| *down).await;
}
