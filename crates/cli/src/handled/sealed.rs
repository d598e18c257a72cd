//! `attache item seal-copy`: a copy that clients of OpenTDF open by the node's key access service.
//!
//! *Absent:* plaintext. The file is sealed, and whoever opens it is ruled on then.

use crate::agreement::texts::{Three, of};
use crate::client::Client;
use crate::explain::ruling_of;
use crate::found::{Failed, Found};
use crate::items::{copy_whole, into_new, item_id};
use attache_gate::api;
use attache_release::Language;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

const NUMBER: Three = ["봉인 사본 번호", "封緘した複製の番号", "Sealed copy number"];
const KEPT: Three = [
    "바이트. 열 때마다 노드의 열쇠 접근 서비스가 판정한다.",
    "バイト。開くたびにノードの鍵アクセスサービスが裁定する。",
    "bytes. Each opening is ruled on by the node's key access service.",
];
const BROKE_OFF: Three = [
    "사본이 다 오지 않아 남기지 않았다",
    "複製がすべて届かなかったため、何も残していない",
    "the copy did not come whole; nothing was kept",
];
const ON_RECORD: Three = [
    "이(가) 등재되었으니 다음으로 받는다:",
    "は登録済みなので、次で受け取る：",
    "is on record; fetch it with",
];

#[derive(Args)]
pub(crate) struct SealCopy {
    /// The item, or at least 6 digits of it.
    item: String,
    /// How many copies the official need calls for.
    #[arg(long, required_unless_present = "copy")]
    needed: Option<u32>,
    /// Fetch the sealed copy of this number, which you keep, once more.
    #[arg(long, conflicts_with_all = ["needed", "algorithm"])]
    copy: Option<u32>,
    /// The key of the service that it is wrapped for: rsa:2048, which every client reads, or ec:secp256r1.
    #[arg(long)]
    algorithm: Option<String>,
    /// Where to write it.
    #[arg(long)]
    out: PathBuf,
}

impl SealCopy {
    pub(super) fn run(self, client: &Client, language: Language) -> Result<Found, Failed> {
        let Self { item, needed, copy, algorithm, out } = self;
        // Nothing is numbered that could not be written.
        if out.exists() {
            return Err(Failed::misuse(format!("out: {} is there already", out.display())));
        }
        let id = item_id(client, &item)?;
        let (number, ruling, bytes) = into_new(&out, |file| {
            let (number, ruling) = match (copy, needed) {
                (Some(number), _) => (number, None),
                (None, needed) => {
                    let wanted = api::SealingCopy { needed: needed.unwrap_or_default(), algorithm };
                    let made: api::Handled =
                        client.post(&format!("/v1/items/{id}/sealed-copies"), &wanted)?;
                    (made.number.unwrap_or_default(), Some(made.ruling))
                }
            };
            let fetched = client.sealed_copy(&id, number).and_then(|(bytes, mut source)| {
                copy_whole(file, bytes, &mut source, &BROKE_OFF).map(|()| bytes)
            });
            match fetched {
                Ok(bytes) => Ok((number, ruling, bytes)),
                // Who asked for it by its number has that.
                Err(failed) if ruling.is_none() => Err(failed),
                Err(failed) => Err(on_record(failed, number, language)),
            }
        })?;
        let mut text =
            format!("{} {number}\n{}: {bytes} {}", of(&NUMBER, language), out.display(), of(&KEPT, language));
        if let Some(ruling) = &ruling {
            text = format!("{text}\n{}", ruling_of(ruling, language));
        }
        Found::of(
            text,
            &json!({ "item": id, "number": number, "file": out, "bytes": bytes, "ruling": ruling }),
        )
    }
}

/// The same, with the number that the copy has already, and how it is fetched.
fn on_record(mut failed: Failed, number: u32, language: Language) -> Failed {
    let next = format!("{} {number} {} --copy {number}", of(&NUMBER, language), of(&ON_RECORD, language));
    failed.text = format!("{}. {next}", failed.read_in(language));
    failed.said = None;
    if let Some(problem) = &mut failed.problem {
        problem.message = format!("{}. {next}", problem.message);
    }
    failed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use std::path::Path;

    #[test]
    fn nothing_is_asked_for_that_could_not_be_written_and_nothing_stays_that_did_not_come() {
        let folder = tempfile::tempdir().unwrap();
        let mut is_asked = false;
        let nowhere = Path::new("no-such-folder/copy.tdf");
        let made = into_new(&folder.path().join(nowhere), |_| {
            is_asked = true;
            Ok(())
        });
        assert!(made.is_err() && !is_asked);
        let out = folder.path().join("copy.tdf");
        let broke_off = into_new(&out, |file| {
            assert!(out.exists(), "before anything is asked for");
            copy_whole(file, 9, &mut &b"text"[..], &BROKE_OFF)
                .map_err(|failed| on_record(failed, 3, Language::En))
        });
        let said = broke_off.unwrap_err();
        let said = said.read_in(Language::En);
        assert!(
            said.starts_with(of(&BROKE_OFF, Language::En))
                && said.ends_with(". Sealed copy number 3 is on record; fetch it with --copy 3"),
            "{said}"
        );
        assert!(!out.exists());
        into_new(&out, |file| copy_whole(file, 4, &mut &b"text"[..], &BROKE_OFF)).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), b"text");
    }
}
