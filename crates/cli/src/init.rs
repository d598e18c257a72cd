//! `attache init`: founds a node in a new folder, with its Party root, its card and its first administrator.
//!
//! *Absent:* a default network, Party or secret.

use crate::config::{Config, Kas, Keys, Listen, Log, Node};
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::home::Home;
use crate::pack;
use attache_accord::{Network, NodeName, Party, PersonId};
use attache_custody::keyring::PERSON_KIND;
use attache_node::founding::Draft;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Card;
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Example: attache init --home seoul --node seoul.kor --party KOR --network demo \
    --administrator admin-1 --keys admin-keys --unlock unlock.bin")]
pub(crate) struct Init {
    /// The node's name, such as seoul.kor.
    #[arg(long)]
    pub(crate) node: NodeName,
    /// Its Party, such as KOR.
    #[arg(long)]
    pub(crate) party: Party,
    /// live, exercise or demo.
    #[arg(long)]
    pub(crate) network: Network,
    /// The first administrator's pseudonym; a key is made for them in the folder of --keys.
    #[arg(long)]
    pub(crate) administrator: PersonId,
    /// Where partners reach the node, host:port; several in order of preference. Without it, the partner listener's address.
    #[arg(long = "endpoint")]
    pub(crate) endpoints: Vec<String>,
    /// Where it listens for partners.
    #[arg(long, default_value_t = Listen::default().partner)]
    pub(crate) listen_partner: SocketAddr,
    /// Where it listens for people.
    #[arg(long, default_value_t = Listen::default().people)]
    pub(crate) listen_people: SocketAddr,
    /// Where it listens for whoever watches it; loopback only.
    #[arg(long, default_value_t = Listen::default().admin)]
    pub(crate) listen_admin: SocketAddr,
    /// Where it shows its published log to anyone, such as 127.0.0.1:7080, over plain HTTP. Without it, nowhere.
    #[arg(long)]
    pub(crate) listen_log: Option<SocketAddr>,
    /// Where machine clients of OpenTDF ask for keys, such as 127.0.0.1:8444. Without it, nowhere.
    #[arg(long, requires = "kas_url")]
    pub(crate) listen_kas: Option<SocketAddr>,
    /// How those clients reach it: https, the node's name or its IP address, and the port.
    #[arg(long, requires = "listen_kas")]
    pub(crate) kas_url: Option<String>,
    /// Where it shows its transparency page to anyone, such as 127.0.0.1:7081, over plain HTTP. Without it, nowhere.
    #[arg(long)]
    pub(crate) listen_public: Option<SocketAddr>,
    /// The agreement: the name of a built-in rule pack, or the folder of one. The node keeps it in its own folder.
    #[arg(long, default_value = "gsomia-2016")]
    pub(crate) pack: PathBuf,
    /// How often a checkpoint of the log is published, in seconds.
    #[arg(long, default_value_t = Log::default().beat_seconds)]
    pub(crate) beat_seconds: u64,
    /// By how many leaves at least it grows each time, 0 to 256, so that its growth does not tell how much was done; 0 pads nothing.
    #[arg(long, default_value_t = Log::default().pad_leaves)]
    pub(crate) pad_leaves: u64,
}

/// Founds a node of a Party to its agreement.
pub(crate) fn run(init: Init, context: &Context) -> Result<Found, Failed> {
    let pack = pack::load(Some(&init.pack))?;
    let parties = &pack.terms().parties;
    if !parties.contains(&init.party) {
        let parties: Vec<_> = parties.iter().map(ToString::to_string).collect();
        let rule = format!("{} is no Party to {}", init.party, pack.terms().agreement);
        return Err(Failed::misuse(format!("party: {rule}, but {}", parties.join(", "))));
    }
    found(init, pack, context)
}

/// Founds a node, whoever's it is: the demo has one of a third party, for its card to be refused.
pub(crate) fn found(init: Init, pack: Pack, context: &Context) -> Result<Found, Failed> {
    let pair = SigningPair::generate().map_err(Failed::fault)?;
    let endpoints = match init.endpoints.is_empty() {
        true => vec![init.listen_partner.to_string()],
        false => init.endpoints,
    };
    let draft = Draft {
        node: init.node.clone(),
        party: init.party,
        network: init.network,
        endpoints,
        administrator: (init.administrator.clone(), pair.verifying().clone()),
    };
    let config = Config {
        node: Node { name: init.node.to_string() },
        listen: Listen {
            partner: init.listen_partner,
            people: init.listen_people,
            admin: init.listen_admin,
            log: init.listen_log,
            kas: init.listen_kas,
            public: init.listen_public,
        },
        kas: Kas { url: init.kas_url, ..Kas::default() },
        keys: Keys::default(),
        log: Log { beat_seconds: init.beat_seconds, pad_leaves: init.pad_leaves, ..Log::default() },
        witnesses: Vec::new(),
    };
    config.check().map_err(Failed::misuse)?;
    if config.listen.kas.is_some() {
        config.kas.door().map_err(Failed::misuse)?;
    }
    let key = context.key_path(&init.administrator);
    if key.exists() {
        return Err(Failed::misuse(format!("{}: it is there already", key.display())));
    }
    let home = Home::create(context, config, &draft, pack)?;
    std::fs::create_dir_all(&context.keys).map_err(|error| Failed::file(&context.keys, &error))?;
    context.seal_key(&key, PERSON_KIND, pair.to_seed_bytes().as_slice())?;
    let fingerprint = Card::fingerprint(&home.card()?);
    let text = format!(
        "The node {} is founded in {}.\n\n  card fingerprint  {fingerprint}\n  administrator     {} ({})\n\n\
         Take keys/party-root.key offline now: the node runs without it.\n\
         Next: attache serve --home {}",
        init.node,
        home.path.display(),
        init.administrator,
        key.display(),
        home.path.display(),
    );
    Found::of(
        text,
        &json!({
            "node": init.node.to_string(),
            "home": home.path,
            "fingerprint": fingerprint,
            "administrator": init.administrator.to_string(),
            "key": key,
        }),
    )
}
