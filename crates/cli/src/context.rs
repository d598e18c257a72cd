//! What every command has at hand: whose node, whose key, which language.
//!
//! *Absent:* a default for any secret. A key is opened with a key file or a passphrase that is asked for.

use crate::agreement::texts::Three;
use crate::client::Client;
use crate::found::{EXIT_MISUSE, Failed};
use crate::guard;
use crate::home::Home;
use attache_accord::PersonId;
use attache_custody::{KeyFileError, Lock, keyfile, keyring};
use attache_release::Language;
use attache_seal::pair::SigningPair;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest file that a command reads as text, in bytes.
const MAX_TEXT_BYTES: u64 = 512 * 1024;

const NO_HOME: Three = [
    "home: 어느 노드인지 --home DIR 또는 ATTACHE_HOME으로 밝힌다",
    "home: どのノードかを --home DIR または ATTACHE_HOME で示すこと",
    "home: say which node, by --home DIR or ATTACHE_HOME",
];
const NO_PERSON: Three = [
    "person: 누가 하는 것인지 --as PERSON 또는 ATTACHE_PERSON으로 밝힌다",
    "person: 誰が行うのかを --as PERSON または ATTACHE_PERSON で示すこと",
    "person: say who acts, by --as PERSON or ATTACHE_PERSON",
];
const NO_KEY: Three = [
    "keys: {path}: 그런 키가 없다. 어디에 있는지 --keys DIR로 밝히거나 attache person key로 만든다",
    "keys: {path}: その鍵はない。どこにあるかを --keys DIR で示すか、attache person key で作ること",
    "keys: {path}: no such key; say where it lies by --keys DIR, or make one with attache person key",
];
const TOO_LONG: Three =
    ["{path}: {limit}바이트보다 길다", "{path}: {limit}バイトより長い", "{path}: longer than {limit} bytes"];
const NOT_TEXT: Three =
    ["{path}: UTF-8 텍스트가 아니다", "{path}: UTF-8のテキストではない", "{path}: not UTF-8 text"];

/// What every command has at hand.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) home: Option<PathBuf>,
    pub(crate) person: Option<PersonId>,
    pub(crate) keys: PathBuf,
    pub(crate) unlock: Option<PathBuf>,
    pub(crate) language: Language,
    pub(crate) json: bool,
}

impl Context {
    /// The node's folder.
    pub(crate) fn home(&self) -> Result<Home, Failed> {
        Home::open(self.home_path()?)
    }

    pub(crate) fn home_path(&self) -> Result<&Path, Failed> {
        let none = || Failed::in_three(EXIT_MISUSE, &NO_HOME, &[]);
        self.home.as_deref().ok_or_else(none)
    }

    /// A session of the person who acts.
    pub(crate) fn sign_in(&self) -> Result<Client, Failed> {
        let (person, pair) = self.person_and_key()?;
        Client::new(&self.home()?)?.sign_in(person, pair)
    }

    /// The person who acts, and their key, for what is signed beside a node that is down.
    pub(crate) fn person_and_key(&self) -> Result<(PersonId, SigningPair), Failed> {
        let none = || Failed::in_three(EXIT_MISUSE, &NO_PERSON, &[]);
        let person = self.person.clone().ok_or_else(none)?;
        let pair = self.person_key(&person)?;
        Ok((person, pair))
    }

    /// Where the key of a person lies.
    pub(crate) fn key_path(&self, person: &PersonId) -> PathBuf {
        self.keys.join(format!("{person}.key"))
    }

    fn person_key(&self, person: &PersonId) -> Result<SigningPair, Failed> {
        let path = self.key_path(person);
        if !path.is_file() {
            return Err(Failed::in_three(EXIT_MISUSE, &NO_KEY, &[("path", path.display().to_string())]));
        }
        let sealed = read_bounded(&path, keyfile::MAX_SEALED_BYTES as u64)?;
        let lock = self.lock(&format!("passphrase of {}", path.display()))?;
        let seeds = keyfile::open(&lock, keyring::PERSON_KIND, &sealed);
        let seeds = seeds.map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))?;
        let pair = keyring::signing_pair(&seeds).map_err(Failed::fault)?;
        // Said by `serve` and `doctor` where it cannot be: a command is over in a moment.
        let _ = guard::lock();
        Ok(pair)
    }

    /// Seals a secret into a new file that only its owner can read.
    pub(crate) fn seal_key(&self, path: &Path, kind: &str, secret: &[u8]) -> Result<(), Failed> {
        let lock = self.lock(&format!("new passphrase for {}", path.display()))?;
        let sealed = keyfile::seal(&lock, kind, secret).map_err(weak)?;
        write_new(path, &sealed)
    }

    /// What opens key files: the file of `--unlock`, the first line of the file that `ATTACHE_PASSPHRASE_FILE` names, or a
    /// passphrase asked for on the terminal.
    pub(crate) fn lock(&self, prompt: &str) -> Result<Lock, Failed> {
        if let Some(path) = &self.unlock {
            let bytes = Zeroizing::new(read_bounded(path, 4096)?);
            return Ok(Lock::KeyFile(bytes));
        }
        if let Some(path) = std::env::var_os("ATTACHE_PASSPHRASE_FILE") {
            let text = Zeroizing::new(self.read_text(Path::new(&path))?);
            return Ok(Lock::Passphrase(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())));
        }
        self.ask(prompt, "give --unlock FILE or ATTACHE_PASSPHRASE_FILE")
    }

    /// A passphrase that is asked for on the terminal; `otherwise` says what to do without one.
    pub(crate) fn ask(&self, prompt: &str, otherwise: &str) -> Result<Lock, Failed> {
        if !std::io::stdin().is_terminal() {
            return Err(Failed::misuse(format!("unlock: {otherwise}, or run in a terminal to be asked")));
        }
        let asked = rpassword::prompt_password(format!("{prompt}: ")).map_err(Failed::fault)?;
        Ok(Lock::Passphrase(Zeroizing::new(asked)))
    }

    /// Reads a short text file.
    pub(crate) fn read_text(&self, path: &Path) -> Result<String, Failed> {
        let bytes = read_bounded(path, MAX_TEXT_BYTES)?;
        let text = String::from_utf8(bytes);
        let places = [("path", path.display().to_string())];
        let text = text.map_err(|_| Failed::in_three(EXIT_MISUSE, &NOT_TEXT, &places))?;
        Ok(text.trim().to_owned())
    }
}

fn weak(error: KeyFileError) -> Failed {
    Failed::misuse(error)
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Failed> {
    let file = std::fs::File::open(path).map_err(|error| Failed::file(path, &error))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| Failed::file(path, &error))?;
    if bytes.len() as u64 > limit {
        let places = [("path", path.display().to_string()), ("limit", limit.to_string())];
        return Err(Failed::in_three(EXIT_MISUSE, &TOO_LONG, &places));
    }
    Ok(bytes)
}

/// Makes a folder that is not there yet and into which only its owner looks.
pub(crate) fn private_folder(path: &Path) -> Result<(), Failed> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Failed::file(path, &error))
}

/// Writes a file that is not there yet and that only its owner can read.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| Failed::file(path, &error))
}

/// Puts a file in place of the one before, all of it or nothing.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let fresh = path.with_extension("new");
    // Left by an attempt that was cut off.
    let _ = std::fs::remove_file(&fresh);
    write_new(&fresh, bytes)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let renamed = std::fs::rename(&fresh, path).and_then(|()| std::fs::File::open(folder)?.sync_all());
    renamed.map_err(|error| Failed::file(path, &error))
}
