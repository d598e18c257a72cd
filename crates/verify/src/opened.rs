//! What is opened of the leaves of a bundle, read in the one form that a compact writer gives it:
//! `[{"index":0,"fields":[{"field":0,"salt":"…","value":"…"},…]},…]`. Whatever is written otherwise is not of that form, so nothing needs
//! to be written again to be compared.
//!
//! *Absent:* whether a leaf bears it out.

use std::borrow::Cow;

const SALT_BYTES: usize = 32;

/// One field as it is opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpenedValue<'b> {
    pub(crate) field: u8,
    /// None where it is not the hexadecimal of 32 bytes.
    pub(crate) salt: Option<[u8; SALT_BYTES]>,
    pub(crate) value: Cow<'b, str>,
}

/// Not in the one form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OtherForm;

type Read<T> = Result<T, OtherForm>;

/// Shows `see` each leaf in order: its index, and at most `most` fields.
pub(crate) fn each_leaf<'b, E: From<OtherForm>>(
    bytes: &'b [u8],
    most: usize,
    mut see: impl FnMut(u64, &[OpenedValue<'b>]) -> Result<(), E>,
) -> Result<(), E> {
    let mut text = Text { rest: bytes };
    let mut fields = Vec::new();
    text.take("[")?;
    let mut is_first = true;
    while !text.takes("]") {
        if !std::mem::take(&mut is_first) {
            text.take(",")?;
        }
        text.take("{\"index\":")?;
        let index = text.number()?;
        text.take(",\"fields\":[")?;
        fields.clear();
        while !text.takes("]") {
            if !fields.is_empty() {
                text.take(",")?;
            }
            if fields.len() == most {
                return Err(OtherForm.into());
            }
            text.take("{\"field\":")?;
            let field = u8::try_from(text.number()?).map_err(|_| OtherForm)?;
            text.take(",\"salt\":")?;
            let salt = text.salt()?;
            text.take(",\"value\":")?;
            let value = text.string()?;
            text.take("}")?;
            fields.push(OpenedValue { field, salt, value });
        }
        text.take("}")?;
        see(index, &fields)?;
    }
    if text.rest.is_empty() { Ok(()) } else { Err(OtherForm.into()) }
}

struct Text<'b> {
    rest: &'b [u8],
}

impl<'b> Text<'b> {
    fn takes(&mut self, what: &str) -> bool {
        let after = self.rest.strip_prefix(what.as_bytes());
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn take(&mut self, what: &str) -> Read<()> {
        if self.takes(what) { Ok(()) } else { Err(OtherForm) }
    }

    fn number(&mut self) -> Read<u64> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(length).ok_or(OtherForm)?;
        if digits.len() > 1 && digits.starts_with(b"0") {
            return Err(OtherForm);
        }
        self.rest = rest;
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(OtherForm)
    }

    fn salt(&mut self) -> Read<Option<[u8; SALT_BYTES]>> {
        let quoted = self.rest.split_first_chunk::<{ 1 + 2 * SALT_BYTES + 1 }>();
        if let Some(([b'"', digits @ .., b'"'], rest)) = quoted {
            let (mut salt, mut is_other) = ([0; SALT_BYTES], 0);
            let (pairs, _) = digits.as_chunks::<2>();
            for (byte, [high, low]) in salt.iter_mut().zip(pairs) {
                let (high, low) = (nibble(*high), nibble(*low));
                (*byte, is_other) = ((high << 4) | low, is_other | high | low);
            }
            if is_other <= 0xf {
                self.rest = rest;
                return Ok(Some(salt));
            }
        }
        self.string().map(|_| None)
    }

    fn string(&mut self) -> Read<Cow<'b, str>> {
        let begun = self.rest;
        self.take("\"")?;
        let mut is_plain = true;
        let mut at = 0;
        loop {
            match self.rest.get(at).ok_or(OtherForm)? {
                b'"' => break,
                b'\\' => {
                    is_plain = false;
                    at += 2;
                }
                ..0x20 => return Err(OtherForm),
                _ => at += 1,
            }
        }
        let (inner, rest) = self.rest.split_at_checked(at).ok_or(OtherForm)?;
        self.rest = rest;
        self.take("\"")?;
        if is_plain {
            return std::str::from_utf8(inner).map(Cow::Borrowed).map_err(|_| OtherForm);
        }
        // Escapes are rare, and whoever writes JSON knows which of them are needed.
        let whole = begun.get(..at + 2).ok_or(OtherForm)?;
        let value: String = serde_json::from_slice(whole).map_err(|_| OtherForm)?;
        let has_one_form = serde_json::to_vec(&value).is_ok_and(|written| written == whole);
        if has_one_form { Ok(Cow::Owned(value)) } else { Err(OtherForm) }
    }
}

/// What a hexadecimal digit stands for, and of any other byte a number of more than four bits: so all digits of a salt are looked at
/// without stopping at one, since a log has up to seven salts for each leaf.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Leaf {
        index: u64,
        fields: Vec<Field>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Field {
        field: u8,
        salt: String,
        value: String,
    }

    fn read(bytes: &[u8]) -> Result<Vec<Leaf>, OtherForm> {
        let mut leaves = Vec::new();
        each_leaf(bytes, 16, |index, fields| {
            let field = |one: &OpenedValue<'_>| Field {
                field: one.field,
                salt: one.salt.map(|salt| HEXLOWER.encode(&salt)).unwrap_or_default(),
                value: one.value.to_string(),
            };
            leaves.push(Leaf { index, fields: fields.iter().map(field).collect() });
            Ok(())
        })?;
        Ok(leaves)
    }

    fn is_salt(text: &str) -> bool {
        text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// By a reader of any JSON, and what it would write.
    fn compared(bytes: &[u8]) -> Result<Vec<Leaf>, OtherForm> {
        let leaves: Vec<Leaf> = serde_json::from_slice(bytes).map_err(|_| OtherForm)?;
        let is_same = serde_json::to_vec(&leaves).unwrap() == bytes;
        let mut leaves = leaves;
        // Another salt is read and not given.
        let salts = leaves.iter_mut().flat_map(|leaf| &mut leaf.fields).map(|field| &mut field.salt);
        salts.filter(|salt| !is_salt(salt)).for_each(|salt| salt.clear());
        if is_same && leaves.iter().all(|leaf| leaf.fields.len() <= 16) { Ok(leaves) } else { Err(OtherForm) }
    }

    fn any_leaf() -> impl Strategy<Value = Leaf> {
        let field = (any::<u8>(), "([0-9a-f]{64})?", any::<String>());
        let field = field.prop_map(|(field, salt, value)| Field { field, salt, value });
        let fields = prop::collection::vec(field, 0..4);
        (any::<u64>(), fields).prop_map(|(index, fields)| Leaf { index, fields })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_compact_writer_wrote_is_read_and_what_is_altered_is_read_as_any_json_is(
            leaves in prop::collection::vec(any_leaf(), 0..4),
            at in any::<prop::sample::Index>(),
            put in prop::sample::select(b"[]{},:\"\\0 19etu\n\x7f\xff".to_vec()),
        ) {
            let mut bytes = serde_json::to_vec(&leaves).unwrap();
            prop_assert_eq!(read(&bytes), Ok(leaves));
            let at = at.index(bytes.len());
            for altered in 0..3 {
                match altered {
                    0 => bytes[at] = put,
                    1 => bytes.insert(at, put),
                    _ => drop(bytes.drain(at..)),
                }
                prop_assert_eq!(read(&bytes), compared(&bytes));
            }
        }
    }

    #[test]
    fn other_forms_of_the_same_are_not_read() {
        let of = |value: &str| {
            format!("[{{\"index\":1,\"fields\":[{{\"field\":0,\"salt\":\"\",\"value\":\"{value}\"}}]}}]")
        };
        for value in ["", "a", "한", "\\\"", "\\\\", "\\n", "\\u0001"] {
            assert!(read(of(value).as_bytes()).is_ok(), "{value}");
        }
        for value in ["\\/", "\\u0041", "\\u000a", "\\u00E9", "\\ud800", "\\", "\n"] {
            assert_eq!(read(of(value).as_bytes()), Err(OtherForm), "{value}");
        }
        for whole in
            ["", "[", "[] ", " []", "[,]", "[{\"index\":01,\"fields\":[]}]", "[{\"index\":,\"fields\":[]}]"]
        {
            assert_eq!(read(whole.as_bytes()), Err(OtherForm), "{whole}");
        }
    }
}
