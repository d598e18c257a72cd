//! Requests of an administrator and an analyst to the gate of `seoul.kor`. A file is the body; the outcome is the status.

use super::{Made, Shelf};
use attache_custody::keyring::signing_pair;
use attache_seal::pair::Sign as _;
use data_encoding::BASE64;
use serde_json::json;

pub fn put(shelf: &mut Shelf) -> Made {
    let verifying = BASE64.encode(&minicbor::to_vec(signing_pair(&[3; 64])?.verifying())?);
    let person = json!({ "person": "analyst-9", "roles": ["analyst"], "duties": ["humint"],
        "clearance": { "level": "KOR:II", "until": "2099-01-01T00:00:00.000Z" }, "verifying": verifying });
    let text = person.to_string();
    let mut put = |name: &str, outcome: &str, why: &str, body: &str| {
        shelf.put("enrolment", &format!("{name}.json"), outcome, why, body.as_bytes())
    };
    put("control", "200", "an analyst is enrolled", &text)?;
    let more = text.replacen('{', "{\"remark\":[{\"a\":null}],", 1);
    put("control-unknown-name", "200", "a name that is not known is passed over", &more)?;
    put("name-twice", "400", "one name twice", &text.replacen('{', "{\"person\":\"analyst-8\",", 1))?;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    put("deep", "400", "100000 arrays for the roles", &text.replacen("[\"analyst\"]", &deep, 1))?;
    put("deep-open", "400", "100000 arrays that never end", &"[".repeat(100_000))?;
    put("text-behind", "400", "text behind the object", &format!("{text}{{}}"))?;
    put("cut", "400", "cut in the middle", text.get(..text.len() / 2).unwrap_or_default())?;
    put("empty", "400", "nothing", "")?;
    put("array", "400", "an array", "[]")?;
    put("byte-order-mark", "400", "a byte order mark", &format!("\u{feff}{text}"))?;
    put(
        "zero-in-name",
        "400",
        "a zero byte in a pseudonym",
        &text.replacen("analyst-9", "analyst\\u0000", 1),
    )?;
    put(
        "half-a-character",
        "400",
        "half of a surrogate pair",
        &text.replacen("analyst-9", "analyst\\ud800", 1),
    )?;
    put("no-roles", "400", "no role", &text.replacen("[\"analyst\"]", "[]", 1))?;
    put("unknown-role", "400", "a role that is not known", &text.replacen("[\"analyst\"]", "[\"king\"]", 1))?;
    put("number", "400", "a number for a name", &text.replacen("\"analyst-9\"", "1e999", 1))?;
    put(
        "key-form",
        "400",
        "a key with a byte behind it",
        &text.replacen(&verifying, &BASE64.encode(&[0xa2, 0]), 1),
    )?;

    // What stands in `attache-metadata`, before base64; the item is six bytes.
    let mut put = |name: &str, outcome: &str, why: &str, body: &str| {
        shelf.put("upload", &format!("{name}.json"), outcome, why, body.as_bytes())
    };
    put("control", "200", "a title", r#"{"title":"t"}"#)?;
    put(
        "control-naughty",
        "200",
        "right to left, and other scripts",
        "{\"title\":\"\u{202e}보고서 報告 ﷽ ../..\"}",
    )?;
    put("no-title", "400", "no title", "{}")?;
    put("empty-title", "400", "an empty title", r#"{"title":""}"#)?;
    put("control-character", "400", "a bell in the title", r#"{"title":"a\u0007"}"#)?;
    put("path", "400", "a path for a file name", r#"{"title":"t","file_name":"../a"}"#)?;
    put("windows-path", "400", "a path for a file name", r#"{"title":"t","file_name":"..\\a"}"#)?;
    put("name-twice", "400", "one name twice", r#"{"title":"t","title":"u"}"#)?;
    put("title-too-long", "400", "a title of 513 bytes", &format!("{{\"title\":\"{}\"}}", "t".repeat(513)))?;
    put(
        "too-long",
        "413",
        "metadata over 8 KiB in base64",
        &format!("{{\"title\":\"{}\"}}", "t".repeat(7000)),
    )?;
    put("no-tearline", "400", "a tearline is expected and none comes", r#"{"title":"t","tearline":true}"#)
}
