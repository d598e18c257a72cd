//! Who: Parties, their nodes and their people, and the network that they are on.
//!
//! *Absent:* keys and addresses; a name here identifies, it never proves.

use minicbor::{Decode, Encode};
use std::str::FromStr;

/// A name that does not have the form its type asks for. The text says which form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {form}, not {found:?}")]
pub struct Malformed {
    /// What was being read, for example "party".
    pub what: &'static str,
    /// The form that it must have.
    pub form: &'static str,
    /// What stood there instead, cut to 64 characters.
    pub found: String,
}

impl Malformed {
    /// A complaint about `found`, which is cut so that hostile input cannot fill a log.
    pub fn new(what: &'static str, form: &'static str, found: &str) -> Self {
        Self { what, form, found: found.chars().take(64).collect() }
    }
}

/// A Party to the agreement: an ISO 3166-1 alpha-3 code in capitals, such as `KOR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party([u8; 3]);

impl Party {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        // Constructed only from three ASCII capitals.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Of letters that were checked before.
    pub(crate) fn of_letters(letters: [u8; 3]) -> Self {
        Self(letters)
    }

    /// The three letters as bytes.
    pub fn letters(&self) -> &[u8; 3] {
        &self.0
    }
}

impl FromStr for Party {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|l| l.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(Malformed::new("party", "three capitals of ISO 3166 alpha-3, such as KOR", text)),
        }
    }
}

/// A name of at most `MAX` bytes from a small alphabet, so that it can stand in a path, a log line or a URL.
pub(crate) fn is_plain(text: &str, max: usize) -> bool {
    !text.is_empty()
        && text.len() <= max
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

macro_rules! plain_name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::party::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $crate::party::is_plain(text, $max) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::party::Malformed::new($what, concat!("1 to ", $max, " of a-z, 0-9, '-' and '.', a letter or digit first"), text))
                }
            }
        }

        $crate::party::text_form!($name);
    };
}

pub(crate) use plain_name;

/// Display, Debug and CBOR (a text string) for a type that reads from and writes to text.
macro_rules! text_form {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(self.as_str())?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                d.str()?.parse().map_err(|e| minicbor::decode::Error::message(e).at(at))
            }
        }
    };
}
pub(crate) use text_form;

/// Display and Debug in lowercase hexadecimal and CBOR (a byte string) for a newtype over a byte array.
macro_rules! text_form_hex {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // Written at once: a formatter's own way costs more than all else about short identifiers.
                let mut text = [0; 2 * size_of::<Self>()];
                let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
                for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
                    *pair = [digit(byte >> 4), digit(byte & 15)];
                }
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                Self::try_from(d.bytes()?).map_err(|e| minicbor::decode::Error::message(e).at(at))
            }
        }
    };
}
pub(crate) use text_form_hex;

text_form!(Party);

plain_name! {
    /// A node, unique within its network, such as `seoul.kor`.
    NodeName, "node name", 48
}

plain_name! {
    /// A person by the pseudonym that their own authority gave, such as `fdo-2`. Real names never travel.
    PersonId, "person", 32
}

plain_name! {
    /// A contractor's facility, by the name in its Party's list, such as `optics-yard-2` (Art. 16).
    FacilityName, "facility", 48
}

/// The network that every statement names, so that a drill can never be mistaken for the real thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Network {
    /// Real exchanges.
    #[n(0)]
    Live,
    /// Agreed drills between the Parties.
    #[n(1)]
    Exercise,
    /// A demonstration on one machine.
    #[n(2)]
    Demo,
}

impl Network {
    /// The word used in configuration and on screen.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Exercise => "exercise",
            Self::Demo => "demo",
        }
    }
}

impl FromStr for Network {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "live" => Ok(Self::Live),
            "exercise" => Ok(Self::Exercise),
            "demo" => Ok(Self::Demo),
            _ => Err(Malformed::new("network", "live, exercise or demo", text)),
        }
    }
}
