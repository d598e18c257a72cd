//! Taking a backup. The folder gets its name when both archives are whole and on the disk.
//!
//! *Absent:* the node's keys opened: everything is sealed as it rests, and sealed once more.

use super::{KEYS_PART, LOG_PART, Under, of_backup, plus_days, put_in_place, told, unfinished, words};
use crate::context::{Context, read_bounded};
use crate::found::{Failed, Found};
use crate::home::{Home, SHARES, now};
use crate::progress;
use attache_custody::Lock;
use attache_custody::archive::{ArchiveError, ArchiveWriter};
use attache_node::backup::{
    BackupError, FORM, MAX_FILE_BYTES, MAX_FILES, Manifest, NamedFile, Part, Source, Summary,
    write_keys_part, write_log_part,
};
use attache_seal::papers::Card;
use attache_store::SqliteReader;
use clap::Args;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Not in a backup, or in it otherwise. What an originator lent ends on time, and not when a backup does.
const ELSEWHERE: [&str; 6] = ["journal", "vault", "keys", SHARES, super::restore::MARK, super::heard::FOLDER];
/// It is taken offline, and a backup is not.
const PARTY_ROOT: &str = "party-root.key";

#[derive(Args)]
pub(crate) struct Create {
    /// A folder that is not there yet.
    #[arg(long)]
    out: PathBuf,
    /// How many days the keys part may be kept. What is destroyed in the node is gone for good when the last one of before is.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3650))]
    keys_days: u64,
    #[command(flatten)]
    under: Under,
}

impl Create {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home()?;
        if self.out.exists() {
            return Err(Failed::misuse(format!("{}: it is there already", self.out.display())));
        }
        let lock = self.under.lock(context)?;
        let (manifest, unfinished) = (self.manifest(&home)?, unfinished(&self.out, "out")?);
        let written = write(&home, &manifest, &lock, &unfinished);
        let named = written.and_then(|parts| {
            put_in_place(&unfinished, &self.out)?;
            Ok(parts)
        });
        let parts = named.map_err(|error| {
            // Half a backup is none.
            let _ = fs::remove_dir_all(&unfinished);
            of_backup(&self.out, &error)
        })?;
        told(&words::TAKEN, context.language, &self.out, &manifest, &parts)
    }

    fn manifest(&self, home: &Home) -> Result<Manifest, Failed> {
        let card = home.card()?.dangerously_unverified::<Card>().map_err(Failed::misuse)?;
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| Failed::fault("the random generator failed"))?;
        Ok(Manifest {
            form: FORM,
            part: Part::Log,
            id,
            node: card.body.node,
            party: card.body.party,
            network: card.head.network,
            agreement: card.head.agreement,
            pack: home.pack()?.digest(),
            origin: home.origin()?.to_string(),
            at: now(),
            keys_until: plus_days(now(), self.keys_days),
        })
    }
}

fn write(home: &Home, manifest: &Manifest, lock: &Lock, to: &Path) -> Result<[Summary; 2], BackupError> {
    let failed = |failed: Failed| BackupError::Form(failed.text);
    let journal = SqliteReader::open(&home.journal_folder(), &home.origin().map_err(failed)?)?;
    // The log's end is fixed before papers and sealed items are read: what is destroyed in between is missing for its entries.
    let papers = journal.papers_there()?;
    let vault = home.path.join("vault");
    let mut files = Vec::new();
    collect(&home.path, "", &mut files)?;
    let source = Source { journal: &journal, vault: &vault, files };
    let bar = progress::bar(0);
    let mut seen = |bytes| {
        bar.inc_length(bytes);
        bar.inc(bytes);
    };
    let (file, log) = write_log_part(source, manifest, begin(to, LOG_PART, lock)?, &mut seen)?;
    sync(file)?;
    let mut files = Vec::new();
    collect(&home.path.join("keys"), "keys/", &mut files)?;
    let source = Source { journal: &journal, vault: &vault, files };
    let (file, keys) = write_keys_part(source, manifest, &log, begin(to, KEYS_PART, lock)?, &mut seen)?;
    sync(file)?;
    bar.finish_and_clear();
    if journal.has_forgotten_since(&papers)? { Err(BackupError::Destroyed) } else { Ok([log, keys]) }
}

fn begin(folder: &Path, part: &str, lock: &Lock) -> Result<ArchiveWriter<BufWriter<File>>, BackupError> {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(folder.join(part))?;
    Ok(ArchiveWriter::begin(lock, BufWriter::new(file))?)
}

fn sync(mut file: BufWriter<File>) -> Result<(), BackupError> {
    file.flush()?;
    Ok(file.get_ref().sync_all()?)
}

/// The files below a folder, with their names from the node's folder on.
fn collect(folder: &Path, before: &str, into: &mut Vec<NamedFile>) -> Result<(), BackupError> {
    let wrong = |what: String| BackupError::Form(format!("{}: {what}", folder.display()));
    let mut names: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    names.sort_by_key(std::fs::DirEntry::file_name);
    for entry in names {
        let name = entry.file_name().into_string().map_err(|_| wrong("a name that is no text".into()))?;
        let is_left_out = before.is_empty() && ELSEWHERE.contains(&name.as_str())
            || before == "keys/" && name == PARTY_ROOT
            // Left by a replacement that was cut off.
            || name.ends_with(".new");
        let about = entry.file_type()?;
        match () {
            () if is_left_out => {}
            () if about.is_dir() => collect(&entry.path(), &format!("{before}{name}/"), into)?,
            () if about.is_file() => {
                let contents = read_bounded(&entry.path(), MAX_FILE_BYTES);
                into.push((format!("{before}{name}"), contents.map_err(|failed| wrong(failed.text))?));
            }
            () => return Err(wrong(format!("{name} is neither a file nor a folder"))),
        }
        if into.len() > MAX_FILES {
            return Err(BackupError::Archive(ArchiveError::Form("more files than a node has")));
        }
    }
    Ok(())
}
