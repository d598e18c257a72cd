//! `attache explain`: a ruling or a rule, with its article, the facts that decided, and what would have to change.
//!
//! *Absent:* reasons of its own. The texts are the rule pack's, the facts the question's.

use crate::context::Context;
use crate::found::{EXIT_DONE, Failed, Found};
use crate::pack;
use attache_accord::ruling::Reason;
use attache_gate::{api, reasoned};
use attache_release::Language;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
#[command(
    after_help = "Example: attache explain 42 --as analyst-1 --language ko\nExample: attache explain R-005 --language ja"
)]
pub(crate) struct Explain {
    /// Index of a ruling in the node's journal, or the code of a rule, such as R-005. A code needs no node.
    what: String,
    /// Whose text of a code: folder of a pack, or the name of a built-in one; without it that of 2016.
    #[arg(long)]
    pack: Option<PathBuf>,
}

pub(crate) fn run(explain: &Explain, context: &Context) -> Result<Found, Failed> {
    match explain.what.parse::<u64>() {
        Ok(index) => {
            let ruling: api::Explained = context.sign_in()?.get(&format!("/v1/rulings/{index}"))?;
            Found::of(ruling_of(&ruling, context.language), &ruling)
        }
        Err(_) => code(&explain.what, explain.pack.as_deref(), context.language),
    }
}

fn code(code: &str, named: Option<&std::path::Path>, language: Language) -> Result<Found, Failed> {
    let pack = pack::load(named)?;
    let agreement = &pack.terms().agreement;
    let article = pack.article_of_rule(code).map(str::to_owned).ok_or_else(|| {
        let form = "give the index of a ruling, or a code such as R-005";
        Failed::misuse(format!("code: the pack {agreement} has no rule {code:?}; {form}"))
    })?;
    let told = reasoned(&[Reason { code: code.to_owned(), article }], None, &pack);
    let head = format!("{agreement} {}", pack.version());
    let text = format!("{head}\n{}", lines(&told, true, language).join("\n"));
    let json = json!({ "agreement": agreement, "pack_version": pack.version(), "pack": pack.digest().to_string(),
        "reasons": told });
    Ok(Found { text, json, code: EXIT_DONE })
}

/// The words around what is found.
pub(crate) struct Words {
    granted: &'static str,
    refused: &'static str,
    by: &'static str,
    pub(crate) entry: &'static str,
    pub(crate) pack: &'static str,
    product: &'static str,
    article: fn(&str) -> String,
    remedy: &'static str,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                granted: "허가",
                refused: "거부",
                by: "질의자",
                entry: "기록",
                pack: "규칙집",
                product: "이 소프트웨어의 규칙",
                article: |article| format!("협정 {article}"),
                remedy: "바뀌어야 할 것",
            },
            Language::Ja => Self {
                granted: "許可",
                refused: "拒否",
                by: "照会者",
                entry: "記録",
                pack: "規則パック",
                product: "このソフトウェアの規則",
                article: |article| format!("協定{article}"),
                remedy: "変わるべきこと",
            },
            Language::En => Self {
                granted: "granted",
                refused: "refused",
                by: "asked by",
                entry: "entry",
                pack: "rule pack",
                product: "rule of this software",
                article: |article| format!("Art. {article}"),
                remedy: "To change",
            },
        }
    }

    pub(crate) fn answer(&self, is_granted: bool) -> &'static str {
        if is_granted { self.granted } else { self.refused }
    }
}

pub(crate) fn pick(texts: &api::Texts, language: Language) -> &str {
    match language {
        Language::Ko => &texts.ko,
        Language::Ja => &texts.ja,
        Language::En => &texts.en,
    }
}

/// A recorded ruling in the reader's language.
pub(crate) fn ruling_of(ruling: &api::Explained, language: Language) -> String {
    let words = Words::of(language);
    let head = format!(
        "{}: {}, {} {}, {} {}, {} {}",
        ruling.action,
        words.answer(ruling.granted),
        words.by,
        ruling.by,
        words.entry,
        ruling.index,
        words.pack,
        ruling.pack_version
    );
    std::iter::once(head)
        .chain(lines(&ruling.reasons, !ruling.granted, language))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Each reason: code, article and standing; why; the facts that decided; and what would have to change where that is wanted.
pub(crate) fn lines(reasons: &[api::Reasoned], with_remedy: bool, language: Language) -> Vec<String> {
    let words = Words::of(language);
    let mut lines = Vec::new();
    for reason in reasons {
        let article = match reason.article.as_str() {
            "product" => words.product.to_owned(),
            article => (words.article)(article),
        };
        let title = pick(&reason.title, language);
        lines.push(format!("  {} ({article}; {}) {title}", reason.code, reason.standing));
        lines.push(format!("    {}", pick(&reason.reason, language)));
        for fact in &reason.facts {
            lines.push(format!("      {}: {}", pick(&fact.label, language), pick(&fact.text, language)));
        }
        if with_remedy && !reason.code.starts_with("R-1") {
            lines.push(format!("    {}: {}", words.remedy, pick(&reason.remedy, language)));
        }
    }
    lines
}
