//! Reports as people see them.

use attache_accord::figures::Figures;
use attache_accord::oversight::{
    FIELD_ACT, FIELD_ARTICLE, FIELD_DIRECTION, FIELD_KIND, FIELD_LEVEL, FIELD_OUTCOME, FIELDS,
};
use attache_release::{FIGURES_FORM, Language, Names, Sheet};

fn leaf<'a>(values: &[(usize, &'a str)]) -> [&'a str; FIELDS] {
    let mut leaf = [""; FIELDS];
    values.iter().for_each(|(field, value)| leaf[*field] = value);
    leaf
}

/// Nine of imagery and one of human intelligence sent, and a refusal whose article wants to be markup and a formula.
fn sheet() -> Sheet {
    let mut figures = Figures::new(&(0..15).collect());
    for (kind, times) in [("imagery", 9), ("humint", 1), ("track", 4)] {
        let sent = [
            (FIELD_ACT, "dispatch owed"),
            (FIELD_DIRECTION, "out"),
            (FIELD_KIND, kind),
            (FIELD_LEVEL, "KOR:II"),
            (FIELD_ARTICLE, "1"),
        ];
        (0..times).for_each(|_| figures.count(&leaf(&sent)).unwrap());
    }
    let refused = [(FIELD_ACT, "ruled"), (FIELD_OUTCOME, "refused"), (FIELD_ARTICLE, "<b>6(a)\"")];
    figures.count(&leaf(&refused)).unwrap();
    let names = |text: &str| Names {
        ko: "정보위원회".into(), ja: "情報委員会".into(), en: text.to_owned()
    };
    let sheet = Sheet {
        form: FIGURES_FORM.to_owned(),
        network: "exercise".to_owned(),
        agreement: "gsomia-2016".to_owned(),
        node: "seoul.kor".to_owned(),
        body: names("Committee"),
        mandate: Some("0".repeat(64)),
        basis: Some("=SUM(1)".to_owned()),
        from: "2026-01-01".to_owned(),
        until: "2026-12-31".to_owned(),
        size: 20,
        reaches: Some("2027-01-01".to_owned()),
        leaves: None,
        unopened: Some(0),
        suppress_below: None,
        tables: Vec::new(),
    };
    sheet.counted(&figures)
}

#[test]
fn a_report_says_the_same_in_every_language_and_in_every_form() {
    for (language, sent, imagery) in [
        (Language::Ko, "제공", "imagery"),
        (Language::Ja, "提供", "imagery"),
        (Language::En, "out", "imagery"),
    ] {
        let sheet = sheet();
        let label = format!("{sent} · {imagery} · KOR:II");
        let html = sheet.html(language);
        for shown in [sheet.text(language), sheet.csv(language), html.clone()] {
            assert!(shown.contains(&label) && shown.contains('9'), "{label}: {shown}");
        }
        let (by_article, heading) = (
            format!("1 · {label}"),
            match language {
                Language::Ko => "조항별 주고받음",
                Language::Ja => "条項ごとの授受",
                Language::En => "Exchanges by the article that permitted them",
            },
        );
        for shown in [sheet.text(language), sheet.csv(language), html.clone()] {
            assert!(shown.contains(&by_article) && shown.contains(heading), "{by_article}: {shown}");
        }
        assert!(html.contains(&format!("<html lang=\"{language}\">")) && html.contains("<svg role=\"img\""));
        assert!(sheet.pdf(language).starts_with(b"%PDF-"));
    }
}

#[test]
fn a_report_runs_nothing_and_calculates_nothing() {
    for language in Language::ALL {
        let (html, csv) = (sheet().html(language), sheet().csv(language));
        assert!(
            html.contains("&lt;b&gt;6(a)&quot;") && !html.contains("<b>") && !html.contains("<script"),
            "{html}"
        );
        assert!(
            html.contains("default-src 'none'") && !html.contains("http:") && !html.contains("https:"),
            "{html}"
        );
        assert!(csv.contains("\"refused · <b>6(a)\"\"\"") && !csv.contains(",\"="), "{csv}");
    }
}

#[test]
fn a_log_that_ends_before_the_period_does_is_told_in_every_language_and_form() {
    let over = sheet();
    let open = |day: &str| Sheet { reaches: Some(day.to_owned()), ..sheet() };
    let silent = Sheet { reaches: None, ..sheet() };
    let covered = [&over, &open("2026-12-31"), &open("2026-05-31"), &silent].map(Sheet::is_covered);
    assert_eq!(covered, [Some(true), Some(false), Some(false), None]);
    assert!(!String::from_utf8(silent.to_json().unwrap()).unwrap().contains("reaches"), "as older builds");
    for (language, words) in [
        (Language::Ko, "어느 수에도 없음"),
        (Language::Ja, "どの数にもない"),
        (Language::En, "is in no figure"),
    ] {
        let told = |sheet: &Sheet| [sheet.text(language), sheet.html(language), sheet.csv(language)];
        let sheet = open("2026-05-31");
        for shown in told(&sheet) {
            assert!(shown.contains(words) && shown.contains("2026-05-31"), "{shown}");
        }
        assert!(sheet.open_period(language).unwrap().contains(words));
        for shown in told(&over) {
            assert!(!shown.contains(words) && shown.contains("2027-01-01"), "{shown}");
        }
        assert_eq!((over.open_period(language), silent.open_period(language)), (None, None));
        assert_ne!(sheet.pdf(language), over.pdf(language));
    }
}

#[test]
fn each_chart_has_its_table_and_a_title_of_its_own() {
    let html = sheet().html(Language::En);
    let (charts, tables) = (html.matches("<svg").count(), html.matches("<caption>").count());
    assert!(charts >= 4 && tables >= charts, "{charts} charts, {tables} tables");
    for number in 0..tables {
        let titles = html.matches(&format!("<title id=\"chart-{number}\">")).count();
        assert_eq!(titles, html.matches(&format!("aria-labelledby=\"chart-{number}\"")).count());
    }
}

#[test]
fn the_public_sees_no_small_count_and_no_total_of_one() {
    let (whole, public) = (sheet(), sheet().for_the_public(3));
    assert_eq!(sheet().for_the_public(1).tables.first().map(|counts| counts.total), Some(Some(14)));
    let named = |sheet: &Sheet| {
        let json = String::from_utf8(sheet.to_json().unwrap()).unwrap();
        [sheet.text(Language::En), json].map(|text| text.contains(&"0".repeat(64)) || text.contains("SUM(1)"))
    };
    assert_eq!((named(&public), named(&whole)), ([false; 2], [true; 2]), "the mandate");
    assert_eq!((public.leaves, public.unopened), (None, None));
    let exchanges =
        |sheet: &Sheet| sheet.tables.iter().find(|counts| counts.table == "exchanges").cloned().unwrap();
    assert_eq!((exchanges(&public).total, exchanges(&whole).total), (None, Some(14)));
    let told: Vec<_> = exchanges(&public).rows.iter().map(|row| row.count).collect();
    // One is small, and the total would give it away.
    assert_eq!(told, [None, Some(9), Some(4)]);
    assert!(public.tables.iter().all(|counts| {
        !["acts", "exchanges-by-article", "months", "reciprocity"].contains(&counts.table.as_str())
    }));
    for (language, words) in [(Language::Ko, "비공개"), (Language::Ja, "非公表"), (Language::En, "not told")]
    {
        assert!(public.text(language).contains(words) && !whole.text(language).contains(words));
    }
}

#[test]
fn the_same_figures_are_the_same_bytes_and_are_read_back() {
    let json = sheet().to_json().unwrap();
    assert_eq!(json, sheet().to_json().unwrap());
    assert_eq!(serde_json::from_slice::<Sheet>(&json).unwrap(), sheet());
    assert_eq!(sheet().pdf(Language::Ko), sheet().pdf(Language::Ko));
}
