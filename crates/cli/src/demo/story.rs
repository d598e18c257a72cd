//! The story, told to a person as it happens; silent where a program listens.
//!
//! *Absent:* anything that the JSON document does not say as well.

use super::cast::{Nation, Plot};
use super::stage::Stage;
use crate::home::Home;
use attache_gate::api;
use attache_release::Language;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Tells, or is silent.
pub(super) struct Story {
    silent: bool,
}

impl Story {
    pub(super) fn new(silent: bool) -> Self {
        Self { silent }
    }

    fn say(&self, text: &str) {
        if !self.silent {
            println!("{text}");
        }
    }

    pub(super) fn title(&self, text: &str) {
        self.say(&format!("\n{text}\n"));
    }

    pub(super) fn node(&self, nation: &Nation, home: &Home, fingerprint: &str) {
        let listen = &home.config.listen;
        self.say(&format!("  {:<10} {}", nation.node, nation.unit));
        self.say(&format!("  {:<10} partners {}  people https://{}", "", listen.partner, listen.people));
        self.say(&format!("  {:<10} card {fingerprint}", ""));
    }

    pub(super) fn in_force(&self, plot: &Plot) {
        let (who, since) =
            (if plot.nations.len() == 2 { "Both Parties" } else { "All three" }, plot.in_force);
        self.say(&format!(
            "\n  Cards exchanged, fingerprints compared. {who} hold the agreement to be in force since {since}.\n  \
             The link is mutual TLS 1.3 with X25519MLKEM768 and nothing less."
        ));
    }

    pub(super) fn crossed(
        &self,
        title: &str,
        from: &Nation,
        to: &Nation,
        (control, register): (&str, &str),
        banner: &api::Banners,
        tearline: bool,
    ) {
        self.say(&format!("  {title}\n    {} -> {}   {control} -> {register}", from.node, to.node));
        if tearline {
            self.say("    only the part below the tearline travelled; the source stays in Seoul");
        }
        for lines in [&banner.ko, &banner.ja, &banner.en] {
            self.say(&format!("    | {}", lines.iter().take(3).cloned().collect::<Vec<_>>().join("  ")));
        }
        self.say(&format!(
            "    asked, approved by a second person, admitted, opened, receipted by {}\n",
            to.node
        ));
    }

    /// One thing that was done, in one line.
    pub(super) fn done(&self, text: &str) {
        self.say(&format!("  {text}"));
    }

    /// The hops of an item in each language, as the node of its originator shows them.
    pub(super) fn hops(&self, hops: &[api::Hop]) {
        for language in Language::ALL {
            crate::hops::lines(hops, language).iter().for_each(|line| self.say(line));
        }
    }

    pub(super) fn refused(
        &self,
        asked: &str,
        reason: &api::Reasoned,
        nearest: &str,
        permitted: &api::Explained,
    ) {
        let article = match reason.article.as_str() {
            "product" => "rule of this software".to_owned(),
            article => format!("Art. {article}"),
        };
        self.say(&format!("  {asked}\n    REFUSED  {} ({article})", reason.code));
        for text in [&reason.reason.ko, &reason.reason.ja, &reason.reason.en] {
            self.say(&format!("             {text}"));
        }
        let by = permitted.reasons.first();
        let by = by.map(|reason| format!("{} (Art. {})", reason.code, reason.article)).unwrap_or_default();
        self.say(&format!("  {nearest}\n    PERMITTED {by}, ruling {}\n", permitted.index));
    }

    pub(super) fn proved(&self, counts: &Value, folder: &Path) {
        let count = |name: &str| counts[name].as_u64().unwrap_or_default();
        self.say(&format!(
            "  {} leaves of both logs, {} opened fields, {} packages, {} receipts: PROVED\n  {}",
            count("leaves"),
            count("fields"),
            count("packages"),
            count("receipts"),
            folder.display()
        ));
    }

    pub(super) fn noticed(&self, file: &str, offset: usize, failed: &Value) {
        let why = failed["outcome"]["why"].as_str().unwrap_or_default();
        let check = failed["check"].as_str().unwrap_or_default();
        self.say(&format!("\n  One bit of byte {offset} of {file} flipped: FAILED\n  {check}: {why}"));
    }

    pub(super) fn next(&self, stage: &Stage, taken: Duration, keep: bool) {
        let folder = stage.folder.display();
        self.say(&format!("\nDone in {:.1} s. Everything is in {folder}\n\nTry:", taken.as_secs_f64()));
        let evidence = stage.folder.join("evidence");
        let fingerprints: Vec<String> = stage
            .plot
            .nations
            .iter()
            .filter_map(|nation| stage.fingerprint(nation).ok())
            .map(|fingerprint| format!("--fingerprint \"{fingerprint}\""))
            .collect();
        self.say(&format!("  attache verify {} {}", evidence.display(), fingerprints.join(" ")));
        if !keep {
            self.say(&format!("  attache serve --home {folder}/tokyo --unlock {folder}/unlock.bin   (or attache demo --keep)"));
        }
        let whose = format!("--home {folder}/tokyo --keys {folder}/keys --unlock {folder}/unlock.bin");
        self.say(&format!("  attache register list {whose} --as registrar-jpn"));
        self.say(&format!("  attache item list {whose} --as analyst-jpn"));
        self.say(&format!("  attache doctor --home {folder}/seoul --unlock {folder}/unlock.bin"));
        if keep {
            self.say("\nThe nodes serve until you press Ctrl-C.");
        }
    }
}
