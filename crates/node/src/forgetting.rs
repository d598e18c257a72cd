//! Forgetting: once two people have signed that an item is destroyed, its wrapped keys, its title and its sealed bytes are
//! removed. What is on record about it stays, and so do its leaves.
//!
//! The sealed bytes of a letter are removed once the next node has it, unless an item or another letter rests on the same: a sender may
//! give a hub as a letter what the hub holds as an item.
//!
//! The share of a key that came to a hub beside a letter is removed once the time is over for which the agreement has the hub lend it, and
//! no later letter has the same.
//!
//! Done again at every start, so that a backup that was restored forgets what had been destroyed before anything is served.
//!
//! *Absent:* salts of leaves. Oversight opens fields of every leaf, and none of them names the item.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::node::Node;
use crate::office::Office;
use attache_accord::item::Item;
use attache_accord::letters::Letter;
use attache_accord::view::{View, share_ends};
use attache_accord::{Digest, ItemId, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// What could not be forgotten is tried again after so many seconds.
const AGAIN_SECONDS: u64 = 30;
/// After a start so many letters that went on last are looked at: the stop may have come before their bytes were removed.
const MAX_UNFORGOTTEN_LETTERS: u64 = 1024;

/// What is to be removed of destroyed items.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ToForget {
    /// Manifests with wrapped keys, titles, and sealed bytes that rest in the journal.
    pub papers: Vec<Digest>,
    /// Sealed bytes that rest in the vault.
    pub sealed: Vec<Digest>,
}

/// What rests of an item: manifests and title, those of its sealed copies too, and its sealed bytes.
fn rests(view: &View, item: &Item) -> (Vec<Digest>, Digest) {
    let own = [Some(item.manifest), item.draft_manifest, item.title];
    let holding = view.holdings.of(&item.id);
    let copies = holding.copies.iter().filter_map(|copy| Some(copy.sealed?.manifest));
    (own.into_iter().flatten().chain(copies).collect(), item.item_digest)
}

/// How much of what there is to forget was seen to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Destructions.
    pub items: usize,
    /// Letters that the next node has.
    letters: u64,
    /// Letters of which this hub's share of a key is over.
    shares: u64,
}

/// What the folds say is to be removed of `destroyed` and of letters that went on: nothing that another item, an arrival or a letter on
/// its way still rests on.
pub fn to_forget(view: &View, destroyed: &[ItemId], letters: &[&Letter]) -> ToForget {
    let mut forget = ToForget::default();
    // What this node sealed itself is under a key that nothing else is under.
    let is_carried = |letter: &&&Letter| letter.previous.is_some();
    for letter in letters.iter().filter(|letter| !is_carried(letter)) {
        forget.papers.extend([letter.manifest, letter.outer_digest]);
        forget.sealed.push(letter.outer_digest);
    }
    let gone: Vec<&Item> = destroyed.iter().filter_map(|id| view.items.get(id)).collect();
    let carried = letters.iter().filter(is_carried);
    let mut left: BTreeSet<Digest> = carried.flat_map(|it| [it.manifest, it.outer_digest]).collect();
    for item in &gone {
        let (papers, sealed) = rests(view, item);
        left.extend(papers.into_iter().chain([sealed]));
    }
    if left.is_empty() {
        return forget;
    }
    for item in view.items.walk().filter(|item| !item.is_destroyed) {
        let (papers, sealed) = rests(view, &item);
        papers.iter().chain([&sealed]).for_each(|held| _ = left.remove(held));
    }
    for arrival in view.items.arrivals() {
        [arrival.manifest, arrival.item_digest].iter().for_each(|held| _ = left.remove(held));
    }
    for letter in view.letters.on_their_way() {
        [letter.manifest, letter.outer_digest].iter().for_each(|held| _ = left.remove(held));
    }
    let free = |digest: &Digest| left.contains(digest);
    for letter in letters.iter().filter(is_carried) {
        forget.papers.extend([letter.manifest, letter.outer_digest].iter().filter(|digest| free(digest)));
        forget.sealed.extend(Some(letter.outer_digest).filter(free));
    }
    for item in gone {
        let (papers, sealed) = rests(view, item);
        forget.papers.extend(papers.into_iter().chain([sealed]).filter(free));
        forget.sealed.extend(Some(sealed).filter(free));
    }
    forget
}

impl Office {
    /// Of how many of the letters with a share that went on first it is over at `now`.
    fn shares_over(&self, view: &View, now: Timestamp) -> u64 {
        let is_over = |number: u64| {
            let at = view.letters.lent_at(number);
            at.is_none_or(|at| share_ends(self.pack.terms(), at) <= now)
        };
        // They stand in the order in which they went on, and so do their ends.
        let (mut over, mut not_over) = (0, view.letters.lent_count());
        while over < not_over {
            let middle = over + (not_over - over) / 2;
            if is_over(middle) { over = middle + 1 } else { not_over = middle }
        }
        over
    }

    /// The same after a start, and the shares that are still here of them. They go in their order, so that the last are looked at until
    /// so many are gone.
    fn shares_left(&self, now: Timestamp) -> Result<(u64, Vec<Digest>), Fault> {
        let view = self.view.read();
        let shares = self.shares_over(&view, now);
        let (mut left, mut gone) = (Vec::new(), 0);
        for number in (0..shares).rev() {
            match view.letters.last_share(number) {
                Some(share) if self.papers.has(&share)? => left.push(share),
                _ => gone += 1,
            }
            if gone >= MAX_UNFORGOTTEN_LETTERS {
                break;
            }
        }
        Ok((shares, left))
    }

    /// What the folds say is to be removed at `now`, without what was seen to.
    fn to_forget_since(&self, done: Forgotten, now: Timestamp) -> (Forgotten, ToForget) {
        let view = self.view.read();
        let destroyed = view.items.destroyed_since(done.items);
        let spent = view.letters.spent_since(done.letters).filter_map(|id| view.letters.get(id));
        let mut forget = to_forget(&view, destroyed, &spent.collect::<Vec<_>>());
        let items = done.items + destroyed.len();
        let shares = self.shares_over(&view, now).max(done.shares);
        forget.papers.extend((done.shares..shares).filter_map(|number| view.letters.last_share(number)));
        (Forgotten { items, letters: view.letters.spent_count(), shares }, forget)
    }

    /// Removes sealed bytes from the vault, and titles and wrapped keys from memory.
    fn forget_sealed(&self, forget: &ToForget) -> Result<(), Fault> {
        // Made anew at the next search, without what is gone.
        *self.titles.lock().unwrap_or_else(PoisonError::into_inner) = Default::default();
        self.known.forget();
        forget.sealed.iter().try_for_each(|digest| Ok(self.vault.remove(digest).map(|_| ())?))
    }

    /// Removes everything of every destroyed item, and the sealed bytes of the last letters that went on, before anything is served.
    /// Gives what was seen to.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget_destroyed(&self, engine: &mut Engine, now: Timestamp) -> Result<Forgotten, Fault> {
        let (destroyed, spent, letters): (Vec<Item>, Vec<Letter>, u64) = {
            let view = self.view.read();
            let all = view.items.destroyed_since(0);
            let destroyed = all.iter().filter_map(|id| view.items.get(id)).cloned().collect();
            let letters = view.letters.spent_count();
            let last = view.letters.spent_since(letters.saturating_sub(MAX_UNFORGOTTEN_LETTERS));
            (destroyed, last.filter_map(|id| view.letters.get(id)).cloned().collect(), letters)
        };
        let (items, mut left, mut left_letters) = (destroyed.len(), Vec::new(), Vec::new());
        // What is gone already needs no look at everything that is held.
        for item in destroyed {
            let (papers, sealed) = rests(&self.view.read(), &item);
            if self.has_any(&papers, &sealed)? {
                left.push(item.id);
            }
        }
        for letter in &spent {
            if self.has_any(&[letter.manifest], &letter.outer_digest)? {
                left_letters.push(letter);
            }
        }
        let (shares, over) = self.shares_left(now)?;
        let mut forget = to_forget(&self.view.read(), &left, &left_letters);
        forget.papers.extend(over);
        if forget != ToForget::default() {
            engine.forget(&forget.papers)?;
            self.forget_sealed(&forget)?;
        }
        Ok(Forgotten { items, letters, shares })
    }

    /// Whether any of these papers is here, or these sealed bytes, in the vault or in the journal.
    fn has_any(&self, papers: &[Digest], sealed: &Digest) -> Result<bool, Fault> {
        for digest in papers.iter().chain([sealed]) {
            if self.papers.has(digest)? {
                return Ok(true);
            }
        }
        Ok(self.vault.open(sealed)?.is_some())
    }
}

/// Forgets what is destroyed while the node runs, `done` destructions having been seen to.
pub(crate) async fn forget(node: Arc<Node>, mut done: Forgotten) {
    let (mut nudge, mut shutdown) = (node.nudge(), node.shutdown());
    while !*shutdown.borrow() {
        nudge.mark_unchanged();
        if let Err(error) = node.office.custodian.drop_shares(node.now()) {
            tracing::error!(%error, "a lent share that is over could not be removed; it is tried again");
        }
        let (count, forget) = node.office.to_forget_since(done, node.now());
        if count != done {
            match node.forget(&forget).await {
                Ok(true) => {
                    done = count;
                    continue;
                }
                Ok(false) => {
                    tracing::debug!("a reader still looks at what is destroyed; it is removed again")
                }
                Err(fault) => {
                    tracing::error!(%fault, "what is destroyed could not be removed; it is tried again")
                }
            }
        }
        let again = tokio::time::sleep(Duration::from_secs(AGAIN_SECONDS));
        tokio::select! {
            _ = nudge.changed(), if count == done => {}
            () = again => {}
            _ = shutdown.changed() => {}
        }
    }
}

impl Node {
    async fn forget(&self, forget: &ToForget) -> Result<bool, Fault> {
        let is_settled = self.forget_papers(forget.papers.clone()).await?;
        tokio::task::block_in_place(|| self.office.forget_sealed(forget))?;
        Ok(is_settled)
    }
}
