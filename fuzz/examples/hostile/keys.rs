//! Key files, shares of a root, rule packs and certificates.

use super::{Made, Shelf};
use attache_accord::{NodeName, Timestamp};
use attache_custody::ceremony::{SHARE_KIND, split};
use attache_custody::keyring::signing_pair;
use attache_custody::{Keyring, Lock, keyfile};
use attache_node::link::certificate::{LEAF_BACKDATE_HOURS, LEAF_LIFE_HOURS, leaf};
use std::path::Path;
use zeroize::Zeroizing;

/// When certificates are shown.
const NOW: Timestamp = Timestamp(1_780_000_000_000);

pub fn put(shelf: &mut Shelf) -> Made {
    key_files(shelf)?;
    shares(shelf)?;
    packs(shelf)?;
    certificates(shelf)
}

/// Opened with the key file of 32 bytes 07, as shares of a root.
fn key_files(shelf: &mut Shelf) -> Made {
    let lock = Lock::KeyFile(Zeroizing::new(vec![7; 32]));
    let path = shelf.root.join("key-file/control.key");
    // What is altered below is the file that others have.
    let sealed = match std::fs::read(&path) {
        Ok(sealed) => sealed,
        Err(_) => keyfile::seal(&lock, SHARE_KIND, b"a secret")?,
    };
    let mut put = |name: &str, outcome: &str, why: &str, bytes: &[u8]| {
        shelf.put("key-file", &format!("{name}.key"), outcome, why, bytes)
    };
    put("control", "ok", "a sealed secret", &sealed)?;
    put("byte-behind", "refused", "a byte behind it", &[sealed.as_slice(), &[0]].concat())?;
    put("cut", "refused", "cut by one byte", sealed.get(..sealed.len() - 1).unwrap_or_default())?;
    let flipped = |at: usize| {
        let mut bytes = sealed.clone();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        bytes
    };
    put("tag", "refused", "one bit of the tag", &flipped(sealed.len() - 1))?;
    let salt = sealed.windows(SHARE_KIND.len()).position(|part| part == SHARE_KIND.as_bytes()).unwrap_or(0);
    put("salt", "refused", "one bit of the salt", &flipped(salt + SHARE_KIND.len() + 8))?;
    put("kind", "refused", "another kind in the header", &flipped(salt))?;
    put("node-key", "refused", "a node's keys, truly sealed", &keyfile::seal(&lock, "node", b"a secret")?)?;
    let other = Lock::KeyFile(Zeroizing::new(vec![8; 32]));
    put(
        "another-lock",
        "refused",
        "under another key file",
        &keyfile::seal(&other, SHARE_KIND, b"a secret")?,
    )?;
    let words = Lock::Passphrase(Zeroizing::new("correct horse battery".to_owned()));
    put("passphrase", "refused", "under a passphrase", &keyfile::seal(&words, SHARE_KIND, b"a secret")?)?;
    put("too-long", "refused", "a byte more than 512 KiB", &vec![0xa3; keyfile::MAX_SEALED_BYTES + 1])?;
    put("pem", "refused", "a key in PEM", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
}

/// Opened shares of the root whose seeds are 64 times 01, each behind its length in two bytes. Two of three are the root.
fn shares(shelf: &mut Shelf) -> Made {
    let root = signing_pair(&[1; 64])?;
    let framed = |share: &[u8]| [&(share.len() as u16).to_be_bytes(), share].concat();
    let (dealt, others) = (split(&root, 2, 3)?, split(&root, 2, 3)?);
    let ([one, two, _], [_, other, _]) = (dealt.as_slice(), others.as_slice()) else {
        return Err("shares".into());
    };
    let mut put = |name: &str, outcome: &str, why: &str, shares: &[&[u8]]| {
        let bytes: Vec<u8> = shares.iter().flat_map(|share| framed(share)).collect();
        shelf.put("shares", &format!("{name}.bin"), outcome, why, &bytes)
    };
    put("control", "ok", "two of three", &[one, two])?;
    put("one", "refused", "one of three", &[one])?;
    put("twice", "refused", "one share twice", &[one, one])?;
    put("another-ceremony", "refused", "a share of another ceremony of the same root", &[one, other])?;
    let mut altered = two.to_vec();
    if let Some(last) = altered.last_mut() {
        *last ^= 1;
    }
    put("altered", "refused", "one bit of a share", &[one, &altered])?;
    put("none", "refused", "no share", &[])
}

/// `terms.toml` in the place of the embedded pack's.
fn packs(shelf: &mut Shelf) -> Made {
    let terms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agreements/gsomia-2016/terms.toml");
    let terms = std::fs::read_to_string(terms)?;
    let mut put = |name: &str, outcome: &str, why: &str, text: &str| {
        shelf.put("terms", &format!("{name}.toml"), outcome, why, text.as_bytes())
    };
    put("control", "ok", "the terms of 2016", &terms)?;
    put("control-comment", "ok", "with a comment more", &format!("# a remark\n{terms}"))?;
    put("unknown-name", "refused", "a term that is not known", &format!("grace_hours = 1\n{terms}"))?;
    put("name-twice", "refused", "one term twice", &format!("agreement = \"tisa-2014\"\n{terms}"))?;
    put("empty", "refused", "nothing", "")?;
    put(
        "deep",
        "refused",
        "10000 arrays deep",
        &format!("x = {}{}\n{terms}", "[".repeat(10_000), "]".repeat(10_000)),
    )?;
    let row = "[[equivalence]]\nenglish = \"A\"\nlevels = {}\narticle = \"1\"\nstatus = \"product\"\n";
    let rows = terms.replace("[floor]", &(row.repeat(300) + "[floor]"));
    put("rows-many", "refused", "a table of 302 rows", &rows)?;
    put("cut", "refused", "cut in the middle of a term", terms.get(..terms.len() / 2).unwrap_or_default())?;
    let third = format!("{terms}\n[[party]]\ncode = \"usa\"\n");
    put("party-in-small-letters", "refused", "a Party's code in small letters", &third)
}

/// Shown at `NOW` by a caller to Tokyo's node, which knows the authority of `seoul.kor` that the corpus's keyring makes.
fn certificates(shelf: &mut Shelf) -> Made {
    let secret = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/keyring/seoul"))?;
    let keys = Keyring::from_secret_bytes(&secret, "seoul.kor/log/1")?;
    let (seoul, osaka): (NodeName, NodeName) = ("seoul.kor".parse()?, "osaka.jpn".parse()?);
    let shown = |name: &NodeName, at| leaf(&keys.tls_ca_pkcs8, &keys.tls_node_pkcs8, name, at);
    let hour = 3_600_000;
    let mut put = |name: &str, outcome: &str, why: &str, der: &[u8]| {
        shelf.put("certificate", &format!("{name}.der"), outcome, why, der)
    };
    let good = shown(&seoul, NOW)?.der;
    put("control", "ok", "made at that moment", &good)?;
    let old = Timestamp(NOW.0 - (LEAF_LIFE_HOURS - 1) * hour);
    put("control-last-hour", "ok", "in the last hour of its life", &shown(&seoul, old)?.der)?;
    let expired = Timestamp(NOW.0 - (LEAF_LIFE_HOURS + 1) * hour);
    put("expired", "refused", "an hour after its end", &shown(&seoul, expired)?.der)?;
    let early = NOW.plus_hours(LEAF_BACKDATE_HOURS + 1);
    put("not-yet", "refused", "an hour before its begin", &shown(&seoul, early)?.der)?;
    put("another-name", "refused", "of the right authority, for another node", &shown(&osaka, NOW)?.der)?;
    let stranger = Keyring::generate("seoul.kor/log/1")?;
    let strange = leaf(&stranger.tls_ca_pkcs8, &keys.tls_node_pkcs8, &seoul, NOW)?;
    put("another-authority", "refused", "of another authority of the same name", &strange.der)?;
    let own =
        attache_node::link::certificate::authority(&keys.tls_ca_pkcs8, &seoul, NOW, NOW.plus_hours(24))?;
    put("authority", "refused", "the authority itself", &own)?;
    put("byte-behind", "refused", "a byte behind it", &[good.as_slice(), &[0]].concat())?;
    put("cut", "refused", "cut in the middle", good.get(..good.len() / 2).unwrap_or_default())?;
    put("empty", "refused", "nothing", &[])?;
    let mut altered = good.clone();
    if let Some(last) = altered.last_mut() {
        *last ^= 1;
    }
    put("signature", "refused", "one bit of its signature", &altered)?;
    put(
        "nothing-but-sequences",
        "refused",
        "sequences in sequences, each of 4 GiB",
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff].repeat(2000),
    )
}
