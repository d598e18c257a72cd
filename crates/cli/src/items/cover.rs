//! The cover sheet of an item that a node holds.
//!
//! *Absent:* its title.

use crate::found::Failed;
use attache_accord::Marking;
use attache_accord::derivative::Contained;
use attache_accord::party::Malformed;
use attache_gate::api;
use attache_release::{Cover, Language, Pack, Reference};

/// The sheet of an item as the node shows it, under the node's pack.
pub(super) fn cover(
    item: &api::Item,
    copy: Option<String>,
    pack: &Pack,
    language: Language,
) -> Result<Cover, Failed> {
    let marking = item.marking.as_ref().ok_or_else(|| Failed::misuse("item: a draft has no marking yet"))?;
    let own_level = item.own_level.as_ref().map(|level| level.parse()).transpose().map_err(Failed::fault)?;
    let register = item.register_number.clone().map(|number| (Reference::RegisterNumber, number));
    let references: Vec<_> = register
        .into_iter()
        .chain(copy.map(|copy| (Reference::Copy, copy)))
        .chain([(Reference::Item, item.item.clone()), (Reference::ItemDigest, item.item_digest.clone())])
        .collect();
    let marking = as_marked(marking).map_err(Failed::fault)?;
    Cover::new(&marking, own_level.as_ref(), &Contained::new(), &references, pack, language)
        .map_err(Failed::misuse)
}

fn as_marked(shown: &api::Marking) -> Result<Marking, Malformed> {
    Ok(Marking {
        level: shown.level.parse()?,
        releasable_to: shown.releasable_to.iter().map(|party| party.parse()).collect::<Result<_, _>>()?,
        kind: shown.kind.parse()?,
        caveats: shown.caveats.clone(),
        marked_at: shown.marked_at.as_deref().unwrap_or_default().parse()?,
        topics: shown.topics.iter().map(|topic| topic.parse()).collect::<Result<_, _>>()?,
    })
}
