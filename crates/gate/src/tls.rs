//! TLS on people's listener: 1.3 only, hybrid key exchange for every client that names it first, under the node's own
//! authority, which its clients pin. The certificate is short-lived and made anew by the running node.
//!
//! *Absent:* client certificates. People sign in with their own keys.

use attache_accord::{NodeName, Timestamp};
use attache_custody::Keyring;
use attache_node::fault::Fault;
use attache_node::link::certificate::{Leaf, leaf_at};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The configuration of people's listener, or of their machine clients', kept fresh.
pub(crate) struct PeopleTls {
    node: NodeName,
    keys: Arc<Keyring>,
    /// By what address clients reach the listener, where not by the node's name.
    address: Option<IpAddr>,
    shown: Mutex<(Leaf, Arc<ServerConfig>)>,
}

impl PeopleTls {
    pub(crate) fn new(
        node: NodeName,
        keys: Arc<Keyring>,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let shown = Mutex::new(fresh(&node, &keys, address, now)?);
        Ok(Self { node, keys, address, shown })
    }

    /// The configuration to use at `now`.
    pub(crate) fn config(&self, now: Timestamp) -> Result<Arc<ServerConfig>, Fault> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.0.is_stale(now) {
            *shown = fresh(&self.node, &self.keys, self.address, now)?;
        }
        Ok(Arc::clone(&shown.1))
    }
}

fn fresh(
    node: &NodeName,
    keys: &Keyring,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<(Leaf, Arc<ServerConfig>), Fault> {
    let made = leaf_at(&keys.tls_ca_pkcs8, &keys.tls_node_pkcs8, node, address, now)?;
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(keys.tls_node_pkcs8.to_vec()));
    let unfit = |_| Fault::Certificate("the TLS keys of the keyring do not fit");
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(made.der.clone())], key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((made, Arc::new(config)))
}
