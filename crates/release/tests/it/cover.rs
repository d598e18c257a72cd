//! Cover sheets, portion marks and what stands on a derivative, as people see them.

use crate::questions::{level, party};
use attache_accord::derivative::Contained;
use attache_accord::{Marking, Timestamp};
use attache_release::{Cover, CoverError, Language, Pack, Reference, contains, portion};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const CAVEAT: &str = "<b onclick=\"x\">원본</b> & 右から'左'";

fn received() -> Marking {
    Marking {
        level: level("KOR:II"),
        releasable_to: [party("JPN")].into(),
        kind: "humint".parse().unwrap(),
        caveats: vec![CAVEAT.to_owned()],
        marked_at: Timestamp(1_795_402_800_000),
        topics: BTreeSet::new(),
        control: None,
        purposes: [].into(),
    }
}

fn inside() -> Contained {
    Contained::from([(party("KOR"), [level("KOR:II"), level("KOR:III")].into())])
}

fn cover(marking: &Marking, language: Language) -> Cover {
    let references = [(Reference::RegisterNumber, "JPN-R-2026-000001".to_owned())];
    let own = level("JPN:TOKUTEI");
    Cover::new(marking, Some(&own), &inside(), &references, &Pack::gsomia_2016(), language).unwrap()
}

#[test]
fn a_sheet_begins_and_ends_with_the_own_level_and_the_originators_name() {
    for (language, originator) in
        [(Language::Ko, "대한민국"), (Language::Ja, "大韓民国"), (Language::En, "Republic of Korea")]
    {
        let text = cover(&received(), language).text();
        let level = format!("特定秘密 (Tokutei Himitsu) · {originator}");
        assert!(text.starts_with(&level) && text.ends_with(&level), "{text}");
        for shown in
            ["군사II급비밀 (Gunsa II-Kup Bi Mil)", "humint", CAVEAT, "JPN-R-2026-000001", "gsomia-2016"]
        {
            assert!(text.contains(shown), "{shown}: {text}");
        }
    }
}

#[test]
fn a_derivative_says_whose_information_it_contains_in_three_languages() {
    let pack = Pack::gsomia_2016();
    let of = |language| contains(&inside(), &pack, language).concat();
    assert!(
        of(Language::Ko).starts_with("대한민국의 비밀정보를 포함함 · 군사II급비밀"),
        "{}",
        of(Language::Ko)
    );
    assert!(of(Language::Ja).starts_with("大韓民国の秘密情報を含む · 군사II급비밀"), "{}", of(Language::Ja));
    let english = of(Language::En);
    assert!(english.starts_with("Contains classified information of Republic of Korea"), "{english}");
    assert!(english.contains("군사III급비밀"), "every level of the originator");
    for language in Language::ALL {
        assert!(cover(&received(), language).text().contains(&of(language)));
    }
}

#[test]
fn a_portion_mark_has_both_levels_and_for_whom() {
    let (pack, own) = (Pack::gsomia_2016(), level("JPN:TOKUTEI"));
    let mark = |own, language| portion(&received(), own, &pack, language);
    assert_eq!(mark(Some(&own), Language::En), "(特定秘密 · KOR 군사II급비밀 · REL JPN)");
    assert_eq!(mark(Some(&own), Language::Ko), "(特定秘密 · KOR 군사II급비밀 · 제공 JPN)");
    assert_eq!(mark(None, Language::Ja), "(KOR 군사II급비밀 · 提供 JPN)");
    let kept = Marking { releasable_to: [].into(), ..received() };
    assert_eq!(portion(&kept, None, &pack, Language::En), "(KOR 군사II급비밀 · originator only)");
}

#[test]
fn html_escapes_every_text_says_its_language_and_runs_nothing() {
    for language in Language::ALL {
        let html = cover(&received(), language).html();
        assert!(html.contains(&format!("<html lang=\"{language}\">")));
        assert!(
            html.contains("&lt;b onclick=&quot;x&quot;&gt;원본&lt;/b&gt; &amp; 右から&#39;左&#39;"),
            "{html}"
        );
        assert!(!html.contains("<b ") && !html.contains("<script") && !html.contains("http://"), "{html}");
        assert!(html.contains("default-src 'none'"));
        // Hangul is Korean wherever it stands, and is said so where the page is not.
        let korean = html.contains("<td lang=\"ko\">군사II급비밀");
        assert_eq!(korean, language != Language::Ko, "{html}");
        assert_eq!(html.matches("class=\"level\"").count(), 2);
    }
}

/// Relative luminance of `#rrggbb` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn every_pair_of_colours_contrasts_seven_to_one() {
    let html = cover(&received(), Language::En).html();
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let whole = |colour: &str| match colour.len() {
        4 => colour.chars().flat_map(|c| std::iter::repeat_n(c, if c == '#' { 1 } else { 2 })).collect(),
        _ => colour.to_owned(),
    };
    let mut pairs = 0;
    for rule in style.split('}') {
        let value = |name: &str| {
            let declared = rule.split(['{', ';']).find_map(|one| one.strip_prefix(name));
            declared.map(|colour| luminance(&whole(colour)))
        };
        if let (Some(front), Some(back)) = (value("color:"), value("background:")) {
            let (light, dark) = (front.max(back), front.min(back));
            assert!((light + 0.05) / (dark + 0.05) >= 7.0, "{rule}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 2, "the page and the level: {style}");
}

/// What a program of poppler makes of a sheet; none where it is not installed.
fn poppler(program: &str, arguments: &[&str], pdf: &Path) -> Option<Vec<u8>> {
    let output = (program == "pdftotext").then_some("-");
    let ran = Command::new(program).args(arguments).arg(pdf).args(output).output();
    let Ok(output) = ran else {
        eprintln!("skipped: {program} is not there, so no PDF is read by another hand");
        return None;
    };
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

#[test]
fn a_pdf_says_the_same_as_the_text_to_another_program() {
    let folder = tempfile::tempdir().unwrap();
    for language in Language::ALL {
        let cover = cover(&received(), language);
        assert_eq!(cover.pdf(), cover.pdf(), "the same bytes");
        let path = folder.path().join("cover.pdf");
        std::fs::write(&path, cover.pdf()).unwrap();
        let Some(read) = poppler("pdftotext", &["-raw"], &path) else { return };
        // Where blanks stand depends on the fonts at hand.
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let read = squeezed(std::str::from_utf8(&read).unwrap());
        for line in cover.text().lines().flat_map(|line| line.split(": ")) {
            assert!(read.contains(&squeezed(line)), "{line:?} is not in {read}");
        }
    }
}

#[test]
fn a_pdf_has_the_level_in_a_bar_at_the_top_and_bottom_of_each_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.pdf");
    let long =
        Marking { caveats: vec!["가나다라마바사아자차카타파하 ".repeat(6); 16], ..received() };
    let cover = cover(&long, Language::Ko);
    std::fs::write(&path, cover.pdf()).unwrap();
    let Some(read) = poppler("pdftotext", &["-raw"], &path) else { return };
    let text = String::from_utf8(read).unwrap();
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert!(pages.len() > 1, "{} pages", pages.len());
    assert!(pages.iter().all(|page| page.matches("特定秘密 (Tokutei Himitsu)").count() >= 2), "{text}");
    // The first page as a picture: two dark red bars with nothing but white on them.
    let Some(picture) = poppler("pdftoppm", &["-r", "36", "-f", "1", "-l", "1"], &path) else { return };
    let (width, height) = (298, 421);
    let header = format!("P6\n{width} {height}\n255\n");
    let pixels = picture.strip_prefix(header.as_bytes()).expect("a picture of A4 at 36 dots an inch");
    let red = |y: usize| (0..width).filter(|x| pixels[(y * width + x) * 3..][..3] == [139, 0, 0]).count();
    let bars: Vec<usize> = (0..height).filter(|y| red(*y) > width / 2).collect();
    let (top, bottom): (Vec<usize>, Vec<usize>) = bars.iter().partition(|y| **y < height / 2);
    assert!(top.len() > 10 && bottom.len() > 10, "{bars:?}");
}

#[test]
fn a_sheet_holds_few_and_short_references() {
    let pack = Pack::gsomia_2016();
    let with = |references: &[(Reference, String)]| {
        Cover::new(&received(), None, &Contained::new(), references, &pack, Language::En).err()
    };
    assert_eq!(with(&vec![(Reference::Copy, "1/3".to_owned()); 8]), None);
    assert_eq!(with(&vec![(Reference::Copy, "1/3".to_owned()); 9]), Some(CoverError::References));
    assert_eq!(with(&[(Reference::Copy, "1".repeat(129))]), Some(CoverError::References));
}

proptest! {
    #[test]
    fn nothing_hides_in_a_caveat(caveat in "\\PC{1,40}", hidden in prop::sample::select(vec!['\u{202e}', '\u{200b}', '\u{2066}', '\u{feff}', '\u{ad}'])) {
        let marking = Marking { caveats: vec![format!("{caveat}{hidden}{caveat}")], ..received() };
        let cover = cover(&marking, Language::Ko);
        let number = format!("[U+{:04X}]", u32::from(hidden));
        for text in [cover.text(), cover.html()] {
            prop_assert!(!text.contains(hidden) && text.contains(&number));
        }
        prop_assert!(cover.pdf().starts_with(b"%PDF-"));
    }
}
