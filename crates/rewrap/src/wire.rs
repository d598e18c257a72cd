//! As much of protobuf as the messages here need: varints that are passed over, and fields with a length.
//!
//! A field that is not asked for is passed over whatever it is, for a newer client may send more; a message that is cut
//! or has a field of the wrong kind is no message.
//!
//! *Absent:* groups, packed numbers, and anything that a schema would be needed for.

use serde_json::Value;

/// Fields that hold their length.
const LENGTH: u64 = 2;

/// The fields of a message, in their order: number and content. Numbers that no field here has are given as empty.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(first & 0x7f);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if first & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Option<&'a [u8]>)> {
        let tag = self.varint()?;
        let content = match tag & 7 {
            0 => self.varint().map(|_| None)?,
            1 => self.take(8).map(|_| None)?,
            LENGTH => {
                let length = self.varint()?;
                Some(self.take(length)?)
            }
            5 => self.take(4).map(|_| None)?,
            _ => return None,
        };
        // Field numbers begin at 1.
        if tag >> 3 == 0 { None } else { Some((tag >> 3, content)) }
    }
}

impl<'a> Iterator for Fields<'a> {
    /// Number and content of a field; an error where the message cannot be read further.
    type Item = Result<(u64, Option<&'a [u8]>), ()>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field().ok_or(());
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// The strings of the fields `1..=N` of a message, empty where a field is absent. The last of several counts, as protobuf
/// says.
pub(crate) fn strings<const N: usize>(message: &[u8]) -> Option<[String; N]> {
    let mut found = std::array::from_fn(|_| String::new());
    for field in Fields::of(message) {
        let (number, content) = field.ok()?;
        let place = usize::try_from(number).ok().and_then(|number| found.get_mut(number.checked_sub(1)?));
        if let Some(place) = place {
            *place = std::str::from_utf8(content?).ok()?.to_owned();
        }
    }
    Some(found)
}

/// The strings of the field `wanted`, in their order, `max` of them at most; `None` where the message cannot be read.
pub(crate) fn repeated(message: &[u8], wanted: u64, max: usize) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for field in Fields::of(message) {
        let (number, content) = field.ok()?;
        if number == wanted && found.len() < max {
            found.push(std::str::from_utf8(content?).ok()?.to_owned());
        }
    }
    Some(found)
}

/// A message being written.
#[derive(Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// Appends a field that holds its length; nothing where it is empty, as protobuf writes defaults.
    pub(crate) fn with(mut self, number: u64, content: &[u8]) -> Self {
        if !content.is_empty() {
            self.put(number, content);
        }
        self
    }

    /// Appends a message even where it is empty, for it is one of several.
    pub(crate) fn put(&mut self, number: u64, content: &[u8]) {
        self.varint(number << 3 | LENGTH);
        self.varint(content.len() as u64);
        self.0.extend_from_slice(content);
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }

    /// Appends a number; nothing where it is 0.
    pub(crate) fn with_number(mut self, number: u64, value: u64) -> Self {
        if value != 0 {
            self.varint(number << 3);
            self.varint(value);
        }
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// `google.protobuf.Value`, for what the answers hold: texts, lists and objects of them, and truth values.
pub(crate) fn value(value: &Value) -> Vec<u8> {
    let mut message = Message::default();
    match value {
        Value::String(text) => message.put(3, text.as_bytes()),
        Value::Array(values) => {
            let mut list = Message::default();
            values.iter().for_each(|one| list.put(1, &self::value(one)));
            message.put(6, &list.bytes());
        }
        Value::Object(fields) => {
            message.put(5, &entries(1, fields.iter().map(|(name, one)| (name.as_str(), one))));
        }
        Value::Bool(is_so) => message.0.extend_from_slice(&[4 << 3, u8::from(*is_so)]),
        // The answers hold no number, and null is what protobuf calls the absence of all others.
        Value::Number(_) | Value::Null => message.0.extend_from_slice(&[1 << 3, 0]),
    }
    message.bytes()
}

/// The entries of a `map<string, google.protobuf.Value>` that is the field `number`.
pub(crate) fn entries<'a>(number: u64, fields: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<u8> {
    let mut message = Message::default();
    for (name, one) in fields {
        message.put(number, &Message::default().with(1, name.as_bytes()).with(2, &value(one)).bytes());
    }
    message.bytes()
}
