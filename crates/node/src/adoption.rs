//! Another rule pack than before: taken at a start where every Party consented to it, and where the log's leaves stay true under it.
//!
//! *Absent:* whether it is the better one.

use crate::engine::{Engine, Plan, decode_event, open_event, open_salt};
use crate::fault::Fault;
use crate::succession::Origins;
use attache_accord::act::Act;
use attache_accord::oversight::FIELD_DAY;
use attache_accord::{CivilDay, Timestamp};
use attache_release::Pack;
use attache_tlog::LeafDraft;

/// Rows that are read at once.
const ROWS: usize = 1024;

/// Records that the node rules by `pack` from here on, where that is another than before and every Party consented to it
/// since it consented to that.
///
/// # Errors
/// [`Fault::OtherPack`] where it is another pack without that consent; [`Fault::OtherDays`] where it counts days elsewhere.
pub(crate) fn adopt(engine: &mut Engine, pack: &Pack, now: Timestamp) -> Result<(), Fault> {
    let view = engine.view();
    let (identity, is_agreed) = {
        let view = view.read();
        let identity = view.identity.clone().ok_or(Fault::Missing("founding entry"))?;
        let is_agreed = view.lifecycle.is_agreed(&pack.digest(), &identity.pack, &pack.terms().parties);
        (identity, is_agreed)
    };
    if identity.pack == pack.digest() {
        return Ok(());
    }
    if !is_agreed || identity.agreement != pack.terms().agreement {
        return Err(Fault::OtherPack { found: pack.digest(), in_force: identity.pack });
    }
    counts_the_same_days(engine, pack)?;
    let (pack, version, previous) = (pack.digest(), pack.version().to_owned(), identity.pack);
    let plan = Plan::new(&view.read(), vec![Act::PackAdopted { pack, version, previous }]);
    match engine.commit(now, &[plan])?.pop() {
        Some(Ok(_)) => Ok(()),
        _ => Err(Fault::Missing("adoption of the pack")),
    }
}

/// That the day of every entry by the pack's zone is the one that its leaf commits to. Evidence and reports open that field by the pack in
/// force, and under another zone they would open what no leaf says.
fn counts_the_same_days(engine: &Engine, pack: &Pack) -> Result<(), Fault> {
    let (reader, rest, view) = (engine.reader()?, engine.rest(), engine.view());
    let (size, origins) = {
        let view = view.read();
        (view.size, Origins::of(&view)?)
    };
    let mut next = 0;
    while next < size {
        let rows = reader.rows(next, ROWS)?;
        if rows.is_empty() {
            return Err(Fault::Missing("entry"));
        }
        for row in &rows {
            next = row.index + 1;
            if row.sealed_salt.is_none() {
                continue;
            }
            let entry = decode_event(row.index, &open_event(&rest, row)?)?;
            let mut draft = LeafDraft { salt: open_salt(&rest, row)?, fields: Default::default() };
            if let Some(field) = draft.fields.get_mut(FIELD_DAY) {
                *field = CivilDay::of(entry.at, pack.terms().utc_offset_hours).to_string().into_bytes();
            }
            let origin = origins.at(row.index)?;
            // The field's number is a constant below 16.
            let is_so = draft.open(FIELD_DAY as u8).verify(origin, row.index, &row.entry);
            is_so.map_err(|_| Fault::OtherDays { found: pack.digest(), index: row.index })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::founding::log_origin;
    use crate::node::open_engine;
    use attache_accord::{Digest, Network};
    use attache_custody::Keyring;
    use attache_store::MemoryJournal;
    use attache_tlog::Origin;
    use std::sync::Arc;

    /// The pack as it would be if it counted days so far east of Greenwich.
    fn counting(hours: u8) -> Pack {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("articles")).unwrap();
        for (file, text) in Pack::gsomia_2016().files() {
            let other = format!("[utc_offset_hours]\nvalue = {hours}");
            std::fs::write(folder.path().join(file), text.replace("[utc_offset_hours]\nvalue = 9", &other))
                .unwrap();
        }
        Pack::load(folder.path()).unwrap()
    }

    #[test]
    fn a_pack_that_counts_days_elsewhere_is_not_taken_once_a_leaf_says_another_day() {
        let node = "seoul.kor".parse().unwrap();
        let origin = log_origin(&node);
        let (keys, pack) = (Arc::new(Keyring::generate(&origin).unwrap()), Arc::new(Pack::gsomia_2016()));
        let journal = MemoryJournal::new(Origin::new(&origin).unwrap());
        let mut engine = open_engine(Box::new(journal), &keys, &pack).unwrap();
        // 2026-11-26, two o'clock at Greenwich and eleven in Seoul.
        let morning = Timestamp(1_795_658_400_000);
        let founded = Act::Founded {
            node,
            party: "KOR".parse().unwrap(),
            network: Network::Exercise,
            agreement: "gsomia-2016".to_owned(),
            pack: Digest([2; 32]),
            log_origin: origin,
        };
        engine.commit(morning, &[Plan { acts: vec![founded], ..Plan::default() }]).unwrap();
        let [here, elsewhere] = [9, 0].map(counting);
        assert!(counts_the_same_days(&engine, &elsewhere).is_ok(), "no leaf says otherwise yet");
        // At eight in the evening there it is the next day in Seoul.
        let evening = morning.plus_hours(18);
        engine.commit(evening, &[Plan { acts: vec![Act::Padded {}], ..Plan::default() }]).unwrap();
        assert!(counts_the_same_days(&engine, &here).is_ok(), "the control");
        let refused = counts_the_same_days(&engine, &elsewhere).unwrap_err();
        assert!(matches!(&refused, Fault::OtherDays { index: 1, .. }), "{refused}");
        assert!(refused.to_string().contains("utc_offset_hours"));
    }
}
