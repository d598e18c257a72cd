//! Finding items by words of their titles: an index in memory, built from the folds once the papers can be opened, and
//! wiped with the process. Pairs of neighbouring letters are what is looked up, for words of Korean and Japanese often
//! have two.
//!
//! *Absent:* titles at rest, which stay sealed, and who may see which; the caller says that for each item.

use crate::desk::{Misuse, state};
use crate::fault::{Failure, Fault};
use crate::office::Office;
use attache_accord::ItemId;
use attache_accord::item::Item;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Longest text that is searched for, in bytes.
pub const MAX_WORDS_BYTES: usize = 512;
/// Most items that one search gives.
pub const MAX_FOUND: usize = 200;
/// Most memory that the index takes, in bytes, counted as titles and places: some hundred thousand titles.
pub const MAX_INDEX_BYTES: usize = 64 * 1024 * 1024;
/// Items of the fold that are looked at between two looks at the view.
const FOLLOWED_AT_ONCE: usize = 4096;
/// What one title, or one place of a pair, takes beside its letters, in bytes.
const ENTRY_BYTES: usize = 64;
/// Below it stand scripts that set spaces between words; spaces between letters above it are passed over.
const SPACED_BELOW: char = '\u{1100}';

/// What a search gave.
#[derive(Debug)]
pub struct Sought {
    /// Items with their titles, youngest first.
    pub found: Vec<(Item, String)>,
    /// Whether these are all: fewer than [`MAX_FOUND`], and every title had room in the index.
    pub is_all: bool,
}

/// The index.
pub(crate) struct Titles {
    /// Titles as folded, in the order in which their items were added.
    titles: Vec<(ItemId, Zeroizing<String>)>,
    pairs: BTreeMap<(char, char), Vec<u32>>,
    bytes: usize,
    max_bytes: usize,
    /// So many items of the fold were looked at.
    followed: usize,
    left_out: usize,
}

impl Default for Titles {
    fn default() -> Self {
        Self::with_room(MAX_INDEX_BYTES)
    }
}

impl Titles {
    fn with_room(max_bytes: usize) -> Self {
        Self { titles: Vec::new(), pairs: BTreeMap::new(), bytes: 0, max_bytes, followed: 0, left_out: 0 }
    }

    fn add(&mut self, id: ItemId, title: &str) {
        let folded = folded(title);
        let pairs: std::collections::BTreeSet<_> = pairs(&folded).collect();
        let bytes = folded.len() + ENTRY_BYTES + pairs.len() * size_of::<u32>();
        let place = u32::try_from(self.titles.len());
        let (true, Ok(place)) = (self.bytes + bytes <= self.max_bytes, place) else {
            self.left_out += 1;
            return;
        };
        self.bytes += bytes;
        for pair in pairs {
            let places = self.pairs.entry(pair).or_insert_with(|| {
                self.bytes += ENTRY_BYTES;
                Vec::new()
            });
            places.push(place);
        }
        self.titles.push((id, folded));
    }

    /// Items whose title has every word, youngest first.
    fn find<'a>(&'a self, words: &'a [Zeroizing<String>]) -> impl Iterator<Item = ItemId> + 'a {
        let mut lists: Vec<&[u32]> = Vec::new();
        for pair in words.iter().flat_map(|word| pairs(word)) {
            lists.push(self.pairs.get(&pair).map(Vec::as_slice).unwrap_or_default());
        }
        lists.sort_by_key(|list| list.len());
        let (fewest, others) = match lists.split_first() {
            Some((fewest, others)) => (Some(*fewest), others.to_vec()),
            // Words of one letter have no pairs: every title is looked at.
            None => (None, Vec::new()),
        };
        let places: Box<dyn Iterator<Item = usize>> = match fewest {
            Some(places) => Box::new(places.iter().rev().map(|place| *place as usize)),
            None => Box::new((0..self.titles.len()).rev()),
        };
        let in_all = move |place: &usize| {
            u32::try_from(*place).is_ok_and(|at| others.iter().all(|list| list.binary_search(&at).is_ok()))
        };
        let has_words = move |(_, title): &&(ItemId, Zeroizing<String>)| {
            words.iter().all(|word| title.contains(word.as_str()))
        };
        places
            .filter(in_all)
            .filter_map(move |place| self.titles.get(place))
            .filter(has_words)
            .map(|(id, _)| *id)
    }
}

impl Office {
    /// Takes the titles of items into the index that came since the last time.
    ///
    /// # Errors
    /// When the store fails.
    pub fn follow_titles(&self) -> Result<(), Fault> {
        let mut titles = self.titles.lock().unwrap_or_else(PoisonError::into_inner);
        self.follow(&mut titles)
    }

    fn follow(&self, titles: &mut Titles) -> Result<(), Fault> {
        loop {
            // A piece at a time: whoever commits waits for whoever reads the view.
            let added: Vec<_> = {
                let view = self.view.read();
                let since = view.items.added_since(titles.followed);
                since.iter().take(FOLLOWED_AT_ONCE).copied().collect()
            };
            if added.is_empty() {
                return Ok(());
            }
            for (item, title) in added {
                if let Some(metadata) = title.map(|title| self.titled(&title)).transpose()?.flatten() {
                    titles.add(item, &metadata.title);
                }
                titles.followed += 1;
            }
        }
    }

    /// Items of this node's own whose titles have every one of `words`, among those that `may_see` lets the caller see. The
    /// title of what was received only an opening shows, so it is not among them; nor is what was destroyed.
    ///
    /// # Errors
    /// [`Misuse`] for no words or too many; [`Fault`] when the store fails.
    pub fn search(&self, words: &str, may_see: impl Fn(&Item) -> bool) -> Result<Sought, Failure> {
        let words = words_of(words)?;
        let mut titles = self.titles.lock().unwrap_or_else(PoisonError::into_inner);
        self.follow(&mut titles)?;
        let mut sought = Sought { found: Vec::new(), is_all: titles.left_out == 0 };
        for id in titles.find(&words) {
            let Some(item) = self.view.read().items.get(&id).cloned() else { continue };
            if !may_see(&item) {
                continue;
            }
            if sought.found.len() == MAX_FOUND {
                sought.is_all = false;
                break;
            }
            // Read anew: what was destroyed meanwhile is gone.
            if let Some(metadata) = self.title_of(&item)? {
                sought.found.push((item, metadata.title));
            }
        }
        Ok(sought)
    }
}

fn words_of(text: &str) -> Result<Vec<Zeroizing<String>>, Misuse> {
    if text.len() > MAX_WORDS_BYTES {
        return Err(state("words", "at most 512 bytes"));
    }
    let words: Vec<_> = text.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { Err(state("words", "at least one word of the title")) } else { Ok(words) }
}

/// A title or word without what people do not see or type alike: compatibility forms such as full and half width, composed
/// and decomposed letters, case, and spaces between letters of scripts that need none.
fn folded(text: &str) -> Zeroizing<String> {
    let lower: Zeroizing<String> = Zeroizing::new(text.nfkc().flat_map(char::to_lowercase).collect());
    let plain: Zeroizing<Vec<char>> = Zeroizing::new(lower.nfkc().collect());
    let mut folded = Zeroizing::new(String::with_capacity(lower.len()));
    for (at, letter) in plain.iter().enumerate() {
        let last = folded.chars().next_back();
        let is_needless = letter.is_whitespace() && {
            let next = plain.iter().skip(at).find(|letter| !letter.is_whitespace());
            let is_spaced = |letter: char| letter < SPACED_BELOW;
            last.is_none_or(|last| last == ' ' || !is_spaced(last))
                || next.is_none_or(|next| !is_spaced(*next))
        };
        match letter {
            _ if is_needless => {}
            letter if letter.is_whitespace() => folded.push(' '),
            letter => folded.push(*letter),
        }
    }
    folded
}

fn pairs(folded: &str) -> impl Iterator<Item = (char, char)> + '_ {
    folded.chars().zip(folded.chars().skip(1))
}

#[cfg(test)]
mod tests;
