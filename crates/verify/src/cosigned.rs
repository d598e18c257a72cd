//! Which logs are cosigned, by whom and how far, and which are not. The file that shows it can be left out of a folder as well as be
//! there, so its absence is told for each log, and is a fault where the reader demands a witness.
//!
//! *Absent:* whether a cosignature holds, which `witnesses` says.

use crate::Nodes;
use crate::cards::Known;
use crate::report::Findings;
use crate::{Trust, witnesses};
use attache_accord::NodeName;
use attache_release::Language;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A log of the folder, and who cosigned it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CosignedLog {
    /// The node whose log it is.
    pub node: String,
    /// Its leaves that are here, 0 where they did not hold.
    pub leaves: u64,
    /// How many of them the newest cosigned checkpoint counts; 0 where there is none.
    pub cosigned: u64,
    /// Who cosigned it, by keys that a card in the folder or the reader names; with the largest size of each, where that is not this one.
    pub by: Vec<String>,
}

/// What the cosigned checkpoints of a log showed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// Each witness with the largest size that it cosigned.
    by: BTreeMap<String, u64>,
}

impl Shown {
    /// Takes up who cosigned a checkpoint of that size.
    pub(crate) fn add(&mut self, size: u64, by: Vec<String>) {
        for one in by {
            let largest = self.by.entry(one).or_default();
            *largest = size.max(*largest);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// The newest size, and who cosigned: each with the largest that it did, where that is not the newest.
    fn told(self) -> (u64, Vec<String>) {
        let newest = self.by.values().copied().max().unwrap_or_default();
        let mut by: Vec<_> = self.by.into_iter().collect();
        by.sort_by_key(|(_, size)| Reverse(*size));
        let told = |(one, size)| if size == newest { one } else { format!("{one} ({size})") };
        (newest, by.into_iter().map(told).collect())
    }
}

/// Tells of each log whether it is cosigned.
pub(crate) fn check(
    nodes: &Nodes,
    shown: &BTreeMap<NodeName, Shown>,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<CosignedLog> {
    let mut logs = Vec::new();
    for (name, node) in nodes {
        let shown = shown.get(name).cloned().unwrap_or_default();
        let leaves = node.log.as_ref().map_or(0, |log| log.leaves.len() as u64);
        logs.push(tell(name, (leaves, shown), nodes.values().map(|other| &other.known), trust, findings));
    }
    logs
}

/// The same of one log.
pub(crate) fn tell<'k>(
    name: &NodeName,
    (leaves, shown): (u64, Shown),
    cards: impl Iterator<Item = &'k Known>,
    trust: &Trust,
    findings: &mut Findings,
) -> CosignedLog {
    let (size, by) = shown.told();
    if by.is_empty() {
        let others = cards.filter(|other| other.node != *name);
        let named: Vec<String> = others
            .filter(|other| !witnesses::witness_keys(other).is_empty())
            .map(|other| format!("{}/witness", other.node))
            .chain(trust.witnesses.iter().map(|key| key.name().to_owned()))
            .collect();
        let why = match named.is_empty() {
                true => "no witness is known here that cosigned it: that it is the only log of its node is the node's word".to_owned(),
                false => format!(
                    "none of its witnesses that are known here cosigned it ({}), or what they cosigned was left out",
                    named.join(", ")
                ),
            };
        match trust.must_be_cosigned {
            true => findings.failed("V-030", name.as_str(), None, why),
            false => findings.not_shown("V-030", name.as_str(), None, &why),
        }
    } else {
        let place = format!("{} of {leaves} leaves, {}", size, by.join(", "));
        findings.proved("V-030", name.as_str(), Some(place));
    }
    CosignedLog { node: name.to_string(), leaves, cosigned: size, by }
}

impl CosignedLog {
    /// How the log stands, in words.
    pub(crate) fn told(&self, language: Language) -> String {
        let Self { node, leaves, cosigned, by } = self;
        let by = by.join(", ");
        match (by.is_empty(), language) {
            (false, Language::Ko) => format!("{node}: 로그의 잎 {leaves} 가운데 {cosigned}까지 부서됨: {by}"),
            (false, Language::Ja) => format!("{node}: ログの葉{leaves}のうち{cosigned}まで連署あり: {by}"),
            (false, Language::En) => {
                format!("{node}: {cosigned} of the {leaves} leaves of its log are cosigned by {by}")
            }
            (true, Language::Ko) => format!("{node}: 로그에 부서한 증인이 여기에 없다"),
            (true, Language::Ja) => format!("{node}: ログに連署した証人はここにない"),
            (true, Language::En) => format!("{node}: nobody cosigned its log, as far as this folder shows"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_witness_is_told_once_with_the_largest_that_it_cosigned() {
        let told = |added: &[(u64, &str)]| {
            let mut shown = Shown::default();
            added.iter().for_each(|(size, by)| shown.add(*size, vec![(*by).to_owned()]));
            shown.told()
        };
        let all = ["c", "b (8)", "a (5)"].map(str::to_owned).to_vec();
        assert_eq!(told(&[(5, "a"), (8, "b"), (9, "c")]), (9, all.clone()));
        assert_eq!(told(&[(9, "c"), (5, "a"), (5, "b"), (8, "b")]), (9, all));
        assert_eq!(told(&[]), (0, Vec::new()));
    }
}
