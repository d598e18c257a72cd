//! The transparency page: what anyone sees, and what nobody does.

use crate::client::{Answered, exchange, head};
use crate::oversight::{cosignature, given, made, mandate};
use crate::world::{World, seoul};
use attache_seal::papers::{Notice, PublicFigures, ReportCosignature};
use attache_seal::statement::{Expect, Signed};
use tokio::net::TcpStream;

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
    let mut stream = TcpStream::connect(world.public).await.unwrap();
    exchange(&mut stream, head((method, path), headers, 0).as_bytes()).await
}

async fn page(world: &World, path: &str) -> String {
    let answer = ask(world, "GET", path, &[]).await;
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_reads_the_agreement_its_state_and_the_checkpoint_in_three_languages() {
    let world = seoul().await;
    world.node.publish().await.unwrap();
    let checkpoint = String::from_utf8(ask(&world, "GET", "/checkpoint", &[]).await.body).unwrap();
    for (path, words) in [
        ("/ko", ["당사국별 상태", "대한민국", "교섭 중", "등급과 표시", "국무회의"]),
        ("/ja", ["締約国ごとの状態", "大韓民国", "交渉中", "区分", "国務会議"]),
        ("/en", ["State of each Party", "Republic of Korea", "negotiating", "marking", "State Council"]),
    ] {
        let page = page(&world, path).await;
        for word in words {
            assert!(page.contains(word), "{path}: {word}");
        }
        assert!(page.contains(checkpoint.lines().next().unwrap()) && page.contains("(exercise)"), "{path}");
        assert!(page.contains("aria-current=\"page\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_follows_the_readers_language() {
    let world = seoul().await;
    for (wanted, language) in
        [("ja,en;q=0.5", "ja"), ("fr-FR, ko;q=0.8", "ko"), ("fr", "en"), ("KO-kr", "ko"), (";;,", "en")]
    {
        let answer = ask(&world, "GET", "/", &[("accept-language", wanted)]).await;
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.contains(&format!("<html lang=\"{language}\">")), "{wanted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_runs_nothing_loads_nothing_and_names_no_person_and_no_title() {
    let world = seoul().await;
    world.sign_in("analyst-1").await.marked("TITLE-OF-HERON", b"CONTENT-OF-HERON", "KOR:II", &["JPN"]).await;
    for path in ["/ko", "/ja", "/en"] {
        let answer = ask(&world, "GET", path, &[]).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
            "{policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "public, max-age=5"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("set-cookie"), None);
        let page = String::from_utf8(answer.body).unwrap();
        for word in
            ["<script", "<form", "<input", "<button", "javascript:", "src=", "HERON", "analyst-1", "office-1"]
        {
            assert!(!page.contains(word), "{path}: {word}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_stand_on_the_page_once_a_report_was_made_as_the_node_signed_them() {
    let world = seoul().await;
    assert!(page(&world, "/en").await.contains("no counts for the public yet"));
    assert_eq!(ask(&world, "GET", "/figures.cbor", &[]).await.status, 404);
    let shown = given(&world, mandate("inspector-1")).await;
    made(&world, &shown).await;
    // Another language than before, for a page is kept for some seconds.
    let page = page(&world, "/ko").await;
    assert!(
        page.contains("공개 집계") || page.contains("합의된 집계") && page.contains("위원회 (가상)"),
        "{page}"
    );
    assert!(!page.contains("inspector-1"));
    let signed = Signed::from_bytes(&ask(&world, "GET", "/figures.cbor", &[]).await.body).unwrap();
    assert!(signed.open::<PublicFigures>(&world.node.office.own().node_key, &EXPECT).is_ok());
}

const EXPECT: Expect<'_> =
    Expect { network: attache_accord::Network::Exercise, agreement: "gsomia-2016", pack: None };

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_which_reports_an_inspector_cosigned_and_hands_out_what_proves_it() {
    let world = seoul().await;
    let shown = given(&world, mandate("inspector-1")).await;
    let report = made(&world, &shown).await;
    let before = page(&world, "/en").await;
    assert!(before.contains("No inspector has cosigned these counts yet"), "{before}");
    let inspector = world.sign_in("inspector-1").await;
    let signed = cosignature(&world, "inspector-1", &report);
    inspector.post("/v1/reports/cosignatures", signed).await.good();
    // Another language than before, for a page is kept for some seconds.
    let after = page(&world, "/ko").await;
    assert!(after.contains("연서하였다") && !after.contains("inspector-1"), "{after}");
    let public = report["public"].as_str().unwrap();
    let figures = ask(&world, "GET", &format!("/figures/{public}.cbor"), &[]).await.body;
    assert_eq!(figures, ask(&world, "GET", "/figures.cbor", &[]).await.body);
    let at = after.find("/cosignatures/").unwrap();
    let path = after[at..].split(')').next().unwrap();
    let notice = Signed::from_bytes(&ask(&world, "GET", path, &[]).await.body).unwrap();
    let notice = notice.open::<Notice>(&world.node.office.own().node_key, &EXPECT).unwrap().body;
    let signed = Signed::from_bytes(&notice.statement).unwrap();
    let said = signed.open::<ReportCosignature>(&notice.verifying, &EXPECT).unwrap();
    assert_eq!(said.body.public, Signed::from_bytes(&figures).unwrap().digest());
    assert!(after.contains(&said.head.key.fingerprint()));
    // Nothing else that the journal holds under a digest: not the report, nor the mandate.
    for (folder, digest) in [
        ("figures", &report["report"]),
        ("cosignatures", &report["report"]),
        ("figures", &shown["mandate"]),
        ("cosignatures", &report["public"]),
    ] {
        let path = format!("/{folder}/{}.cbor", digest.as_str().unwrap());
        assert_eq!(ask(&world, "GET", &path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_there_and_nothing_can_be_sent() {
    let world = seoul().await;
    for path in ["/v1/node", "/index.html", "/ko/", "/en?x=1", "/../en", "/%65n", "/metrics"] {
        assert_eq!(ask(&world, "GET", path, &[]).await.status, 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "BREW"] {
        let answer = ask(&world, method, "/en", &[]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    assert!(ask(&world, "HEAD", "/en", &[]).await.body.is_empty());
}
