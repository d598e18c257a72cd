//! Labels, and the assertions that carry them under a signature.

use super::{Made, Shelf};
use attache_seal::tdf::Container;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::io::Cursor;

pub fn put(shelf: &mut Shelf) -> Made {
    let file = std::fs::read(shelf.root.join("../tdf/containers.json"))?;
    let file: Value = serde_json::from_slice(&file)?;
    let value = file["label_value"].as_str().ok_or("label_value")?;
    let mut put = |name: &str, outcome: &str, why: &str, text: &str| {
        shelf.put("label", &format!("{name}.json"), outcome, why, text.as_bytes())
    };
    put("control", "ok", "the label of vectors/tdf", value)?;
    put("space", "refused", "a space that changes nothing", &value.replacen(':', ": ", 1))?;
    put("line-behind", "refused", "a line feed behind it", &format!("{value}\n"))?;
    put("escaped", "refused", "a letter by its escape", &value.replacen("SECRET", "S\\u0045CRET", 1))?;
    put(
        "name-twice",
        "refused",
        "two classifications",
        &value.replacen("\"cls\":", "\"cls\":\"UNCLASSIFIED\",\"cls\":", 1),
    )?;
    put(
        "unknown-name",
        "refused",
        "a member that is not known",
        &value.replacen("{\"ocl\":", "{\"remark\":1,\"ocl\":", 1),
    )?;
    put("no-level", "refused", "a level under another name", &value.replacen("\"Level\"", "\"level\"", 1))?;
    put("no-time", "refused", "a day without its time", &dated(value))?;
    let nations = "\"name\":\"Releasable To\",\"vals\":[";
    put("nobody", "refused", "an empty list of nations", &emptied(value, nations))?;
    put("nation-twice", "refused", "a nation twice", &twice(value, nations))?;
    put("array", "refused", "an array", "[]")?;
    put("deep", "refused", "10000 arrays deep", &"[".repeat(10_000))?;
    put("empty", "refused", "nothing", "")?;
    assertions(shelf)
}

/// The value with the day of its `dcr` alone.
fn dated(value: &str) -> String {
    let Some((before, rest)) = value.split_once("\"dcr\":\"") else { return String::new() };
    let (day, _) = rest.split_once('T').unwrap_or_default();
    let after = rest.split_once('"').map_or("", |(_, after)| after);
    format!("{before}\"dcr\":\"{day}\"{after}")
}

/// The value with nothing in the list that follows `list`.
fn emptied(value: &str, list: &str) -> String {
    let Some((before, rest)) = value.split_once(list) else { return String::new() };
    let after = rest.split_once(']').map_or("", |(_, after)| after);
    format!("{before}{list}]{after}")
}

/// The value with the first of the list that follows `list` twice.
fn twice(value: &str, list: &str) -> String {
    let Some((before, rest)) = value.split_once(list) else { return String::new() };
    let first = rest.split([',', ']']).next().unwrap_or_default();
    format!("{before}{list}{first},{rest}")
}

/// The signed label of `fuzz/corpus/container/labelled`, verified for the segments of that container.
fn assertions(shelf: &mut Shelf) -> Made {
    let container = std::fs::read(shelf.root.join("../../fuzz/corpus/container/labelled"))?;
    let container = Container::open(Cursor::new(container))?;
    let good = serde_json::to_value(container.manifest().assertions.first().ok_or("no label")?)?;
    let jws = good["binding"]["signature"].as_str().ok_or("no signature")?.to_owned();
    let [header, payload, signature] = jws.split('.').collect::<Vec<_>>()[..] else {
        return Err("jws".into());
    };
    let mut put = |name: &str, outcome: &str, why: &str, assertion: &Value| {
        shelf.put("assertion", &format!("{name}.json"), outcome, why, assertion.to_string().as_bytes())
    };
    put("control", "ok", "as it was signed", &good)?;
    let signed = |jws: String| {
        let mut other = good.clone();
        other["binding"]["signature"] = json!(jws);
        other
    };
    let headed = |header: Value| BASE64URL_NOPAD.encode(header.to_string().as_bytes());
    let none = headed(json!({ "alg": "none" }));
    put("alg-none", "refused", "signed by no algorithm", &signed(format!("{none}.{payload}.")))?;
    put(
        "alg-none-signed",
        "refused",
        "says no algorithm, with the signature left",
        &signed(format!("{none}.{payload}.{signature}")),
    )?;
    let hmac = headed(json!({ "alg": "HS256" }));
    put(
        "alg-hmac",
        "refused",
        "says HMAC, so that a public key might be taken for its key",
        &signed(format!("{hmac}.{payload}.{signature}")),
    )?;
    let own = headed(json!({ "alg": "ES256", "jwk": { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" } }));
    put(
        "key-brought-along",
        "refused",
        "brings its own key",
        &signed(format!("{own}.{payload}.{signature}")),
    )?;
    put("no-signature", "refused", "an empty signature", &signed(format!("{header}.{payload}.")))?;
    put(
        "zeros",
        "refused",
        "a signature of zeros",
        &signed(format!("{header}.{payload}.{}", BASE64URL_NOPAD.encode(&[0; 64]))),
    )?;
    put("two-parts", "refused", "two parts of three", &signed(format!("{header}.{payload}")))?;
    put("padded", "refused", "base64 with padding", &signed(format!("{jws}==")))?;
    let mut unbound = good.clone();
    if let Value::Object(object) = &mut unbound {
        object.remove("binding");
    }
    put("unbound", "refused", "no signature at all", &unbound)?;
    let mut lowered = good.clone();
    let value =
        lowered["statement"]["value"].as_str().unwrap_or_default().replacen("SECRET", "RESTRICTED", 1);
    lowered["statement"]["value"] = json!(value);
    put("lowered", "refused", "another classification under the same signature", &lowered)?;
    let mut moved = good.clone();
    moved["scope"] = json!("payload");
    put("another-scope", "refused", "another scope under the same signature", &moved)
}
