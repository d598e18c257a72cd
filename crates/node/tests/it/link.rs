//! The partner link on real sockets and real TLS: who is believed, and what is never negotiated.

use crate::world::{NOW, party};
use attache_accord::view::Peer;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_custody::Keyring;
use attache_node::link::certificate::{LEAF_LIFE_HOURS, authority, leaf};
use attache_node::link::standing::{Barred, Standing};
use attache_node::link::tls::{ALPN, Tls, Unmet};
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Card;
use rustls::client::WantsClientCert;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ConfigBuilder, NamedGroup, RootCertStore, SupportedProtocolVersion};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

/// A node with its keys and its card's authority.
pub struct Node {
    pub name: NodeName,
    pub keys: Arc<Keyring>,
    pub authority: Vec<u8>,
}

pub fn node(name: &str) -> Node {
    let name: NodeName = name.parse().unwrap();
    let keys = Arc::new(Keyring::generate(&format!("log.example/{name}")).unwrap());
    let authority = authority(&keys.tls_ca_pkcs8, &name, NOW, NOW.plus_hours(24 * 365)).unwrap();
    Node { name, keys, authority }
}

impl Node {
    fn tls(&self) -> Tls {
        Tls::new(self.name.clone(), Arc::clone(&self.keys), NOW).unwrap()
    }

    pub fn standing(&self) -> Standing {
        Standing {
            node: self.name.clone(),
            card: Digest([4; 32]),
            authority: CertificateDer::from(self.authority.clone()),
            endpoints: vec![],
            until: NOW.plus_hours(24),
        }
    }

    /// The same node under another name.
    fn posing_as(&self, name: &str) -> Self {
        Self { name: name.parse().unwrap(), keys: Arc::clone(&self.keys), authority: self.authority.clone() }
    }
}

pub async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (dialled, listener.accept().await.unwrap().0)
}

/// What the listener makes of a caller, and which group they have if it lets it in.
async fn meet(
    caller: &Node,
    listener: &Node,
    believed: Vec<Standing>,
) -> Result<(NodeName, NamedGroup), String> {
    let (dialled, accepted) = sockets().await;
    let callers = caller.tls();
    let listeners = listener.tls();
    let expected = listener.standing();
    let call = async {
        let mut stream = callers.dial(dialled, &expected, NOW).await.map_err(|unmet| unmet.to_string())?;
        // A listener that does not believe us says so in answer to our first words.
        let said = async {
            stream.write_all(b"x").await?;
            stream.read_u8().await
        };
        said.await.map_err(|error| error.to_string())?;
        Ok::<_, String>(stream.get_ref().1.negotiated_key_exchange_group().unwrap().name())
    };
    let answer = async {
        let (mut stream, peer) =
            listeners.answer(accepted, believed.into_iter().map(Arc::new).collect(), NOW).await?;
        let mut byte = [0];
        stream.read_exact(&mut byte).await.map_err(Unmet::Broken)?;
        stream.write_all(&byte).await.map_err(Unmet::Broken)?;
        stream.flush().await.map_err(Unmet::Broken)?;
        Ok::<_, Unmet>(peer.node.clone())
    };
    let (called, answered) = tokio::join!(call, answer);
    match (called, answered) {
        (Ok(group), Ok(name)) => Ok((name, group)),
        (_, Err(unmet)) => Err(unmet.to_string()),
        (Err(unmet), Ok(_)) => Err(unmet),
    }
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, String>) -> String {
    outcome.unwrap_err()
}

#[tokio::test]
async fn two_partners_meet_under_the_hybrid_group() {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let met = meet(&seoul, &tokyo, vec![seoul.standing()]).await.unwrap();
    assert_eq!(met, (seoul.name.clone(), NamedGroup::X25519MLKEM768));
}

#[tokio::test]
async fn the_right_partner_is_found_among_many() {
    let (seoul, tokyo, other) = (node("seoul.kor"), node("tokyo.jpn"), node("osaka.jpn"));
    let believed = vec![other.standing(), seoul.standing()];
    assert_eq!(meet(&seoul, &tokyo, believed).await.unwrap().0, seoul.name);
}

#[tokio::test]
async fn a_caller_who_is_no_partner_is_refused() {
    let (seoul, tokyo, other) = (node("seoul.kor"), node("tokyo.jpn"), node("osaka.jpn"));
    let why = refusal(meet(&other, &tokyo, vec![seoul.standing()]).await);
    assert!(why.contains("names no partner"), "{why}");
}

#[tokio::test]
async fn a_caller_under_another_authority_is_refused() {
    let (seoul, tokyo, other) = (node("seoul.kor"), node("tokyo.jpn"), node("seoul.kor"));
    let why = refusal(meet(&other, &tokyo, vec![seoul.standing()]).await);
    assert!(why.contains("names seoul.kor, but"), "{why}");
}

#[tokio::test]
async fn one_partner_cannot_pose_as_another() {
    let (seoul, tokyo, osaka) = (node("seoul.kor"), node("tokyo.jpn"), node("osaka.jpn"));
    let impostor = osaka.posing_as("seoul.kor");
    let why = refusal(meet(&impostor, &tokyo, vec![osaka.standing(), seoul.standing()]).await);
    assert!(why.contains("names seoul.kor, but"), "{why}");
}

#[tokio::test]
async fn a_certificate_for_two_names_counts_for_its_own_authoritys_name_only() {
    let (seoul, tokyo, osaka) = (node("seoul.kor"), node("tokyo.jpn"), node("osaka.jpn"));
    let key = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(
        &PrivatePkcs8KeyDer::from(osaka.keys.tls_ca_pkcs8.as_slice()),
        &rcgen::PKCS_ECDSA_P256_SHA256,
    )
    .unwrap();
    let mut ca = params(&[]);
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let unbounded = ca.self_signed(&key).unwrap();
    let both = params(&["seoul.kor", "osaka.jpn"]).signed_by(&key, &rcgen::Issuer::new(ca, &key)).unwrap();
    let config = foreign(aws_lc_rs::default_provider(), &rustls::version::TLS13, &tokyo)
        .with_client_auth_cert(
            vec![both.der().clone()],
            PrivatePkcs8KeyDer::from(osaka.keys.tls_ca_pkcs8.to_vec()).into(),
        )
        .unwrap();
    let believed =
        vec![seoul.standing(), Standing { authority: unbounded.der().clone(), ..osaka.standing() }];
    let answered = answer_to(config, &tokyo, believed).await.unwrap();
    assert_eq!(answered.node, osaka.name);
}

#[tokio::test]
async fn a_listener_under_another_authority_is_refused() {
    let (seoul, tokyo, other) = (node("seoul.kor"), node("tokyo.jpn"), node("tokyo.jpn"));
    let posing = Node { authority: tokyo.authority.clone(), ..other };
    assert!(meet(&seoul, &posing, vec![seoul.standing()]).await.is_err());
}

#[tokio::test]
async fn a_listener_with_another_name_is_refused() {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let (dialled, accepted) = sockets().await;
    let (callers, listeners) = (seoul.tls(), tokyo.tls());
    let expected = Standing { node: "osaka.jpn".parse().unwrap(), ..tokyo.standing() };
    let (called, answered) = tokio::join!(
        callers.dial(dialled, &expected, NOW),
        listeners.answer(accepted, vec![Arc::new(seoul.standing())], NOW)
    );
    assert!(matches!(called, Err(Unmet::Refused(_))));
    assert!(answered.is_err());
}

#[tokio::test]
async fn a_caller_whose_certificate_has_expired_is_refused() {
    let long_ago = Timestamp(NOW.0 - (LEAF_LIFE_HOURS + 1) * 3_600_000);
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let made = leaf(&seoul.keys.tls_ca_pkcs8, &seoul.keys.tls_node_pkcs8, &seoul.name, long_ago).unwrap();
    let config = foreign(aws_lc_rs::default_provider(), &rustls::version::TLS13, &tokyo)
        .with_client_auth_cert(
            vec![CertificateDer::from(made.der)],
            PrivatePkcs8KeyDer::from(seoul.keys.tls_node_pkcs8.to_vec()).into(),
        )
        .unwrap();
    let why = answer_to(config, &tokyo, vec![seoul.standing()]).await.err().unwrap().to_string();
    assert!(why.contains("expired"), "{why}");
}

#[tokio::test]
async fn a_caller_that_offers_no_hybrid_group_is_refused() {
    let provider =
        CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::X25519], ..aws_lc_rs::default_provider() };
    let why = refused_with(provider, &rustls::version::TLS13).await;
    assert!(why.contains("NoKxGroupsInCommon"), "{why}");
}

#[tokio::test]
async fn a_caller_that_speaks_tls_1_2_alone_is_refused() {
    let why = refused_with(aws_lc_rs::default_provider(), &rustls::version::TLS12).await;
    assert!(why.contains("Tls12NotOffered"), "{why}");
}

#[tokio::test]
async fn a_caller_that_names_no_protocol_is_refused() {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let mut config = right_but_for(aws_lc_rs::default_provider(), &rustls::version::TLS13, &seoul, &tokyo);
    config.alpn_protocols.clear();
    let why = answer_as_is(config, &tokyo, vec![seoul.standing()]).await.err().unwrap().to_string();
    assert!(why.contains("attache/1"), "{why}");
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_refused() {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let config =
        foreign(aws_lc_rs::default_provider(), &rustls::version::TLS13, &tokyo).with_no_client_auth();
    let why = answer_to(config, &tokyo, vec![seoul.standing()]).await.err().unwrap().to_string();
    assert!(why.contains("no certificates"), "{why}");
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let config = right_but_for(aws_lc_rs::default_provider(), &rustls::version::TLS13, &seoul, &tokyo);
    let connector = TlsConnector::from(Arc::new(config));
    let listeners = tokyo.tls();
    for _ in 0..2 {
        let (dialled, accepted) = sockets().await;
        let call = connector.connect(ServerName::try_from("tokyo.jpn").unwrap(), dialled);
        let (called, answered) =
            tokio::join!(call, listeners.answer(accepted, vec![Arc::new(seoul.standing())], NOW));
        let (mut served, _) = answered.unwrap();
        let mut called = called.unwrap();
        // A ticket would come with the first bytes.
        served.write_all(b"x").await.unwrap();
        served.flush().await.unwrap();
        called.read_u8().await.unwrap();
        let kind = called.get_ref().1.handshake_kind().unwrap();
        assert_ne!(kind, rustls::HandshakeKind::Resumed);
    }
}

#[test]
fn a_card_with_another_authority_than_the_keyrings_is_noticed_at_home() {
    let (seoul, other) = (node("seoul.kor"), node("seoul.kor"));
    assert!(seoul.tls().check_own(&seoul.authority, NOW).is_ok());
    assert!(seoul.tls().check_own(&other.authority, NOW).is_err());
}

#[test]
fn a_certificate_is_stale_after_two_thirds_of_its_life_and_when_the_clock_was_set_back() {
    let seoul = node("seoul.kor");
    let made = leaf(&seoul.keys.tls_ca_pkcs8, &seoul.keys.tls_node_pkcs8, &seoul.name, NOW).unwrap();
    assert!(!made.is_stale(NOW.plus_hours(LEAF_LIFE_HOURS / 2)));
    assert!(made.is_stale(NOW.plus_hours(LEAF_LIFE_HOURS * 2 / 3)));
    assert!(made.is_stale(Timestamp(NOW.0 - 1)));
}

#[test]
fn a_name_that_is_no_dns_name_gets_no_certificate() {
    let keys = node("seoul.kor").keys;
    let odd: NodeName = "seoul..kor".parse().unwrap();
    assert!(authority(&keys.tls_ca_pkcs8, &odd, NOW, NOW.plus_hours(1)).is_err());
}

#[test]
fn dates_past_the_year_9999_are_refused_and_not_a_panic() {
    let seoul = node("seoul.kor");
    assert!(authority(&seoul.keys.tls_ca_pkcs8, &seoul.name, NOW, Timestamp(u64::MAX)).is_err());
}

#[test]
fn only_a_card_in_force_of_a_party_to_the_agreement_gives_standing() {
    let parties = [party("KOR"), party("JPN")].into();
    let peer = Peer {
        node: "tokyo.jpn".parse().unwrap(),
        party: party("JPN"),
        card: Digest([4; 32]),
        since: NOW,
        earlier: vec![],
    };
    let card = card_of("tokyo.jpn", "JPN");
    assert!(Standing::of(&peer, &card, &parties, NOW).is_ok());
    let late = Standing::of(&peer, &card, &parties, NOW.plus_hours(1));
    assert!(matches!(late.err(), Some(Barred::NotInForce { .. })));
    let other = Standing::of(&peer, &card_of("osaka.jpn", "JPN"), &parties, NOW);
    assert!(matches!(other.err(), Some(Barred::OtherCard)));
    let outsider = Peer { party: party("USA"), ..peer };
    let barred = Standing::of(&outsider, &card_of("tokyo.jpn", "USA"), &parties, NOW);
    assert!(matches!(barred.err(), Some(Barred::NoParty(_))));
}

fn card_of(node: &str, of: &str) -> Card {
    let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap().verifying().clone();
    Card {
        node: node.parse().unwrap(),
        party: party(of),
        endpoints: vec!["192.0.2.1:7443".into()],
        root: pair.clone(),
        node_key: pair.clone(),
        label_key: pair,
        label_es256: vec![4; 65],
        log_origin: "log.example/tokyo".into(),
        log_vkeys: vec![],
        kem_key: vec![0],
        tls_ca: vec![0],
        not_before: NOW,
        not_after: NOW.plus_hours(1),
        previous: None,
        witness_vkeys: None,
    }
}

fn params(names: &[&str]) -> rcgen::CertificateParams {
    rcgen::CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
}

#[derive(Debug)]
struct Then;

impl TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(NOW.0)))
    }
}

/// A caller of another make that believes the listener, and has yet to say what it shows itself.
fn foreign(
    provider: CryptoProvider,
    version: &'static SupportedProtocolVersion,
    listener: &Node,
) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(listener.authority.clone())).unwrap();
    ClientConfig::builder_with_details(Arc::new(provider), Arc::new(Then))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
}

/// A caller of another make, right in everything but its provider and version.
fn right_but_for(
    provider: CryptoProvider,
    version: &'static SupportedProtocolVersion,
    seoul: &Node,
    tokyo: &Node,
) -> ClientConfig {
    let made = leaf(&seoul.keys.tls_ca_pkcs8, &seoul.keys.tls_node_pkcs8, &seoul.name, NOW).unwrap();
    let mut config = foreign(provider, version, tokyo)
        .with_client_auth_cert(
            vec![CertificateDer::from(made.der)],
            PrivatePkcs8KeyDer::from(seoul.keys.tls_node_pkcs8.to_vec()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![ALPN.to_vec()];
    config
}

async fn refused_with(provider: CryptoProvider, version: &'static SupportedProtocolVersion) -> String {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let config = right_but_for(provider, version, &seoul, &tokyo);
    answer_as_is(config, &tokyo, vec![seoul.standing()]).await.err().unwrap().to_string()
}

async fn answer_to(
    mut config: ClientConfig,
    listener: &Node,
    believed: Vec<Standing>,
) -> Result<Arc<Standing>, Unmet> {
    config.alpn_protocols = vec![ALPN.to_vec()];
    answer_as_is(config, listener, believed).await
}

async fn answer_as_is(
    config: ClientConfig,
    listener: &Node,
    believed: Vec<Standing>,
) -> Result<Arc<Standing>, Unmet> {
    let (dialled, accepted) = sockets().await;
    let listeners = listener.tls();
    let name = ServerName::try_from(listener.name.to_string()).unwrap();
    let call = TlsConnector::from(Arc::new(config)).connect(name, dialled);
    let (_, answered) =
        tokio::join!(call, listeners.answer(accepted, believed.into_iter().map(Arc::new).collect(), NOW));
    answered.map(|(_, peer)| peer)
}
