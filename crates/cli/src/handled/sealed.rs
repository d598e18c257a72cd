//! `attache item seal-copy`: a copy that clients of OpenTDF open by the node's key access service.
//!
//! *Absent:* plaintext. The file is sealed, and whoever opens it is ruled on then.

use crate::agreement::texts::{Three, of};
use crate::client::Client;
use crate::explain::ruling_of;
use crate::found::{Failed, Found};
use crate::items::{item_id, put_whole};
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
    "사본이 다 오지 않아 남기지 않았다. 번호는 등재되었으니 --copy 로 다시 받는다",
    "複製がすべて届かなかったため、何も残していない。番号は登録済みなので --copy で再び受け取る",
    "the copy did not come whole; nothing was kept. Its number is on record: fetch it again with --copy",
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
        let (number, ruling) = match (copy, needed) {
            (Some(number), _) => (number, None),
            (None, needed) => {
                let wanted = api::SealingCopy { needed: needed.unwrap_or_default(), algorithm };
                let made: api::Handled = client.post(&format!("/v1/items/{id}/sealed-copies"), &wanted)?;
                (made.number.unwrap_or_default(), Some(made.ruling))
            }
        };
        let (bytes, mut source) = client.sealed_copy(&id, number)?;
        put_whole(&out, bytes, &mut source, of(&BROKE_OFF, language))?;
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
