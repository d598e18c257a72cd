//! Key files, shares of a root and keyrings: what someone may have put on a removable medium.

use super::needed;
use crate::Target;
use attache_custody::archive::ArchiveReader;
use attache_custody::ceremony::{SHARE_KIND, combine};
use attache_custody::keyring::signing_pair;
use attache_custody::{Keyring, Lock, keyfile};
use attache_seal::pair::Sign as _;
use std::sync::LazyLock;
use zeroize::Zeroizing;

pub const KEY_FILE: Target = Target {
    name: "key-file",
    reads: "custody::keyfile",
    run: key_file,
    rounds: 36_000,
    words: &["attache/keyfile/v1", "root-share", "node"],
};

pub const ARCHIVE: Target = Target {
    name: "archive",
    reads: "custody::archive",
    run: archive,
    rounds: 36_000,
    words: &["attache/archive/v1\n", "attache/keyfile/v1", "archive"],
};

pub const SHARES: Target = Target {
    name: "shares",
    reads: "custody::ceremony::combine, of opened shares",
    run: shares,
    rounds: 24_000,
    words: &[],
};

pub const KEYRING: Target = Target {
    name: "keyring",
    reads: "custody::Keyring::from_secret_bytes, of an opened key file",
    run: keyring,
    rounds: 200,
    words: &[],
};

/// The key file that locks the corpus.
fn lock() -> Lock {
    Lock::KeyFile(Zeroizing::new(vec![7; 32]))
}

/// Nobody without the lock makes another file that opens: the one that does is the one that was sealed.
fn key_file(bytes: &[u8]) {
    const SEALED: &[u8] = include_bytes!("../../corpus/key-file/sealed");
    if let Ok(opened) = keyfile::open(&lock(), SHARE_KIND, bytes) {
        assert_eq!(bytes, SEALED, "a sealed key file has one form");
        assert_eq!(opened.as_slice(), b"a secret of the corpus");
    }
}

/// Nobody without the lock makes another archive that is read to its end.
fn archive(bytes: &[u8]) {
    const SEALED: &[u8] = include_bytes!("../../corpus/archive/sealed");
    let Ok(mut reader) = ArchiveReader::open(&lock(), bytes) else { return };
    let (mut all, mut byte) = (Vec::new(), [0]);
    loop {
        match reader.read_exact(&mut byte) {
            Ok(true) => all.extend(byte),
            Ok(false) => break,
            Err(_) => return,
        }
    }
    assert_eq!(bytes, SEALED, "a sealed archive has one form");
    assert_eq!(all, b"an archive of the corpus");
}

/// The root that the corpus splits.
static ROOT: LazyLock<attache_seal::SigningPair> = LazyLock::new(|| needed(signing_pair(&[1; 64])));

/// Shares one after the other, each behind its length in two bytes.
fn shares(bytes: &[u8]) {
    let mut rest = bytes;
    let mut shares = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(tail.len());
        let (share, tail) = tail.split_at(length);
        shares.push(Zeroizing::new(share.to_vec()));
        rest = tail;
    }
    if let Ok(root) = combine(&shares) {
        assert_eq!(root.verifying(), ROOT.verifying(), "altered shares made another root");
    }
}

fn keyring(bytes: &[u8]) {
    const ORIGIN: &str = "seoul.kor/log/1";
    let Ok(keys) = Keyring::from_secret_bytes(bytes, ORIGIN) else { return };
    let written = needed(keys.to_secret_bytes());
    let again = needed(Keyring::from_secret_bytes(&written, ORIGIN));
    assert_eq!(again.node.verifying(), keys.node.verifying());
    assert_eq!(again.kem.public(), keys.kem.public());
}
