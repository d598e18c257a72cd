//! An inspector at a real node: a report under a mandate, counted again, cosigned, and shown to anyone; and what a watcher sees of it all.

use crate::pair::{Pair, Post, SEOUL, TOKYO, free_address, until};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

fn answered(at: SocketAddr, path: &str) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(at).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(answer)
}

/// What is answered to a request for `path`.
fn get(at: SocketAddr, path: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&answered(at, path)?).into_owned())
}

/// The bytes of what is answered.
fn fetch(at: SocketAddr, path: &str) -> Option<Vec<u8>> {
    let mut answer = answered(at, path)?;
    let at = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    answer.starts_with(b"HTTP/1.1 200").then(|| answer.split_off(at + 4))
}

/// The node goes on with a transparency page at this address.
fn show_to_anyone(post: &Post) -> SocketAddr {
    post.kill();
    let (file, at) = (post.home().join("attache.toml"), free_address());
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, settings.replace("[listen]\n", &format!("[listen]\npublic = \"{at}\"\n"))).unwrap();
    post.serve();
    at
}

/// The last day of the agreement's calendar that is over.
fn yesterday() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let now = attache_accord::Timestamp(u64::try_from(now.as_millis()).unwrap());
    attache_accord::CivilDay::of(now, UTC_OFFSET_HOURS).minus_days(1).to_string()
}

/// Of the agreement's calendar, as its pack says.
const UTC_OFFSET_HOURS: u8 = 9;

/// A gauge without labels.
fn gauge(at: SocketAddr, name: &str) -> Option<u64> {
    let text = get(at, "/metrics")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.parse().ok()
}

fn admin(post: &Post) -> SocketAddr {
    post.must("admin", "config check").text("/config/listen/admin").parse().unwrap()
}

#[test]
fn an_inspector_counts_a_report_again_and_cosigns_what_the_public_is_told() {
    let pair = Pair::of(&SEOUL, &TOKYO);
    pair.attempt("note", 300);
    pair.settle();
    let page = show_to_anyone(&pair.seoul);
    let (seoul, tokyo) = (&pair.seoul, &pair.tokyo);
    let cards = [tokyo, seoul].map(|post| post.must("admin", "peer list").list()[0]["card"].clone());
    let compared = cards.map(|card| card["fingerprint"].as_str().unwrap().replace(' ', ""));
    let [compared, partners] = compared.map(|digits| format!("--fingerprint {digits}"));
    let days = "--from 2020-01-01 --until 2090-12-31";
    let given = seoul
        .must("office", &format!("mandate give --body Committee --inspector inspector {days} --basis law-1"));
    let mandate = given.text("/mandate");
    // Once the partner has cosigned it, with the exchange in it, whose day is not over in the log.
    until("a report between cosigned checkpoints", || {
        let _ = std::fs::remove_dir_all(seoul.file("report"));
        let make = format!("report make --mandate {mandate} {days} --not-public --out report");
        (seoul.ask("inspector", &make).code == 0).then_some(())?;
        let verified = seoul.ask("nobody", &format!("verify report report {compared} {partners}"));
        let figures = std::fs::read_to_string(seoul.file("report/seoul.kor/figures.json")).ok()?;
        let is_open = verified.document["findings"].as_array()?.iter().all(|found| {
            found["outcome"]["is"] == if found["check"] == "V-077" { "not-shown" } else { "proved" }
        });
        (verified.code == 1 && is_open && figures.contains("receipt kept")).then_some(())
    });
    let made = format!("report make --mandate {mandate} {days} --out again");
    let refused = seoul.ask("inspector", &made);
    assert!(
        refused.code != 0 && refused.document.to_string().contains("are of days that are over"),
        "{refused:?}"
    );
    let cosign = format!("report cosign report {compared} {partners}");
    let refused = seoul.ask("inspector", &cosign);
    assert!(refused.code != 0 && refused.document.to_string().contains("nothing was signed"), "{refused:?}");
    let (read, _) = seoul.reads("inspector", "ja", &cosign);
    assert!(read.contains("何にも署名していない") && !read.contains("the tree ends"), "{read}");
    std::fs::remove_dir_all(seoul.file("report")).unwrap();
    let yesterday = yesterday();
    let over = format!("--from 2020-01-01 --until {yesterday}");
    let made =
        seoul.must("inspector", &format!("report make --mandate {mandate} {over} --not-public --out report"));
    assert!(made.document["logs"][0]["covers"] == true && made.text("/logs/0/reaches") > yesterday);
    // That one tells the public nothing.
    assert_eq!(seoul.ask("inspector", &cosign).code, 2);
    std::fs::remove_dir_all(seoul.file("report")).unwrap();
    seoul.must("inspector", &format!("report make --mandate {mandate} {over} --out report"));
    // Only by an inspector, on a card that was compared, and on what holds.
    assert_eq!(seoul.ask("inspector", &format!("report cosign report {partners}")).code, 2);
    assert_eq!(seoul.ask("registrar", &cosign).code, 2);
    let figures = seoul.file("report/seoul.kor/public.json");
    let kept = std::fs::read_to_string(&figures).unwrap();
    std::fs::write(&figures, kept.replace("Committee", "Committed")).unwrap();
    for (language, said) in
        [("ko", "서명하지 않았다"), ("ja", "署名していない"), ("en", "nothing was signed")]
    {
        let (read, ended) = seoul.reads("inspector", language, &cosign);
        assert!(ended == Some(1) && read.contains(said), "{read}");
    }
    std::fs::write(&figures, kept).unwrap();
    let cosigned = seoul.must("inspector", &cosign);
    // The same again gives the same, and nothing is signed twice.
    assert_eq!(seoul.must("inspector", &cosign).text("/key"), cosigned.text("/key"));
    let verify = format!("verify report report {compared} {partners}");
    let unknown = seoul.ask("nobody", &verify);
    assert_eq!((unknown.code, unknown.text("/verdict")), (1, "incomplete".to_owned()));
    let key = cosigned.text("/key").replace(' ', "");
    let verified = seoul.must("nobody", &format!("{verify} --fingerprint {key}"));
    assert_eq!(verified.text("/cosigned/0/by"), "inspector");
    let listed = seoul.must("inspector", "report list");
    let signed: Vec<&Value> = listed.list().iter().filter(|made| made["public"].is_string()).collect();
    assert_eq!(signed[0]["cosigned"][0]["by"], "inspector");
    tells_in_three_languages(seoul, &mandate, &format!("{compared} {partners}"));
    let shown =
        until("the page", || get(page, "/en").filter(|answer| answer.contains(&cosigned.text("/key"))));
    assert!(shown.contains("cosigned these counts"), "{shown}");

    // Whoever has nothing but what the page hands out, and the two fingerprints.
    let told = seoul.file("told");
    std::fs::create_dir_all(told.join("cosignatures")).unwrap();
    let put = |path: &str| std::fs::write(told.join(&path[1..]), fetch(page, path).unwrap()).unwrap();
    put("/card.cbor");
    put("/figures.cbor");
    let at = shown.find("/cosignatures/").unwrap();
    put(&shown[at..at + "/cosignatures/".len() + 64 + ".cbor".len()]);
    let public = format!("verify report told {compared}");
    assert_eq!(seoul.ask("nobody", &public).text("/verdict"), "incomplete", "a key that nobody compared");
    let public = seoul.must("nobody", &format!("{public} --fingerprint {key}"));
    assert_eq!(public.text("/cosigned/0/by"), "inspector");
    assert_eq!(public.text("/figures/node"), "seoul.kor");
}

/// What an inspector and the agreement office read of a mandate and its report, and of what is wrong.
fn tells_in_three_languages(post: &Post, mandate: &str, compared: &str) {
    let days = "--from 2019-01-01 --until 2019-12-31";
    std::fs::create_dir(post.file("empty")).unwrap();
    let given =
        format!("mandate give --body Committee --body-ko 위원회 --inspector inspector {days} --basis law-2");
    let cases = [
        (
            "office",
            given,
            0,
            ["감사관이 보고서를 만든다", "監察官が報告書を作る", "an inspector makes a report"],
        ),
        ("inspector", "mandate list".to_owned(), 0, ["유효함", "有効", "lasts"]),
        (
            "office",
            format!("mandate end {mandate}0 --reason x"),
            2,
            ["없다", "ない", "none here begins with"],
        ),
        (
            "inspector",
            format!(
                "report make --mandate {mandate} --from 2020-01-01 --until 2020-01-02 --not-public --out again"
            ),
            0,
            ["보고서 파일", "報告書のファイル", "files of a report are in again"],
        ),
        (
            "inspector",
            "report list".to_owned(),
            0,
            ["연서: inspector", "連署: inspector", "cosigned by inspector"],
        ),
        (
            "nobody",
            "report show empty".to_owned(),
            2,
            ["보고서가 없다", "報告書がない", "no report with figures.json"],
        ),
        (
            "inspector",
            format!("report cosign report {compared}"),
            0,
            ["당신 키의 지문이다", "あなたの鍵の指紋である", "the fingerprint of your key"],
        ),
        (
            "inspector",
            format!("report cosign again {compared}"),
            2,
            ["연서할 것도 없다", "連署するものもない", "nothing to cosign"],
        ),
        (
            "inspector",
            format!("report cosign nowhere {compared}"),
            2,
            ["폴더가 아니다", "フォルダーではない", "not a folder"],
        ),
        (
            "registrar",
            "evidence --out told-evidence".to_owned(),
            0,
            ["증거 파일", "証拠のファイル", "files of evidence are in"],
        ),
    ];
    for (person, command, code, said) in cases {
        for (language, said) in ["ko", "ja", "en"].iter().zip(said) {
            let (read, ended) = post.reads(person, language, &command);
            assert_eq!(ended, Some(code), "{command}: {read}");
            assert!(read.contains(said), "{command} --language {language}: {read}");
        }
    }
    // Each language reads the body's name in it, and one that has ended says so.
    let (korean, _) = post.reads("inspector", "ko", "mandate list");
    assert!(korean.contains("위원회"), "{korean}");
    let given = post.must("inspector", "mandate list");
    let other = given.list().iter().find(|given| given["mandate"] != mandate).unwrap()["mandate"].clone();
    let (ended, _) =
        post.reads("office", "ja", &format!("mandate end {} --reason x", other.as_str().unwrap()));
    assert!(ended.contains("は終了した"), "{ended}");
    assert!(post.reads("inspector", "ko", "mandate list").0.contains("종료"), "{ended}");
}

#[test]
fn a_watcher_sees_that_witnesses_and_partners_are_there_and_that_they_are_gone() {
    let pair = Pair::new();
    let at = admin(&pair.seoul);
    let reads = |name: &str, value: u64| (gauge(at, name)? == value).then_some(());
    until("the link and the cosignature", || {
        reads("attache_link_partners", 1)?;
        reads("attache_link_connected", 1)?;
        reads("attache_log_cosignatures_missing", 0)?;
        reads("attache_logs_stopped", 0)?;
        reads("attache_receipts_overdue", 0)?;
        gauge(at, "attache_log_checkpoint_age_seconds")?;
        gauge(at, "attache_log_cosignature_age_seconds")
    });
    let published = gauge(at, "attache_log_published_entries").unwrap();
    assert!(published > 0 && published <= gauge(at, "attache_journal_entries").unwrap());
    pair.tokyo.kill();
    // Something to publish, which the partner does not cosign.
    std::fs::write(pair.seoul.file("note"), "x").unwrap();
    pair.seoul.must("analyst", "item add note --title note");
    until("nobody there", || {
        reads("attache_link_connected", 0)?;
        reads("attache_log_cosignatures_missing", 1)?;
        (gauge(at, "attache_log_published_entries")? > published).then_some(())
    });
    assert!(gauge(at, "attache_sessions").unwrap() > 0);
}
