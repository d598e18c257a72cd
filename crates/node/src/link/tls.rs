//! TLS under the partner protocol: version 1.3 alone, the hybrid group alone, both ends with a certificate, nothing
//! resumed. A peer is believed only under the authority in that very peer's card and for its very name.
//!
//! The names in a foreign certificate are read before anything is believed, but only to find whose authority to ask.
//!
//! *Absent:* the system's roots, revocation lists, and any way to ask for less.

use super::certificate::{self, Leaf};
use super::standing::Standing;
use crate::fault::Fault;
use attache_accord::{NodeName, Timestamp};
use attache_custody::Keyring;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerifier as _};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::pki_types::{CertificateDer, DnsName, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, CommonState, DigitallySignedStruct, DistinguishedName, RootCertStore,
    ServerConfig, SignatureScheme,
};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// The protocol's name in TLS (ALPN).
pub const ALPN: &[u8] = b"attache/1";
/// A handshake must be over so soon, in seconds.
pub const HANDSHAKE_SECONDS: u64 = 10;

/// Why a handshake came to nothing, for the operator. The peer learns no more than TLS's own alert.
#[derive(Debug, thiserror::Error)]
pub enum Unmet {
    /// No end within [`HANDSHAKE_SECONDS`].
    #[error("the handshake took longer than {HANDSHAKE_SECONDS} s")]
    Slow,
    /// The connection broke.
    #[error("the connection broke during the handshake: {0}")]
    Broken(std::io::Error),
    /// One end does not believe the other, or they have no version or group in common.
    #[error("TLS: {0}")]
    Refused(String),
    /// Our side failed.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// What this node shows in handshakes, and how it judges what it is shown.
pub struct Tls {
    node: NodeName,
    keys: Arc<Keyring>,
    signing: Arc<dyn SigningKey>,
    shown: Mutex<(Leaf, Arc<CertifiedKey>)>,
    provider: Arc<CryptoProvider>,
}

impl Tls {
    /// TLS for `node` with the link keys of its keyring.
    ///
    /// # Errors
    /// When no certificate can be made from the keys.
    pub fn new(node: NodeName, keys: Arc<Keyring>, now: Timestamp) -> Result<Self, Fault> {
        let pkcs8 = PrivatePkcs8KeyDer::from(keys.tls_node_pkcs8.as_slice());
        let signing = aws_lc_rs::sign::any_ecdsa_type(&PrivateKeyDer::Pkcs8(pkcs8))?;
        let shown = Mutex::new(fresh(&node, &keys, &signing, now)?);
        Ok(Self { node, keys, signing, shown, provider: Arc::new(provider()) })
    }

    /// Checks that partners who have our card with this authority will believe what we show.
    ///
    /// # Errors
    /// [`Fault::Certificate`]: the card is not of these keys, so no partner would take a connection.
    pub fn check_own(&self, authority: &[u8], now: Timestamp) -> Result<(), Fault> {
        let shown = self.shown(now)?;
        let leaf = shown.end_entity_cert()?;
        let verifier = self.server_verifier(&CertificateDer::from(authority))?;
        let is_ours = verifier.verify_server_cert(leaf, &[], &server_name(&self.node)?, &[], unix(now));
        let foreign =
            "this node's card names another link authority than its keyring holds; issue a new card";
        is_ours.map(|_| ()).map_err(|_| Fault::Certificate(foreign))
    }

    /// Shakes hands at `now` with `peer`, whom this node dialled.
    ///
    /// # Errors
    /// [`Unmet`].
    pub async fn dial<S>(
        &self,
        stream: S,
        peer: &Standing,
        now: Timestamp,
    ) -> Result<client::TlsStream<S>, Unmet>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = server_name(&peer.node)?;
        let connector = TlsConnector::from(Arc::new(self.client_config(peer, now)?));
        let stream = in_time(connector.connect(name, stream)).await?.map_err(unmet)?;
        agreed(stream.get_ref().1)?;
        Ok(stream)
    }

    /// Shakes hands at `now` with whoever dialled this node, and says which of `partners` it is.
    ///
    /// # Errors
    /// [`Unmet`].
    pub async fn answer<S>(
        &self,
        stream: S,
        partners: Vec<Arc<Standing>>,
        now: Timestamp,
    ) -> Result<(server::TlsStream<S>, Arc<Standing>), Unmet>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let judge = Arc::new(Judge {
            partners,
            provider: Arc::clone(&self.provider),
            met: OnceLock::new(),
            doubt: OnceLock::new(),
        });
        let acceptor = TlsAcceptor::from(Arc::new(self.server_config(Arc::clone(&judge), now)?));
        let stream = in_time(acceptor.accept(stream)).await?.map_err(|error| match judge.doubt.get() {
            Some(doubt) => Unmet::Refused(doubt.clone()),
            None => unmet(error),
        })?;
        agreed(stream.get_ref().1)?;
        let met = judge.met.get().cloned();
        met.map(|peer| (stream, peer)).ok_or_else(|| Unmet::Refused("no certificate".into()))
    }

    fn client_config(&self, peer: &Standing, now: Timestamp) -> Result<ClientConfig, Fault> {
        let verifier = self.server_verifier(&peer.authority)?;
        let shown = self.shown(now)?;
        let mut config = ClientConfig::builder_with_details(Arc::clone(&self.provider), Arc::new(At(now)))
            .with_protocol_versions(&[&TLS13])?
            .with_webpki_verifier(verifier)
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![ALPN.to_vec()];
        // It would cross the wire in clear, and a node has one certificate only.
        config.enable_sni = false;
        Ok(config)
    }

    fn server_config(&self, judge: Arc<Judge>, now: Timestamp) -> Result<ServerConfig, Fault> {
        let shown = self.shown(now)?;
        let mut config = ServerConfig::builder_with_details(Arc::clone(&self.provider), Arc::new(At(now)))
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(judge)
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(config)
    }

    fn server_verifier(&self, authority: &CertificateDer<'_>) -> Result<Arc<WebPkiServerVerifier>, Fault> {
        let roots = roots(authority)?;
        WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|_| Fault::Certificate("the authority in the card cannot be used"))
    }

    /// The certificate in use at `now`, made anew when two thirds of its life are over.
    fn shown(&self, now: Timestamp) -> Result<Arc<CertifiedKey>, Fault> {
        // The pair is replaced whole, so a panic elsewhere leaves no half of it.
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.0.is_stale(now) {
            *shown = fresh(&self.node, &self.keys, &self.signing, now)?;
        }
        Ok(Arc::clone(&shown.1))
    }
}

fn fresh(
    node: &NodeName,
    keys: &Keyring,
    signing: &Arc<dyn SigningKey>,
    now: Timestamp,
) -> Result<(Leaf, Arc<CertifiedKey>), Fault> {
    let leaf = certificate::leaf(&keys.tls_ca_pkcs8, &keys.tls_node_pkcs8, node, now)?;
    let chain = vec![CertificateDer::from(leaf.der.clone())];
    Ok((leaf, Arc::new(CertifiedKey::new(chain, Arc::clone(signing)))))
}

/// The library's provider with the hybrid group and no other.
fn provider() -> CryptoProvider {
    CryptoProvider { kx_groups: vec![kx_group::X25519MLKEM768], ..aws_lc_rs::default_provider() }
}

/// A node's name as TLS compares it.
///
/// # Errors
/// [`Fault::Certificate`] for a name that is no DNS name, such as one with two dots in a row.
pub fn server_name(node: &NodeName) -> Result<ServerName<'static>, Fault> {
    let name = DnsName::try_from(node.to_string());
    name.map(ServerName::DnsName).map_err(|_| Fault::Certificate("the node's name is no DNS name"))
}

/// One authority, and nobody else.
fn roots(authority: &CertificateDer<'_>) -> Result<Arc<RootCertStore>, Fault> {
    let mut roots = RootCertStore::empty();
    roots
        .add(authority.clone().into_owned())
        .map_err(|_| Fault::Certificate("the authority in the card is no certificate"))?;
    Ok(Arc::new(roots))
}

async fn in_time<T>(handshake: impl Future<Output = T>) -> Result<T, Unmet> {
    timeout(Duration::from_secs(HANDSHAKE_SECONDS), handshake).await.map_err(|_| Unmet::Slow)
}

fn unmet(error: std::io::Error) -> Unmet {
    match rejection(&error) {
        Some(reason) => Unmet::Refused(reason),
        None => Unmet::Broken(error),
    }
}

/// What TLS says, where an error of the stream is TLS's. A peer that does not believe our certificate says so only in
/// answer to our first words, after the handshake.
pub(super) fn rejection(error: &std::io::Error) -> Option<String> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(match inner {
        rustls::Error::AlertReceived(alert) => format!("the peer refused us: {alert:?}"),
        other => other.to_string(),
    })
}

/// A peer that names no protocol passes TLS's own comparison, so it is looked at here.
fn agreed(connection: &CommonState) -> Result<(), Unmet> {
    match connection.alpn_protocol() {
        Some(ALPN) => Ok(()),
        _ => Err(Unmet::Refused("the peer does not name the protocol attache/1".into())),
    }
}

/// Judges the certificate of one caller.
struct Judge {
    partners: Vec<Arc<Standing>>,
    provider: Arc<CryptoProvider>,
    met: OnceLock<Arc<Standing>>,
    doubt: OnceLock<String>,
}

impl Judge {
    fn find(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Arc<Standing>, String> {
        let parsed = ParsedCertificate::try_from(leaf).map_err(|error| error.to_string())?;
        let mut doubt = "the certificate names no partner whose card is in force".to_owned();
        for peer in &self.partners {
            let Ok(name) = server_name(&peer.node) else { continue };
            if verify_server_name(&parsed, &name).is_err() {
                continue;
            }
            match self.vouched(peer, leaf, chain, now) {
                Ok(()) => return Ok(Arc::clone(peer)),
                Err(why) => doubt = format!("the certificate names {}, but: {why}", peer.node),
            }
        }
        Err(doubt)
    }

    /// Whether the authority in that peer's own card vouches for the certificate.
    fn vouched(
        &self,
        peer: &Standing,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), String> {
        let roots = roots(&peer.authority).map_err(|fault| fault.to_string())?;
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|error| error.to_string())?;
        verifier.verify_client_cert(leaf, chain, now).map(|_| ()).map_err(|error| error.to_string())
    }
}

impl ClientCertVerifier for Judge {
    /// None: the names of our partners' authorities are nobody's business before they show a certificate.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match self.find(leaf, chain, now) {
            Ok(peer) => {
                // A handshake shows one certificate, so nothing was set before.
                let _ = self.met.set(peer);
                Ok(ClientCertVerified::assertion())
            }
            Err(doubt) => {
                let _ = self.doubt.set(doubt);
                // One answer for every doubt.
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, leaf, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Judge({} partners)", self.partners.len())
    }
}

/// The time of one handshake: TLS asks the node's clock like everyone else.
#[derive(Debug)]
struct At(Timestamp);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix(self.0))
    }
}

fn unix(at: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(at.0))
}
