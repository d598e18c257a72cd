//! Going on in spite of a loss: the log of a node that was brought back takes a new origin, and a person answers for what is lost.
//!
//! *Absent:* the partners' decisions. The node brings them the signed statement at its next start.

use super::settle::root_of;
use super::words;
use crate::agreement::texts::filled;
use crate::context::Context;
use crate::found::{EXIT_MISUSE, EXIT_REFUSED, Failed, Found};
use crate::home::now;
use crate::{progress, remedy};
use attache_accord::{Digest, NodeName};
use attache_node::node::open_engine;
use attache_node::outside::Outside;
use attache_node::succession::succeed;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{LogSuccession, SeenLog};
use attache_seal::statement::{Head, Signed, Statement};
use attache_tlog::Origin;
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Args)]
pub(crate) struct Succeed {
    /// What a partner, or a witness outside, cosigned last of this log: its node or name, the size, and the root in hexadecimal or
    /// base64. Once for each that cosigned more than is in the backup, and for each that has not answered the node yet, also where that is less;
    /// none where all have answered and only what this node had itself signed names what is lost.
    #[arg(long, value_name = "NODE=SIZE:ROOT", value_parser = seen)]
    seen: Vec<SeenLog>,
    /// How the entries were lost, for the partners and whoever checks the log: 1 to 256 bytes.
    #[arg(long)]
    reason: String,
    /// The log that the partners know, where it has another name than the one in the backup, which is older than that.
    #[arg(long, value_name = "ORIGIN")]
    known_as: Option<String>,
}

fn seen(text: &str) -> Result<SeenLog, String> {
    let (node, head) = text.split_once('=').ok_or("NODE=SIZE:ROOT")?;
    let (size, root) = head.split_once(':').ok_or("NODE=SIZE:ROOT")?;
    let by: NodeName = node.parse().map_err(|error| format!("{error}"))?;
    let size = size.parse().map_err(|_| "the size is a number")?;
    Ok(SeenLog { by, size, root: Digest(root_of(root).map_err(|failed| failed.text)?.0) })
}

impl Succeed {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home()?;
        if home.awaits()?.is_none_or(|restored| restored.is_seen && restored.promised.is_none()) {
            let rule = "the node was not brought back, or its log goes on already";
            return Err(Failed::misuse(format!("home: nothing is to be settled; {rule}")));
        }
        let (person, pair) = context.person_and_key()?;
        let mark = home.restored()?;
        let keys = Arc::new(home.keys(context)?);
        let pack = Arc::new(home.pack()?);
        let journal = Box::new(home.journal()?);
        let engine = progress::during(|| open_engine(journal, &keys, &pack));
        let mut engine = engine.map_err(remedy::failed)?;
        let view = engine.view();
        let head = engine.reader().map_err(remedy::failed)?.head().map_err(remedy::failed)?;
        if mark["size"].as_u64() == Some(view.read().logs.last_kept()) {
            // Cut off after the entry was written.
            home.note_settled()?;
            let origin = engine.origin().to_string();
            let text = filled(&words::GOES_ON_AS, context.language, &[("origin", origin.clone())]);
            return Found::of(text, &json!({ "origin": origin }));
        }
        if mark["other"] == true {
            let text = filled(&words::UNEXPLAINED, context.language, &[]);
            return Ok(Found { text, json: json!({ "other": true }), code: EXIT_REFUSED });
        }
        let mut body = self.said(engine.origin(), &head, &home.node()?, view.read().last_at)?;
        let promised = mark["promised"][1].as_u64().map(|last| last.saturating_add(1));
        body.promised = promised.filter(|promised| *promised > body.lost().1);
        if body.missed().1 == body.size {
            let rule =
                "nothing is known to be lost; name by --seen what each cosigned that is not in the backup";
            return Err(Failed::misuse(format!("seen: {rule}")));
        }
        check_told(&body, &mark)?;
        let awaited = unanswered(&body, &mark);
        if !awaited.is_empty() {
            let places = [("names", awaited.join(", ")), ("home", home.path.display().to_string())];
            return Err(Failed::in_three(EXIT_MISUSE, &words::UNANSWERED, &places));
        }
        let identity =
            view.read().identity.clone().ok_or_else(|| Failed::fault("the node was never founded"))?;
        let head_of = Head {
            network: identity.network,
            agreement: identity.agreement,
            pack: view.read().packs.last().copied().unwrap_or(identity.pack),
            signer: person.to_string(),
            key: pair.verifying().key_id(),
            at: now().max(body.since),
        };
        let signed = Signed::seal(&Statement { head: head_of, body: body.clone() }, &pair);
        let signed = signed.map_err(Failed::misuse)?;
        let at = now().max(body.since);
        let plan = succeed(&view.read(), &head, at, &signed).map_err(Failed::misuse)?;
        match engine.commit(now(), &[plan]).map_err(remedy::failed)?.pop() {
            // What its people had signed since is still asked for.
            Some(Ok(_)) => home.note_settled()?,
            _ => return Err(Failed::fault("journal: the entry could not be written")),
        }
        let (from, behind) = body.missed();
        let places = [
            ("origin", body.origin.clone()),
            ("previous", body.previous.clone()),
            ("from", from.to_string()),
            ("last", (behind - 1).to_string()),
            ("size", body.size.to_string()),
            ("home", home.path.display().to_string()),
        ];
        let mut text = filled(&words::SUCCEEDED, context.language, &places);
        let outside = home.config.outside().map_err(Failed::misuse)?;
        let names: Vec<_> = outside.iter().map(Outside::name).collect();
        let keys = [&keys.log_ed25519, &keys.log_mldsa44].map(|key| key.verifier().named(&body.origin));
        let keys: Vec<_> = keys
            .into_iter()
            .map(|key| key.map(|key| key.to_string()))
            .collect::<Result<_, _>>()
            .map_err(Failed::fault)?;
        if !names.is_empty() {
            let said = filled(&words::WITNESSES, context.language, &[("names", names.join(", "))]);
            let each = keys.iter().map(|key| format!(" --key {key}")).collect::<String>();
            text.push_str(&format!("\n\n{said}\n  attache witness add-log{each}"));
        }
        let document = json!({
            "origin": body.origin, "previous": body.previous, "size": body.size, "root": body.root.to_string(),
            "lost": [from, behind - 1], "statement": signed.digest().to_string(), "log_keys": keys, "witnesses": names,
        });
        Found::of(text, &document)
    }

    fn said(
        &self,
        own: &Origin,
        head: &attache_store::LocalHead,
        node: &NodeName,
        since: attache_accord::Timestamp,
    ) -> Result<LogSuccession, Failed> {
        let previous = self.known_as.as_ref().map_or(Ok(own.clone()), |text| Origin::new(text));
        let previous = previous.map_err(|error| Failed::misuse(format!("known-as: {error}")))?;
        let origin = previous.next().ok_or_else(|| Failed::misuse("known-as: a name with a number"))?;
        let mut seen = self.seen.clone();
        seen.sort_by(|one, other| one.by.cmp(&other.by));
        Ok(LogSuccession {
            node: node.clone(),
            previous: previous.to_string(),
            origin: origin.to_string(),
            size: head.size,
            root: Digest(head.root.0),
            since,
            seen,
            reason: self.reason.clone(),
            promised: None,
        })
    }
}

/// Partners and witnesses that have not answered what they have seen, and that the person does not name either. Of one that had cosigned more
/// than is left the succession would be a breach, which no later word undoes.
fn unanswered<'m>(body: &LogSuccession, mark: &'m Value) -> Vec<&'m str> {
    let awaited = ["seen", "witnesses"].map(|field| mark["awaits"][field].as_array());
    let awaited = awaited.into_iter().flatten().flatten().filter_map(Value::as_str);
    awaited.filter(|name| body.seen.iter().all(|seen| seen.by.as_str() != *name)).collect()
}

/// A partner has told the node itself how much it has seen; a person may not name less.
fn check_told(body: &LogSuccession, mark: &Value) -> Result<(), Failed> {
    let told = mark["lost"][1].as_u64();
    match told.filter(|last| *last >= body.lost().1) {
        Some(last) => {
            let rule =
                format!("a partner or a witness has itself said to this node that it has seen entry {last}");
            Err(Failed::misuse(format!("seen: {rule}; ask its people again")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_not_answered_is_named_by_a_person_or_the_log_does_not_go_on() {
        let body = |seen: &[(&str, u64)]| LogSuccession {
            node: "seoul.kor".parse().unwrap(),
            previous: "seoul.kor/log/1".to_owned(),
            origin: "seoul.kor/log/2".to_owned(),
            size: 40,
            root: Digest([0; 32]),
            since: attache_accord::Timestamp(1),
            seen: seen
                .iter()
                .map(|(by, size)| SeenLog { by: by.parse().unwrap(), size: *size, root: Digest([1; 32]) })
                .collect(),
            reason: "disk".to_owned(),
            promised: Some(44),
        };
        // Tokyo has answered, and gave what the node had promised.
        let mark = json!({
            "promised": [40, 43],
            "awaits": { "seen": ["washington.usa"], "witnesses": ["overseer.example"], "words": ["tokyo.jpn"] },
        });
        assert_eq!(unanswered(&body(&[]), &mark), ["washington.usa", "overseer.example"]);
        assert_eq!(
            unanswered(&body(&[("tokyo.jpn", 38), ("washington.usa", 38)]), &mark),
            ["overseer.example"]
        );
        // Also with what is no more than is left.
        let all = body(&[("overseer.example", 42), ("washington.usa", 38)]);
        assert!(unanswered(&all, &mark).is_empty());
        assert!(unanswered(&body(&[]), &json!({ "awaits": null })).is_empty());
    }
}
