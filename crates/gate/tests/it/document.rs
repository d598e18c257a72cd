//! The OpenAPI document against the one that is kept.

use serde_json::Value;
use std::collections::BTreeSet;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi.json");

fn document() -> Value {
    serde_json::to_value(attache_gate::openapi()).unwrap()
}

#[test]
fn the_document_is_the_one_that_is_kept() {
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(KEPT).unwrap()).unwrap();
    let hint = "run: cargo test -p attache-gate -- --ignored keep_the_document";
    assert!(document() == kept, "the interface has changed; if that is meant, {hint}");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_who_calls_it() {
    let (mut names, mut operations) = (BTreeSet::new(), 0);
    for item in document()["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            operations += 1;
            names.insert(operation["operationId"].as_str().unwrap().to_owned());
            assert!(operation["description"].as_str().unwrap().contains("Called by"), "{operation}");
        }
    }
    assert_eq!(names.len(), operations);
}

#[test]
fn every_place_of_a_path_is_described() {
    for (path, item) in document()["paths"].as_object().unwrap() {
        let places = path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'));
        let places: BTreeSet<_> = places.collect();
        for operation in item.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array().unwrap();
            let described = parameters.iter().filter(|one| one["in"] == "path");
            let names: BTreeSet<_> = described.map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(names, places, "{path}");
        }
    }
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document = document();
    let text = document.to_string();
    let named: BTreeSet<_> =
        text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(named.len() > 20);
    for name in named {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
#[ignore = "writes the kept document anew"]
fn keep_the_document() {
    std::fs::write(KEPT, format!("{:#}\n", document())).unwrap();
}
