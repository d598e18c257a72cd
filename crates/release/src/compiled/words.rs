//! Words as numbers: whole in a question, small in a table, found there by a hash.
//!
//! *Absent:* growth. The words are those that rules name; any other word is one and the same value.

use attache_accord::agreement::Topic;
use attache_accord::particulars::Purpose;
use attache_accord::word::Word;
use attache_accord::{Kind, Level, Party};

/// A word of a question as numbers, which no other word has; all of them zero where it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Number([u64; 4]);

impl From<Word> for Number {
    #[inline]
    fn from(word: Word) -> Self {
        Self(word.numbers())
    }
}

impl From<&Level> for Number {
    #[inline]
    fn from(level: &Level) -> Self {
        level.word().into()
    }
}

impl From<&Kind> for Number {
    #[inline]
    fn from(kind: &Kind) -> Self {
        kind.word().into()
    }
}

impl From<&Party> for Number {
    #[inline]
    fn from(party: &Party) -> Self {
        let [first, second, third] = *party.letters();
        Self([u64::from(u32::from_le_bytes([first, second, third, 0])), 0, 0, 0])
    }
}

impl From<&Topic> for Number {
    fn from(topic: &Topic) -> Self {
        Self::of(topic.as_str())
    }
}

impl From<&Purpose> for Number {
    fn from(purpose: &Purpose) -> Self {
        Self::of(purpose.as_str())
    }
}

impl<T> From<Option<&'_ T>> for Number
where
    Self: for<'t> From<&'t T>,
{
    #[inline]
    fn from(word: Option<&T>) -> Self {
        word.map_or(Self::ABSENT, Self::from)
    }
}

impl Number {
    pub(super) const ABSENT: Self = Self([0; 4]);

    /// The number of a text. One that is too long for a word of any fact is absent, as no fact is it.
    pub(super) fn of(text: &str) -> Self {
        Word::of(text).map_or(Self::ABSENT, Self::from)
    }

    #[inline]
    pub(super) fn is_absent(self) -> bool {
        self == Self::ABSENT
    }

    /// The Party of a level, which is its first three letters.
    #[inline]
    pub(super) fn party(self) -> Self {
        let Self([first, ..]) = self;
        Self([first & 0x00ff_ffff, 0, 0, 0])
    }

    fn mixed(self) -> u64 {
        let Self([first, second, third, fourth]) = self;
        let folded = first ^ second.rotate_left(19) ^ third.rotate_left(37) ^ fourth.rotate_left(53);
        folded.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The words of one fact. Value 0: the fact is absent; the last value: a word that no rule names.
#[derive(Debug, Clone)]
pub(super) struct Words {
    texts: Vec<Box<str>>,
    slots: Vec<Slot>,
    /// How far a mixed number is shifted to give its place.
    shift: u32,
}

/// A place for one word.
#[derive(Debug, Clone, Copy)]
struct Slot {
    number: Number,
    /// Its value; where the place is empty that of a word which is not named.
    value: u16,
    is_taken: bool,
}

/// Places for each word; many, so that a word mostly stands where it is looked for first.
const PLACES: usize = 4;

impl Words {
    /// The fact is not there.
    pub(super) const ABSENT: u16 = 0;
    /// Most words of one fact.
    pub(super) const MAX: usize = 16_384;

    pub(super) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let texts: Vec<Box<str>> = words.into_iter().take(Self::MAX).map(String::into_boxed_str).collect();
        let count = (texts.len() * PLACES + 2).next_power_of_two();
        // Bounded by MAX.
        let other = u16::try_from(texts.len() + 1).unwrap_or(u16::MAX);
        let empty = Slot { number: Number::ABSENT, value: other, is_taken: false };
        let mut words = Self { texts, slots: vec![empty; count], shift: 64 - count.ilog2() };
        words.put(Number::ABSENT, Self::ABSENT);
        for (at, value) in (1..other).enumerate() {
            let number = Number::of(&words.texts[at]);
            if number != Number::ABSENT {
                words.put(number, value);
            }
        }
        words
    }

    fn put(&mut self, number: Number, value: u16) {
        let mut at = self.place(number);
        // Most of the places are empty, so this ends.
        while self.slots[at].is_taken {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot { number, value, is_taken: true };
    }

    /// Where a word is looked for first.
    #[inline]
    fn place(&self, number: Number) -> usize {
        // Below the number of places, of which there are two or more.
        (number.mixed() >> self.shift) as usize
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
    pub(super) fn value(&self, word: Number) -> usize {
        let mut at = self.place(word);
        // Most of the places are empty, so this ends.
        loop {
            let slot = &self.slots[at];
            if slot.number == word || !slot.is_taken {
                return usize::from(slot.value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The value of a word that is named.
    #[inline]
    pub(super) fn named(&self, word: Number) -> Option<usize> {
        Some(self.value(word)).filter(|value| (1..=self.texts.len()).contains(value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Words};
    use attache_accord::{Level, Party};

    #[test]
    fn each_word_is_found_under_its_value_and_no_other_is() {
        let all: Vec<String> = (0..500).map(|n| format!("kind-{}{n}", "x".repeat(n % 20))).collect();
        let words = Words::of(all.clone());
        for (at, word) in all.iter().enumerate() {
            assert_eq!(words.named(Number::of(word)), Some(at + 1));
            assert_eq!(words.named(Number::of(&format!("{word}y"))), None);
        }
        assert_eq!(words.value(Number::ABSENT), 0);
        assert_eq!(words.named(Number::ABSENT), None);
        assert_eq!(words.value(Number::of("anything")), 501);
    }

    #[test]
    fn a_word_that_no_fact_can_be_is_named_and_never_found() {
        let long = "x".repeat(40);
        let words = Words::of([long.clone()]);
        assert_eq!(words.value(Number::of(&long)), 0);
        assert_eq!(words.value(Number::of("x")), 2);
    }

    #[test]
    fn the_party_of_a_level_is_its_first_letters() {
        let (level, party): (Level, Party) = ("KOR:II".parse().unwrap(), "KOR".parse().unwrap());
        assert_eq!(Number::from(&level).party(), Number::from(&party));
    }
}
