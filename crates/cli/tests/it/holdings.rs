//! A received item's further life by the binary alone: its originator's approval, copies that balance, and a destruction whose
//! certificate its originator holds.

use crate::pair::{Pair, Post, until};

#[test]
fn an_item_is_approved_for_more_copied_and_destroyed_and_its_originator_knows() {
    let pair = Pair::new();
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    assert!(pair.attempt("report.txt", 500));
    pair.settle();
    let at_home = seoul.must("analyst", "item list").list()[0]["item"].as_str().unwrap().to_owned();
    let received = tokyo.must("desk", "item list").list()[0].clone();
    let item = received["item"].as_str().unwrap().to_owned();

    let refused = tokyo.ask("officer", &format!("item pass-on {item} USA"));
    assert_eq!(refused.code, 1, "{refused:?}");
    tokyo.must("desk", &format!("approval ask {item} third-party=USA --document note-12 --words exercise"));
    let asked =
        until("the request at Seoul", || seoul.must("officer", "approval list").list().first().cloned());
    assert_eq!((&asked["step"], &asked["words"]), (&"asked".into(), &"exercise".into()));
    let not_ours = tokyo.ask("officer", &format!("approval give {item} third-party=USA --document letter-7"));
    assert_eq!(not_ours.code, 2, "{not_ours:?}");
    let give = format!("approval give {at_home} third-party=USA --document letter-7 --words one-course");
    let approval = seoul.must("officer", &give).text("/digest");
    until("the approval at Tokyo", || {
        let listed = tokyo.must("officer", "approval list");
        listed.list().iter().any(|one| one["holds"] == true).then_some(())
    });
    assert!(tokyo.reads("officer", "ja", "approval list").0.contains("承認 third-party=USA  有効"));
    let given = tokyo.reads("officer", "ko", &format!("approval show {approval}")).0;
    assert!(given.contains("조건·사유  one-course"), "{given}");
    tokyo.must("officer", &format!("item pass-on {item} USA"));
    seoul.must("officer", &format!("approval withdraw {approval} --document letter-9"));
    until("the withdrawal at Tokyo", || {
        (tokyo.ask("officer", &format!("item pass-on {item} USA")).code == 1).then_some(())
    });

    std::fs::write(tokyo.file("made.txt"), "made").unwrap();
    let made = tokyo.must("analyst", "item add made.txt --title made").text("/item");
    let lower =
        tokyo.ask("analyst", &format!("item derive {made} --from {item} --kind document --level JPN:HI"));
    assert_eq!(lower.code, 2, "{lower:?}");
    let derived = tokyo.must("analyst", &format!("item derive {made} --from {item} --kind document"));
    assert_eq!(derived.document["contains"], serde_json::json!({ "KOR": ["KOR:II"] }));
    assert!(tokyo.reads("analyst", "ja", &format!("item show {made}")).0.contains("含む情報の提供国  KOR"));
    let cover = tokyo.reads("analyst", "ko", &format!("item cover {made}")).0;
    assert!(cover.contains("비밀정보를 포함함"), "{cover}");

    for _ in 0..2 {
        tokyo.must("desk", &format!("item copy {item} --needed 2"));
    }
    let unneeded = tokyo.reads("desk", "ko", &format!("item copy {item} --needed 2")).0;
    assert!(unneeded.contains("R-017"), "{unneeded}");
    tokyo.must("registrar", &format!("item return {item} --copy 1"));
    let number = received["register_number"].as_str().unwrap();
    let register = tokyo.reads("registrar", "en", &format!("register show {number}")).0;
    assert!(register.contains("2 = 1 out + 1 returned + 0 destroyed"), "{register}");
    tells_in_three_languages(seoul, tokyo, number);
    let destroy = |copy: &str| {
        tokyo.must("desk", &format!("item destroy {item} {copy} --means shredded --document protocol-4"));
        let alone = tokyo.ask("desk", &format!("item destroy {item} {copy} --second"));
        assert_eq!(alone.code, 2, "{alone:?}");
        tokyo.must("registrar", &format!("item destroy {item} {copy} --second"));
    };
    let early = tokyo.ask("desk", &format!("item destroy {item} --means shredded --document protocol-4"));
    assert_eq!(early.code, 2, "a copy is out: {early:?}");
    destroy("--copy 1");
    destroy("--copy 2");
    tokyo.must("desk", &format!("open {item} --out opened.txt"));
    destroy("");
    let told = tokyo.reads("desk", "en", &format!("open {item} --out again.txt")).0;
    assert!(told.contains("was destroyed"), "{told}");
    assert!(!tokyo.file("again.txt").exists());
    assert_eq!(tokyo.must("desk", &format!("item show {item}")).document["destroyed"], true);
    until("the certificate at Seoul", || {
        let listed = seoul.must("registrar", "item destroyed");
        let whole = |one: &&serde_json::Value| one["copy"].is_null() && one["complete"] == true;
        let found = listed.list().iter().find(whole)?;
        assert_eq!(found["witnesses"].as_array().unwrap().len(), 2);
        assert_eq!((&found["node"], &found["item"]), (&"tokyo.jpn".into(), &at_home.as_str().into()));
        Some(())
    });
    assert!(seoul.reads("registrar", "ja", "item destroyed").0.contains("二人が破棄に署名: desk, registrar"));
    tokyo.kill();
    tokyo.serve();
    assert_eq!(tokyo.ask("desk", &format!("open {item} --out again.txt")).code, 2, "after a start as well");
    tokyo.kill();
    tokyo.must("admin", "rule replay");
    tokyo.must("admin", "doctor");
}

/// What a desk officer, a registrar and a disclosure officer read of what came and went.
fn tells_in_three_languages(seoul: &Post, tokyo: &Post, number: &str) {
    let dispatch = tokyo.must("registrar", "receipt list").list()[0]["dispatch"].as_str().unwrap().to_owned();
    let case = seoul.must("officer", "release list").list()[0]["case"].as_str().unwrap().to_owned();
    let moved = format!("register show {number}");
    let cases = [
        (
            tokyo,
            "desk",
            "inbox list".to_owned(),
            0,
            ["기다리는 것이 없다", "待っているものはない", "Nothing waits"],
        ),
        (
            tokyo,
            "desk",
            "inbox admit 000000".to_owned(),
            2,
            ["여기에 없다", "ここにない", "none here begins with"],
        ),
        (tokyo, "desk", "inbox admit 0".to_owned(), 2, ["6자리", "6桁", "at least 6 digits"]),
        (tokyo, "registrar", moved, 0, ["사본 반납", "複製の返納", "copy returned"]),
        (tokyo, "registrar", "register list".to_owned(), 0, ["접수", "受入", "in "]),
        (tokyo, "desk", "item list".to_owned(), 0, ["접수됨", "受入済み", "admitted"]),
        (tokyo, "registrar", "receipt list".to_owned(), 0, ["발급", "交付", "given"]),
        (tokyo, "registrar", format!("receipt show {dispatch}"), 0, ["증명 기한", "証明の期限", "proof due"]),
        (
            tokyo,
            "registrar",
            format!("receipt proof {dispatch} --out kept.proof"),
            2,
            ["상대측이 보관한다", "相手側が保管する", "the partner keeps the proof"],
        ),
        (seoul, "officer", "release list".to_owned(), 0, ["수령증 받음", "受領証あり", "receipted"]),
        (seoul, "officer", format!("release show {case}"), 0, ["수령증 기한", "受領証の期限", "receipt due"]),
        (
            seoul,
            "officer",
            format!("release refuse {case} --reason late"),
            2,
            ["이미 결정되었다", "既に決定されている", "decided already"],
        ),
        (
            seoul,
            "analyst",
            "item add missing --title missing".to_owned(),
            2,
            [
                "missing: 그런 파일이나 폴더가 없다",
                "missing: そのファイルまたはフォルダーはない",
                "missing: no such file or folder",
            ],
        ),
        (seoul, "nobody", "item list".to_owned(), 2, ["그런 키가 없다", "その鍵はない", "no such key"]),
    ];
    for (post, person, command, code, said) in cases {
        for (language, said) in ["ko", "ja", "en"].iter().zip(said) {
            let (read, ended) = post.reads(person, language, &command);
            assert_eq!(ended, Some(code), "{command}: {read}");
            assert!(read.contains(said), "{command} --language {language}: {read}");
        }
    }
}
