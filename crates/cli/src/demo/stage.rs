//! The stage: a folder, a home on free ports for each node, and a process that serves each. A further home may be founded for its
//! card alone: a third country asks, and is never let in.
//!
//! *Absent:* anything that a user's own nodes would not do.

use super::cast::{Nation, Plot};
use super::patiently;
use super::story::Story;
use crate::config::Listen;
use crate::context::{Context, private_folder, write_new};
use crate::found::Failed;
use crate::home::Home;
use crate::init::{self, Init};
use attache_node::beat::PAD_LEAVES;
use attache_release::Language;
use attache_release::Pack;
use attache_seal::papers::Card;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often the demo's nodes publish a checkpoint, in seconds.
const BEAT_SECONDS: u64 = 1;

/// The running nodes in a folder.
pub(super) struct Stage {
    pub(super) plot: &'static Plot,
    pub(super) folder: PathBuf,
    pub(super) unlock: PathBuf,
    nodes: Vec<(&'static Nation, Child)>,
}

/// The folder that was asked for, or a fresh one.
pub(super) fn folder(wanted: Option<&Path>) -> Result<PathBuf, Failed> {
    let path = match wanted {
        Some(path) => path.to_owned(),
        None => {
            let mut id = [0; 6];
            aws_lc_rs::rand::fill(&mut id).map_err(|_| Failed::fault("the random generator failed"))?;
            std::env::temp_dir().join(format!("attache-demo-{}", data_encoding::HEXLOWER.encode(&id)))
        }
    };
    if path.exists() {
        return Err(Failed::misuse(format!("folder: {} is there already", path.display())));
    }
    private_folder(&path)?;
    path.canonicalize().map_err(|error| Failed::file(&path, &error))
}

impl Stage {
    /// Founds the nodes and starts those that serve.
    pub(super) fn set(folder: &Path, plot: &'static Plot, story: &Story) -> Result<Self, Failed> {
        let unlock = folder.join("unlock.bin");
        let mut secret = [0; 32];
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| Failed::fault("the random generator failed"))?;
        write_new(&unlock, &secret)?;
        let mut stage = Self { plot, folder: folder.to_owned(), unlock, nodes: Vec::new() };
        for nation in plot.nations.iter().chain(plot.strangers) {
            stage.found(nation)?;
        }
        for nation in plot.nations.iter().copied() {
            let started = stage.start(nation)?;
            story.node(nation, &stage.home(nation)?, &stage.fingerprint(nation)?);
            stage.nodes.push((nation, started));
        }
        Ok(stage)
    }

    /// What commands of a person at this node have at hand.
    pub(super) fn context(&self, nation: &Nation, person: &str) -> Result<Context, Failed> {
        Ok(Context {
            home: Some(self.folder.join(nation.folder)),
            person: Some(person.parse().map_err(Failed::misuse)?),
            keys: self.folder.join("keys"),
            unlock: Some(self.unlock.clone()),
            language: Language::En,
            json: false,
        })
    }

    pub(super) fn home(&self, nation: &Nation) -> Result<Home, Failed> {
        Home::open(&self.folder.join(nation.folder))
    }

    pub(super) fn fingerprint(&self, nation: &Nation) -> Result<String, Failed> {
        Ok(Card::fingerprint(&self.home(nation)?.card()?))
    }

    fn found(&self, nation: &Nation) -> Result<(), Failed> {
        let [partner, people, admin] = free_ports()?;
        let administrator = nation.person("admin");
        let context = self.context(nation, &administrator)?;
        let init = Init {
            node: nation.node.parse().map_err(Failed::misuse)?,
            party: nation.party.parse().map_err(Failed::misuse)?,
            network: attache_accord::Network::Demo,
            administrator: administrator.parse().map_err(Failed::misuse)?,
            endpoints: Vec::new(),
            listen_partner: partner,
            listen_people: people,
            listen_admin: admin,
            listen_log: None,
            listen_kas: None,
            kas_url: None,
            listen_public: None,
            pack: PathBuf::from(self.plot.pack),
            beat_seconds: BEAT_SECONDS,
            pad_leaves: PAD_LEAVES,
        };
        let pack = Pack::built_in().into_iter().find(|pack| pack.terms().agreement == self.plot.pack);
        let pack = pack.ok_or_else(|| Failed::fault("the rule pack is not built in"))?;
        init::found(init, pack, &context).map(|_| ())
    }

    fn start(&self, nation: &Nation) -> Result<Child, Failed> {
        let log = self.folder.join(format!("{}.log", nation.folder));
        let log = File::create(&log).map_err(|error| Failed::file(&log, &error))?;
        let program = std::env::current_exe().map_err(Failed::fault)?;
        let mut child = Command::new(program)
            .args(["serve", "--with-parent", "--home"])
            .arg(self.folder.join(nation.folder))
            .arg("--unlock")
            .arg(&self.unlock)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(Failed::fault)?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(Failed::fault)?;
        }
        if line.is_empty() {
            let log = format!("{}.log", nation.folder);
            return Err(Failed::fault(format!(
                "{} did not start; see {log} in {}",
                nation.node,
                self.folder.display()
            )));
        }
        Ok(child)
    }

    /// Waits until the user has seen enough. The document is printed before, since nothing is afterwards.
    pub(super) fn wait_for_interrupt(&self, document: Option<&Value>) -> Result<(), Failed> {
        if let Some(document) = document {
            println!("{document:#}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(Failed::fault)?.block_on(tokio::signal::ctrl_c()).map_err(Failed::fault)
    }

    /// Takes the nodes down in order.
    pub(super) fn strike(self) -> Result<(), Failed> {
        for (nation, mut child) in self.nodes {
            // Each node ends when its parent's end of the pipe closes.
            drop(child.stdin.take());
            let ended = patiently("a node's end", || child.try_wait().map_err(Failed::fault))?;
            if !ended.success() {
                return Err(Failed::fault(format!("{} ended with {ended}", nation.node)));
            }
        }
        Ok(())
    }
}

/// Three free ports on the loopback interface.
fn free_ports() -> Result<[SocketAddr; 3], Failed> {
    let bind = || TcpListener::bind(("127.0.0.1", 0)).map_err(Failed::fault);
    // All three are held at once, so that they differ.
    let held = [bind()?, bind()?, bind()?];
    let mut ports = [Listen::default().partner; 3];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr().map_err(Failed::fault)?;
    }
    Ok(ports)
}
