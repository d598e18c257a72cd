//! The journal's leaves in order, each with the values that it commits to, and how those of a report stand in the published tree.
//!
//! *Absent:* folds. What gives an act its context is looked up in the running view, so that memory does not grow with the acts.

use super::{Counted, Tree};
use crate::engine::{decode_event, fields_in, open_committed, open_event, open_salt};
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::CivilDay;
use attache_accord::act::Entry;
use attache_accord::mandate::Mandate;
use attache_accord::oversight::{Context, FIELDS};
use attache_custody::RestKey;
use attache_release::Extent;
use attache_store::{Row, Tiles};
use attache_tlog::{LeafDraft, OpenedField, Origin, TILE_WIDTH, frontier_at, prove_consistency};
use data_encoding::HEXLOWER;

/// Rows read at a time.
const ROWS: usize = 1024;

/// One leaf, with the act as it stood when it was done.
pub(super) struct Leaf<'a> {
    pub(super) row: &'a Row,
    pub(super) entry: &'a Entry,
    event: &'a [u8],
    context: Context<'a>,
}

impl Leaf<'_> {
    /// The sixteen values, as far as the folds know them.
    fn fields(&self) -> [Vec<u8>; FIELDS] {
        fields_in(self.context, self.entry.at, &self.entry.act, self.event)
    }

    /// Some of them opened, none where the salt was destroyed.
    pub(super) fn opened(
        &self,
        rest: &RestKey,
        origin: &Origin,
        fields: &[u8],
    ) -> Result<Option<Vec<OpenedField>>, Fault> {
        if self.row.sealed_salt.is_none() {
            return Ok(None);
        }
        let draft = LeafDraft { salt: open_salt(rest, self.row)?, fields: self.fields() };
        open_committed(&draft, fields, origin, self.row).map(Some)
    }
}

impl Office {
    /// Shows each leaf below `size` in order.
    pub(super) fn each_leaf(
        &self,
        size: u64,
        see: &mut dyn FnMut(&Leaf<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (reader, rest, terms) = (self.papers.another_reader()?, self.papers.rest(), self.pack.terms());
        let mut next = 0;
        while next < size {
            let rows = reader.rows(next, ROWS)?;
            if rows.is_empty() {
                return Err(Fault::Missing("entry"));
            }
            for row in rows.iter().take_while(|row| row.index < size) {
                let event = open_event(rest, row)?;
                let entry = decode_event(row.index, &event)?;
                // Held for one leaf at a time: the node goes on beside a report.
                let view = self.view.read();
                let context = Context {
                    items: &view.items,
                    dispatches: &view.dispatches,
                    beside: &[],
                    looking_back: Some(row.index),
                    agreement: &terms.agreement,
                    utc_offset_hours: terms.utc_offset_hours,
                };
                see(&Leaf { row, entry: &entry, event: &event, context })?;
                next = row.index + 1;
            }
        }
        Ok(())
    }

    /// The day of the last leaf that a report opens.
    pub(super) fn last_day(&self, extent: &Extent) -> Result<Option<CivilDay>, Fault> {
        let (reader, offset) = (self.papers.another_reader()?, self.pack.terms().utc_offset_hours);
        for index in (extent.from..extent.to).rev() {
            let row = reader.rows(index, 1)?.pop().ok_or(Fault::Missing("entry"))?;
            if row.sealed_salt.is_some() {
                let entry = decode_event(index, &open_event(self.papers.rest(), &row)?)?;
                return Ok(Some(CivilDay::of(entry.at, offset)));
            }
        }
        Ok(None)
    }

    /// Which leaves the report brings along, and their place in the published tree.
    pub(super) fn extent(&self, mandate: &Mandate, counted: &Counted, tree: &Tree) -> Result<Extent, Fault> {
        let reader = self.papers.another_reader()?;
        let (first, end) = (counted.first, counted.end);
        let size = tree.published.size;
        // Between two cosigned checkpoints every leaf shows its act and its day. Where nobody cosigned, those of the two leaves
        // beside the days show at least that none was left out there.
        let (from, to) = match tree.is_cosigned {
            true => (tree.before.as_ref().map_or(0, |before| before.size), size),
            false => (first.saturating_sub(1), size.min(counted.beyond())),
        };
        let start = from / u64::from(TILE_WIDTH) * u64::from(TILE_WIDTH);
        let tiles = Tiles(reader.as_ref());
        let peaks = frontier_at(&tiles, start).map_err(|_| Fault::Missing("tile"))?.into_parts().1;
        let consistency = prove_consistency(&tiles, to, size).map_err(|_| Fault::Missing("tile"))?;
        let hex = |hash: &attache_tlog::Hash| HEXLOWER.encode(&hash.0);
        Ok(Extent {
            fields: mandate.fields.iter().copied().collect(),
            start,
            from,
            first,
            end,
            to,
            peaks: peaks.iter().map(hex).collect(),
            consistency: consistency.iter().map(hex).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_accord::Timestamp;
    use attache_accord::act::{Act, ENTRY_VERSION};
    use attache_accord::dispatch::Dispatches;
    use attache_accord::item::Items;
    use attache_accord::oversight::{FIELD_ACT, FIELD_OUTCOME};
    use attache_custody::rest::Purpose;
    use attache_store::Stream;

    /// What is opened of a leaf that commits to `outcome`, where the folds say another.
    fn opened(outcome: &str) -> Result<Option<Vec<OpenedField>>, Fault> {
        let (rest, origin) = (RestKey::new(&[1; 32]).unwrap(), Origin::new("log.example").unwrap());
        let act = Act::IncidentRaised { code: "I-001".to_owned(), dispatch: None };
        let mut draft = LeafDraft { salt: [2; 32], fields: Default::default() };
        draft.fields[FIELD_ACT] = b"incident raised".to_vec();
        draft.fields[FIELD_OUTCOME] = outcome.as_bytes().to_vec();
        let row = Row {
            index: 7,
            stream: Stream::new("record").unwrap(),
            version: 0,
            body: Vec::new(),
            sealed_salt: Some(rest.seal(Purpose::Salt, b"record", &draft.salt).unwrap()),
            entry: draft.entry(&origin, 7).to_vec(),
        };
        let entry = Entry { version: ENTRY_VERSION, at: Timestamp(0), act };
        let (items, dispatches) = (Items::default(), Dispatches::default());
        let context = Context {
            items: &items,
            dispatches: &dispatches,
            beside: &[],
            looking_back: Some(7),
            agreement: "gsomia-2016",
            utc_offset_hours: 9,
        };
        let leaf = Leaf { row: &row, entry: &entry, event: &[], context };
        leaf.opened(&rest, &origin, &[FIELD_ACT as u8, FIELD_OUTCOME as u8])
    }

    #[test]
    fn nothing_is_opened_that_the_leaf_does_not_commit_to() {
        let values = |outcome| {
            opened(outcome).unwrap().unwrap().into_iter().map(|one| one.value.clone()).collect::<Vec<_>>()
        };
        assert_eq!(values("I-001"), [b"incident raised".as_slice(), b"I-001"]);
        assert_eq!(values(""), [b"incident raised".as_slice(), b""]);
        assert!(matches!(opened("I-002"), Err(Fault::Leaf(7))));
    }
}
