//! Texts that a negotiation is about: rule packs kept in the node's folder under their digest, and how two of them differ.
//!
//! *Absent:* trust in a name. A text is found by the digest of what is there.

use crate::context::Context;
use crate::found::{EXIT_DONE, EXIT_REFUSED, Failed, Found};
use crate::home::{Home, write_pack};
use crate::pack;
use attache_accord::Digest;
use attache_release::{PACK_FILES, Pack};
use serde_json::json;
use similar::TextDiff;
use std::path::Path;

/// Least digits by which a text is named.
const MIN_DIGITS: usize = 6;
/// Lines around a change that are shown with it.
const AROUND: usize = 2;

/// Keeps the pack in the node's folder, so that it is at hand under its digest.
pub(super) fn keep(context: &Context, named: &str) -> Result<Pack, Failed> {
    let pack = text(context, named)?;
    context.home()?.keep_text(&pack)?;
    Ok(pack)
}

/// The text that is meant: a folder, the name of a built-in pack, or the first digits of the digest of one that is kept.
pub(super) fn text(context: &Context, named: &str) -> Result<Pack, Failed> {
    let kept = context.home().ok().and_then(|home| Some((one_of(&home.texts(), named)?, home)));
    match kept.filter(|_| !Path::new(named).exists()) {
        Some((digest, home)) => home.text(digest),
        None => pack::load(Some(Path::new(named))),
    }
}

/// The only digest that begins so.
fn one_of(known: &[Digest], named: &str) -> Option<Digest> {
    let mut found =
        known.iter().filter(|digest| named.len() >= MIN_DIGITS && digest.to_string().starts_with(named));
    found.next().copied().filter(|_| found.next().is_none())
}

/// That digest, where its text is kept here: a partner may have put forward another since its reader looked.
pub(super) fn at_hand(context: &Context, digest: Digest) -> Result<Digest, Failed> {
    let home = context.home()?;
    if home.texts().contains(&digest) {
        return Ok(home.text(digest)?.digest());
    }
    let rule =
        "is not at hand here; get its folder from the partner, read it, and name it to agreement initial";
    Err(Failed::misuse(format!("text: {digest} {rule}")))
}

/// The digest that is meant: of those on record the one that begins so, or that of a text at hand, which is kept then.
pub(super) fn digest_of(context: &Context, named: &str, known: &[Digest]) -> Result<Digest, Failed> {
    match one_of(known, named) {
        Some(digest) => Ok(digest),
        None => Ok(keep(context, named)?.digest()),
    }
}

/// Writes a pack into a folder, to begin a text of one's own with.
pub(super) fn export(context: &Context, named: &str, out: &Path) -> Result<Found, Failed> {
    if out.exists() {
        return Err(Failed::misuse(format!("{}: it is there already", out.display())));
    }
    let pack = text(context, named)?;
    write_pack(&pack, out)?;
    let said = format!("{} {} is in {}", pack.terms().agreement, pack.version(), out.display());
    let next = format!("Next: change it, then attache agreement check {}", out.display());
    Found::of(format!("{said}\n{next}"), &json!({ "digest": pack.digest().to_string(), "folder": out }))
}

/// Puts a text in force at this node, which is down. The node takes it when it starts, if every Party consented to it.
pub(super) fn adopt(context: &Context, named: &str) -> Result<Found, Failed> {
    let home: Home = context.home()?;
    let pack = text(context, named)?;
    let before = home.pack()?;
    if pack.terms().agreement != before.terms().agreement {
        let rule = format!(
            "it is of {}, and this node acts under {}",
            pack.terms().agreement,
            before.terms().agreement
        );
        return Err(Failed::misuse(format!("text: {rule}")));
    }
    let (days, days_before) = (pack.terms().utc_offset_hours, before.terms().utc_offset_hours);
    if days != days_before {
        let rule = "it must stay, since every leaf of this log commits to a day by it";
        return Err(Failed::misuse(format!(
            "text: terms.toml: utc_offset_hours: {days} instead of {days_before}; {rule}"
        )));
    }
    // Held until the file is in its place: a node that runs has read its pack already.
    let journal =
        home.journal().map_err(|failed| Failed::misuse(format!("stop the node first: {}", failed.text)))?;
    home.put_pack(&pack)?;
    drop(journal);
    let text = format!(
        "{} {} ({}) takes the place of {}.\nNext: attache serve; the node takes it only if every Party is on record with its \
         consent. To go back: attache agreement adopt {}",
        pack.terms().agreement,
        pack.version(),
        pack.digest(),
        before.version(),
        before.digest(),
    );
    let json = json!({ "pack": pack.digest().to_string(), "previous": before.digest().to_string() });
    Found::of(text, &json)
}

/// Shows how one text differs from another, file by file.
pub(super) fn diff(context: &Context, old: &str, new: &str) -> Result<Found, Failed> {
    let (old, new) = (text(context, old)?, text(context, new)?);
    let of = |pack: &Pack, name: &str| -> String {
        pack.files().find(|(path, _)| *path == name).map(|(_, text)| text.to_owned()).unwrap_or_default()
    };
    let (mut shown, mut changed) = (Vec::new(), Vec::new());
    for name in PACK_FILES {
        let (was, is) = (of(&old, name), of(&new, name));
        if was != is {
            let diff = TextDiff::from_lines(&was, &is);
            let hunks = diff.unified_diff().context_radius(AROUND).header(name, name).to_string();
            changed.push(json!({ "file": name, "diff": hunks }));
            shown.push(hunks);
        }
    }
    let named = |pack: &Pack| format!("{} {} ({})", pack.terms().agreement, pack.version(), pack.digest());
    let (one, other) = (named(&old), named(&new));
    let (said, code) = match shown.is_empty() {
        true => ("The texts are the same.".to_owned(), EXIT_DONE),
        false => (shown.join("\n"), EXIT_REFUSED),
    };
    let text = format!("- {one}\n+ {other}\n\n{said}");
    Ok(Found { text, json: json!({ "old": one, "new": other, "changed": changed }), code })
}
