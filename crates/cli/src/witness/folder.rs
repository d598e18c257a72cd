//! A witness's folder.
//!
//! ```text
//! witness.toml   name, where it listens, TLS
//! witness.key    its keys, sealed
//! witness.pub    its verifier keys, which logs and verifiers are given
//! logs           the verifier keys of the logs that it cosigns, one a line
//! journal/       what it cosigned, each head before its cosignature; the lock of the one process that serves
//! forks/         proofs that a log showed two histories, and on what it rests that one is cosigned again
//! ```
//! *Absent:* a node's files. A folder of one is no folder of the other.

use super::list;
use crate::context::{Context, private_folder, read_bounded, replace, write_new};
use crate::found::Failed;
use attache_custody::{keyfile, keyring};
use attache_gate::witness::{Witness, WitnessedLog, accept_fork, parse_logs, read_logs, witnessed_logs};
use attache_store::{SqliteJournal, SqliteReader};
use attache_tlog::{NoteSigner, Origin, VerifierKey};
use serde::{Deserialize, Serialize};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const CONFIG: &str = "witness.toml";
const KEY: &str = "witness.key";
const PUBLIC: &str = "witness.pub";
const LOGS: &str = "logs";
const FORKS: &str = "forks";
const JOURNAL: &str = "journal";
/// Longest configuration, and longest file of public keys, in bytes.
const MAX_BYTES: u64 = 64 * 1024;
/// What stands at the head of a new list of logs.
const LIST: &[u8] =
    b"# The logs that are cosigned here: a verifier key on each line, all keys of each log.\n";

/// The configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// The name that its keys bear.
    pub(super) name: String,
    /// Where logs reach it.
    #[serde(default = "default_listen")]
    pub(super) listen: SocketAddr,
    /// A key file that opens its keys at start, instead of a passphrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unlock_file: Option<PathBuf>,
    /// With what it speaks HTTPS; plain HTTP without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls: Option<Tls>,
}

/// Certificate and key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

pub(super) fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7090))
}

/// A witness's folder.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) config: Config,
}

impl Folder {
    /// Makes a witness in a new folder. Where anything fails, nothing of it stays.
    pub(super) fn create(
        context: &Context,
        name: &str,
        listen: SocketAddr,
        tls: Option<(PathBuf, PathBuf)>,
    ) -> Result<Self, Failed> {
        let path = context.home_path()?.to_owned();
        if path.exists() {
            let rule = "it is there already; a witness is made in a folder of its own";
            return Err(Failed::misuse(format!("{}: {rule}", path.display())));
        }
        let seeds = Zeroizing::new(keyring::fresh_witness().map_err(Failed::fault)?);
        let signers = keyring::witness_signers(name, &seeds);
        let signers = signers.map_err(|error| Failed::misuse(format!("name: {error}")))?;
        let tls = tls.map(|(certificate, key)| Tls { certificate, key });
        let config = Config { name: name.to_owned(), listen, unlock_file: None, tls };
        let folder = Self { path, config };
        folder.fill(context, &seeds, &signers).inspect_err(|_| {
            // A half-made folder would look like a witness.
            let _ = fs::remove_dir_all(&folder.path);
        })?;
        Ok(folder)
    }

    fn fill(&self, context: &Context, seeds: &[u8], signers: &[NoteSigner]) -> Result<(), Failed> {
        private_folder(&self.path)?;
        private_folder(&self.path.join(FORKS))?;
        context.seal_key(&self.path.join(KEY), keyring::WITNESS_KIND, seeds)?;
        let keys: String = signers.iter().map(|signer| format!("{}\n", signer.verifier())).collect();
        write_new(&self.path.join(PUBLIC), keys.as_bytes())?;
        write_new(&self.path.join(LOGS), LIST)?;
        SqliteJournal::create(&self.path.join(JOURNAL), &self.origin()?).map_err(Failed::fault)?;
        let config = toml::to_string(&self.config).map_err(Failed::fault)?;
        // Last: with it the folder is a witness's.
        write_new(&self.path.join(CONFIG), config.as_bytes())
    }

    /// Opens a folder that was made before.
    pub(super) fn open(path: &Path) -> Result<Self, Failed> {
        let file = path.join(CONFIG);
        if !file.is_file() {
            let next =
                "it holds no witness; name another by --home, or make one there with attache witness init";
            return Err(Failed::misuse(format!("home: {}: {next}", path.display())));
        }
        let wrong = |rule: String| Failed::misuse(format!("{}: {rule}", file.display()));
        let text = String::from_utf8(read_bounded(&file, MAX_BYTES)?);
        let text = text.map_err(|_| wrong("not UTF-8".into()))?;
        let config = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { path: path.to_owned(), config })
    }

    /// Its journal's name. It has no leaves of its own.
    fn origin(&self) -> Result<Origin, Failed> {
        Origin::new(&self.config.name).map_err(|error| Failed::misuse(format!("name: {error}")))
    }

    /// The file of its verifier keys.
    pub(super) fn public(&self) -> PathBuf {
        self.path.join(PUBLIC)
    }

    /// Its verifier keys.
    pub(super) fn verifiers(&self) -> Result<Vec<VerifierKey>, Failed> {
        let path = self.public();
        let text = String::from_utf8(read_bounded(&path, MAX_BYTES)?).unwrap_or_default();
        let keys: Result<Vec<_>, _> = text.lines().map(str::parse).collect();
        keys.map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))
    }

    /// How each log in the list stands. A witness that runs is not disturbed.
    pub(super) fn logs(&self) -> Result<Vec<WitnessedLog>, Failed> {
        let reader = SqliteReader::open(&self.path.join(JOURNAL), &self.origin()?).map_err(Failed::fault)?;
        witnessed_logs(&reader, &self.path.join(LOGS), &self.path.join(FORKS)).map_err(Failed::misuse)
    }

    /// Adds the keys of a log to the list.
    pub(super) fn add_log(&self, keys: &[VerifierKey]) -> Result<(), Failed> {
        let path = self.path.join(LOGS);
        let listed = read_logs(&path).map_err(Failed::misuse)?;
        // Another key of a log that is listed would have to sign from then on: that is for whoever edits the list to say.
        if listed.iter().any(|key| key.name() == keys[0].name()) {
            return Err(Failed::misuse(format!(
                "key: {} is in the list already; to change its keys, edit {}",
                keys[0].name(),
                path.display()
            )));
        }
        let mut text = list(&path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.extend(keys.iter().map(|key| format!("{key}\n")));
        parse_logs(&path, &text).map_err(Failed::misuse)?;
        replace(&path, text.as_bytes())
    }

    /// Decides that a log which signed two histories is cosigned again; where the proof lies now.
    pub(super) fn accept(&self, origin: &Origin, basis: &str) -> Result<PathBuf, Failed> {
        accept_fork(&self.path.join(LOGS), &self.path.join(FORKS), origin, basis).map_err(Failed::misuse)
    }

    /// The witness, with its keys opened and its journal held.
    pub(super) fn witness(&self, context: &Context) -> Result<Witness, Failed> {
        let journal = SqliteJournal::open(&self.path.join(JOURNAL), &self.origin()?);
        let journal = journal.map_err(Failed::fault)?;
        let path = self.path.join(KEY);
        let sealed = read_bounded(&path, keyfile::MAX_SEALED_BYTES as u64)?;
        let unlock = context.unlock.clone().or_else(|| self.config.unlock_file.clone());
        let context = Context { unlock, ..context.clone() };
        let lock = context.lock("passphrase of the witness")?;
        let seeds = keyfile::open(&lock, keyring::WITNESS_KIND, &sealed);
        let seeds = seeds.map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
        let signers = keyring::witness_signers(&self.config.name, &seeds).map_err(Failed::misuse)?;
        let verifiers: Vec<_> = signers.iter().map(|signer| signer.verifier().clone()).collect();
        if verifiers != self.verifiers()? {
            return Err(Failed::misuse("witness.pub: these are not the keys of this witness, by its name"));
        }
        let places = (self.path.join(LOGS), self.path.join(FORKS));
        // A list that cannot be read is told now, not to the first log that asks.
        read_logs(&places.0).map_err(Failed::misuse)?;
        Witness::new(signers, Box::new(journal), places, super::clock).map_err(Failed::fault)
    }
}
