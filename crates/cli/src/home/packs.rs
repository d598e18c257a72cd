//! The rule packs of a node's folder, each under its digest, and which of them is in force.
//!
//! *Absent:* consent. Whether a pack may be in force is for the node to say when it starts.

use super::Home;
use crate::context::{read_bounded, replace};
use crate::found::Failed;
use attache_accord::Digest;
use attache_release::Pack;
use std::fs;
use std::path::{Path, PathBuf};

/// The file that names the pack in force.
const IN_FORCE: &str = "pack.digest";
/// The folder of packs.
const TEXTS: &str = "texts";

impl Home {
    /// The rule pack in force. A folder that an older build made names none, and has the one of 2016.
    pub(crate) fn pack(&self) -> Result<Pack, Failed> {
        let named = self.path.join(IN_FORCE);
        if !named.is_file() {
            return Ok(Pack::gsomia_2016());
        }
        let text = String::from_utf8(read_bounded(&named, 128)?).unwrap_or_default();
        let wrong = |rule: String| Failed::misuse(format!("{}: {rule}", named.display()));
        let digest: Digest = text.trim().parse().map_err(|error| wrong(format!("{error}")))?;
        self.text(digest)
    }

    /// The pack that is kept under that digest.
    pub(crate) fn text(&self, digest: Digest) -> Result<Pack, Failed> {
        let folder = self.text_folder(digest);
        let wrong = |rule: String| Failed::misuse(format!("{}: {rule}", folder.display()));
        let pack = Pack::load(&folder).map_err(|error| wrong(error.to_string()))?;
        if pack.digest() != digest {
            return Err(wrong(format!("it holds another pack, {}; put it back", pack.digest())));
        }
        Ok(pack)
    }

    /// Where the pack of that digest lies, if it is kept.
    fn text_folder(&self, digest: Digest) -> PathBuf {
        self.path.join(TEXTS).join(digest.to_string())
    }

    /// Digests of the packs that are kept.
    pub(crate) fn texts(&self) -> Vec<Digest> {
        let entries = fs::read_dir(self.path.join(TEXTS)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }

    /// Keeps a pack under its digest.
    pub(crate) fn keep_text(&self, pack: &Pack) -> Result<(), Failed> {
        write_pack(pack, &self.text_folder(pack.digest()))
    }

    /// Keeps a pack and names it as the one in force.
    pub(crate) fn put_pack(&self, pack: &Pack) -> Result<(), Failed> {
        self.keep_text(pack)?;
        replace(&self.path.join(IN_FORCE), pack.digest().to_string().as_bytes())
    }
}

/// Writes a pack's files into a folder.
pub(crate) fn write_pack(pack: &Pack, folder: &Path) -> Result<(), Failed> {
    for (name, text) in pack.files() {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Failed::file(parent, &error))?;
        replace(&path, text.as_bytes())?;
    }
    Ok(())
}
