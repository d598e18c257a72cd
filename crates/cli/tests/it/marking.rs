//! Cover sheets, portion marks and derived markings, as a user of the binary makes them.
//!
//! *Absent:* a node; these commands need none.

use crate::{attache, text};
use std::process::Output;

const MARKING: [&str; 10] = [
    "--level",
    "KOR:II",
    "--kind",
    "humint",
    "--releasable-to",
    "JPN",
    "--own-level",
    "JPN:TOKUTEI",
    "--caveat",
    "<i>출처 보호",
];

fn marking(verb: &str, after: &[&str]) -> Output {
    attache(&[&["marking", verb], MARKING.as_slice(), after].concat())
}

#[test]
fn a_sheet_is_made_in_three_languages_and_three_forms() {
    let folder = tempfile::tempdir().unwrap();
    for (language, level) in [("ko", "· 대한민국"), ("ja", "· 大韓民国"), ("en", "· Republic of Korea")]
    {
        let plain = text(&marking("cover", &["--language", language]).stdout);
        assert!(plain.lines().next().unwrap().ends_with(level), "{plain}");
        let html = text(&marking("cover", &["--language", language, "--format", "html"]).stdout);
        assert!(
            html.contains("&lt;i&gt;출처 보호") && html.contains(&format!("lang=\"{language}\"")),
            "{html}"
        );
        let path = folder.path().join(format!("{language}.pdf"));
        let made =
            marking("cover", &["--language", language, "--format", "pdf", "--out", path.to_str().unwrap()]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        assert!(std::fs::read(&path).unwrap().starts_with(b"%PDF-"));
        let again = marking("cover", &["--format", "pdf", "--out", path.to_str().unwrap()]);
        assert_eq!(again.status.code(), Some(2), "a sheet is never overwritten");
    }
    assert_eq!(marking("cover", &["--format", "pdf"]).status.code(), Some(2), "not onto a terminal");
    let portion = text(&marking("portion", &[]).stdout);
    assert_eq!(portion.trim(), "(特定秘密 · KOR 군사II급비밀 · REL JPN)");
}

#[test]
fn a_level_that_the_table_does_not_set_beside_another_has_no_sheet() {
    let other = ["marking", "cover", "--level", "KOR:II", "--kind", "humint", "--own-level", "JPN:HI"];
    let refused = attache(&other);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("own level"));
}

#[test]
fn what_is_made_from_labelled_sources_is_never_lower_and_says_whose_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (report, own, sidecar) = (path("report.txt"), path("own.xml"), path("report.txt.bdo"));
    std::fs::write(&report, "a report").unwrap();
    assert!(attache(&[&["label", "bind", &report], MARKING.as_slice()].concat()).status.success());
    let write =
        ["label", "write", "--level", "JPN:HI", "--kind", "imagery", "--releasable-to", "KOR", "--out", &own];
    assert!(attache(&write).status.success());

    let derive = |after: &[&str]| {
        attache(&[&["marking", "derive", "JPN", &sidecar, &own, "--kind", "document"], after].concat())
    };
    let made = text(&derive(&["--json"]).stdout);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["marking"]["level"], "JPN:TOKUTEI");
    assert_eq!(made["marking"]["releasable_to"], serde_json::json!(["KOR"]));
    assert_eq!(made["marking"]["caveats"], serde_json::json!(["<i>출처 보호"]));
    assert_eq!(made["contains"][0]["originator"], "KOR");
    let korean = text(&derive(&["--language", "ko"]).stdout);
    assert!(korean.contains("대한민국의 비밀정보를 포함함 · 군사II급비밀"), "{korean}");
    let sheet = text(&derive(&["--language", "ja", "--sheet", "--format", "html"]).stdout);
    assert!(sheet.contains("大韓民国の秘密情報を含む · 군사II급비밀"), "{sheet}");
    let lower = derive(&["--level", "JPN:HI"]);
    assert_eq!(lower.status.code(), Some(1));
    assert!(text(&lower.stdout).contains("lower"));
    let nothing_beside = attache(&["marking", "derive", "KOR", &own, "--kind", "document"]);
    assert_eq!(nothing_beside.status.code(), Some(2), "Korea's own level does not stand beside it");
}
