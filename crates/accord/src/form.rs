//! The one form in which a value is written, deterministic CBOR (RFC 8949 §4.2.1), so that two nodes hash and sign the same bytes.
//!
//! *Absent:* the encoding, which each type says of itself.

use minicbor::Encode;
use minicbor::encode::Write;

/// Whether these bytes are what the value is written as, and nothing more.
pub fn is_written_as<T: Encode<()>>(value: &T, bytes: &[u8]) -> bool {
    let mut same = Same::new(bytes);
    minicbor::encode(value, &mut same).is_ok() && same.is_whole()
}

/// A writer that compares instead of keeping, so that holding bytes against their one form costs no copy.
#[derive(Debug)]
pub struct Same<'b> {
    left: &'b [u8],
}

/// Something else was written than stands there.
#[derive(Debug)]
pub struct Other;

impl<'b> Same<'b> {
    /// A writer that takes these bytes and no other.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes }
    }

    /// Whether all of the bytes were written.
    pub fn is_whole(&self) -> bool {
        self.left.is_empty()
    }
}

impl Write for Same<'_> {
    type Error = Other;

    fn write_all(&mut self, written: &[u8]) -> Result<(), Other> {
        self.left = self.left.strip_prefix(written).ok_or(Other)?;
        Ok(())
    }
}
