//! `attache rebuild`: what follows from the journal, made anew from it or only compared with it.
//!
//! *Absent:* rows. They are read, and none is written or left out.

use crate::agreement::texts::{Three, filled, of};
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::home::Home;
use crate::{progress, remedy};
use attache_custody::RestKey;
use attache_node::refold::Refold;
use attache_store::{LocalHead, Reader, SqliteJournal, StoreError, audit, remove_snapshot};
use clap::Args;
use serde_json::json;
use std::sync::Arc;

const COMPARED: Three = ["아무것도 바꾸지 않았다.", "何も変えていない。", "Nothing was changed."];
const REBUILT: Three = [
    "타일, 머리, 흐름, 색인을 새로 만들었다.",
    "タイル、先頭、ストリーム、索引を作り直した。",
    "Tiles, head, streams and indexes were made anew.",
];
const SOUND: Three = [
    "항목 {size}개가 모두 열리고, 각 잎은 그 항목의 것이며, 그 로그의 루트는 저장된 것과 같다.",
    "項目{size}件がすべて開き、各葉はその項目のものであり、そのログのルートは保存されたものと同じである。",
    "All {size} entries open, each leaf is its entry's, and the log of them has the root that is stored.",
];
const ROOT: Three = ["루트", "ルート", "root"];

#[derive(Args)]
pub(crate) struct Rebuild {
    /// Change nothing: compare what is stored with what the journal gives. Also while the node runs.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(rebuild: &Rebuild, context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    if !rebuild.check {
        let bar = progress::entries(0);
        let rebuilt = SqliteJournal::rebuild(&home.journal_folder(), &home.origin()?, &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        rebuilt.map_err(|error| match error {
            StoreError::InUse(_) => Failed::misuse(
                "node: it runs, or something reads its journal; stop it, rebuild, and start it anew",
            ),
            error => remedy::failed(error),
        })?;
        remove_snapshot(&home.journal_folder()).map_err(remedy::failed)?;
    }
    let head = compare(&home, context, home.reader()?.as_ref())?;
    let did = of(if rebuild.check { &COMPARED } else { &REBUILT }, context.language);
    let LocalHead { size, root } = head;
    let sound = filled(&SOUND, context.language, &[("size", size.to_string())]);
    Found::of(
        format!("{did} {sound}\n\n  {}  {root}", of(&ROOT, context.language)),
        &json!({ "entries": size, "root": root.to_string(), "rebuilt": !rebuild.check }),
    )
}

/// Compares what is stored with the rows, and folds the entries.
fn compare(home: &Home, context: &Context, reader: &dyn Reader) -> Result<LocalHead, Failed> {
    let head = progress::during(|| audit(reader)).map_err(remedy::failed)?;
    let rest = Arc::new(RestKey::new(&home.keys(context)?.storage).map_err(Failed::fault)?);
    let zone = home.pack()?.terms().utc_offset_hours;
    let mut refold = Refold::new(reader.reader().map_err(remedy::failed)?, rest, zone);
    let bar = progress::entries(head.size);
    let folded = refold.compare_snapshot(&mut |done| bar.set_position(done));
    let folded = folded.and_then(|()| refold.go_on(head.size, &mut |done| bar.set_position(done)));
    bar.finish_and_clear();
    folded.map_err(remedy::failed)?;
    if !refold.is_of(&home.origin()?) {
        return Err(Failed::fault(
            "journal: its log has another name than its entries say; bring back a backup",
        ));
    }
    Ok(head)
}
