//! The folds made again from the journal alone, and compared with those that a node runs on. Each entry must open, and its leaf
//! must commit to it.
//!
//! *Absent:* repair. What differs is named, and a person decides.

use crate::engine::{SharedView, decode_event, open_event, open_salt};
use crate::fault::Fault;
use crate::snapshot::{Folded, Snapshots};
use attache_accord::oversight::FIELD_EVENT;
use attache_accord::view::View;
use attache_custody::{Custodian, RestKey};
use attache_seal::digest::sha256;
use attache_store::{LocalHead, Reader, Tiles, audit};
use attache_tlog::{LeafDraft, Origin, root_at};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Rows that are read at once.
const FOLD_ROWS: usize = 1024;
/// Entries that are still folded while the running view is held, so that a busy node is caught up with.
const MAX_HELD: u64 = 64;

/// How long the running view may take to fold a group that the journal has already.
const CATCH_UP: Duration = Duration::from_secs(10);
/// How often it is looked whether it has.
const CATCH_UP_LOOK: Duration = Duration::from_millis(5);

/// Folds being made again.
pub struct Refold {
    reader: Box<dyn Reader>,
    rest: Arc<RestKey>,
    /// The one that the leaf looked at last is committed to.
    origin: Option<Origin>,
    view: View,
    utc_offset_hours: u8,
}

impl Refold {
    /// Begins with nothing folded. `utc_offset_hours` is the agreement's.
    pub fn new(reader: Box<dyn Reader>, rest: Arc<RestKey>, utc_offset_hours: u8) -> Self {
        Self { reader, rest, origin: None, view: View::new(utc_offset_hours), utc_offset_hours }
    }

    /// Folds the entries below `size` that are not folded yet, and tells `progress` after each read how many there are.
    ///
    /// # Errors
    /// [`Fault`] names the first entry that does not open, or whose leaf is not its own.
    pub fn go_on(&mut self, size: u64, progress: &mut dyn FnMut(u64)) -> Result<(), Fault> {
        while self.view.size < size {
            let left = usize::try_from(size - self.view.size).unwrap_or(usize::MAX);
            let rows = self.reader.rows(self.view.size, left.min(FOLD_ROWS))?;
            if rows.is_empty() {
                return Err(Fault::Missing("entry"));
            }
            for row in &rows {
                let event = open_event(&self.rest, row)?;
                // First, since an entry may say under which origin it stands itself.
                self.view.apply(&decode_event(row.index, &event)?);
                // A salt that was destroyed leaves a commitment that nobody can open, and that is meant.
                if row.sealed_salt.is_some() {
                    let mut draft =
                        LeafDraft { salt: open_salt(&self.rest, row)?, fields: Default::default() };
                    if let Some(field) = draft.fields.get_mut(FIELD_EVENT) {
                        *field = sha256(&[&event]).as_bytes().to_vec();
                    }
                    // The field's number is a constant below 16.
                    let opened = draft.open(FIELD_EVENT as u8);
                    let is_its_own = opened.verify(self.origin_of(row.index)?, row.index, &row.entry);
                    is_its_own.map_err(|_| Fault::Leaf(row.index))?;
                }
            }
            progress(self.view.size);
        }
        Ok(())
    }

    /// The origin that the leaf at `index`, folded last, is committed to.
    fn origin_of(&mut self, index: u64) -> Result<&Origin, Fault> {
        let named = self.view.logs.origin_at(index).ok_or(Fault::Missing("founding entry"))?;
        match &mut self.origin {
            Some(origin) if origin.as_str() == named => {}
            other => *other = Some(Origin::new(named).map_err(|_| Fault::Altered("log origin"))?),
        }
        self.origin.as_ref().ok_or(Fault::Missing("founding entry"))
    }

    /// Whether the entries folded so far are those of the log that goes on under `origin` now.
    pub fn is_of(&self, origin: &Origin) -> bool {
        self.view.logs.own().last().is_some_and(|last| last.origin == origin.as_str())
    }

    /// Folds up to where the snapshot of the folds reaches, where there is one that a start would use, and compares it with that.
    ///
    /// # Errors
    /// [`Fault::Differs`]; as [`Self::go_on`].
    pub fn compare_snapshot(&mut self, progress: &mut dyn FnMut(u64)) -> Result<(), Fault> {
        let snapshots = Snapshots {
            reader: self.reader.as_ref(),
            rest: &self.rest,
            utc_offset_hours: self.utc_offset_hours,
        };
        let Some(Folded { view, .. }) = snapshots.load() else { return Ok(()) };
        self.go_on(view.size, progress)?;
        if view == self.view && !view.is_torn() {
            Ok(())
        } else {
            Err(Fault::Differs("the snapshot of the folds"))
        }
    }

    /// The view so far.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Compares with a view that goes on meanwhile, and with what custody folded for itself.
    ///
    /// # Errors
    /// [`Fault::Differs`] names the fold; as [`Self::go_on`].
    fn compare(&mut self, running: &SharedView, custodian: &Custodian) -> Result<(), Fault> {
        let began = Instant::now();
        loop {
            let there = running.read().size;
            self.go_on(there.saturating_sub(MAX_HELD), &mut |_| {})?;
            // Nothing is committed while the view is held, so the comparison is of one moment.
            let held = running.read();
            if held.size.saturating_sub(self.view.size) > 2 * MAX_HELD {
                continue;
            }
            // The journal has each group a moment before the running view has it.
            if held.size < self.view.size && began.elapsed() < CATCH_UP {
                drop(held);
                sleep(CATCH_UP_LOOK);
                continue;
            }
            self.go_on(held.size, &mut |_| {})?;
            if *held != self.view {
                return Err(Fault::Differs("the running view"));
            }
            // The journal may be a group ahead of what is folded.
            let root = root_at(&Tiles(self.reader.as_ref()), self.view.size);
            let root = root.map_err(|_| Fault::Differs("a tile"))?;
            if !custodian.has_folded(&self.view, &root) {
                return Err(Fault::Differs("what custody folded"));
            }
            return Ok(());
        }
    }
}

/// The full check of a running node: the stored tiles, head and streams against the rows, each leaf against its entry, and the
/// folds in memory against the journal. It holds as much memory as one view besides.
///
/// # Errors
/// [`Fault`] names the first thing that is not as the journal says; [`Fault::is_damage`] tells it from a disk that cannot be read.
pub fn check(mut refold: Refold, running: &SharedView, custodian: &Custodian) -> Result<LocalHead, Fault> {
    let head = audit(refold.reader.as_ref())?;
    refold.compare_snapshot(&mut |_| {})?;
    refold.go_on(head.size, &mut |_| {})?;
    refold.compare(running, custodian)?;
    Ok(head)
}
