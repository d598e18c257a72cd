//! `attache serve`: runs the node until it is told to stop.
//!
//! *Absent:* work in the background without a terminal; whatever runs services does that.

use crate::backup;
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::guard::{self, Swap};
use crate::home::Home;
use crate::{progress, remedy};
use attache_gate::{Gate, Listeners};
use attache_node::link::Link;
use attache_node::node::Node;
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

pub(crate) fn run(context: &Context, with_parent: bool) -> Result<Found, Failed> {
    log(context);
    progress::silence();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failed::fault)?;
    let stopped = runtime.block_on(serve(context, with_parent));
    // A thread may still wait for the standard input.
    runtime.shutdown_background();
    stopped
}

/// Writes the process's log to the standard error.
pub(crate) fn log(context: &Context) {
    let filter = EnvFilter::try_from_env("ATTACHE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if context.json { logging.json().init() } else { logging.with_ansi(false).init() }
}

async fn serve(context: &Context, with_parent: bool) -> Result<Found, Failed> {
    let home = context.home()?;
    let listen = &home.config.listen;
    let partner = bind("listen.partner", listen.partner).await?;
    let people = bind("listen.people", listen.people).await?;
    let admin = bind("listen.admin", listen.admin).await?;
    let log = match listen.log {
        Some(address) => Some(bind("listen.log", address).await?),
        None => None,
    };
    let kas = match listen.kas {
        Some(address) => {
            let door = home.config.kas.door().map_err(Failed::misuse)?;
            Some((bind("listen.kas", address).await?, door))
        }
        None => None,
    };
    let public = match listen.public {
        Some(address) => Some(bind("listen.public", address).await?),
        None => None,
    };
    tracing::info!("opening the journal; after a kill its last rows are counted first");
    let parts = home.parts(context)?;
    let has_words = !parts.words.is_empty();
    let node = Node::start(parts).map_err(remedy::failed)?;
    tracing::info!("the journal is open and read");
    let addresses = json!({
        "ready": home.node()?.to_string(),
        "partner": partner.local_addr().ok(),
        "people": people.local_addr().ok(),
        "admin": admin.local_addr().ok(),
        "kas": kas.as_ref().and_then(|(kas, _)| kas.local_addr().ok()),
        "log": log.as_ref().and_then(|log| log.local_addr().ok()),
        "public": public.as_ref().and_then(|public| public.local_addr().ok()),
    });
    let link = Arc::new(Link::start(Arc::clone(&node), partner).map_err(Failed::fault)?);
    let gate = Gate::new(Arc::clone(&node), Some(Arc::clone(&link)));
    let serving = tokio::spawn(attache_gate::serve(gate, Listeners { people, admin, log, kas, public }));
    if guard::lock() == Swap::Possible {
        tracing::warn!("{}", guard::ADVICE);
    }
    println!("{addresses}");
    // Whoever waits for the line reads a pipe.
    std::io::stdout().flush().map_err(Failed::fault)?;
    if has_words || home.is_restored() {
        let (home, mut standing) = (Home::open(&home.path)?, node.office.settling.standing());
        tracing::warn!("{}", standing.borrow().says());
        tokio::spawn(async move {
            loop {
                let now = standing.borrow_and_update().clone();
                // What the node records before the mark is gone is no danger: at a next start it asks again, with more to show.
                let marked = match now.is_settled() {
                    true => home.settled().and_then(|()| backup::taken_up(&home)),
                    false if home.is_restored() => home.note_seen(&now),
                    false => Ok(()),
                };
                if let Err(failed) = marked {
                    tracing::error!(
                        reason = failed.text,
                        "the mark of a restore stays as it was, and is looked at again at the next start"
                    );
                }
                if now.is_settled() || standing.changed().await.is_err() {
                    return;
                }
            }
        });
    }
    let mut stopped = node.stopped();
    tokio::select! {
        told = told_to_stop(with_parent) => told?,
        _ = stopped.wait_for(Option::is_some) => {}
    }
    let why = stopped.borrow().clone();
    node.shut_down().await;
    match serving.await {
        Ok(served) => served.map_err(Failed::fault)?,
        Err(_) => return Err(Failed::fault("a listener failed")),
    }
    if let Some(link) = Arc::into_inner(link) {
        link.stopped().await;
    }
    if let Some(why) = why {
        return Err(Failed::fault(format!(
            "the node stopped by itself: {why}. Look with attache rebuild --check before it is started again"
        )));
    }
    Found::of(
        "The node has stopped; what it owes it will do at the next start.".into(),
        &json!({ "stopped": true }),
    )
}

/// Listens at an address, which the configuration gives in `field`.
pub(crate) async fn bind(field: &str, address: std::net::SocketAddr) -> Result<TcpListener, Failed> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        Failed::fault(format!("{field}: {address}: {error}; does another process listen there?"))
    })
}

/// Waits until the process is told to stop.
pub(crate) async fn told_to_stop(with_parent: bool) -> Result<(), Failed> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::fault)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::fault)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = input_ended(), if with_parent => {}
    }
    Ok(())
}

/// Waits for the end of the standard input.
async fn input_ended() {
    let wait = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    // An input that cannot be read has ended too.
    let _ = tokio::task::spawn_blocking(wait).await;
}
