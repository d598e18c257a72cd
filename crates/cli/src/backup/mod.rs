//! `attache backup`: a node's folder in two archives, taken while it runs; checked; and brought back into a folder of its own.
//!
//! ```text
//! FOLDER/log.backup    rows, checkpoints, what a witness keeps, sealed items, cards, packs, configuration
//! FOLDER/keys.backup   entry salts, papers with the wrapped item keys, the node's keys: to be gone after its last day
//! ```
//! *Absent:* the Party root and people's keys, which are others' to keep.

mod create;
mod heard;
mod restore;
mod settle;
mod succeed;
mod words;

pub(crate) use heard::{taken_up, waiting};
pub(crate) use restore::MARK;

use crate::agreement::texts::{Three, filled, of};
use crate::context::{Context, private_folder, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::progress;
use attache_accord::{NodeName, Timestamp};
use attache_custody::Lock;
use attache_custody::archive::{ArchiveError, ArchiveReader};
use attache_node::backup::{BackupError, Manifest, Summary, read_keys_part, read_log_part};
use attache_release::Language;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const LOG_PART: &str = "log.backup";
const KEYS_PART: &str = "keys.backup";
/// The file with the passphrase of backups, its first line.
const PASSPHRASE_FILE: &str = "ATTACHE_BACKUP_PASSPHRASE_FILE";
/// Longest key file, in bytes.
const MAX_LOCK_BYTES: u64 = 4096;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Back the node up into a new folder, also while it runs.
    #[command(
        after_help = "Example: attache backup create --out /media/backup/2026-11-26 --lock backup.bin --home seoul"
    )]
    Create(create::Create),
    /// Check all of a backup, without bringing it back.
    #[command(after_help = "Example: attache backup verify /media/backup/2026-11-26 --lock backup.bin")]
    Verify {
        /// The backup's folder.
        folder: PathBuf,
        #[command(flatten)]
        under: Under,
    },
    /// Bring a node back from a backup, into a folder that is not there or empty.
    #[command(
        after_help = "Example: attache backup restore /media/backup/2026-11-26 --lock backup.bin --network exercise \
        --home seoul --unlock unlock.bin"
    )]
    Restore(restore::Restore),
    /// Show what a node that was brought back still awaits from whom, also while it runs (exit code 1 while there is anything); or, with it
    /// down, say for partners that cannot be asked what they have seen of its log, and that you go on without their word.
    #[command(
        after_help = "Example: attache backup settle --size 48 --root 93ab... --unheard tokyo.jpn --home seoul\n\nThe partner's people read both from \
        their node. Where nothing was seen: --size 0. Without a size it shows what is still awaited from whom."
    )]
    Settle(settle::Settle),
    /// Let the log of a node that was brought back and is down go on under a new origin, where entries that partners cosigned, or that
    /// the node itself had promised, are lost and no newer backup has them. Needs the agreement office; each partner decides whether it follows.
    #[command(
        after_help = "Example: attache backup succeed --seen tokyo.jpn=64:93ab... --reason \"disk of 3 December\" --home seoul --as \
        office-1\n\nEach partner's people read size and root from their node (attache log status)."
    )]
    Succeed(succeed::Succeed),
    /// Write out what the people of a partner's node that was brought back had signed for this node since its backup: withdrawals,
    /// destructions, instruments. That node takes the file up before it serves. Also while the node runs.
    #[command(
        after_help = "Example: attache backup words seoul.kor --since 2026-12-01 --out words-of-seoul --home tokyo"
    )]
    Words(heard::WordsOf),
    /// Take up such a file at the next start of a node that was brought back and is down, before anything else is recorded or served.
    #[command(after_help = "Example: attache backup hear words-of-seoul --of tokyo.jpn --home seoul")]
    Hear {
        /// The file from the partner.
        file: PathBuf,
        /// The partner's node that wrote it: it is then not asked over the link any more.
        #[arg(long, value_name = "NODE")]
        of: Option<NodeName>,
    },
}

/// What a backup is locked with.
#[derive(Args)]
pub(crate) struct Under {
    /// Key file of the backup, 32 to 4096 random bytes, kept apart from the backup and from the node. Without it, a passphrase: the
    /// first line of the file that ATTACHE_BACKUP_PASSPHRASE_FILE names, or asked for.
    #[arg(long = "lock", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Under {
    fn lock(&self, context: &Context) -> Result<Lock, Failed> {
        if let Some(path) = &self.file {
            return Ok(Lock::KeyFile(Zeroizing::new(read_bounded(path, MAX_LOCK_BYTES)?)));
        }
        if let Some(path) = std::env::var_os(PASSPHRASE_FILE) {
            let text = Zeroizing::new(context.read_text(Path::new(&path))?);
            return Ok(Lock::Passphrase(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())));
        }
        context.ask("passphrase of the backup", &format!("give --lock FILE or {PASSPHRASE_FILE}"))
    }
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    match verb {
        Verb::Create(create) => create.run(context),
        Verb::Verify { folder, under } => verify(&folder, &under, context),
        Verb::Restore(restore) => restore.run(context),
        Verb::Settle(settle) => settle.run(context),
        Verb::Succeed(succeed) => succeed.run(context),
        Verb::Words(words) => words.run(context),
        Verb::Hear { file, of } => heard::hear(&file, of.as_ref(), context),
    }
}

fn verify(folder: &Path, under: &Under, context: &Context) -> Result<Found, Failed> {
    let lock = under.lock(context)?;
    let bar = progress::bar(bytes_of(folder)?);
    let checked = (|| {
        let log = read_log_part(&mut open(folder, LOG_PART, &lock)?, None, &mut |bytes| bar.inc(bytes))?;
        let keys =
            read_keys_part(&mut open(folder, KEYS_PART, &lock)?, &log, None, &mut |bytes| bar.inc(bytes))?;
        Ok::<_, BackupError>((log, keys))
    })();
    bar.finish_and_clear();
    let ((manifest, log), keys) = checked.map_err(|error| of_backup(folder, &error))?;
    let mut found = told(&words::WHOLE, context.language, folder, &manifest, &[log, keys])?;
    if is_past(&manifest) {
        found.text.push_str(&format!("\n\n{}", of(&words::PAST, context.language)));
        found.code = EXIT_REFUSED;
    }
    Ok(found)
}

/// Whether the keys part is to be gone.
fn is_past(manifest: &Manifest) -> bool {
    manifest.keys_until < crate::home::now()
}

fn open(folder: &Path, part: &str, lock: &Lock) -> Result<ArchiveReader<BufReader<File>>, BackupError> {
    let file = File::open(folder.join(part)).map_err(ArchiveError::Disk)?;
    Ok(ArchiveReader::open(lock, BufReader::new(file))?)
}

fn bytes_of(folder: &Path) -> Result<u64, Failed> {
    let length = |part: &str| {
        let path = folder.join(part);
        std::fs::metadata(&path).map(|about| about.len()).map_err(|error| Failed::file(&path, &error))
    };
    Ok(length(LOG_PART)? + length(KEYS_PART)?)
}

/// Why a backup is not as it should be.
fn of_backup(folder: &Path, error: &BackupError) -> Failed {
    let said = format!("{}: {error}", folder.display());
    match error {
        // A wrong passphrase is the caller's; a damaged backup is not.
        BackupError::Archive(ArchiveError::Key(_)) => Failed::misuse(said),
        error if error.is_full_disk() => Failed::fault(format!("{said}; the disk is full, make room")),
        _ => Failed::fault(said),
    }
}

fn told(
    did: &Three,
    language: Language,
    folder: &Path,
    manifest: &Manifest,
    parts: &[Summary; 2],
) -> Result<Found, Failed> {
    let [log, keys] = parts;
    let Manifest { node, party, network, agreement, pack, origin, at, keys_until, id, .. } = manifest;
    let places = [
        ("folder", folder.display().to_string()),
        ("node", node.to_string()),
        ("party", party.to_string()),
        ("network", network.as_str().to_owned()),
        ("agreement", agreement.clone()),
        ("at", at.to_string()),
        ("origin", origin.clone()),
        ("size", log.size.to_string()),
        ("root", log.root.to_string()),
        ("items", log.items.to_string()),
        ("bytes", log.item_bytes.to_string()),
        ("salts", keys.salts.to_string()),
        ("papers", keys.kept.to_string()),
        ("keys_until", keys_until.to_string()),
    ];
    let text = format!("{}\n\n{}", of(did, language), filled(&words::SHOWN, language, &places));
    let documented: Value = json!({
        "folder": folder,
        "id": HEXLOWER.encode(id),
        "node": node.to_string(),
        "party": party.to_string(),
        "network": network.as_str(),
        "agreement": agreement,
        "pack": pack.to_string(),
        "origin": origin,
        "at": at.to_string(),
        "keys_until": keys_until.to_string(),
        "size": log.size,
        "root": log.root.to_string(),
        "files": log.files + keys.files,
        "items": log.items,
        "item_bytes": log.item_bytes,
        "salts": keys.salts,
        "papers": keys.kept,
    });
    Found::of(text, &documented)
}

/// The folder beside `place` in which it grows. What an attempt that was cut off left there is removed.
fn unfinished(place: &Path, field: &str) -> Result<PathBuf, Failed> {
    let name = place.file_name().ok_or_else(|| Failed::misuse(format!("{field}: a folder with a name")))?;
    let mut name = name.to_owned();
    name.push(".unfinished");
    let folder = place.with_file_name(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failed::file(&folder, &error))?;
    }
    private_folder(&folder)?;
    Ok(folder)
}

/// Gives a whole folder its name; an empty one of that name gives way.
fn put_in_place(unfinished: &Path, place: &Path) -> io::Result<()> {
    sync_folders(unfinished)?;
    fs::rename(unfinished, place)?;
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// Makes the names in a folder and below it last.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

/// So many days later.
fn plus_days(at: Timestamp, days: u64) -> Timestamp {
    at.plus_hours(days.saturating_mul(24))
}
