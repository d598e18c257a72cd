//! A partner whose end the test plays: it has keys, a card that the node accepted, and no manners.
//!
//! *Absent:* a node behind it.

use crate::pair::{Post, TOKYO};
use attache_accord::{Digest, DispatchId, ItemId, Network, NodeName, Timestamp};
use attache_courier::frame::Offer;
use attache_courier::limits::{MAX_OUTSTANDING, VERSION};
use attache_courier::{Caller, Event, Listener, Ours, Output, Role, Session};
use attache_custody::Keyring;
use attache_node::founding::{self, CARD_HOURS, Draft};
use attache_node::link::certificate::authority;
use attache_node::link::standing::Standing;
use attache_node::link::tls::Tls;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Assurance, Card, Package};
use attache_seal::statement::{Body, Head, Signed, Statement};
use data_encoding::BASE64;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How often one dials while strangers crowd the door.
const ATTEMPTS: usize = 10;

/// A partner that is played.
pub struct Played {
    pub name: NodeName,
    keys: Arc<Keyring>,
    tls: Tls,
    card: Signed,
}

/// The node that it meets.
#[derive(Clone)]
pub struct Met {
    pub name: NodeName,
    at: SocketAddr,
    standing: Standing,
}

pub fn clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap())
}

impl Met {
    /// The node of `post`, by its own card.
    pub fn of(post: &Post) -> Self {
        let shown = post.must("admin", "peer card");
        let signed = Signed::from_bytes(&BASE64.decode(shown.text("/card").as_bytes()).unwrap()).unwrap();
        let card = signed.dangerously_unverified::<Card>().unwrap().body;
        let standing = Standing {
            node: card.node.clone(),
            card: signed.digest(),
            authority: card.tls_ca.into(),
            endpoints: card.endpoints.clone(),
            until: card.not_after,
        };
        Self { name: card.node, at: card.endpoints[0].parse().unwrap(), standing }
    }

    pub fn at(&self) -> SocketAddr {
        self.at
    }
}

impl Played {
    /// A partner of the same Party as Tokyo, said to be reached at `endpoint`.
    pub fn new(number: usize, endpoint: SocketAddr) -> Self {
        let name: NodeName = format!("slow-{number}.jpn").parse().unwrap();
        let keys = Arc::new(Keyring::generate(&founding::log_origin(&name)).unwrap());
        let root = SigningPair::generate().unwrap();
        let draft = Draft {
            node: name.clone(),
            party: TOKYO.party.parse().unwrap(),
            network: Network::Exercise,
            endpoints: vec![endpoint.to_string()],
            administrator: ("nobody".parse().unwrap(), root.verifying().clone()),
        };
        let now = clock();
        let ca = authority(&keys.tls_ca_pkcs8, &name, now, now.plus_hours(CARD_HOURS)).unwrap();
        let card = founding::card(&draft, &Pack::gsomia_2016(), &keys, &root, ca, now).unwrap();
        let tls = Tls::new(name.clone(), Arc::clone(&keys), now).unwrap();
        Self { name, keys, tls, card }
    }

    /// `post` accepts its card, and its word for its desk officer.
    pub fn befriends(&self, post: &Post) {
        let file = |kind: &str| format!("{}.{kind}", self.name);
        std::fs::write(post.file(&file("card")), BASE64.encode(&self.card.to_bytes())).unwrap();
        let typed = Card::fingerprint(&self.card).replace(' ', "");
        post.must("admin", &format!("peer add {} --fingerprint {typed}", file("card")));
        let assurance = Assurance {
            person: "desk".parse().unwrap(),
            level: TOKYO.level.parse().unwrap(),
            purpose: "exercise".into(),
            expires: clock().plus_hours(24),
        };
        let assurance = self.says(&self.keys.node, assurance);
        std::fs::write(post.file(&file("assurance")), BASE64.encode(&assurance.to_bytes())).unwrap();
        post.must("admin", &format!("agreement assurance {}", file("assurance")));
    }

    fn says<B: Body>(&self, key: &SigningPair, body: B) -> Signed {
        let pack = Pack::gsomia_2016();
        let head = Head {
            network: Network::Exercise,
            agreement: pack.terms().agreement.clone(),
            pack: pack.digest(),
            signer: self.name.to_string(),
            key: key.verifying().key_id(),
            at: clock(),
        };
        Signed::seal(&Statement { head, body }, key).unwrap()
    }

    fn ours(&self, met: &Met) -> Ours {
        let pack = Pack::gsomia_2016();
        Ours {
            node: self.name.clone(),
            network: Network::Exercise,
            agreement: pack.terms().agreement.clone(),
            pack: pack.digest(),
            window: MAX_OUTSTANDING,
            peer: met.name.clone(),
            highest: VERSION,
        }
    }

    /// Dials until the node takes the call, as a node does, and greets.
    pub async fn calls(&self, met: &Met) -> Line<Caller> {
        for _ in 0..ATTEMPTS {
            let socket = TcpStream::connect(met.at).await.unwrap();
            let Ok(stream) = self.tls.dial(socket, &met.standing, clock()).await else { continue };
            let session = Caller::new(self.ours(met), clock()).unwrap();
            let mut line = Line { stream: Box::new(stream), session, unread: Vec::new() };
            // The node may still give the call up before it has judged the certificate.
            if line.greets().await.is_ok() {
                return line;
            }
        }
        panic!("{}: no call was taken", self.name);
    }

    /// Takes the node's call at `door` and greets.
    pub async fn answers(&self, met: &Met, door: &TcpListener) -> Line<Listener> {
        let standing = vec![met.standing.clone().into()];
        // Of the calls that wait at the door the node has given the first up.
        let stream = loop {
            let (socket, _) = door.accept().await.unwrap();
            if let Ok((stream, _)) = self.tls.answer(socket, standing.clone(), clock()).await {
                break stream;
            }
        };
        let mut line = Line {
            stream: Box::new(stream),
            session: Listener::new(self.ours(met), clock()).unwrap(),
            unread: Vec::new(),
        };
        line.greets().await.unwrap();
        line
    }

    /// An offer signed as its partner signs, of a container that does not exist.
    pub fn offer(&self, met: &Met, number: u32, size: u64) -> Offer {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        for (byte, of_name) in id.iter_mut().skip(4).zip(self.name.as_str().bytes()) {
            *byte = of_name;
        }
        let package = Package {
            dispatch: DispatchId(id),
            control_commitment: Digest([1; 32]),
            item_digest: Digest(ItemId(id).0.repeat(2).try_into().unwrap()),
            size,
            manifest_digest: Digest([2; 32]),
            label_digest: Digest([3; 32]),
            sender: self.name.clone(),
            recipient: met.name.clone(),
            decision_index: 7,
            in_reply_to: None,
        };
        let signed = self.says(&self.keys.label, package);
        Offer {
            dispatch: DispatchId(id),
            package: signed.to_bytes(),
            package_digest: signed.digest(),
            size,
            due: clock().plus_hours(24),
        }
    }
}

/// A stream to the node, whichever end dialled.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection that has greeted.
pub struct Line<S> {
    pub stream: Box<dyn Stream>,
    pub session: S,
    /// What came behind the node's Hello.
    unread: Vec<u8>,
}

pub fn wire(output: Output) -> Vec<u8> {
    match output {
        Output::Control(bytes) => bytes,
        Output::Data { head, content } => [head.as_slice(), &content].concat(),
    }
}

impl<R: Role> Line<Session<R>> {
    /// Our Hello goes out and the node's comes.
    async fn greets(&mut self) -> io::Result<()> {
        while let Some(output) = self.session.poll_output() {
            self.stream.write_all(&wire(output)).await?;
        }
        self.stream.flush().await?;
        let mut bytes = [0; 4096];
        while self.session.greeting().is_none() {
            let read = self.stream.read(&mut bytes).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut input = &bytes[..read];
            // One event, the greeting: an offer may stand right behind it.
            self.session.receive(clock(), &mut input).unwrap();
            self.unread = input.to_vec();
        }
        Ok(())
    }

    /// Writes what the session has to say.
    pub async fn says_all(&mut self) {
        while let Some(output) = self.session.poll_output() {
            self.stream.write_all(&wire(output)).await.unwrap();
        }
        self.stream.flush().await.unwrap();
    }

    /// Reads once, and gives the names of what came.
    pub async fn next(&mut self) -> Vec<&'static str> {
        let mut names = Vec::new();
        self.each(|event| names.push(event.name())).await;
        names
    }

    /// Reads until something comes.
    pub async fn each(&mut self, mut take: impl FnMut(Event<'_>)) {
        let (mut bytes, mut came) = (std::mem::take(&mut self.unread), false);
        while !came {
            if bytes.is_empty() {
                bytes.resize(4096, 0);
                let read = self.stream.read(&mut bytes).await.unwrap();
                assert!(read > 0, "the node hung up");
                bytes.truncate(read);
            }
            let taken = std::mem::take(&mut bytes);
            let mut input = taken.as_slice();
            while let Some(event) = self.session.receive(clock(), &mut input).unwrap() {
                came = true;
                take(event);
            }
        }
    }
}
