//! Words as small numbers, found by a hash.
//!
//! *Absent:* growth. The words are those that rules name; any other word is one and the same value.

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

/// A word as a number: a short one is its bytes and its length, and no other word has that number. A long one is hashed, and
/// has a bit that no short one has.
fn key(text: &str) -> u128 {
    let bytes = text.as_bytes();
    if bytes.len() <= SHORT_BYTES {
        return short(bytes) | (bytes.len() as u128) << (8 * SHORT_BYTES);
    }
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut part = [0; 8];
        part.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        state = mix(state.rotate_left(5) ^ u64::from_le_bytes(part));
    }
    1 << 127 | u128::from(state)
}

/// The bytes of a short word, by loads of fixed width that overlap: with the length they give every byte.
fn short(bytes: &[u8]) -> u128 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        // The last seven bytes are enough.
        return u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last) >> 8) << 64;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u128::from(u32::from_le_bytes(*first)) | u128::from(u32::from_le_bytes(*last)) << 32;
    }
    let at = |place: usize| u128::from(bytes.get(place).copied().unwrap_or_default());
    at(0) | at(bytes.len() / 2) << 8 | at(bytes.len().saturating_sub(1)) << 16
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
            let key = key(text);
            let mut slot = Self::slot(key, slots.len());
            while slots.get(slot).is_some_and(|slot| slot.value != 0) {
                slot = (slot + 1) % slots.len();
            }
            // Bounded by MAX.
            slots[slot] = Slot { key, value: u16::try_from(at + 1).unwrap_or(u16::MAX) };
        }
        Self { texts, slots }
    }

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
    pub(super) fn value(&self, word: Option<&str>) -> usize {
        let Some(word) = word else { return usize::from(Self::ABSENT) };
        self.named(word).unwrap_or(self.texts.len() + 1)
    }

    /// The value of a word that is named.
    pub(super) fn named(&self, word: &str) -> Option<usize> {
        let key = key(word);
        let mut at = Self::slot(key, self.slots.len());
        // Half of the places are empty, so this ends.
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.value != 0) {
            let value = usize::from(slot.value);
            let is_it =
                || word.len() <= SHORT_BYTES || self.texts.get(value - 1).is_some_and(|text| &**text == word);
            if slot.key == key && is_it() {
                return Some(value);
            }
            at = (at + 1) % self.slots.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Words, key};
    use std::collections::BTreeSet;

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
            assert_eq!(words.named(word), Some(at + 1));
            assert_eq!(words.named(&format!("{word}y")), None);
        }
        assert_eq!(words.named(""), None);
    }
}
