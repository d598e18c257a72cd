//! PEM (RFC 7468) as key files and manifests carry it: one block, a known label, strict base64.
//!
//! *Absent:* headers inside a block, encrypted PEM, several blocks in one text.

use data_encoding::BASE64;
use zeroize::Zeroizing;

/// Longest PEM text that is read, in bytes. A composite key or an RSA-8192 key is shorter.
pub const MAX_PEM_BYTES: usize = 32 * 1024;

/// The bytes inside the one block labelled `label`, wiped on drop because it may be a private key. Line ends may be
/// LF or CRLF, since some clients send the latter.
pub fn decode(text: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > MAX_PEM_BYTES {
        return None;
    }
    let body = text
        .trim()
        .strip_prefix("-----BEGIN ")?
        .strip_prefix(label)?
        .strip_prefix("-----")?
        .strip_suffix("-----")?
        .strip_suffix(label)?
        .strip_suffix("-----END ")?;
    let joined: Zeroizing<Vec<u8>> = Zeroizing::new(body.bytes().filter(|b| !b"\r\n".contains(b)).collect());
    BASE64.decode(&joined).ok().map(Zeroizing::new)
}

/// `bytes` as one block labelled `label`, in lines of 64 characters.
pub fn encode(bytes: &[u8], label: &str) -> Zeroizing<String> {
    let base64 = Zeroizing::new(BASE64.encode(bytes));
    let mut out = Zeroizing::new(String::with_capacity(base64.len() * 66 / 64 + 2 * label.len() + 40));
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        // Base64 is ASCII, so every index is a character boundary.
        let (line, tail) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}
