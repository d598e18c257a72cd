//! The cover sheet and the label of an item that a node holds.
//!
//! *Absent:* its title, and its content.

use crate::found::{Failed, Found};
use crate::label::put_label;
use attache_accord::derivative::Contained;
use attache_accord::party::Malformed;
use attache_accord::{Level, Marking, Timestamp};
use attache_gate::api;
use attache_release::{Cover, Language, Pack, Reference};
use std::path::Path;

/// The sheet of an item as the node shows it, under the node's pack.
pub(super) fn cover(
    item: &api::Item,
    copy: Option<String>,
    pack: &Pack,
    language: Language,
) -> Result<Cover, Failed> {
    let (marking, own_level) = marked(item)?;
    let register = item.register_number.clone().map(|number| (Reference::RegisterNumber, number));
    let references: Vec<_> = register
        .into_iter()
        .chain(copy.map(|copy| (Reference::Copy, copy)))
        .chain([(Reference::Item, item.item.clone()), (Reference::ItemDigest, item.item_digest.clone())])
        .collect();
    Cover::new(&marking, own_level.as_ref(), &contained(item)?, &references, pack, language)
        .map_err(Failed::misuse)
}

/// Whose information it contains, at which levels.
fn contained(item: &api::Item) -> Result<Contained, Failed> {
    let levels = |of: &Vec<String>| of.iter().map(|level| level.parse()).collect::<Result<_, _>>();
    let one = |(party, of): (&String, &Vec<String>)| Ok((party.parse()?, levels(of)?));
    item.contains.iter().map(one).collect::<Result<_, Malformed>>().map_err(Failed::fault)
}

/// The item's label of STANAG 4774.
pub(super) fn label(
    item: &api::Item,
    alternative: bool,
    review: Option<Timestamp>,
    pack: &Pack,
    out: Option<&Path>,
) -> Result<Found, Failed> {
    let (marking, own_level) = marked(item)?;
    let own_level = own_level.filter(|_| alternative);
    put_label(pack, &marking, own_level.as_ref(), review, out)
}

/// The originator's marking, and the holder's own level.
fn marked(item: &api::Item) -> Result<(Marking, Option<Level>), Failed> {
    let marking = item.marking.as_ref().ok_or_else(|| Failed::misuse("item: a draft has no marking yet"))?;
    let own_level = item.own_level.as_ref().map(|level| level.parse()).transpose().map_err(Failed::fault)?;
    Ok((as_marked(marking).map_err(Failed::fault)?, own_level))
}

fn as_marked(shown: &api::Marking) -> Result<Marking, Malformed> {
    Ok(Marking {
        level: shown.level.parse()?,
        releasable_to: shown.releasable_to.iter().map(|party| party.parse()).collect::<Result<_, _>>()?,
        kind: shown.kind.parse()?,
        caveats: shown.caveats.clone(),
        marked_at: shown.marked_at.as_deref().unwrap_or_default().parse()?,
        topics: shown.topics.iter().map(|topic| topic.parse()).collect::<Result<_, _>>()?,
        control: None,
        purposes: shown.purposes.iter().map(|purpose| purpose.parse()).collect::<Result<_, _>>()?,
    })
}
