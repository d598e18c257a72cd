//! The words around a witness, in three languages.

use attache_gate::witness::WitnessedLog;
use attache_release::Language;

pub(super) struct Words {
    pub(super) made: &'static str,
    pub(super) added: &'static str,
    cosigned: &'static str,
    never: &'static str,
    forked: &'static str,
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
        let forked = log.fork.as_ref().map(|path| format!(". {} {}", self.forked, path.display()));
        format!("{}  {cosigned}{}", log.origin, forked.unwrap_or_default())
    }
}

const EN: Words = Words {
    made: "The witness {name} is made. Give {file}, its verifier keys, to each node whose log it is to cosign. Next:",
    added: "{origin} is cosigned here from now on.",
    cosigned: "cosigned up to entry",
    never: "not cosigned yet",
    forked: "It showed TWO HISTORIES; attache log fork show",
};

const KO: Words = Words {
    made: "증인 {name}을(를) 만들었다. 검증 키 {file}을(를) 부서할 로그를 가진 각 노드에 전한다. 다음:",
    added: "이제부터 {origin}에 부서한다.",
    cosigned: "부서한 항목 수",
    never: "아직 부서하지 않았다",
    forked: "두 가지 이력을 보였다. attache log fork show",
};

const JA: Words = Words {
    made: "証人 {name} を作成した。検証鍵 {file} を、連署するログを持つ各ノードに渡す。次に:",
    added: "これより {origin} に連署する。",
    cosigned: "連署した項目数",
    never: "まだ連署していない",
    forked: "二つの履歴を示した。attache log fork show",
};
