//! Bringing a node back from a backup: beside its place, checked as `attache doctor` would, and put there when all of it is whole.
//!
//! *Absent:* a folder that holds something, and a node that serves before it is known what its partners have seen of its log.

use super::{
    KEYS_PART, LOG_PART, Under, bytes_of, is_past, of_backup, open, put_in_place, told, unfinished, words,
};
use crate::agreement::texts::filled;
use crate::context::{Context, private_folder, write_new};
use crate::found::{Failed, Found};
use crate::home::Home;
use crate::{progress, remedy};
use attache_accord::Network;
use attache_custody::{Lock, RestKey};
use attache_node::backup::{BackupError, Manifest, Summary, manifest, read_keys_part, read_log_part, unpack};
use attache_node::fault::Fault;
use attache_node::papers::Papers;
use attache_node::refold::Refold;
use attache_node::stocktaking::take_stock;
use attache_store::{FolderVault, LocalHead, Reader as _};
use attache_tlog::Origin;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lies in the folder of a node that was brought back, until it is settled what its partners have seen of its log.
pub(crate) const MARK: &str = "restored.json";

#[derive(Args)]
pub(crate) struct Restore {
    /// The backup's folder.
    folder: PathBuf,
    /// The network that the node belongs to: live, exercise or demo. Said again, so that none is brought back as another.
    #[arg(long)]
    network: Network,
    /// Bring it back although its keys part is past its last day: what was destroyed since comes back with it, and must be
    /// destroyed again.
    #[arg(long)]
    although_past: bool,
    #[command(flatten)]
    under: Under,
}

impl Restore {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home_path()?;
        if !is_free(home)? {
            let rule = "it holds something; a node is brought back into a folder that is not there or empty";
            return Err(Failed::misuse(format!("home: {}: {rule}", home.display())));
        }
        let lock = self.under.lock(context)?;
        let whose = open(&self.folder, LOG_PART, &lock).and_then(|mut log| manifest(&mut log));
        let whose = whose.map_err(|error| of_backup(&self.folder, &error))?;
        if whose.network != self.network {
            let rule =
                format!("the backup is of {}, not of {}", whose.network.as_str(), self.network.as_str());
            return Err(Failed::misuse(format!("network: {rule}")));
        }
        if is_past(&whose) && !self.although_past {
            let rule = format!("it was to be destroyed after {}", whose.keys_until);
            let next =
                "take a newer backup, or say --although-past and destroy again what was destroyed since";
            return Err(Failed::misuse(format!("keys part: {rule}; {next}")));
        }
        let unfinished = unfinished(home, "home")?;
        let brought = self.bring_back(&unfinished, &whose, &lock, context).and_then(|parts| {
            put_in_place(&unfinished, home).map_err(|error| Failed::file(home, &error))?;
            Ok(parts)
        });
        let parts = brought.inspect_err(|_| {
            // Half a node would look like one.
            let _ = fs::remove_dir_all(&unfinished);
        })?;
        let mut found = told(&words::RESTORED, context.language, &self.folder, &whose, &parts)?;
        let home = [("home", home.display().to_string())];
        found.text.push_str(&format!("\n\n{}", filled(&words::NEXT, context.language, &home)));
        Ok(found)
    }

    fn bring_back(
        &self,
        into: &Path,
        whose: &Manifest,
        lock: &Lock,
        context: &Context,
    ) -> Result<[Summary; 2], Failed> {
        let origin = Origin::new(&whose.origin).map_err(Failed::misuse)?;
        let bar = progress::bar(bytes_of(&self.folder)?);
        let unpacked = (|| {
            let mut seen = |bytes| bar.inc(bytes);
            let mut unpacked = unpack(into, &origin)?;
            let log =
                read_log_part(&mut open(&self.folder, LOG_PART, lock)?, Some(&mut unpacked), &mut seen)?;
            let mut keys = open(&self.folder, KEYS_PART, lock)?;
            let keys = read_keys_part(&mut keys, &log, Some(&mut unpacked), &mut seen)?;
            let (head, files) = unpacked.complete()?;
            Ok::<_, BackupError>((log, keys, head, files))
        })();
        bar.finish_and_clear();
        let ((said, log), keys, head, files) = unpacked.map_err(|error| of_backup(&self.folder, &error))?;
        if said != *whose {
            return Err(Failed::fault("backup: it changed while it was read"));
        }
        for (name, contents) in files {
            let path = into.join(name);
            folders_of(into, &path)?;
            write_new(&path, &contents)?;
        }
        let mark = serde_json::json!({ "size": head.size, "root": head.root.to_string(), "taken": whose.at.to_string() });
        write_new(&into.join(MARK), mark.to_string().as_bytes())?;
        check(into, whose, &head, context)?;
        Ok([log, keys])
    }
}

/// Everything that can be told of the node that was put together: its keys open, each entry is its leaf's, each item is whole.
fn check(into: &Path, whose: &Manifest, head: &LocalHead, context: &Context) -> Result<(), Failed> {
    let home = Home::open(into)?;
    let keys = home.keys(context)?;
    let pack = home.pack()?;
    let journal = home.journal()?;
    let rest = Arc::new(RestKey::new(&keys.storage).map_err(Failed::fault)?);
    let reader = journal.reader().map_err(remedy::failed)?;
    let mut refold = Refold::new(reader, Arc::clone(&rest), pack.terms().utc_offset_hours);
    let bar = progress::entries(head.size);
    let folded = refold.go_on(head.size, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    folded.map_err(Failed::fault)?;
    let identity =
        refold.view().identity.clone().ok_or_else(|| Failed::fault(Fault::Missing("founding entry")))?;
    if !refold.is_of(&home.origin()?) {
        return Err(Failed::fault("backup: its log has another name than its entries say"));
    }
    if (&identity.node, identity.network) != (&whose.node, whose.network) || home.node()? != whose.node {
        return Err(Failed::fault("backup: its journal is another node's"));
    }
    let vault = FolderVault::open(&into.join("vault")).map_err(Failed::fault)?;
    let papers = Papers::new(journal.reader().map_err(Failed::fault)?, rest);
    progress::during(|| take_stock(&papers, &vault, &pack)).map_err(Failed::fault)?;
    Ok(())
}

/// Whether nothing is there, or an empty folder.
fn is_free(home: &Path) -> Result<bool, Failed> {
    match fs::read_dir(home) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Failed::file(home, &error)),
    }
}

/// Makes the folders between `root` and a file.
fn folders_of(root: &Path, file: &Path) -> Result<(), Failed> {
    let folder = file.parent().unwrap_or(root);
    if folder == root || folder.is_dir() {
        return Ok(());
    }
    folders_of(root, folder)?;
    private_folder(folder)
}
