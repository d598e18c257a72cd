//! A marking as people type it, for commands that need no node.
//!
//! *Absent:* rules about who may mark. What is typed here goes into no journal.

use crate::found::Failed;
use crate::home::now;
use attache_accord::agreement::Topic;
use attache_accord::{Kind, Level, Marking, Party, Timestamp};
use attache_release::Pack;
use clap::Args;
use std::path::PathBuf;

/// A marking, and the agreement that it is made under.
#[derive(Args)]
pub(crate) struct Marked {
    /// The level, such as KOR:II.
    #[arg(long)]
    level: Level,
    /// The kind of information, such as humint.
    #[arg(long)]
    kind: Kind,
    /// A Party that may have it; several times for several.
    #[arg(long)]
    releasable_to: Vec<Party>,
    /// A caveat in the originator's words; several times for several.
    #[arg(long = "caveat")]
    caveats: Vec<String>,
    /// What it is about, where the agreement covers certain topics only; several times for several.
    #[arg(long = "topic")]
    topics: Vec<Topic>,
    /// When it was marked; without it, now.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Folder of the rule pack, or the name of a built-in one; without it that of 2016.
    #[arg(long)]
    pack: Option<PathBuf>,
}

impl Marked {
    /// The pack, and the marking as it allows one.
    pub(crate) fn read(self) -> Result<(Pack, Marking), Failed> {
        let pack = crate::pack::load(self.pack.as_deref())?;
        let marking = Marking {
            level: self.level,
            releasable_to: self.releasable_to.into_iter().collect(),
            kind: self.kind,
            caveats: self.caveats,
            marked_at: self.at.unwrap_or_else(now),
            topics: self.topics.into_iter().collect(),
            control: None,
            purposes: [].into(),
        };
        marking.check().map_err(Failed::misuse)?;
        known(&pack, &marking.level)?;
        if marking.releasable_to.contains(&marking.originator()) {
            return Err(Failed::misuse("releasable to: other Parties than the originator"));
        }
        Ok((pack, marking))
    }
}

/// A level that the pack has.
pub(crate) fn known(pack: &Pack, level: &Level) -> Result<(), Failed> {
    let terms = pack.terms();
    if terms.equivalence.name(level).is_some() {
        return Ok(());
    }
    Err(Failed::misuse(format!("level: {level} is not in the scheme of a Party to {}", terms.agreement)))
}
