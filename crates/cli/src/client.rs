//! The client of a node's interface: signs in with a person's own key, signs what the person says, and streams items.
//!
//! The node is reached at the address of its configuration and believed only under the authority that its folder names.
//!
//! *Absent:* rules, and any trust in what the node answers beyond showing it.

use crate::agreement::texts::Three;
use crate::found::{EXIT_REFUSED, EXIT_UNREACHABLE, Failed};
use crate::home::{Home, now};
use attache_accord::{Digest, Network, PersonId};
use attache_gate::api;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::SignIn;
use attache_seal::statement::{Body, Head, Signed, Statement};
use data_encoding::{BASE64, HEXLOWER};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, SendBody};

/// Longest answer other than an item or evidence, in bytes.
const MAX_ANSWER_BYTES: u64 = 32 * 1024 * 1024;
/// How long to wait for a connection, in seconds.
const CONNECT_SECONDS: u64 = 10;

/// The node's name always means the address of its configuration.
#[derive(Debug)]
struct Pinned(SocketAddr);

impl Resolver for Pinned {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// A client of one node, signed in or not yet.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    session: Option<Session>,
}

struct Session {
    token: String,
    person: PersonId,
    pair: SigningPair,
    network: Network,
    agreement: String,
    pack: Digest,
}

/// An item that is being read.
pub(crate) struct Opened {
    pub(crate) described: api::Described,
    pub(crate) banner: Option<api::Banners>,
    pub(crate) ruling_index: u64,
    pub(crate) item_bytes: u64,
    pub(crate) bytes: Box<dyn Read>,
}

impl Client {
    /// A client of the node in `home`.
    pub(crate) fn new(home: &Home) -> Result<Self, Failed> {
        let authority = home.authority()?;
        // The node takes what its client names first, and every node has the hybrid group.
        let provider = CryptoProvider { kx_groups: vec![X25519MLKEM768], ..default_provider() };
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[Certificate::from_der(&authority).to_owned()]))
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS)))
            .build();
        let address = home.config.listen.people;
        let agent = Agent::with_parts(config, DefaultConnector::default(), Pinned(address));
        let base = format!("https://{}:{}", home.config.node.name, address.port());
        Ok(Self { agent, base, session: None })
    }

    /// Signs in.
    pub(crate) fn sign_in(mut self, person: PersonId, pair: SigningPair) -> Result<Self, Failed> {
        let asked = api::SigningIn { person: person.to_string() };
        let challenge: api::Challenge = self.post("/v1/challenges", &asked)?;
        let odd = || Failed::fault("the node's challenge cannot be read; is it of another version?");
        let bytes = HEXLOWER.decode(challenge.challenge.as_bytes()).map_err(|_| odd())?;
        let body = SignIn {
            challenge: bytes.try_into().map_err(|_| odd())?,
            node: challenge.node.parse().map_err(|_| odd())?,
        };
        self.session = Some(Session {
            token: String::new(),
            person,
            pair,
            network: challenge.network.parse().map_err(|_| odd())?,
            agreement: challenge.agreement,
            pack: challenge.pack.parse().map_err(|_| odd())?,
        });
        let stated = self.sign(body)?;
        let opened: api::Session = self.post("/v1/sessions", &stated)?;
        if let Some(session) = &mut self.session {
            session.token = opened.token;
        }
        Ok(self)
    }

    /// Signs what the person says.
    pub(crate) fn sign<B: Body>(&self, body: B) -> Result<api::Stated, Failed> {
        let session = self.session.as_ref().ok_or_else(|| Failed::misuse("sign in first"))?;
        body.check().map_err(Failed::misuse)?;
        let head = Head {
            network: session.network,
            agreement: session.agreement.clone(),
            pack: session.pack,
            signer: session.person.to_string(),
            key: session.pair.verifying().key_id(),
            at: now(),
        };
        let signed = Signed::seal(&Statement { head, body }, &session.pair).map_err(Failed::fault)?;
        Ok(api::Stated { statement: BASE64.encode(&signed.to_bytes()) })
    }

    fn bearer(&self) -> String {
        self.session.as_ref().map(|session| format!("Bearer {}", session.token)).unwrap_or_default()
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        let sent =
            self.agent.get(format!("{}{path}", self.base)).header("authorization", self.bearer()).call();
        read(self.arrived(sent)?)
    }

    /// A list, however many pieces it comes in.
    pub(crate) fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failed> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let request = self.agent.get(format!("{}{path}{after}", self.base));
            let response = self.arrived(request.header("authorization", self.bearer()).call())?;
            let next = response.headers().get("attache-next").and_then(|value| value.to_str().ok());
            let next = next.map(|next| format!("?after={next}"));
            all.extend(read::<Vec<T>>(response)?);
            match next {
                // A node that named the same piece again would keep us here for ever.
                Some(next) if next != after => after = next,
                _ => return Ok(all),
            }
        }
    }

    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failed> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let sent = request.header("authorization", self.bearer()).send_json(body);
        read(self.arrived(sent)?)
    }

    pub(crate) fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        read(self.arrived(request.header("authorization", self.bearer()).call())?)
    }

    /// Uploads an item of `item_bytes` bytes.
    pub(crate) fn upload(
        &self,
        described: &api::Described,
        item_bytes: u64,
        source: &mut dyn Read,
    ) -> Result<api::Added, Failed> {
        let json = serde_json::to_vec(described).map_err(Failed::fault)?;
        let request = self.agent.post(format!("{}/v1/items", self.base));
        let sent = request
            .header("authorization", self.bearer())
            .header("content-type", "application/octet-stream")
            .header("content-length", item_bytes.to_string())
            .header("attache-metadata", BASE64.encode(&json))
            .send(SendBody::from_reader(&mut { source }));
        read(self.arrived(sent)?)
    }

    /// Opens an item.
    pub(crate) fn open(&self, item: &str, purpose: &str) -> Result<Opened, Failed> {
        let request = self.agent.post(format!("{}/v1/items/{item}/opening", self.base));
        let request = request.header("authorization", self.bearer());
        let sent = request.header("attache-purpose", BASE64.encode(purpose.as_bytes())).send_empty();
        let response = refused(self.arrived(sent)?)?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let opened = Opened {
            described: in_header(header("attache-metadata"))?,
            banner: in_header(header("attache-banner"))?,
            ruling_index: header("attache-ruling").and_then(|text| text.parse().ok()).unwrap_or_default(),
            item_bytes: header("content-length").and_then(|text| text.parse().ok()).unwrap_or_default(),
            bytes: Box::new(std::io::empty()),
        };
        Ok(Opened { bytes: Box::new(response.into_body().into_reader()), ..opened })
    }

    /// The container of a sealed copy, and its length.
    pub(crate) fn sealed_copy(&self, item: &str, number: u32) -> Result<(u64, impl Read), Failed> {
        let request = self.agent.get(format!("{}/v1/items/{item}/sealed-copies/{number}", self.base));
        let response = refused(self.arrived(request.header("authorization", self.bearer()).call())?)?;
        let length = response.headers().get("content-length").and_then(|value| value.to_str().ok());
        let length = length.and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok((length, response.into_body().into_reader()))
    }

    /// The node's evidence, line by line.
    pub(crate) fn evidence(&self, with_rulings: bool) -> Result<impl Read, Failed> {
        let query = if with_rulings { "?rulings=true" } else { "" };
        let request = self.agent.get(format!("{}/v1/evidence{query}", self.base));
        let response = refused(self.arrived(request.header("authorization", self.bearer()).call())?)?;
        Ok(response.into_body().into_reader())
    }

    /// The evidence of one item, line by line.
    pub(crate) fn item_evidence(&self, item: &str) -> Result<impl Read, Failed> {
        let request = self.agent.get(format!("{}/v1/items/{item}/evidence", self.base));
        let response = refused(self.arrived(request.header("authorization", self.bearer()).call())?)?;
        Ok(response.into_body().into_reader())
    }

    /// A report, line by line.
    pub(crate) fn report(&self, wanted: &api::WantedReport) -> Result<impl Read, Failed> {
        let request = self.agent.post(format!("{}/v1/reports", self.base));
        let sent = request.header("authorization", self.bearer()).send_json(wanted);
        Ok(refused(self.arrived(sent)?)?.into_body().into_reader())
    }

    fn arrived(
        &self,
        sent: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Response<ureq::Body>, Failed> {
        sent.map_err(|error| {
            let places = [("base", self.base.clone()), ("error", error.to_string())];
            Failed::in_three(EXIT_UNREACHABLE, &UNREACHABLE, &places)
        })
    }
}

const UNREACHABLE: Three = [
    "{base}: {error}. 노드가 돌고 있는가? attache doctor가 더 말해 준다",
    "{base}: {error}。ノードは動いているか。attache doctor がさらに述べる",
    "{base}: {error}; is the node serving? attache doctor says more",
];

fn in_header<T: DeserializeOwned>(value: Option<&str>) -> Result<T, Failed> {
    let odd = || Failed::fault("the node's answer cannot be read; is it of another version?");
    let bytes = BASE64.decode(value.unwrap_or_default().as_bytes()).map_err(|_| odd())?;
    serde_json::from_slice(&bytes).map_err(|_| odd())
}

fn read<T: DeserializeOwned>(response: Response<ureq::Body>) -> Result<T, Failed> {
    let mut response = refused(response)?;
    let read = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json();
    read.map_err(|error| Failed::fault(format!("the node's answer cannot be read: {error}")))
}

/// An answer that is not a success is a problem.
fn refused(mut response: Response<ureq::Body>) -> Result<Response<ureq::Body>, Failed> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json::<api::Problem>();
    let Ok(problem) = body else {
        return Err(Failed::fault(format!("the node answered {status} without saying why")));
    };
    let text = match &problem.field {
        Some(field) if !field.is_empty() => format!("{field}: {}", problem.message),
        _ => problem.message.clone(),
    };
    let mut failed = match problem.code.as_str() {
        "refused"
        | "recalled"
        | "expired"
        | "originator-refused"
        | "originator-declined"
        | "originator-by-hub"
        | "agreement-not-in-force"
        | "hub-refused"
        | "hub-share-over"
        | "hub-declined" => Failed::with(EXIT_REFUSED, text),
        "originator-unreachable" | "hub-unreachable" => Failed::unreachable(text),
        "fault" | "busy" | "full" => Failed::fault(format!("{text} (correlation {})", problem.correlation)),
        _ => Failed::misuse(text),
    };
    failed.problem = Some(Box::new(problem));
    Err(failed)
}
