//! Short words kept in place, such as levels and kinds: what rules on many questions a second compares them as numbers and
//! follows no pointer to them.
//!
//! *Absent:* the form of a word. Its type checks that.

/// Longest word, in bytes.
pub const MAX_WORD_BYTES: usize = 32;

/// A word of at most [`MAX_WORD_BYTES`] without a zero byte; zeros follow it. Ordered as its text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word([u8; MAX_WORD_BYTES]);

impl Word {
    /// The word of a text; none where it is longer, or has a zero byte.
    pub fn of(text: &str) -> Option<Self> {
        let mut bytes = [0; MAX_WORD_BYTES];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        (!text.contains('\0')).then_some(Self(bytes))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(MAX_WORD_BYTES);
        // Whole text only was put in.
        self.0.get(..end).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }

    /// Its bytes, and zeros.
    pub fn bytes(&self) -> &[u8; MAX_WORD_BYTES] {
        &self.0
    }

    /// Its bytes as numbers, the first lowest: no other word has these.
    #[inline]
    pub fn numbers(&self) -> [u64; MAX_WORD_BYTES / 8] {
        let mut numbers = [0; MAX_WORD_BYTES / 8];
        numbers.iter_mut().zip(self.0.as_chunks().0).for_each(|(to, from)| *to = u64::from_le_bytes(*from));
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_WORD_BYTES, Word};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_their_texts_and_are_ordered_as_these(one in "[a-zA-Z:가-힣-]{0,32}", other in "[a-zA-Z:-]{0,33}") {
            let word = Word::of(&one);
            prop_assert_eq!(word.is_some(), one.len() <= MAX_WORD_BYTES);
            if let (Some(word), Some(another)) = (word, Word::of(&other)) {
                prop_assert_eq!(word.as_str(), &one);
                prop_assert_eq!(word.cmp(&another), one.cmp(&other));
                prop_assert_eq!(word.numbers() == another.numbers(), one == other);
            }
        }
    }

    #[test]
    fn a_word_with_a_zero_byte_is_none() {
        assert_eq!(Word::of("KOR\0").map(|word| word.numbers()), None);
    }
}
