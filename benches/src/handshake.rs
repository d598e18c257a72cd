//! B11: handshakes with certificates on both sides and the hybrid group, one after the other over fresh connections: our
//! own TLS, which finds out which partner calls, against the same library with the same certificates and fixed
//! configurations. Ours resumes no session, so only full handshakes are compared.

use crate::measure::Report;
use crate::world::{Post, World, clock};
use attache_node::link::certificate;
use attache_node::link::standing::Standing;
use attache_node::link::tls::{Tls, server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const HANDSHAKES: usize = 300;

/// Bare TLS between the two nodes of a world, with their own certificates.
pub struct Ends {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
}

impl Ends {
    pub fn of(world: &World) -> Self {
        let provider = Arc::new(CryptoProvider {
            kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
            ..aws_lc_rs::default_provider()
        });
        let shown = |post: &Post| {
            let keys = &post.keys;
            let leaf = certificate::leaf(&keys.tls_ca_pkcs8, &keys.tls_node_pkcs8, &post.name, clock());
            let chain = vec![CertificateDer::from(leaf.expect("a certificate").der)];
            (chain, PrivatePkcs8KeyDer::from(keys.tls_node_pkcs8.to_vec()))
        };
        let trusted = |post: &Post| {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(post.node.office.own().tls_ca.clone())).expect("an authority");
            Arc::new(roots)
        };
        let (chain, key) = shown(&world.giver);
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(trusted(&world.receiver))
            .with_client_auth_cert(chain, key.into())
            .expect("a configuration");
        client.resumption = rustls::client::Resumption::disabled();
        let (chain, key) = shown(&world.receiver);
        let callers =
            WebPkiClientVerifier::builder_with_provider(trusted(&world.giver), Arc::clone(&provider));
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_client_cert_verifier(callers.build().expect("a verifier"))
            .with_single_cert(chain, key.into())
            .expect("a configuration");
        server.send_tls13_tickets = 0;
        let name = server_name(&world.receiver.name).expect("a name");
        Self { client: Arc::new(client), server: Arc::new(server), name }
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.server))
    }

    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.client))
    }

    pub fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }
}

pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let world = runtime.block_on(World::begin(folder.path()));
    let ends = Ends::of(&world);
    let tls = |post: &Post| Tls::new(post.name.clone(), Arc::clone(&post.keys), clock()).expect("TLS");
    let (caller, answerer) = (tls(&world.giver), tls(&world.receiver));
    let standing = |at: &Post, of: &Post| {
        let view = at.node.office.view.read();
        let peer = view.peers.get(&of.name).expect("a partner");
        Standing::of(peer, of.node.office.own(), &at.node.office.pack.terms().parties, clock())
            .expect("in standing")
    };
    let (callee, partners) =
        (standing(&world.giver, &world.receiver), vec![Arc::new(standing(&world.receiver, &world.giver))]);
    let own = || {
        runtime.block_on(rate(
            async |stream| caller.dial(stream, &callee, clock()).await.expect("a handshake"),
            async |stream| answerer.answer(stream, partners.clone(), clock()).await.expect("a handshake").0,
        ))
    };
    let peer = || {
        runtime.block_on(rate(
            async |stream| ends.connector().connect(ends.name(), stream).await.expect("a handshake"),
            async |stream| ends.acceptor().accept(stream).await.expect("a handshake"),
        ))
    };
    report.pairs("B11 handshake", ("/s", 0.9), own, peer);
    runtime.block_on(world.end());
}

/// Handshakes a second, each with one byte there and back, one after the other.
async fn rate<C, S>(dial: impl AsyncFn(TcpStream) -> C, answer: impl AsyncFn(TcpStream) -> S) -> f64
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let began = Instant::now();
    for _ in 0..HANDSHAKES {
        let dialling = async {
            let stream = TcpStream::connect(at).await.expect("it listens");
            stream.set_nodelay(true).expect("a socket");
            let mut stream = dial(stream).await;
            stream.write_all(&[7]).await.expect("it is sent");
            stream.read_u8().await.expect("it comes back")
        };
        let answering = async {
            let (stream, _) = listener.accept().await.expect("a caller");
            stream.set_nodelay(true).expect("a socket");
            let mut stream = answer(stream).await;
            let byte = stream.read_u8().await.expect("it comes");
            stream.write_all(&[byte]).await.expect("it is sent back");
            stream.flush().await.expect("it is sent back");
        };
        tokio::join!(dialling, answering);
    }
    HANDSHAKES as f64 / began.elapsed().as_secs_f64()
}
