//! The ceremony in which a Party root goes into the hands of several, and their coming together for a signature.
//!
//! *Absent:* the end of the whole root's file. Whoever holds the ceremony destroys it in front of the others.

use super::Hand;
use crate::context::{Context, read_bounded, write_new};
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::guard;
use crate::home::now;
use attache_accord::{Digest, PersonId};
use attache_custody::{ceremony, keyfile, keyring};
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Card, Ceremony};
use attache_seal::statement::{Expect, Head, MAX_STATEMENT_BYTES, Signed, Statement};
use serde_json::json;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const TRANSCRIPT: &str = "transcript.cbor";

/// The root from its own key file.
pub(super) fn whole(path: &Path, context: &Context) -> Result<SigningPair, Failed> {
    let lock = context.lock("passphrase of the Party root")?;
    let seeds = open(path, &lock, keyring::ROOT_KIND)?;
    keyring::signing_pair(&seeds).map_err(Failed::fault)
}

/// The root from its custodians' shares.
pub(super) fn together(shares: &[Hand], context: &Context) -> Result<SigningPair, Failed> {
    let opened: Vec<_> = shares
        .iter()
        .map(|hand| {
            let lock = of(hand, context).lock(&format!("passphrase of {}", hand.name))?;
            open(Path::new(&hand.name), &lock, ceremony::SHARE_KIND)
        })
        .collect::<Result<_, _>>()?;
    ceremony::combine(&opened).map_err(Failed::misuse)
}

fn open(path: &Path, lock: &keyfile::Lock, kind: &str) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let sealed = read_bounded(path, keyfile::MAX_SEALED_BYTES as u64)?;
    let opened = keyfile::open(lock, kind, &sealed);
    let _ = guard::lock();
    opened.map_err(|error| Failed::misuse(format!("{}: {error}", path.display())))
}

/// What opens a custodian's share: their own key file, or else a passphrase, never the key file of the node.
fn of(hand: &Hand, context: &Context) -> Context {
    Context { unlock: hand.unlock.clone(), ..context.clone() }
}

/// Splits the root, seals each share, and writes the transcript once the shares were read back and make the root.
pub(super) fn hold(
    root: &Path,
    threshold: u8,
    custodians: &[Hand],
    out: &Path,
    context: &Context,
) -> Result<Found, Failed> {
    let card = context.home()?.card()?.dangerously_unverified::<Card>().map_err(Failed::misuse)?;
    let pair = whole(root, context)?;
    if card.body.root != *pair.verifying() {
        return Err(Failed::misuse(format!("{}: it is not the root of this node's card", root.display())));
    }
    for (place, hand) in custodians.iter().enumerate() {
        // A pseudonym, so that it is a file name as well.
        hand.name.parse::<PersonId>().map_err(Failed::misuse)?;
        if custodians.iter().take(place).any(|other| other.name == hand.name) {
            return Err(Failed::misuse(format!("custodian: {} is named twice", hand.name)));
        }
    }
    let shares = ceremony::split(&pair, threshold, custodians.len()).map_err(Failed::misuse)?;
    std::fs::create_dir(out).map_err(|error| Failed::file(out, &error))?;
    let mut digests = Vec::new();
    let mut hands = Vec::new();
    for (hand, share) in custodians.iter().zip(&shares) {
        let path = out.join(format!("{}.share", hand.name));
        of(hand, context).seal_key(&path, ceremony::SHARE_KIND, share)?;
        digests.push(sha256(&[&read_bounded(&path, keyfile::MAX_SEALED_BYTES as u64)?]));
        hands.push(Hand { name: path.display().to_string(), unlock: hand.unlock.clone() });
    }
    // Read back as custodians will: a share that does not open is found while the root still exists.
    if together(&hands, context)?.verifying() != pair.verifying() {
        return Err(Failed::fault(
            "the shares do not make the root; nothing was lost, hold the ceremony again",
        ));
    }
    let names: Vec<String> = custodians.iter().map(|hand| hand.name.clone()).collect();
    let head = Head { key: pair.verifying().key_id(), at: now(), ..card.head };
    let body = Ceremony {
        root: pair.verifying().clone(),
        threshold,
        custodians: names.clone(),
        shares: digests.clone(),
    };
    let signed = Signed::seal(&Statement { head, body }, &pair).map_err(Failed::fault)?;
    let transcript = out.join(TRANSCRIPT);
    write_new(&transcript, &signed.to_bytes())?;
    let text = format!(
        "The Party root is in the hands of {}; any {threshold} of them together are the root.\n{}\n\n  transcript  {}\n\n\
         Give each custodian their share, and keep none here. Then destroy {} and every copy of it, in front of all.\n\
         Next: attache key renew --share ... --share ...",
        names.join(", "),
        lines(&names, &digests),
        transcript.display(),
        root.display(),
    );
    let files: Vec<PathBuf> = names.iter().map(|name| out.join(format!("{name}.share"))).collect();
    Found::of(
        text,
        &json!({ "threshold": threshold, "custodians": names, "shares": files, "transcript": transcript }),
    )
}

/// Shows a transcript, and whether the root of this node's card signed it.
pub(super) fn transcript(path: &Path, context: &Context) -> Result<Found, Failed> {
    let card = context.home()?.card()?.dangerously_unverified::<Card>().map_err(Failed::misuse)?;
    let bytes = read_bounded(path, MAX_STATEMENT_BYTES as u64)?;
    let wrong = |error: &dyn std::fmt::Display| Failed::misuse(format!("{}: {error}", path.display()));
    let signed = Signed::from_bytes(&bytes).map_err(|error| wrong(&error))?;
    let expect = Expect { network: card.head.network, agreement: &card.head.agreement, pack: None };
    let statement = signed.open::<Ceremony>(&card.body.root, &expect);
    let statement = statement.map_err(|error| Failed { code: EXIT_REFUSED, ..wrong(&error) })?;
    let Ceremony { root, threshold, custodians, shares } = statement.body;
    if root != card.body.root {
        return Err(Failed { code: EXIT_REFUSED, ..wrong(&"it is about another root") });
    }
    let text = format!(
        "On {} the Party root of this node's card went into the hands of {}; any {threshold} of them are the root.\n{}",
        statement.head.at,
        custodians.join(", "),
        lines(&custodians, &shares)
    );
    let shares: Vec<String> = shares.iter().map(ToString::to_string).collect();
    Found::of(
        text,
        &json!({ "at": statement.head.at.to_string(), "threshold": threshold, "custodians": custodians, "shares": shares }),
    )
}

fn lines(names: &[String], digests: &[Digest]) -> String {
    let line = |(name, digest): (&String, &Digest)| format!("  {name:<12} share sha256:{digest}");
    names.iter().zip(digests).map(line).collect::<Vec<_>>().join("\n")
}
