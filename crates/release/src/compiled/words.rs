//! Words as small numbers, found by a hash.
//!
//! *Absent:* growth. The words are those that rules name; any other word is one and the same value.

/// The words of one fact. Value 0: the fact is absent; the last value: a word that no rule names.
#[derive(Debug, Clone)]
pub(super) struct Words {
    texts: Vec<Box<str>>,
    slots: Vec<Option<(u64, u16)>>,
}

fn hash(text: &str) -> u64 {
    const MIX: u64 = 0x517c_c1b7_2722_0a95;
    let mut state = text.len() as u64;
    let mut chunks = text.as_bytes().chunks_exact(8);
    let mut take =
        |bytes: [u8; 8]| state = (state.rotate_left(5) ^ u64::from_le_bytes(bytes)).wrapping_mul(MIX);
    for chunk in &mut chunks {
        take(chunk.try_into().unwrap_or_default());
    }
    let rest = chunks.remainder();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    take(last);
    state ^ (state >> 29)
}

impl Words {
    /// The fact is not there.
    pub(super) const ABSENT: u16 = 0;
    /// Most words of one fact.
    pub(super) const MAX: usize = 16_384;

    pub(super) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let texts: Vec<Box<str>> = words.into_iter().take(Self::MAX).map(String::into_boxed_str).collect();
        let mut slots = vec![None; (texts.len() * 2 + 1).next_power_of_two()];
        for (at, text) in texts.iter().enumerate() {
            let found = hash(text);
            let mut slot = Self::slot(found, slots.len());
            while slots.get(slot).is_some_and(Option::is_some) {
                slot = (slot + 1) % slots.len();
            }
            // Bounded by MAX.
            slots[slot] = Some((found, u16::try_from(at + 1).unwrap_or(u16::MAX)));
        }
        Self { texts, slots }
    }

    fn slot(hash: u64, slots: usize) -> usize {
        // The remainder is far below 2^32.
        usize::try_from(hash & (slots as u64 - 1)).unwrap_or_default()
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
        let hash = hash(word);
        let mut slot = Self::slot(hash, self.slots.len());
        // Half of the slots are empty, so this ends.
        while let Some(Some((found, value))) = self.slots.get(slot) {
            let value = usize::from(*value);
            if *found == hash && self.texts.get(value - 1).is_some_and(|text| &**text == word) {
                return Some(value);
            }
            slot = (slot + 1) % self.slots.len();
        }
        None
    }
}
