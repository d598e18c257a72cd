//! The arrangement of 2014 with three nodes: Seoul and Tokyo share by giving to Washington, which passes on with the giver's word. And
//! the same where Washington carries letters that it cannot read.

use crate::pair::{Answer, Nation, Post, approval, until};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

static SEOUL: Nation = nation("tisa-2014", "seoul", "seoul.kor", "KOR", "USA", "washington.usa", "KOR:II");
static TOKYO: Nation =
    nation("tisa-2014", "tokyo", "tokyo.jpn", "JPN", "USA", "washington.usa", "JPN:GOKUHI");
static WASHINGTON: Nation =
    nation("tisa-2014", "washington", "washington.usa", "USA", "KOR", "seoul.kor", "USA:SECRET");
/// The same where the hub carries letters, under the pack that is made as the page says.
static BLIND: [Nation; 3] = [
    nation("blind", "seoul", "seoul.kor", "KOR", "JPN", "tokyo.jpn", "KOR:II"),
    nation("blind", "tokyo", "tokyo.jpn", "JPN", "KOR", "seoul.kor", "JPN:GOKUHI"),
    nation("blind", "washington", "washington.usa", "USA", "KOR", "seoul.kor", "USA:SECRET"),
];

const fn nation(
    pack: &'static str,
    folder: &'static str,
    node: &'static str,
    party: &'static str,
    partner: &'static str,
    peer: &'static str,
    level: &'static str,
) -> Nation {
    Nation { folder, node, party, partner, peer, pack, level }
}

/// The three nodes, which hold the arrangement to be in force.
struct Three {
    seoul: Post,
    tokyo: Post,
    washington: Post,
    folder: TempDir,
}

impl Three {
    fn new() -> Self {
        Self::of([&SEOUL, &TOKYO, &WASHINGTON], tempfile::tempdir().unwrap())
    }

    fn of(nations: [&'static Nation; 3], folder: TempDir) -> Self {
        let [seoul, tokyo, washington] = nations.map(|nation| Post::found(folder.path(), nation));
        let three = Self { seoul, tokyo, washington, folder };
        for post in three.all() {
            post.serve();
            post.staff();
        }
        for post in three.all() {
            three.all().into_iter().filter(|other| other.nation.node != post.nation.node).for_each(|other| {
                post.befriend(other);
            });
        }
        let force = |post: &Post| post.must("office", "agreement show").text("/force");
        three.seoul.declare();
        three.washington.declare();
        until("two of three positions at Seoul", || (force(&three.seoul) == "divergent").then_some(()));
        three.tokyo.declare();
        until("all three positions at each node", || {
            three.all().into_iter().all(|post| force(post) == "in-force").then_some(())
        });
        three
    }

    fn all(&self) -> [&Post; 3] {
        [&self.seoul, &self.tokyo, &self.washington]
    }

    /// Adds an item at Seoul that may go to both others, about `topic`.
    fn marked(&self, name: &str, topic: &str) -> String {
        std::fs::write(self.seoul.file(name), format!("A launcher has left its shelter ({name}).\n"))
            .unwrap();
        let item = self.seoul.must("analyst", &format!("item add {name} --title {name}")).text("/item");
        let to = "--releasable-to USA --releasable-to JPN";
        self.seoul.must("analyst", &format!("item mark {item} --level KOR:II --kind document {topic} {to}"));
        item
    }

    /// Gives an item of Seoul's to Washington, which admits it; its id there.
    fn given(&self, item: &str) -> String {
        let case = self.seoul.must("analyst", &self.seoul.request(item)).text("/case");
        self.seoul.must("officer", &approval(&case));
        let admitted = admitted(&self.washington);
        until("the receipt at Seoul", || {
            let cases = self.seoul.must("officer", "release list");
            let found = cases.list().iter().find(|it| it["case"] == *case)?;
            (found["dispatch"]["progress"] == "receipted").then_some(())
        });
        admitted
    }

    /// Seoul approves that Washington passes an item on to Tokyo; the approval's digest, once it is there.
    fn let_go(&self, item: &str) -> String {
        let give = format!("approval give {item} third-party=JPN --document letter-1 --until 2036-01-01");
        let digest = self.seoul.must("officer", &give).text("/digest");
        until("the approval at Washington", || {
            let there = self.washington.must("officer", "approval list");
            there.list().iter().any(|it| it["digest"] == *digest).then_some(())
        });
        digest
    }

    /// The cards that a reader of evidence compared with their owners.
    fn trust(&self) -> String {
        let fingerprint = |post: &Post| {
            let card = post.must("admin", &format!("peer card --out {}.own", post.nation.folder));
            card.text("/fingerprint").replace(' ', "")
        };
        let fingerprints: Vec<String> = self.all().into_iter().map(fingerprint).collect();
        format!("--fingerprint {}", fingerprints.join(" --fingerprint "))
    }

    /// The item's life at each node is verified, alone and together: what it was passed on by, and what each was told.
    fn prove(&self, held: [(&Post, &str); 3]) {
        let trust = self.trust();
        let fetch = |post: &Post, item: &str, folder: &str| {
            post.must("registrar", &format!("item bundle {item} --out {folder}"));
        };
        let verified = |folder: &str| self.seoul.ask("nobody", &format!("verify {folder} {trust}"));
        let answer = until("the proofs of both receipts", || {
            let _ = std::fs::remove_dir_all(self.folder.path().join("life"));
            held.iter().for_each(|(post, item)| fetch(post, item, "life"));
            let answer = verified("life");
            (answer.code == 0).then_some(answer)
        });
        for (code, least) in [("V-060", 3), ("V-061", 1), ("V-062", 2)] {
            assert!(findings(&answer, code, "proved") >= least, "{code}: {answer:?}");
        }
        // The hub's part alone shows both legs.
        fetch(held[1].0, held[1].1, "hub");
        assert_eq!(verified("hub").code, 0);
        // The approval taken away is missed.
        let consent =
            held[0].0.must("officer", "approval list").list()[0]["digest"].as_str().unwrap().to_owned();
        std::fs::remove_file(
            self.folder.path().join(format!("hub/washington.usa/statements/{consent}.cbor")),
        )
        .unwrap();
        let without = verified("hub");
        assert!(without.code != 0 && findings(&without, "V-060", "failed") == 1, "{without:?}");
        self.prove_all("--rulings", &["V-060", "V-061", "V-062", "V-078"], 1);
    }

    /// The evidence of all three, fetched until it verifies, proves each of these checks so often at least.
    fn prove_all(&self, asked: &str, codes: &[&str], least: usize) {
        let trust = self.trust();
        let answer = until("a proof of everything", || {
            let _ = std::fs::remove_dir_all(self.folder.path().join("evidence"));
            for post in self.all() {
                post.must("registrar", &format!("evidence {asked} --out evidence"));
            }
            let answer = self.seoul.ask("nobody", &format!("verify evidence {trust}"));
            (answer.code == 0).then_some(answer)
        });
        for code in codes {
            assert!(findings(&answer, code, "proved") >= least, "{code}: {answer:?}");
        }
    }

    /// The hops that Seoul knows of its item.
    fn hops(&self, item: &str) -> Vec<Value> {
        let shown = self.seoul.must("officer", &format!("item show {item}"));
        shown.document["hops"].as_array().cloned().unwrap_or_default()
    }
}

/// How many findings of a check are so.
fn findings(answer: &Answer, code: &str, verdict: &str) -> usize {
    let findings = answer.document["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().filter(|it| it["check"] == code && it["outcome"]["is"] == verdict).count()
}

/// Admits what waits at a node, once something does; its id there.
fn admitted(post: &Post) -> String {
    let arrived = until("an arrival", || {
        let inbox = post.must("desk", "inbox list");
        inbox.list().first().map(|arrival| arrival["dispatch"].as_str().unwrap().to_owned())
    });
    post.must("desk", &post.admission(&arrived)).text("/item")
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.document.to_string().contains(code), "{code}: {answer:?}");
}

#[test]
fn seoul_gives_to_washington_which_passes_on_to_tokyo_with_seouls_word_only() {
    let three = Three::new();
    let Three { seoul, tokyo, washington, .. } = &three;
    let item = three.marked("report", "--topic north-korean-missile");
    refused(&seoul.ask("analyst", &format!("release request {item} tokyo.jpn --purpose warning")), "R-024");
    let other = three.marked("other", "");
    refused(
        &seoul.ask("analyst", &format!("release request {other} washington.usa --purpose warning")),
        "R-013",
    );

    // What is under control after release would never come to Tokyo, which is said when it is marked.
    std::fs::write(seoul.file("kept"), "kept\n").unwrap();
    let kept = seoul.must("analyst", "item add kept --title kept").text("/item");
    let mark = format!(
        "item mark {kept} --level KOR:II --kind document --originator-control rule --releasable-to USA"
    );
    let beyond = seoul.ask("analyst", &format!("{mark} --releasable-to JPN"));
    assert_eq!(beyond.code, 2, "{beyond:?}");
    for said in [
        "control-beyond-hub",
        "releasable to",
        "중계 당사자만을 대상으로 표시하거나",
        "中継当事者のみを提供先として",
    ] {
        assert!(beyond.document.to_string().contains(said), "{said}: {beyond:?}");
    }
    seoul.must("analyst", &mark);

    let at_hub = three.given(&item);
    let onward = format!("release request {at_hub} tokyo.jpn --purpose warning");
    refused(&washington.ask("analyst", &onward), "R-006");
    assert!(tokyo.must("desk", "inbox list").list().is_empty());

    // The hub goes down between the admission and the passage, and again once the passage is decided.
    washington.kill();
    washington.serve();
    let consent = three.let_go(&item);
    let case = washington.must("analyst", &onward).text("/case");
    washington.must("officer", &approval(&case));
    washington.kill();
    washington.serve();

    let arrival = until("the report at Tokyo", || tokyo.must("desk", "inbox list").list().first().cloned());
    assert_eq!((&arrival["from"], &arrival["origin"]), (&"washington.usa".into(), &"seoul.kor".into()));
    assert_eq!(
        (&arrival["marking"]["level"], &arrival["hub_level"]),
        (&"KOR:II".into(), &"USA:SECRET".into())
    );
    let at_tokyo = admitted(tokyo);

    // Each end sees both hops, with their levels, agreements and receipts.
    let hops = until("both receipts at Seoul", || {
        Some(three.hops(&item))
            .filter(|hops| hops.iter().filter(|hop| hop["state"] == "receipted").count() == 2)
    });
    let is = |hop: &Value, from: &str, to: &str, level: &str, basis: &str| {
        let seen = [&hop["from"], &hop["to"], &hop["level"], &hop["basis"]];
        assert_eq!(seen, [&from.into(), &to.into(), &level.into(), &basis.into()] as [&Value; 4]);
    };
    let there = tokyo.must("officer", &format!("item show {at_tokyo}"));
    for hops in [&hops, there.document["hops"].as_array().unwrap()] {
        is(&hops[0], "seoul.kor", "washington.usa", "USA:SECRET", "kor-usa-1987");
        is(&hops[1], "washington.usa", "tokyo.jpn", "JPN:GOKUHI", "jpn-usa-2007");
        assert_eq!(hops[1]["consent"], consent.as_str());
    }
    assert_eq!(hops[0]["receipt"], there.document["hops"][0]["receipt"]);
    assert_eq!(hops[1]["receipt"], there.document["hops"][1]["receipt"]);
    let banner = there.document["banner"]["en"].to_string();
    for marking in
        ["Gokuhi", "Gunsa II-Kup Bi Mil", "By way of: Department of Defense of the United States · SECRET"]
    {
        assert!(banner.contains(marking), "{marking}: {banner}");
    }
    let digest =
        |post: &Post, item: &str| post.must("officer", &format!("item show {item}")).text("/item_digest");
    assert_eq!(digest(seoul, &item), digest(tokyo, &at_tokyo), "the same sealed item");
    assert_eq!(digest(seoul, &item), digest(washington, &at_hub));
    tokyo.must("officer", &format!("open {at_tokyo} --out read"));
    assert_eq!(
        std::fs::read(three.folder.path().join("read")).unwrap(),
        std::fs::read(seoul.file("report")).unwrap()
    );

    three.prove([(seoul, &item), (washington, &at_hub), (tokyo, &at_tokyo)]);

    // Nothing goes round in a circle, and Tokyo asks Seoul for more.
    let again = washington.ask("analyst", &onward);
    assert!(again.document.to_string().contains("to a Party that has it"), "{again:?}");
    refused(
        &washington.ask("analyst", &format!("release request {at_hub} seoul.kor --purpose warning")),
        "R-006",
    );
    refused(
        &tokyo.ask("analyst", &format!("release request {at_tokyo} seoul.kor --purpose warning")),
        "R-006",
    );
    let back = tokyo.ask("analyst", &format!("release request {at_tokyo} washington.usa --purpose warning"));
    assert!(back.document.to_string().contains("passed on no further"), "{back:?}");
    tokyo.must("officer", &format!("approval ask {at_tokyo} purpose=training --document letter-2"));
    until("Tokyo's request at Seoul", || {
        let words = seoul.must("officer", "approval list");
        words.list().iter().any(|word| word["step"] == "asked" && word["party"] == "JPN").then_some(())
    });
    seoul.must(
        "officer",
        &format!("approval give {item} purpose=training --to tokyo.jpn --document letter-3"),
    );
    until("Seoul's approval at Tokyo", || {
        let words = tokyo.must("officer", "approval list");
        words.list().iter().any(|word| word["step"] == "given").then_some(())
    });

    // What Seoul takes back from Washington is closed at Tokyo, whatever Washington does about it.
    washington.kill();
    let (told, code) = seoul.reads("officer", "ko", &format!("item recall {item} --document letter-4"));
    assert!(code == Some(0) && told.contains("washington.usa -> tokyo.jpn  전달"), "{told}");
    until("that Tokyo has the recall", || {
        let shown = seoul.must("officer", &format!("item show {item}"));
        let recall = &shown.document["recalls"][0];
        assert_eq!((&recall["delivered"], &recall["onward"][0]["to"]), (&false.into(), &"tokyo.jpn".into()));
        (recall["onward"][0]["delivered"] == true).then_some(())
    });
    let refused = tokyo.ask("officer", &format!("open {at_tokyo} --out again"));
    assert_eq!((refused.code, refused.text("/error/code").as_str()), (1, "recalled"), "{refused:?}");
    let (shown, _) = tokyo.reads("officer", "ja", &format!("item show {at_tokyo}"));
    assert!(shown.contains("回収済み  washington.usa  letter-4"), "{shown}");
    washington.serve();
    let mut last = 0;
    until("the recall at Washington", || {
        // It opens until then, and nothing is written over what is there.
        last += 1;
        let refused = washington.ask("officer", &format!("open {at_hub} --out again-{last}"));
        (refused.code == 1 && refused.text("/error/code") == "recalled").then_some(())
    });
    three.prove_all("--rulings", &[], 0);
}

#[test]
fn what_seoul_withdrew_is_passed_on_no_more_and_what_washington_refuses_is_told_to_seoul() {
    let three = Three::new();
    let Three { seoul, washington, .. } = &three;
    let item = three.marked("report", "--topic north-korean-missile");
    let at_hub = three.given(&item);
    let consent = three.let_go(&item);
    let onward = format!("release request {at_hub} tokyo.jpn --purpose warning");
    let case = washington.must("analyst", &onward).text("/case");
    washington.must("officer", &format!("release refuse {case} --reason not-now --article 8"));
    let told = until("the refusal at Seoul", || three.hops(&item).get(1).cloned());
    assert_eq!((&told["state"], &told["to"]), (&"refused".into(), &"tokyo.jpn".into()));

    let case = washington.must("analyst", &onward).text("/case");
    seoul.must("officer", &format!("approval withdraw {consent} --document letter-2"));
    until("the withdrawal at Washington", || {
        let words = washington.must("officer", "approval list");
        words.list().iter().any(|word| word["digest"] == *consent && word["ended"].is_string()).then_some(())
    });
    refused(&washington.ask("officer", &approval(&case)), "R-006");
    refused(&washington.ask("analyst", &onward), "R-006");
    assert!(three.tokyo.must("desk", "inbox list").list().is_empty());
}

const PAGE: &str = include_str!("../../../../docs/INTERMEDIARY.md");

/// Makes the rule pack of a hub that cannot read in `folder`, as the page says, up to where nodes are founded on it.
fn blind_pack(folder: &Path) {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/tisa-2014");
    std::fs::create_dir(folder.join("agreements")).unwrap();
    let copied = Command::new("cp").args(["-r", shipped]).arg(folder.join("agreements")).status().unwrap();
    assert!(copied.success());
    let (_, recipe) = PAGE.split_once("```sh\n").unwrap();
    let (recipe, _) = recipe.split_once("attache init").unwrap();
    let recipe = recipe.replace("attache agreement", &format!("{} agreement", env!("CARGO_BIN_EXE_attache")));
    let made = Command::new("sh").args(["-ec", &recipe]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    for left in ["policies.cedar", "reasons.toml"] {
        assert!(!std::fs::read_to_string(folder.join("blind").join(left)).unwrap().contains("R-024"));
    }
}

/// What a person reads who asks for the letters in a language.
fn read(post: &Post, language: &str) -> String {
    let (letters, code) = post.reads("officer", language, "letter list");
    assert_eq!(code, Some(0), "{letters}");
    letters
}

/// The letters at a node, as a machine reads them.
fn letters(post: &Post) -> Vec<Value> {
    post.must("officer", "letter list").list().to_vec()
}

/// The package's letter among them, by its number where it is known.
fn found(post: &Post, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
    letters(post).into_iter().find(|letter| is_it(letter))
}

#[test]
fn washington_carries_what_it_cannot_read_from_seoul_to_tokyo_under_a_pack_that_is_made_as_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    blind_pack(folder.path());
    let three = Three::of(BLIND.each_ref(), folder);
    let Three { seoul, tokyo, washington, .. } = &three;
    let item = three.marked("report", "--topic north-korean-missile");
    washington.kill();
    let case = seoul.must("analyst", &seoul.request(&item)).text("/case");
    seoul.must("officer", &approval(&case));
    let is_package = |letter: &Value| letter["about"]["kind"] == "package";
    let written = until("the letter at Seoul", || found(seoul, is_package));
    let number = written["letter"].clone();
    assert_eq!((&written["state"], &written["to"]), (&"owed".into(), &"tokyo.jpn".into()));
    washington.serve();
    let at_tokyo = admitted(tokyo);
    until("the receipt at Seoul", || {
        let cases = seoul.must("officer", "release list");
        let found = cases.list().iter().find(|it| it["case"] == *case)?;
        (found["dispatch"]["progress"] == "receipted").then_some(())
    });

    // The hub has nothing of it but the outside of the letter.
    assert!(washington.must("desk", "inbox list").list().is_empty());
    assert!(washington.must("registrar", "register list").list().is_empty());
    let is_it = |letter: &Value| letter["letter"] == number;
    let carried = until("the letter given on", || {
        found(washington, |letter| {
            is_it(letter) && letter["state"] == "passed" && letter["hops"][0].is_object()
        })
    });
    assert_eq!(carried["about"], Value::Null);
    let [sent, came] = [seoul, tokyo].map(|post| {
        until("the hub's receipt at its ends", || {
            found(post, |letter| is_it(letter) && letter["hops"][0].is_object())
        })
    });
    assert!(is_package(&sent) && is_package(&came) && sent["about"] == came["about"]);
    for letter in [&sent, &came] {
        assert_eq!((&letter["size"], &letter["hops"]), (&carried["size"], &carried["hops"]));
        assert_eq!(letter["hops"][0]["hub"], "washington.usa");
    }
    let short = &number.as_str().unwrap()[..8];
    for (language, package, receipt) in
        [("en", "package of", "hop receipt"), ("ko", "발송 ", "중계 수령증"), ("ja", "発送 ", "中継受領証")]
    {
        for (post, tells) in [(seoul, true), (tokyo, true), (washington, false)] {
            let text = read(post, language);
            let letter = text.lines().skip_while(|line| !line.starts_with(short)).collect::<Vec<_>>();
            assert!(letter[0].contains("seoul.kor -> tokyo.jpn"), "{text}");
            assert_eq!(letter[1].contains(package), tells, "{text}");
            assert!(letter[1 + usize::from(tells)].contains(&format!("{receipt} washington.usa")), "{text}");
        }
    }

    // Both ends see the hub among the hops, and Tokyo reads what Seoul wrote.
    let there = tokyo.must("officer", &format!("item show {at_tokyo}"));
    for hops in [&three.hops(&item), there.document["hops"].as_array().unwrap()] {
        let seen: Vec<_> = hops.iter().map(|hop| [&hop["from"], &hop["state"], &hop["to"]]).collect();
        let first: [Value; 3] = ["seoul.kor".into(), "taken".into(), "washington.usa".into()];
        let second: [Value; 3] = ["washington.usa".into(), "receipted".into(), "tokyo.jpn".into()];
        assert_eq!(seen, [first.each_ref(), second.each_ref()]);
    }
    tokyo.must("officer", &format!("open {at_tokyo} --out read"));
    assert_eq!(
        std::fs::read(three.folder.path().join("read")).unwrap(),
        std::fs::read(seoul.file("report")).unwrap()
    );

    // The logs of all three prove which letters the hub took and gave on.
    three.prove_all("", &["V-063", "V-064", "V-065"], 1);
}

/// The same pack where the hub keeps a share of each key as well.
fn share_pack(folder: &Path) {
    blind_pack(folder);
    let terms = folder.join("blind/terms.toml");
    let share =
        "[hub_share_days]\nvalue = 365\narticle = \"product\"\nstatus = \"product\"\n\n[utc_offset_hours]";
    let with = std::fs::read_to_string(&terms).unwrap().replace("[utc_offset_hours]", share);
    std::fs::write(terms, with).unwrap();
}

#[test]
fn what_came_by_washington_opens_with_its_share_of_the_key_and_not_while_it_is_stopped_or_away() {
    let folder = tempfile::tempdir().unwrap();
    share_pack(folder.path());
    let three = Three::of(BLIND.each_ref(), folder);
    let Three { seoul, tokyo, washington, .. } = &three;
    let item = three.marked("report", "--topic north-korean-missile");
    let case = seoul.must("analyst", &seoul.request(&item)).text("/case");
    seoul.must("officer", &approval(&case));
    let at_tokyo = admitted(tokyo);
    let sent = found(seoul, |letter| letter["about"]["kind"] == "package").unwrap();
    let number = sent["letter"].as_str().unwrap();
    let open = |out: &str| tokyo.ask("officer", &format!("open {at_tokyo} --out {out}"));
    let told = |answer: &Answer, code: i32, says: &str| {
        assert_eq!((answer.code, &answer.document["error"]["code"]), (code, &says.into()), "{answer:?}");
    };
    assert_eq!(open("first").code, 0);
    let decide =
        |verb: &str| washington.ask("officer", &format!("letter {verb} {number} --reason inquiry-4"));
    let stopped = decide("stop");
    assert_eq!((stopped.code, &stopped.document["share"]), (0, &"stopped".into()), "{stopped:?}");
    assert_eq!(decide("stop").code, 2, "it is stopped already");
    told(&open("second"), 1, "hub-refused");
    for (language, says) in [("en", "STOPPED"), ("ko", "열람 중지"), ("ja", "閲覧停止")] {
        assert!(read(washington, language).contains(says));
    }
    assert_eq!(decide("allow").document["share"], "lent");
    washington.kill();
    told(&open("third"), 4, "hub-unreachable");
    washington.serve();
    until("the hub's answer again", || (open("fourth").code == 0).then_some(()));
    let report = std::fs::read(seoul.file("report")).unwrap();
    let is_read = |out: &str| std::fs::read(three.folder.path().join(out)).is_ok_and(|read| read == report);
    assert_eq!(["first", "second", "third", "fourth"].map(is_read), [true, false, false, true]);

    // Both logs have each of these openings.
    three.prove_all("--rulings", &["V-070", "V-071"], 2);
}
