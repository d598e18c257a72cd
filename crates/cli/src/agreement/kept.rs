//! Texts that a negotiation is about: rule packs kept in the node's folder under their digest, and how two of them differ.
//!
//! *Absent:* trust in a name. A text is found by the digest of what is there.

use super::office::pack_in;
use crate::context::Context;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use attache_accord::Digest;
use attache_release::Pack;
use serde_json::json;
use similar::TextDiff;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of texts in a node's folder.
const TEXTS: &str = "texts";
/// Most files that a pack's folder may hold, and most bytes in one of them.
const MAX_FILES: usize = 64;
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Lines around a change that are shown with it.
const AROUND: usize = 2;

/// Keeps the pack of a folder in the node's folder, so that it is at hand under its digest.
pub(super) fn keep(context: &Context, folder: &Path) -> Result<Pack, Failed> {
    let pack = pack_in(folder)?;
    let target = context.home_path()?.join(TEXTS).join(pack.digest().to_string());
    for (name, text) in files(folder)? {
        let path = target.join(&name);
        let parent = path.parent().unwrap_or(&target);
        fs::create_dir_all(parent).map_err(|error| Failed::file(parent, &error))?;
        crate::context::replace(&path, text.as_bytes())?;
    }
    Ok(pack)
}

/// The folder of a text: a path, or at least 6 digits of the digest of one that is kept.
fn folder_of(context: &Context, text: &str) -> Result<PathBuf, Failed> {
    let path = PathBuf::from(text);
    if path.is_dir() {
        return Ok(path);
    }
    let texts = context.home_path()?.join(TEXTS);
    let kept = fs::read_dir(&texts)
        .map_err(|_| Failed::misuse(format!("text: no folder {text:?}, and no text is kept")))?;
    let names = kept.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found = names.filter(|name| text.len() >= 6 && name.starts_with(text));
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(texts.join(name)),
        (Some(_), Some(_)) => {
            Err(Failed::misuse(format!("text: {text} is the beginning of several; give more digits")))
        }
        (None, _) => {
            Err(Failed::misuse(format!("text: no folder {text:?}, and no text of that digest is kept")))
        }
    }
}

/// The digest that is meant: a folder's, or of those on record the one that begins so.
pub(super) fn digest_of(context: &Context, text: &str, known: &[Digest]) -> Result<Digest, Failed> {
    if let Some(found) = known.iter().find(|digest| text.len() >= 6 && digest.to_string().starts_with(text)) {
        return Ok(*found);
    }
    Ok(pack_in(&folder_of(context, text)?)?.digest())
}

/// Shows how one text differs from another, file by file.
pub(super) fn diff(context: &Context, old: &str, new: &str) -> Result<Found, Failed> {
    let (old, new) = (folder_of(context, old)?, folder_of(context, new)?);
    let (before, after) = (files(&old)?, files(&new)?);
    let packs = [pack_in(&old)?, pack_in(&new)?];
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let (mut shown, mut changed) = (Vec::new(), Vec::new());
    for name in names {
        let text = |side: &BTreeMap<String, String>| side.get(name).cloned().unwrap_or_default();
        let (was, is) = (text(&before), text(&after));
        if was != is {
            let diff = TextDiff::from_lines(&was, &is);
            let hunks = diff.unified_diff().context_radius(AROUND).header(name, name).to_string();
            changed.push(json!({ "file": name, "diff": hunks }));
            shown.push(hunks);
        }
    }
    let [one, other] =
        packs.map(|pack| format!("{} {} ({})", pack.terms().agreement, pack.version(), pack.digest()));
    let head = format!("{one}\n{other}");
    let (text, code) = match shown.is_empty() {
        true => (format!("{head}\nThe texts are the same."), EXIT_DONE),
        false => (format!("{head}\n\n{}", shown.join("\n")), EXIT_REFUSED),
    };
    Ok(Found { text, json: json!({ "old": one, "new": other, "changed": changed }), code })
}

/// The texts of a pack's folder by their path in it: TOML, Cedar and Markdown files, one folder deep.
fn files(folder: &Path) -> Result<BTreeMap<String, String>, Failed> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = folders.pop() {
        let entries = fs::read_dir(&at).map_err(|error| Failed::file(&at, &error))?;
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && prefix.is_empty() {
                folders.push((path, format!("{name}/")));
            } else if path
                .extension()
                .is_some_and(|kind| ["toml", "cedar", "cedarschema", "md"].iter().any(|k| kind == *k))
            {
                if found.len() == MAX_FILES {
                    return Err(Failed::misuse(format!("{}: more than {MAX_FILES} files", folder.display())));
                }
                let bytes = crate::context::read_bounded(&path, MAX_FILE_BYTES)?;
                let text = String::from_utf8(bytes)
                    .map_err(|_| Failed::misuse(format!("{}: not UTF-8", path.display())))?;
                found.insert(format!("{prefix}{name}"), text);
            }
        }
    }
    Ok(found)
}
