//! Attributes: a marking as a policy says it.

use attache_accord::NodeName;
use attache_rewrap::attribute::{Unstated, Values};
use attache_rewrap::definition::{definitions_request, definitions_response};
use attache_rewrap::discovery::Origin;
use attache_rewrap::limits::MAX_FQNS;
use attache_rewrap::{Attributes, Codec, Stated};
use serde_json::Value;

fn attributes() -> Attributes {
    let node: NodeName = "seoul.kor".parse().unwrap();
    Attributes::of(&node)
}

const LEVEL: &str = "https://seoul.kor/attr/level/value/kor-ii";
const KIND: &str = "https://seoul.kor/attr/kind/value/humint";
const PURPOSE: &str = "https://seoul.kor/attr/purpose/value/early-warning";
const RELEASABLE: &str = "https://seoul.kor/attr/releasable-to/value/jpn";

#[test]
fn a_policy_says_a_marking_whatever_its_case() {
    let upper = LEVEL.to_uppercase();
    let stated = attributes().read([upper.as_str(), KIND, RELEASABLE, PURPOSE]).unwrap();
    let expected = Stated {
        level: "KOR:II".parse().unwrap(),
        kind: "humint".parse().unwrap(),
        releasable_to: ["JPN".parse().unwrap()].into(),
        purposes: ["early-warning".parse().unwrap()].into(),
    };
    assert_eq!(stated, expected);
    let names = attributes();
    assert_eq!(names.level(&stated.level), LEVEL);
    assert_eq!(names.kind(&stated.kind), KIND);
    assert_eq!(names.releasable_to("JPN".parse().unwrap()), RELEASABLE);
}

#[test]
fn a_policy_that_says_more_or_less_than_a_marking_says_none() {
    let names = attributes();
    let read = |list: &[&str]| names.read(list.iter().copied()).unwrap_err();
    assert_eq!(read(&[]), Unstated::NoLevel);
    assert_eq!(read(&[LEVEL]), Unstated::NoKind);
    assert_eq!(read(&[KIND]), Unstated::NoLevel);
    assert_eq!(read(&[LEVEL, LEVEL, KIND]), Unstated::Twice);
    for foreign in [
        "https://tokyo.jpn/attr/level/value/jpn-tokutei",
        "https://seoul.kor/attr/project/value/x",
        "https://seoul.kor/attr/releasable-to/value/japan",
        "https://seoul.kor.example/attr/kind/value/humint",
        "https://seoul.kor/attr/kind",
        "",
    ] {
        assert_eq!(read(&[LEVEL, KIND, foreign]), Unstated::Foreign, "{foreign}");
    }
}

#[test]
fn definitions_are_what_the_rule_pack_names_and_nothing_else() {
    let values = Values {
        levels: vec!["KOR:I".parse().unwrap(), "KOR:II".parse().unwrap()],
        kinds: vec!["humint".parse().unwrap()],
        parties: vec!["JPN".parse().unwrap()],
        purposes: vec!["early-warning".parse().unwrap(), "planning".parse().unwrap()],
    };
    let absent = "https://seoul.kor/attr/level/value/kor-iii".to_owned();
    let names = [LEVEL.to_owned(), absent.clone(), RELEASABLE.to_owned(), PURPOSE.to_owned()];
    let answer = |codec| definitions_response(codec, &attributes(), &values, &names);
    let found: Value = serde_json::from_slice(&answer(Codec::Json)).unwrap();
    let found = &found["fqnAttributeValues"];
    assert_eq!(found[LEVEL]["attribute"]["rule"], "ATTRIBUTE_RULE_TYPE_ENUM_HIERARCHY");
    assert_eq!(found[LEVEL]["attribute"]["values"][0]["value"], "kor-i");
    assert_eq!(found[LEVEL]["value"]["fqn"], LEVEL);
    assert_eq!(found[RELEASABLE]["attribute"]["name"], "releasable-to");
    assert_eq!(found[PURPOSE]["attribute"]["values"].as_array().unwrap().len(), 2);
    assert!(found.get(&absent).is_none());
    // An entry of field 1 for each that is known: its name in field 1, and its rule as a number.
    let proto = answer(Codec::Proto);
    let has = |part: &[u8]| proto.windows(part.len()).any(|window| window == part);
    assert_eq!(proto[0], 0x0a);
    for name in [LEVEL, RELEASABLE] {
        assert!(has(&[&[0x0a, name.len() as u8], name.as_bytes(), &[0x12]].concat()), "{name}");
    }
    assert!(has(b"\x1a\x05level\x20\x03\x2a") && !has(absent.as_bytes()));
    let nameless = Values { purposes: Vec::new(), ..values };
    let found = definitions_response(Codec::Json, &attributes(), &nameless, &[PURPOSE.to_owned()]);
    let found: Value = serde_json::from_slice(&found).unwrap();
    assert!(
        found["fqnAttributeValues"].get(PURPOSE).is_none(),
        "a pack that names no purposes has no such attribute"
    );
}

#[test]
fn names_are_asked_about_in_json_and_in_protobuf_and_within_their_number() {
    let proto = |count: usize| [&[0x0a, LEVEL.len() as u8], LEVEL.as_bytes()].concat().repeat(count);
    let json = |count: usize| serde_json::json!({ "fqns": vec![LEVEL; count] }).to_string().into_bytes();
    for count in [0, 1, MAX_FQNS] {
        let wanted = vec![LEVEL.to_owned(); count];
        assert_eq!(definitions_request(Codec::Proto, &proto(count)).unwrap(), wanted);
        assert_eq!(definitions_request(Codec::Json, &json(count)).unwrap(), wanted);
    }
    for (codec, message) in [(Codec::Proto, proto(MAX_FQNS + 1)), (Codec::Json, json(MAX_FQNS + 1))] {
        assert_eq!(definitions_request(codec, &message).unwrap_err().code(), "resource_exhausted");
    }
    for (codec, message) in [(Codec::Proto, b"\x0a\x02a".as_slice()), (Codec::Json, b"7"), (Codec::Json, b"")]
    {
        assert_eq!(definitions_request(codec, message).unwrap_err().code(), "invalid_argument");
    }
    // What a newer client says beside it is passed over.
    let more = [proto(1), b"\x12\x00".to_vec()].concat();
    assert_eq!(definitions_request(Codec::Proto, &more).unwrap(), [LEVEL]);
}

#[test]
fn an_address_has_a_scheme_a_host_and_no_path() {
    let read = |text: &str| Origin::read(text).map(|origin| (origin.host().to_owned(), origin.is_plain()));
    assert_eq!(read("https://kas.seoul.example:8444"), Some(("kas.seoul.example".to_owned(), false)));
    assert_eq!(read("http://127.0.0.1:8444"), Some(("127.0.0.1".to_owned(), true)));
    assert_eq!(read("https://[::1]:8444"), Some(("::1".to_owned(), false)));
    for bad in ["seoul.kor", "ftp://seoul.kor", "https://", "https://seoul.kor/", "https://seoul.kor/kas"] {
        assert_eq!(read(bad), None, "{bad}");
    }
    for bad in
        ["desk:", "desk:0", "desk:65536", "desk:+1", "desk:1:2", ":8444", "[::1", "[::1]8444", "[]", "[::1]:"]
    {
        let bad = format!("https://{bad}");
        assert_eq!(read(&bad), None, "{bad}");
    }
}
