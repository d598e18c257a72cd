//! Words as small numbers, found by a hash.
//!
//! *Absent:* growth. The words are those that rules name; any other word is one and the same value.

use attache_accord::agreement::Topic;
use attache_accord::particulars::Purpose;
use attache_accord::{Kind, Level, Party};

/// Longest word that is compared as one number, in bytes: a level, a kind, a Party.
const SHORT_BYTES: usize = 15;

/// The words of one fact. Value 0: the fact is absent; the last value: a word that no rule names.
#[derive(Debug, Clone)]
pub(super) struct Words {
    texts: Vec<Box<str>>,
    slots: Vec<Slot>,
}

/// A place for one word. A short one stands in it whole, so that finding it looks nowhere else.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// The bytes and the length of a short word, or the hash of a long one.
    key: u128,
    /// Its value; 0 where the place is empty.
    value: u16,
}

/// A word of a question, with its number: that of a short one is its bytes and its length, and no other word has it. A long one
/// is hashed, and has a bit that no short one has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'q> {
    key: u128,
    bytes: &'q [u8],
}

impl<'q> From<&'q str> for Word<'q> {
    #[inline]
    fn from(text: &'q str) -> Self {
        Self::of(text.as_bytes())
    }
}

/// The words of these are their texts.
macro_rules! word_of {
    ($($name:ty),*) => {$(
        impl<'q> From<&'q $name> for Word<'q> {
            #[inline]
            fn from(it: &'q $name) -> Self {
                it.as_str().into()
            }
        }
    )*};
}

word_of!(Level, Kind, Topic, Purpose);

impl<'q> From<&'q Party> for Word<'q> {
    #[inline]
    fn from(party: &'q Party) -> Self {
        Self::of(party.letters())
    }
}

impl PartialEq for Word<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && (self.bytes.len() <= SHORT_BYTES || self.bytes == other.bytes)
    }
}

impl<'q> Word<'q> {
    #[inline]
    pub(super) fn of(bytes: &'q [u8]) -> Self {
        let key = if bytes.len() <= SHORT_BYTES {
            short(bytes) | (bytes.len() as u128) << (8 * SHORT_BYTES)
        } else {
            long(bytes)
        };
        Self { key, bytes }
    }
}

/// The bytes of a short word, by loads of fixed width that overlap: with the length they give every byte.
#[inline]
fn short(bytes: &[u8]) -> u128 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        // The last seven bytes are enough.
        return u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last) >> 8) << 64;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u128::from(u32::from_le_bytes(*first)) | u128::from(u32::from_le_bytes(*last)) << 32;
    }
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    let middle = bytes.get(bytes.len() / 2).unwrap_or(first);
    u128::from(*first) | u128::from(*middle) << 8 | u128::from(*last) << 16
}

fn long(bytes: &[u8]) -> u128 {
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut part = [0; 8];
        part.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        state = mix(state.rotate_left(5) ^ u64::from_le_bytes(part));
    }
    1 << 127 | u128::from(state)
}

fn mix(state: u64) -> u64 {
    let mixed = state.wrapping_mul(0x517c_c1b7_2722_0a95);
    mixed ^ (mixed >> 29)
}

impl Words {
    /// The fact is not there.
    pub(super) const ABSENT: u16 = 0;
    /// Most words of one fact.
    pub(super) const MAX: usize = 16_384;

    pub(super) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let texts: Vec<Box<str>> = words.into_iter().take(Self::MAX).map(String::into_boxed_str).collect();
        let mut slots = vec![Slot::default(); (texts.len() * 2 + 1).next_power_of_two()];
        for (at, text) in texts.iter().enumerate() {
            let key = Word::from(&**text).key;
            let mut slot = Self::slot(key, slots.len());
            while slots.get(slot).is_some_and(|slot| slot.value != 0) {
                slot = (slot + 1) % slots.len();
            }
            // Bounded by MAX.
            slots[slot] = Slot { key, value: u16::try_from(at + 1).unwrap_or(u16::MAX) };
        }
        Self { texts, slots }
    }

    #[inline]
    fn slot(key: u128, slots: usize) -> usize {
        // Both halves count; the remainder is far below 2^32.
        let folded = mix(key as u64 ^ ((key >> 64) as u64).rotate_left(29));
        usize::try_from(folded & (slots as u64 - 1)).unwrap_or_default()
    }

    /// How many values there are.
    pub(super) fn values(&self) -> usize {
        self.texts.len() + 2
    }

    /// How many words are named.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = u16> {
        (0..self.values()).filter_map(|value| u16::try_from(value).ok())
    }

    /// The word of a value; none for absent and for any other.
    pub(super) fn text(&self, value: u16) -> Option<&str> {
        self.texts.get(usize::from(value).checked_sub(1)?).map(|text| &**text)
    }

    /// The value of a word.
    #[inline]
    pub(super) fn value(&self, word: Option<Word<'_>>) -> usize {
        let Some(word) = word else { return usize::from(Self::ABSENT) };
        self.named(word).unwrap_or(self.texts.len() + 1)
    }

    /// The value of a word that is named.
    #[inline]
    pub(super) fn named(&self, word: Word<'_>) -> Option<usize> {
        let mut at = Self::slot(word.key, self.slots.len());
        // Half of the places are empty, so this ends.
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.value != 0) {
            let value = usize::from(slot.value);
            if slot.key == word.key && (word.bytes.len() <= SHORT_BYTES || self.is(value, word)) {
                return Some(value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Whether a value is this word, by its text.
    fn is(&self, value: usize, word: Word<'_>) -> bool {
        self.texts.get(value - 1).is_some_and(|text| text.as_bytes() == word.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Word, Words};
    use std::collections::BTreeSet;

    fn key(text: &str) -> u128 {
        Word::from(text).key
    }

    #[test]
    fn no_two_words_have_one_number() {
        // Every length up to beyond the short ones, with one byte changed at each place.
        let mut seen = BTreeSet::new();
        for length in 0..24 {
            let plain = "a".repeat(length);
            assert!(seen.insert(key(&plain)), "{plain}");
            for at in 0..length {
                let mut other = plain.clone().into_bytes();
                other[at] = b'b';
                let other = String::from_utf8(other).unwrap_or_default();
                assert!(seen.insert(key(&other)), "{other}");
            }
        }
    }

    #[test]
    fn each_word_is_found_under_its_value_and_no_other_is() {
        let all: Vec<String> = (0..500).map(|n| format!("kind-{}{n}", "x".repeat(n % 20))).collect();
        let words = Words::of(all.clone());
        for (at, word) in all.iter().enumerate() {
            assert_eq!(words.named(word.as_str().into()), Some(at + 1));
            assert_eq!(words.named(format!("{word}y").as_str().into()), None);
        }
        assert_eq!(words.named("".into()), None);
    }
}
