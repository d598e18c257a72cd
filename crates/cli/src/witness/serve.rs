//! `attache witness serve`: answers logs until it is told to stop.

use super::folder::{Folder, Tls};
use crate::context::{Context, read_bounded};
use crate::found::{Failed, Found};
use crate::guard::{self, Swap};
use crate::serve;
use attache_gate::witness::{serve_witness, witness_tls};
use rustls::ServerConfig;
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;
use tokio::sync::watch;

/// Longest file of a certificate chain or a private key, in bytes.
const MAX_PEM_BYTES: u64 = 256 * 1024;
/// Threads that answer; one disk is behind them.
const THREADS: usize = 2;

pub(super) fn run(context: &Context, with_parent: bool) -> Result<Found, Failed> {
    serve::log(context);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(THREADS).enable_all().build().map_err(Failed::fault)?;
    let stopped = runtime.block_on(answer(context, with_parent));
    // A thread may still wait for the standard input.
    runtime.shutdown_background();
    stopped
}

async fn answer(context: &Context, with_parent: bool) -> Result<Found, Failed> {
    let folder = Folder::open(context.home_path()?)?;
    let tls = folder.config.tls.as_ref().map(tls).transpose()?;
    let listener = serve::bind("listen", folder.config.listen).await?;
    let address = listener.local_addr().map_err(Failed::fault)?;
    let witness = Arc::new(folder.witness(context)?);
    for log in folder.logs()? {
        if let Some(proof) = log.fork {
            tracing::error!(origin = %log.origin, proof = %proof.display(), "the log signed two histories; nothing of it is cosigned until attache witness accept");
        }
    }
    if guard::lock() == Swap::Possible {
        tracing::warn!("{}", guard::ADVICE);
    }
    let shutdown = watch::Sender::new(false);
    let serving = tokio::spawn(serve_witness(witness, listener, tls, shutdown.subscribe()));
    println!("{}", json!({ "ready": folder.config.name, "witness": address }));
    // Whoever waits for the line reads a pipe.
    std::io::stdout().flush().map_err(Failed::fault)?;
    tokio::pin!(serving);
    let served = tokio::select! {
        told = serve::told_to_stop(with_parent) => {
            told?;
            shutdown.send_replace(true);
            serving.await
        }
        served = &mut serving => served,
    };
    served.map_err(Failed::fault)?.map_err(Failed::fault)?;
    Found::of("The witness has stopped.".into(), &json!({ "stopped": true }))
}

fn tls(tls: &Tls) -> Result<Arc<ServerConfig>, Failed> {
    let certificate = read_bounded(&tls.certificate, MAX_PEM_BYTES)?;
    let key = zeroize::Zeroizing::new(read_bounded(&tls.key, MAX_PEM_BYTES)?);
    witness_tls(&certificate, &key).map_err(|error| Failed::misuse(format!("tls: {error}")))
}
