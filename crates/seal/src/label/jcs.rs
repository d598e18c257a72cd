//! JSON in canonical form (RFC 8785), for what assertions hold: objects, arrays, strings, whole numbers, true, false,
//! null.
//!
//! *Absent:* fractions. RFC 8785 writes them as ECMAScript does; no assertion needs one, so they are refused.

use serde_json::Value;

/// Largest whole number that an IEEE double holds exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The canonical bytes, or nothing where there is a fraction or a number beyond 2^53.
pub(super) fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Number(number) if number.as_i64().is_none_or(|n| n.unsigned_abs() > MAX_SAFE) => return None,
        // The parser's own writer escapes strings as RFC 8785 section 3.2.2.2 asks, and writes integers plainly.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            serde_json::to_writer(out, value).ok()?;
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // RFC 8785 section 3.2.3 sorts by UTF-16 code units.
            members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push(b'{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, name).ok()?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_sorted_by_utf_16_units() {
        // The example of RFC 8785 section 3.2.3, shortened: U+1F600 sorts before U+FB33 there.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{20ac}": 3, "\r": 4, "1": 5});
        let text = String::from_utf8(canonical(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"\\r\":4,\"1\":5,\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn control_characters_are_escaped_in_their_shortest_form() {
        let value = json!("\u{8}\u{9}\u{a}\u{c}\u{d}\u{1f}\"\\/\u{7f}");
        assert_eq!(canonical(&value).unwrap(), "\"\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7f}\"".as_bytes());
    }

    #[test]
    fn fractions_and_numbers_beyond_exactness_are_refused() {
        assert!(canonical(&json!([1.5])).is_none());
        assert!(canonical(&json!({"a": 9_007_199_254_740_992_u64})).is_none());
        assert!(canonical(&json!(u64::MAX)).is_none());
        assert_eq!(canonical(&json!(-9_007_199_254_740_991_i64)).unwrap(), b"-9007199254740991");
    }
}
