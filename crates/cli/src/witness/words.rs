//! The words around a witness, in three languages.

use attache_gate::witness::WitnessedLog;
use attache_release::Language;

pub(super) struct Words {
    pub(super) made: &'static str,
    pub(super) added: &'static str,
    pub(super) accepted: &'static str,
    cosigned: &'static str,
    never: &'static str,
    forked: &'static str,
    decided: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Ko => &KO,
            Language::Ja => &JA,
            Language::En => &EN,
        }
    }

    /// How a log stands.
    pub(super) fn stands(&self, log: &WitnessedLog) -> String {
        let cosigned = log.cosigned.as_ref().map_or_else(
            || self.never.to_owned(),
            |checkpoint| format!("{} {} ({})", self.cosigned, checkpoint.size, checkpoint.root.to_base64()),
        );
        let told = |path: &std::path::PathBuf, words: &str| {
            let words = words.replace("{proof}", &path.display().to_string());
            format!("\n  {}", words.replace("{origin}", log.origin.as_str()))
        };
        let forked: String = log.fork.iter().map(|path| told(path, self.forked)).collect();
        let decided: String = log.decided.iter().map(|path| told(path, self.decided)).collect();
        format!("{}  {cosigned}{forked}{decided}", log.origin)
    }
}

const EN: Words = Words {
    made: "The witness {name} is made. Give {file}, its verifier keys, to each node whose log it is to cosign. Next:",
    added: "{origin} is cosigned here from now on.",
    cosigned: "cosigned up to entry",
    never: "not cosigned yet",
    accepted: "{origin} is cosigned again, by the history that was cosigned first. The proof is kept: {proof}",
    forked: "It signed TWO HISTORIES, and nothing more of it is cosigned. Check it by attache log fork show {proof}, then decide: \
        attache witness accept {origin} --basis DOCUMENT, or strike it from the list",
    decided: "It signed two histories once and is cosigned again by the first: {proof}",
};

const KO: Words = Words {
    made: "증인 {name}을(를) 만들었다. 검증 키 {file}을(를) 부서할 로그를 가진 각 노드에 전한다. 다음:",
    added: "이제부터 {origin}에 부서한다.",
    cosigned: "부서한 항목 수",
    never: "아직 부서하지 않았다",
    accepted: "{origin}에 처음 부서한 이력으로 다시 부서한다. 증명은 보관되어 있다: {proof}",
    forked: "두 가지 이력에 서명했으므로 더 이상 부서하지 않는다. attache log fork show {proof}(으)로 확인한 뒤 결정한다: \
        attache witness accept {origin} --basis 문서, 또는 목록에서 지운다",
    decided: "한 번 두 가지 이력에 서명했으나 처음 이력으로 다시 부서한다: {proof}",
};

const JA: Words = Words {
    made: "証人 {name} を作成した。検証鍵 {file} を、連署するログを持つ各ノードに渡す。次に:",
    added: "これより {origin} に連署する。",
    cosigned: "連署した項目数",
    never: "まだ連署していない",
    accepted: "{origin} に、最初に連署した履歴で再び連署する。証明は保管してある: {proof}",
    forked: "二つの履歴に署名したため、以後連署しない。attache log fork show {proof} で確かめてから決定する: \
        attache witness accept {origin} --basis 文書、または一覧から消す",
    decided: "一度二つの履歴に署名したが、最初の履歴で再び連署している: {proof}",
};
