//! A node that goes on from two copies of its folder signs two histories: what its witness, its partner and its own people do about it,
//! by the commands that they have.

use crate::overseen::{Overseer, act, all_cosigned, copied, overseen, registrar};
use crate::pair::{Post, TOKYO, until};
use crate::text;
use attache_tlog::ForkProof;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What `attache witness show` says: its code, its document, and its words in three languages.
fn shown(overseer: &Overseer) -> (Option<i32>, Value, [String; 3]) {
    let output = overseer.command(&["show"]).output().unwrap();
    let told = ["en", "ko", "ja"].map(|language| {
        let home = overseer.home.to_str().unwrap();
        text(&crate::attache(&["witness", "show", "--home", home, "--language", language]).stdout)
    });
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap(), told)
}

/// Seoul, a witness that has cosigned its history and was then shown that of a copy, and the proof that it kept. The copy is gone, and
/// Seoul goes on as if nothing had been.
fn forked(base: &Path) -> (Post, Overseer, PathBuf) {
    let (seoul, overseer) = overseen(base);
    registrar(&seoul);
    all_cosigned(&seoul);
    seoul.kill();
    let (home, copy, original) = (seoul.home(), base.join("copy"), base.join("original"));
    copied(&home, &copy);
    seoul.serve();
    act(&seoul, "officer", "disclosure-officer");
    all_cosigned(&seoul);
    seoul.kill();
    std::fs::rename(&home, &original).unwrap();
    std::fs::rename(&copy, &home).unwrap();
    seoul.serve();
    act(&seoul, "desk", "desk-officer");
    let proof = until("the proof", || shown(&overseer).1["logs"][0]["fork"].as_str().map(PathBuf::from));
    seoul.kill();
    std::fs::remove_dir_all(&home).unwrap();
    std::fs::rename(&original, &home).unwrap();
    seoul.serve();
    (seoul, overseer, proof)
}

#[test]
fn two_histories_stop_a_log_at_its_witness_and_by_its_proof_at_a_partner_until_the_people_of_each_decide() {
    let base = tempfile::tempdir().unwrap();
    let (seoul, mut overseer, proof) = forked(base.path());
    let (code, _, [en, ko, ja]) = shown(&overseer);
    assert_eq!(code, Some(1));
    assert!(
        en.contains("signed TWO HISTORIES")
            && ko.contains("더 이상 부서하지 않는다")
            && ja.contains("以後連署しない"),
        "{en}{ko}{ja}"
    );
    // A restart decides nothing: the history that it had cosigned is refused, too, and the node says in whose words.
    overseer.kill();
    overseer.serve();
    act(&seoul, "analyst", "analyst");
    until("the refusal", || {
        let logged = seoul.logged();
        (logged.contains("status=423") && logged.contains("until the people of this witness decide"))
            .then_some(())
    });

    // Tokyo has seen nothing of that log.
    let tokyo = Post::found(base.path(), &TOKYO);
    tokyo.serve();
    for (person, role) in [("registrar", "registrar"), ("office", "agreement-office")] {
        tokyo.must(person, &format!("person key {person}"));
        let public = format!("tokyo-keys/{person}.pub");
        tokyo.must("admin", &format!("person add {person} --public {public} --role {role}"));
    }
    let card = seoul.must("admin", "peer card --out again.card");
    let typed = card.text("/fingerprint").replace(' ', "");
    tokyo.must("admin", &format!("peer add again.card --fingerprint {typed}"));
    let compare = |files: &str| tokyo.ask("registrar", &format!("log compare seoul.kor {files}"));
    let file: ForkProof = std::fs::read_to_string(&proof).unwrap().parse().unwrap();
    for (name, note) in ["kept", "shown"].iter().zip(file.notes()) {
        std::fs::write(tokyo.file(name), note.to_string()).unwrap();
        assert_eq!(compare(name).text("/outcome"), "unseen", "{name}");
    }
    let state = || tokyo.must("registrar", "log status").text("/partners/0/state");
    for (files, code) in [("kept kept", 2), (&format!("{} kept", proof.display()), 2), ("kept seoul.card", 2)]
    {
        assert_eq!(compare(files).code, code, "{files}");
    }
    assert_eq!(state(), "sound");
    let forked = compare("kept shown");
    assert_eq!((forked.code, forked.text("/outcome")), (1, "forked".into()));
    assert_eq!(state(), "stopped");
    let proof = proof.display();
    let told = ["en", "ko", "ja"].map(|language| {
        let (told, code) = tokyo.reads("registrar", language, &format!("log compare seoul.kor {proof}"));
        assert_eq!(code, Some(1));
        told
    });
    assert!(
        told[0].contains("was on record before")
            && told[1].contains("증명됨")
            && told[2].contains("証明された"),
        "{told:?}"
    );
    tokyo.must("office", "log accept seoul.kor --basis note-17");
    assert_eq!(compare(&proof.to_string()).text("/outcome"), "believed");
    assert_eq!(state(), "believed");

    // At home it is about the own log, and in the evidence.
    let own = seoul.ask("registrar", &format!("log compare seoul.kor {proof}"));
    assert_eq!((own.code, own.text("/outcome")), (1, "own".into()));
    let (told, _) = seoul.reads("registrar", "en", "log status");
    assert!(told.contains("THIS NODE'S OWN LOG signed two histories"), "{told}");
    seoul.must("registrar", "log fork save seoul.kor --out own.fork");
    until("the proof in the evidence", || {
        let _ = std::fs::remove_dir_all(seoul.file("tree"));
        seoul.must("registrar", "evidence --out tree");
        let verified = seoul.ask("nobody", "verify tree");
        let findings = verified.document["findings"].as_array().unwrap();
        let is_told = |found: &Value| found["check"] == "V-015" && found["outcome"]["is"] == "failed";
        (verified.code == 1 && findings.iter().any(is_told)).then_some(())
    });

    let accepted = overseer.must(&["accept", "seoul.kor/log/1", "--basis", "note-17"]);
    assert_eq!(accepted["origin"], "seoul.kor/log/1");
    let again = overseer.command(&["accept", "seoul.kor/log/1", "--basis", "note-17"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    until("a cosignature", || {
        let logs = seoul.must("registrar", "log status").document;
        (logs["witnesses"][0]["cosigned"] == logs["published"]).then_some(())
    });
    let (code, document, [en, ..]) = shown(&overseer);
    assert_eq!((code, &document["logs"][0]["fork"]), (Some(0), &Value::Null));
    assert!(en.contains("cosigned again by the first"), "{en}");
}
