//! The folder: its heading, its files, and that there is nothing else in it. Every read is bounded, links are not followed.
//!
//! *Absent:* meaning. What the files say is checked elsewhere.

use crate::report::Findings;
use attache_accord::NodeName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most nodes in one folder.
pub const MAX_NODES: usize = 16;
/// Most bundles of one log: sixteen million leaves.
pub const MAX_BUNDLES: usize = 65_536;
/// Most statements of one node.
pub const MAX_STATEMENTS: usize = 1_000_000;
/// Longest file, in bytes.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Deepest file: `NODE/packs/DIGEST/articles/en.md`.
const MAX_DEPTH: usize = 4;

const FORM: &str = "attache/evidence/v1";

/// What `evidence.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Heading {
    form: String,
    pub(crate) network: String,
    pub(crate) agreement: String,
    nodes: Vec<String>,
}

/// An evidence folder that is being read.
pub(crate) struct Folder {
    root: PathBuf,
    heading: Heading,
    nodes: Vec<NodeName>,
    read: Mutex<HashSet<String>>,
}

impl Folder {
    pub(crate) fn open(root: &Path) -> Result<Self, String> {
        Self::open_as(root, "evidence.json", FORM)
    }

    /// A folder without a heading, of one node.
    pub(crate) fn bare(root: &Path) -> Self {
        let heading = Heading {
            form: String::new(),
            network: String::new(),
            agreement: String::new(),
            nodes: Vec::new(),
        };
        Self { root: root.to_owned(), heading, nodes: Vec::new(), read: Mutex::default() }
    }

    /// The same where something in it says what a heading would.
    pub(crate) fn about(mut self, network: &str, agreement: &str) -> Self {
        (self.heading.network, self.heading.agreement) = (network.to_owned(), agreement.to_owned());
        self
    }

    /// A folder of another form, with its own heading.
    pub(crate) fn open_as(root: &Path, name: &str, form: &str) -> Result<Self, String> {
        let folder = Self::bare(root);
        let heading: Heading = folder.json(name)?;
        if heading.form != form {
            return Err(format!("{name}: form is not {form}"));
        }
        let nodes: Result<Vec<NodeName>, _> = heading.nodes.iter().map(|name| name.parse()).collect();
        let nodes = nodes.map_err(|error| format!("{name}: nodes: {error}"))?;
        let is_ascending = nodes.is_sorted_by(|one, other| one < other);
        if nodes.is_empty() || nodes.len() > MAX_NODES || !is_ascending {
            return Err(format!("{name}: nodes: 1 to {MAX_NODES}, ascending"));
        }
        Ok(Self { heading, nodes, ..folder })
    }

    pub(crate) fn heading(&self) -> &Heading {
        &self.heading
    }

    pub(crate) fn nodes(&self) -> &[NodeName] {
        &self.nodes
    }

    /// The bytes of a file, and a note that it was read.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = read(&self.root, path)?;
        self.note(path.to_owned());
        Ok(bytes)
    }

    /// Notes that a file was read.
    pub(crate) fn note(&self, path: String) {
        self.noted().insert(path);
    }

    fn noted(&self) -> MutexGuard<'_, HashSet<String>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is anything at that place.
    pub(crate) fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.root.join(path)).is_ok()
    }

    /// Where a place of the folder is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A JSON file in its one form.
    pub(crate) fn json<T: DeserializeOwned + Serialize>(&self, path: &str) -> Result<T, String> {
        in_one_form(&self.bytes(path)?, path)
    }

    /// Names of the files in a folder of a node, ascending, at most `limit`.
    pub(crate) fn names(&self, path: &str, limit: usize) -> Result<Vec<String>, String> {
        let listed = match fs::read_dir(self.root.join(path)) {
            Ok(listed) => listed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("{path}: {error}")),
        };
        let mut names = Vec::new();
        for entry in listed {
            let entry = entry.map_err(|error| format!("{path}: {error}"))?;
            let name = entry.file_name().into_string();
            names.push(name.map_err(|_| format!("{path}: a file's name is not UTF-8"))?);
            if names.len() > limit {
                return Err(format!("{path}: more than {limit} files"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// That every file of the folder was read by some check: what nobody vouches for does not belong here.
    pub(crate) fn check_rest(&self, findings: &mut Findings) {
        let mut strangers = Vec::new();
        self.walk(Path::new(""), 0, &mut strangers);
        match strangers.first() {
            Some(stranger) => {
                findings.failed("V-001", "", Some(stranger.clone()), "nobody vouches for this file")
            }
            None => findings.proved("V-001", "", None),
        }
    }

    fn walk(&self, at: &Path, depth: usize, strangers: &mut Vec<String>) {
        let Ok(listed) = fs::read_dir(self.root.join(at)) else { return };
        for entry in listed.flatten() {
            let path = at.join(entry.file_name());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < MAX_DEPTH {
                self.walk(&path, depth + 1, strangers);
            } else if !path.to_str().is_some_and(|path| self.noted().contains(path)) {
                strangers.push(path.display().to_string());
            }
            if strangers.len() > 16 {
                return;
            }
        }
    }
}

/// The bytes of a file below `root`.
pub(crate) fn read(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let whole = root.join(path);
    let about = fs::symlink_metadata(&whole).map_err(|error| format!("{path}: {error}"))?;
    if !about.is_file() || about.len() > MAX_FILE_BYTES {
        return Err(format!("{path}: not a plain file of at most {MAX_FILE_BYTES} bytes"));
    }
    let file = fs::File::open(&whole).map_err(|error| format!("{path}: {error}"))?;
    // One more, so that the end is seen without more room.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|error| format!("{path}: {error}"))?;
    Ok(bytes)
}

/// JSON in its one form: what would be written for it is what stands there.
pub(crate) fn in_one_form<'b, T: Deserialize<'b> + Serialize>(
    bytes: &'b [u8],
    path: &str,
) -> Result<T, String> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| format!("{path}: {error}"))?;
    let mut written = Vec::with_capacity(bytes.len());
    match serde_json::to_writer(&mut written, &value) {
        Ok(()) if written == bytes => Ok(value),
        _ => Err(format!("{path}: not in its one form")),
    }
}
