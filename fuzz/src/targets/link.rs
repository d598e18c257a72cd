//! The partner link: certificates that a stranger shows, and a handshake of any bytes.

use super::needed;
use crate::Target;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_custody::Keyring;
use attache_node::link::certificate::authority;
use attache_node::link::standing::Standing;
use attache_node::link::tls::{ALPN, Tls};
use rustls::client::{ResolvesClientCert, Resumption, danger};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group, sign::any_ecdsa_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::sync::{Arc, LazyLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio_rustls::TlsConnector;

pub(super) const CERTIFICATE: Target = Target {
    name: "certificate",
    reads: "node::link::tls: the certificate of a caller, the authority of a card",
    run: certificate,
    rounds: 250,
    words: &["seoul.kor", "tokyo.jpn", "*"],
};

pub(super) const HANDSHAKE: Target = Target {
    name: "handshake",
    reads: "node::link::tls: either end's handshake",
    run: handshake,
    rounds: 4_500,
    words: &["attache/1", "h2"],
};

const NOW: Timestamp = Timestamp(1_780_000_000_000);
/// Room for either direction of a handshake, in bytes.
const ROOM_BYTES: usize = 64 * 1024;

struct Ends {
    /// Tokyo's end, which is called.
    tls: Tls,
    keys: Arc<Keyring>,
    seoul: Standing,
    runtime: tokio::runtime::Runtime,
}

static ENDS: LazyLock<Ends> = LazyLock::new(|| {
    let secret = include_bytes!("../../corpus/keyring/seoul");
    let keys = Arc::new(needed(Keyring::from_secret_bytes(secret, "seoul.kor/log/1")));
    let (seoul, tokyo): (NodeName, NodeName) = (needed("seoul.kor".parse()), needed("tokyo.jpn".parse()));
    // One keyring will do for both: a name stands in each certificate.
    let believed = needed(authority(&keys.tls_ca_pkcs8, &seoul, NOW, NOW.plus_hours(24 * 365)));
    let standing = Standing {
        node: seoul,
        card: Digest([4; 32]),
        authority: CertificateDer::from(believed),
        endpoints: Vec::new(),
        until: NOW.plus_hours(24),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    Ends {
        tls: needed(Tls::new(tokyo, Arc::clone(&keys), NOW)),
        keys,
        seoul: standing,
        runtime: needed(runtime),
    }
});

/// Shown by a caller who has the key of the certificate in the corpus: only that very certificate is let in.
fn certificate(bytes: &[u8]) {
    const SHOWN: &[u8] = include_bytes!("../../corpus/certificate/leaf");
    let _ = ENDS.tls.check_own(bytes, NOW);
    assert_eq!(
        is_let_in(bytes),
        bytes == SHOWN,
        "another certificate than the authority signed, or not that one"
    );
}

/// Whether Tokyo's node takes a caller with this certificate, who holds its key, for Seoul's.
pub fn is_let_in(shown: &[u8]) -> bool {
    let ends = &*ENDS;
    let met = ends.runtime.block_on(async {
        let (near, far) = duplex(ROOM_BYTES);
        let config = Arc::new(caller(&ends.keys, shown));
        let call = async {
            let name = ServerName::try_from("tokyo.jpn").map_err(std::io::Error::other)?;
            let mut stream = TlsConnector::from(config).connect(name, near).await?;
            stream.write_all(b"x").await?;
            stream.flush().await?;
            stream.read_u8().await
        };
        let answer = async {
            let (mut stream, peer) =
                ends.tls.answer(far, vec![Arc::new(ends.seoul.clone())], NOW).await.ok()?;
            stream.write_all(b"x").await.ok()?;
            stream.flush().await.ok()?;
            Some(peer.node.clone())
        };
        tokio::join!(call, answer).1
    });
    met.is_some_and(|peer| peer == ends.seoul.node)
}

/// A caller that shows whatever it is told to.
fn caller(keys: &Keyring, shown: &[u8]) -> ClientConfig {
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768];
    let pkcs8 = PrivatePkcs8KeyDer::from(keys.tls_node_pkcs8.as_slice());
    let signing = needed(any_ecdsa_type(&PrivateKeyDer::Pkcs8(pkcs8)));
    let certified = CertifiedKey::new(vec![CertificateDer::from(shown.to_vec())], signing);
    let builder = ClientConfig::builder_with_provider(Arc::new(provider));
    let builder = needed(builder.with_protocol_versions(&[&rustls::version::TLS13]));
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believing))
        .with_client_cert_resolver(Arc::new(Showing(Arc::new(certified))));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    config
}

#[derive(Debug)]
struct Showing(Arc<CertifiedKey>);

impl ResolvesClientCert for Showing {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What is tested is the other end's belief.
#[derive(Debug)]
struct Believing;

impl danger::ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<danger::ServerCertVerified, rustls::Error> {
        Ok(danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<danger::HandshakeSignatureValid, rustls::Error> {
        Ok(danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The first byte says which end we are; whatever the other sends, we end, and believe nobody.
fn handshake(bytes: &[u8]) {
    let Some((end, said)) = bytes.split_first() else { return };
    let ends = &*ENDS;
    let is_met = ends.runtime.block_on(async {
        let (mut near, far) = duplex(ROOM_BYTES);
        let said = said.get(..ROOM_BYTES.min(said.len())).unwrap_or_default();
        needed(near.write_all(said).await);
        needed(near.shutdown().await);
        match end & 1 {
            0 => ends.tls.answer(far, vec![Arc::new(ends.seoul.clone())], NOW).await.is_ok(),
            _ => ends.tls.dial(far, &ends.seoul, NOW).await.is_ok(),
        }
    });
    assert!(!is_met, "a handshake by heart");
}
