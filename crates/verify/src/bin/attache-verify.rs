//! `attache-verify`: checks a folder of evidence on any machine, without keys, without a network and without a node.
//!
//! *Absent:* anything that opens a connection, and anything that is written.

use attache_release::Language;
use attache_verify::{Brought, Trust, Verdict, checks_document, checks_told, verify_any};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Everything is proved.
const EXIT_PROVED: u8 = 0;
/// A fault was found, or something is not shown.
const EXIT_NOT_PROVED: u8 = 1;
/// The command is wrong, or there is no folder to read.
const EXIT_MISUSE: u8 = 2;

const HELP: [&str; 3] = [
    "\
사용법: attache-verify 폴더 [--fingerprint 지문]... [--pack 다이제스트]... [--witness 키]... [--checkpoint 파일]... [--require-cosigned]
        [--json | --html] [--language ko|ja|en]
        attache-verify --checks [--json] [--language ko|ja|en]

열쇠도 네트워크도 노드도 없이 증거, 한 자료의 증거, 보고서, 또는 그 가운데 공개된 집계의 폴더를 검증합니다.

  --fingerprint 지문   다른 경로로 대조한 카드나 감사관 키의 지문. 하나마다 한 번
  --pack 다이제스트    카드가 말하지 않아도 믿는 규칙집의 다이제스트
  --witness 키         카드에 없어도 믿는 증인의 검증 키. 키마다 하나
  --checkpoint 파일    다른 경로로 얻은 로그의 체크포인트. 하나마다 한 번
  --require-cosigned   부서한 증인이 없는 로그는 결함이다
  --json               글 대신 JSON 문서 하나
  --html               글 대신 HTML 문서 하나, 인쇄용
  --checks             폴더 대신, 모든 검사의 코드와 그것이 보이는 것
  --language 언어      ko, ja, en(기본값 en, 또는 ATTACHE_LANGUAGE)
  --help, --version

종료 코드: 0 증명됨, 1 결함이 있거나 보이지 않는 것이 있음, 2 명령이 틀렸거나 폴더를 읽을 수 없음.",
    "\
使い方: attache-verify フォルダ [--fingerprint 指紋]... [--pack ダイジェスト]... [--witness 鍵]... [--checkpoint ファイル]... [--require-cosigned]
        [--json | --html] [--language ko|ja|en]
        attache-verify --checks [--json] [--language ko|ja|en]

鍵もネットワークもノードもなしに、証拠、一つの資料の証拠、報告、またはそのうち公開された集計のフォルダを検証します。

  --fingerprint 指紋   別の経路で照合したカードまたは監察官の鍵の指紋。一つごとに一度
  --pack ダイジェスト  カードが示さなくても信頼する規則パックのダイジェスト
  --witness 鍵         カードになくても信頼する証人の検証鍵。鍵ごとに一つ
  --checkpoint ファイル  別の経路で得たログのチェックポイント。一つごとに一度
  --require-cosigned   連署した証人のないログは不備とする
  --json               文の代わりに JSON 文書を一つ
  --html               文の代わりに HTML 文書を一つ、印刷用
  --checks             フォルダの代わりに、すべての検査の符号とそれが示すこと
  --language 言語      ko、ja、en(既定は en、または ATTACHE_LANGUAGE)
  --help, --version

終了コード: 0 証明された、1 不備があるか示されないものがある、2 命令が誤りかフォルダを読めない。",
    "\
Usage: attache-verify FOLDER [--fingerprint FINGERPRINT]... [--pack DIGEST]... [--witness KEY]... [--checkpoint FILE]... [--require-cosigned]
        [--json | --html] [--language ko|ja|en]
       attache-verify --checks [--json] [--language ko|ja|en]

Verifies a folder of evidence, of evidence of one item, of reports, or of what the public is told of one, without keys, without a
network and without a node.

  --fingerprint FINGERPRINT   a fingerprint of a card, or of an inspector's key, that you compared by another way; once for each
  --pack DIGEST               a rule pack that you trust although no card names it
  --witness KEY               a verifier key of a witness that you believe although no card names it; one for each key
  --checkpoint FILE           a checkpoint of one of the logs that you have from elsewhere; once for each
  --require-cosigned          a log that no witness cosigned is a fault
  --json                      one JSON document instead of text
  --html                      one HTML document instead of text, to be printed
  --checks                    instead of a folder, the code of each check and what it shows
  --language LANGUAGE         ko, ja or en (en, or what ATTACHE_LANGUAGE says)
  --help, --version

Exit codes: 0 proved, 1 a fault, or something is not shown, 2 wrong command, or no folder to read.",
];

/// What was asked for.
struct Asked {
    folder: Option<PathBuf>,
    trust: Trust,
    is_json: bool,
    is_page: bool,
    /// The checks, instead of a folder.
    is_about_checks: bool,
    language: Language,
    /// Help or version, instead of anything else.
    instead: Option<String>,
}

/// The stack that rulings are asked again on, in bytes.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    // Of a process's first thread musl tells only as much stack as was touched so far. Cedar asks how much there is, takes it for too
    // little, and an evaluation that ends in an error is a refusal: each ruling that was granted would seem false.
    let run = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => ExitCode::from(EXIT_NOT_PROVED),
        Err(error) => misuse(&format!("no thread to verify on: {error}")),
    }
}

fn run() -> ExitCode {
    let asked = match asked(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned())) {
        Ok(asked) => asked,
        Err(wrong) => return misuse(&wrong),
    };
    if let Some(text) = asked.instead {
        say(&text);
        return ExitCode::from(EXIT_PROVED);
    }
    if asked.is_about_checks {
        say(&match asked.is_json {
            true => checks_document(asked.language).to_string(),
            false => checks_told(asked.language),
        });
        return ExitCode::from(EXIT_PROVED);
    }
    let Some(folder) = asked.folder else {
        return misuse("a folder is missing; attache-verify --help says more");
    };
    if !folder.is_dir() {
        return misuse(&format!("{}: not a folder", folder.display()));
    }
    let report = verify_any(&folder, &asked.trust);
    say(&match (asked.is_json, asked.is_page) {
        (true, _) => report.document().to_string(),
        (false, true) => report.page(asked.language),
        (false, false) => report.told(asked.language),
    });
    ExitCode::from(if report.verdict == Verdict::Proved { EXIT_PROVED } else { EXIT_NOT_PROVED })
}

fn asked(words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let language = std::env::var("ATTACHE_LANGUAGE").ok();
    let language = language.map_or(Ok(Language::En), |language| language.parse());
    let language = language.map_err(|error| error.to_string())?;
    let mut asked = Asked {
        folder: None,
        trust: Trust::default(),
        is_json: false,
        is_page: false,
        is_about_checks: false,
        language,
        instead: None,
    };
    let (mut words, mut is_help) = (words, false);
    while let Some(word) = words.next() {
        let (name, given) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (word, None),
        };
        let mut value =
            || given.clone().or_else(|| words.next()).ok_or(format!("{name}: a value is missing"));
        match name.as_str() {
            "--fingerprint" => asked.trust.fingerprints.push(value()?),
            "--pack" => {
                let pack = value()?.parse().map_err(|error| format!("--pack: {error}"))?;
                asked.trust.packs.push(pack);
            }
            "--witness" => {
                let key = value()?.parse().map_err(|error| format!("--witness: {error}"))?;
                asked.trust.witnesses.push(key);
            }
            "--checkpoint" => asked.trust.checkpoints.push(Brought::read(Path::new(&value()?))?),
            "--require-cosigned" => asked.trust.must_be_cosigned = true,
            "--language" | "--lang" => {
                asked.language = value()?.parse().map_err(|error| format!("{error}"))?;
            }
            "--json" => asked.is_json = true,
            "--html" => asked.is_page = true,
            "--checks" => asked.is_about_checks = true,
            "--help" | "-h" => is_help = true,
            "--version" | "-V" => {
                asked.instead = Some(format!("attache-verify {}", env!("CARGO_PKG_VERSION")));
            }
            _ if name.starts_with('-') && name.len() > 1 => return Err(format!("{name}: no such option")),
            _ if asked.folder.is_some() => return Err(format!("{name}: one folder at a time")),
            _ => asked.folder = Some(PathBuf::from(name)),
        }
    }
    if is_help {
        let [ko, ja, en] = HELP;
        let help = match asked.language {
            Language::Ko => ko,
            Language::Ja => ja,
            Language::En => en,
        };
        asked.instead = Some(help.to_owned());
    }
    Ok(asked)
}

/// Prints. Whoever read may have gone; that is no reason to fail.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn misuse(wrong: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "attache-verify: {wrong}");
    ExitCode::from(EXIT_MISUSE)
}
