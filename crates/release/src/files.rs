//! The files of a pack, from a folder or from this build, and the digest over them.
//!
//! *Absent:* what they say.

use crate::faults::{Faults, line_of};
use crate::language::Language;
use crate::pack::sha256;
use crate::policies::{POLICIES_FILE, SCHEMA_FILE};
use crate::terms::TERMS_FILE;
use crate::texts::{self, Articles, REASONS_FILE, articles_file};
use crate::visible;
use attache_accord::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The files that a pack may have, in the order of its digest. Articles stand in the languages that the terms declare,
/// English among them; the other files must be there. What else is in the folder belongs to no pack.
pub const PACK_FILES: [&str; 7] = [
    "articles/en.md",
    "articles/ja.md",
    "articles/ko.md",
    POLICIES_FILE,
    REASONS_FILE,
    SCHEMA_FILE,
    TERMS_FILE,
];

/// Largest file of a pack, in bytes.
pub const MAX_PACK_FILE_BYTES: u64 = 1 << 20;

/// Domain of the pack digest.
const PACK_TAG: &[u8] = b"attache/pack-digest/v1\n";

/// The texts of a pack's files by their paths.
#[derive(Debug)]
pub(crate) struct Files {
    texts: BTreeMap<&'static str, String>,
}

impl Files {
    /// Those of this build.
    pub(crate) fn of<const N: usize>(files: [(&'static str, &str); N]) -> Self {
        Self { texts: files.into_iter().map(|(path, text)| (path, text.to_owned())).collect() }
    }

    /// The same with their texts changed.
    #[cfg(feature = "mutants")]
    pub(crate) fn amended(&self, amend: impl Fn(&str, &str) -> String) -> Self {
        Self { texts: self.texts.iter().map(|(path, text)| (*path, amend(path, text))).collect() }
    }

    /// Those in a folder.
    pub(crate) fn read(folder: &Path, faults: &mut Faults) -> Self {
        let mut texts = BTreeMap::new();
        for path in PACK_FILES {
            match read_bounded(folder, path) {
                Ok(Some(bytes)) => match String::from_utf8(bytes) {
                    Ok(text) => {
                        visible::check(path, &text, faults);
                        texts.insert(path, text);
                    }
                    Err(error) => {
                        let at = error.utf8_error().valid_up_to();
                        faults.at(path, line_of(error.as_bytes(), at), "this is not UTF-8");
                    }
                },
                // Which languages there must be is for the terms to say.
                Ok(None) if path.ends_with(".md") => {}
                Ok(None) => faults.of_file(path, "the file is missing"),
                Err(rule) => faults.of_file(path, rule),
            }
        }
        Self { texts }
    }

    /// Every file that is there, in the order of the digest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.texts.iter().map(|(path, text)| (*path, text.as_str()))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// The articles of each language that the pack declares. What stands there undeclared is a fault: it would be signed
    /// and never shown.
    pub(crate) fn articles(
        &self,
        languages: &BTreeSet<Language>,
        faults: &mut Faults,
    ) -> BTreeMap<Language, Articles> {
        let mut articles = BTreeMap::new();
        for language in Language::ALL {
            let file = articles_file(language);
            match (self.text(file), languages.contains(&language)) {
                (Some(text), true) => {
                    articles.insert(language, texts::read_articles(file, text, faults));
                }
                (Some(_), false) => faults.of_file(file, format!("{language} is no language of the pack")),
                (None, true) => faults.of_file(file, "the file is missing"),
                (None, false) => {}
            }
        }
        articles
    }

    /// The digest of the pack; its form is told at [`Pack::digest`](crate::Pack::digest).
    pub(crate) fn digest(&self) -> Digest {
        let mut bytes = Vec::new();
        for (path, text) in &self.texts {
            // Bounded far below by MAX_PACK_FILE_BYTES and the fixed paths.
            bytes.extend_from_slice(&u32::try_from(path.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(path.as_bytes());
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        sha256(&[PACK_TAG, &bytes])
    }
}

/// The bytes of a file; none where there is no such file.
fn read_bounded(folder: &Path, path: &str) -> Result<Option<Vec<u8>>, String> {
    let file = match std::fs::File::open(folder.join(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    let read = file.take(MAX_PACK_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if read as u64 > MAX_PACK_FILE_BYTES {
        return Err(format!("larger than {MAX_PACK_FILE_BYTES} bytes"));
    }
    Ok(Some(bytes))
}
