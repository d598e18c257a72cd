//! Sealed items: what comes back, what is refused, and at which length.

use crate::samples::item::{apart, draft, key, open, seal, together, together_raw};
use attache_accord::Digest;
use attache_seal::ContentKey;
use attache_seal::tdf::{
    Container, ContainerWriter, Frame, KeyAccess, KeyAccessKind, Manifest, Metadata, Policy, SegmentKey,
    SegmentOpener, Tally, TdfError, container_bytes, segment_bytes_for,
};
use proptest::prelude::*;
use serde_json::json;
use std::io::Cursor;

fn code(result: Result<Vec<u8>, TdfError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn an_item_of_three_segments_comes_back_as_it_was() {
    let plain: Vec<u8> = (0..250u8).collect();
    let (container, digest) = seal(&plain, 100);
    assert_eq!(open(&container, Some(digest)).unwrap(), plain);
}

#[test]
fn an_item_that_fills_its_segments_exactly_has_no_empty_segment_after_them() {
    let (container, _) = seal(&[7; 200], 100);
    let container = Container::open(Cursor::new(container)).unwrap();
    assert_eq!(container.manifest().integrity.segments.len(), 2);
}

#[test]
fn an_empty_item_has_one_empty_segment_and_a_digest_of_its_own() {
    let (first, first_digest) = seal(&[], 100);
    let (_, second_digest) = seal(&[], 100);
    assert_eq!(open(&first, Some(first_digest)).unwrap(), b"");
    assert_ne!(first_digest, second_digest);
}

#[test]
fn the_item_digest_is_computed_without_a_key() {
    let (container, digest) = seal(&[7; 250], 100);
    assert_eq!(Container::open(Cursor::new(container)).unwrap().item_digest().unwrap(), digest);
}

#[test]
fn the_item_digest_is_the_rfc_6962_tree_over_the_sealed_segments() {
    use attache_tlog::{leaf_hash, node_hash};
    let (container, digest) = seal(&[7; 250], 100);
    let (_, payload) = apart(&container);
    let [a, b, c] = [0..128, 128..256, 256..334].map(|part| leaf_hash(&payload[part]));
    assert_eq!(Digest(node_hash(&node_hash(&a, &b), &c).0), digest);
}

#[test]
fn another_item_than_the_package_names_is_refused_at_the_end() {
    let (container, _) = seal(&[7; 250], 100);
    assert_eq!(code(open(&container, Some(Digest([0; 32])))), "item-digest");
}

#[test]
fn segments_sealed_on_other_threads_are_the_item_when_put_in_order() {
    let segment_key = SegmentKey::new(&key()).unwrap();
    let sealed: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4u8)
            .map(|n| {
                scope.spawn({
                    let segment_key = &segment_key;
                    move || segment_key.seal(&[n; 50]).unwrap()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut tally = Tally::new();
    sealed.iter().for_each(|segment| tally.append(&segment.mark).unwrap());
    let (integrity, digest) = tally.finish(&key());
    let opener = SegmentOpener::new(&key(), &integrity).unwrap();
    let mut again = Tally::new();
    for (index, segment) in sealed.iter().enumerate() {
        let (plain, mark) = opener.open(index as u64, &segment.bytes).unwrap();
        assert_eq!(plain.as_slice(), [index as u8; 50]);
        again.append(&mark).unwrap();
    }
    assert!(opener.finish(&again, Some(digest)).is_ok());
}

#[test]
fn a_reader_who_stops_early_is_told_that_segments_are_missing() {
    let (container, _) = seal(&[7; 250], 100);
    let container = Container::open(Cursor::new(container)).unwrap();
    let opener = SegmentOpener::new(&key(), &container.manifest().integrity).unwrap();
    let error = opener.finish(&Tally::new(), None).unwrap_err();
    assert!(matches!(error, TdfError::SegmentCount { found: 0, listed: 3 }));
}

#[test]
fn the_partner_gets_the_same_segments_under_a_new_manifest_at_a_length_known_before() {
    let (at_rest, digest) = seal(&[7; 250], 100);
    let mut source = Container::open(Cursor::new(at_rest)).unwrap();
    let other_policy = Policy::fresh(vec!["https://seoul.example/attr/a/value/01".to_owned()]).unwrap();
    let mut new = draft(&key());
    new.policy_base64 = other_policy.to_base64().unwrap();
    let url = "https://seoul.example/kas";
    new.key_access =
        vec![KeyAccess::new(KeyAccessKind::HybridWrapped, url, "k2", &[8; 1735], &key(), &new.policy_base64)];
    let json = source.manifest().rewrapped(new).unwrap().to_json().unwrap();
    let payload_bytes = source.manifest().integrity.payload_bytes();
    let mut writer = ContainerWriter::begin(Vec::new(), Some(payload_bytes)).unwrap();
    let mut sealed = Vec::new();
    while source.next_sealed(&mut sealed).unwrap() {
        writer.write_sealed(&sealed).unwrap();
    }
    let sent = writer.finish(&json).unwrap();
    assert_eq!(sent.len() as u64, container_bytes(payload_bytes, &json).unwrap());
    assert_eq!(open(&sent, Some(digest)).unwrap(), [7; 250]);
    let frame = Frame::new(payload_bytes, source.payload_crc32(), &json).unwrap();
    assert!(sent.starts_with(&frame.head) && sent.ends_with(&frame.tail));
}

#[test]
fn a_writer_that_is_given_other_bytes_than_promised_does_not_finish() {
    let mut writer = ContainerWriter::begin(Vec::new(), Some(10)).unwrap();
    writer.write_sealed(&[0; 9]).unwrap();
    assert_eq!(writer.finish(b"{}").unwrap_err().code(), "container");
}

#[test]
fn a_container_over_four_gibibytes_has_zip64_records_that_we_read() {
    let payload_bytes: u64 = 5 << 30;
    let frame = Frame::new(payload_bytes, 1, b"{}").unwrap();
    let file = Sparse { frame: frame.clone(), payload_bytes, at: 0 };
    // The manifest is no manifest; that it is reached says that the records were understood.
    assert_eq!(Container::open(file).unwrap_err().code(), "manifest");
    assert!(frame.head.windows(4).any(|window| window == [0xff; 4]));
}

/// A container whose payload is all zero and is not held in memory.
#[derive(Debug)]
struct Sparse {
    frame: Frame,
    payload_bytes: u64,
    at: u64,
}

impl std::io::Read for Sparse {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let head = self.frame.head.len() as u64;
        let tail_at = head + self.payload_bytes;
        let from = |bytes: &[u8], at: u64| bytes[usize::try_from(at).unwrap()..].to_vec();
        let chunk = match self.at {
            at if at < head => from(&self.frame.head, at),
            at if at < tail_at => vec![0; out.len()],
            at => from(&self.frame.tail, at - tail_at),
        };
        let count = chunk.len().min(out.len());
        out[..count].copy_from_slice(&chunk[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl std::io::Seek for Sparse {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        let end = self.frame.container_bytes(self.payload_bytes);
        self.at = match to {
            std::io::SeekFrom::Start(at) => at,
            std::io::SeekFrom::End(back) => end.checked_add_signed(back).unwrap(),
            std::io::SeekFrom::Current(step) => self.at.checked_add_signed(step).unwrap(),
        };
        Ok(self.at)
    }
}

#[test]
fn items_up_to_four_gibibytes_have_segments_of_one_mebibyte() {
    assert_eq!(segment_bytes_for(Some(4 << 30)), 1 << 20);
    assert_eq!(segment_bytes_for(Some((4 << 30) + 1)), 4 << 20);
    assert_eq!(segment_bytes_for(None), 4 << 20);
}

#[test]
fn a_manifest_of_ours_shows_no_media_type_and_no_member_that_an_sdk_does_not_know() {
    let (container, _) = seal(b"x", 100);
    let (manifest, _) = apart(&container);
    // Sorted here: whether a JSON map keeps its order depends on what else is built beside this crate.
    let names = |value: &serde_json::Value| {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&manifest), ["assertions", "encryptionInformation", "payload", "schemaVersion"]);
    assert_eq!(names(&manifest["payload"]), ["isEncrypted", "mimeType", "protocol", "type", "url"]);
    assert_eq!(manifest["payload"]["mimeType"], "application/octet-stream");
    assert_eq!(manifest["encryptionInformation"]["method"]["iv"], "");
}

#[test]
fn two_shares_of_the_key_are_both_needed() {
    let (first, second) = key().split().unwrap();
    let mut both = draft(&key());
    let object = |share: &ContentKey, sid: &str| {
        let policy = &both.policy_base64;
        KeyAccess::new(KeyAccessKind::HybridWrapped, "https://a/kas", sid, &[1], share, policy).with_sid(sid)
    };
    both.key_access = vec![object(&first, "a"), object(&second, "b")];
    let (container, _) = seal(b"x", 100);
    let rewrapped = Container::open(Cursor::new(container)).unwrap().manifest().rewrapped(both).unwrap();
    let opened = rewrapped.content_key(|object| match object.sid.as_deref() {
        Some("a") => Some(first.clone()),
        _ => Some(second.clone()),
    });
    assert_eq!(opened.unwrap().dangerously_expose(), key().dangerously_expose());
    let alone = rewrapped.content_key(|object| (object.sid.as_deref() == Some("a")).then(|| first.clone()));
    assert_eq!(alone.unwrap_err().code(), "no-key");
}

#[test]
fn title_and_file_name_are_sealed_and_open_with_the_key_only() {
    let metadata = Metadata {
        title: "연합 훈련".to_owned(),
        file_name: "報告.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    };
    let sealed = metadata.seal(&key()).unwrap();
    assert_eq!(Metadata::open(&sealed, &key()).unwrap(), metadata);
    assert!(Metadata::open(&sealed, &ContentKey::from_bytes(&[1; 32])).is_err());
}

#[test]
fn a_policy_with_a_dissemination_list_is_a_restriction_that_we_do_not_keep() {
    let json = br#"{"uuid":"u","body":{"dataAttributes":[],"dissem":["a@b"]}}"#;
    let error = Policy::from_base64(&data_encoding::BASE64.encode(json)).unwrap_err();
    assert_eq!(error.code(), "unfit");
}

#[test]
fn a_fresh_policy_has_a_random_uuid_of_version_4() {
    let uuid = Policy::fresh(Vec::new()).unwrap().uuid;
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
    assert!("89ab".contains(&uuid[19..20]));
}

type Change = fn(&mut serde_json::Value);

#[test]
fn a_manifest_altered_in_one_place_is_refused_for_that_reason() {
    let (container, _) = seal(&[7; 250], 100);
    let (manifest, payload) = apart(&container);
    let changes: [(&str, &str, Change); 27] = [
        ("policy of another item", "binding", |m| m["encryptionInformation"]["policy"] = json!("e30=")),
        ("binding of another policy", "binding", |m| {
            m["encryptionInformation"]["keyAccess"][0]["policyBinding"]["hash"] = json!("AAAA");
        }),
        ("binding without value", "manifest", |m| {
            m["encryptionInformation"]["keyAccess"][0]["policyBinding"] = json!({"alg": "HS256"});
        }),
        ("no binding", "manifest", |m| {
            let object = m["encryptionInformation"]["keyAccess"][0].as_object_mut().unwrap();
            object.remove("policyBinding");
        }),
        ("binding as a bare string", "manifest", |m| {
            m["encryptionInformation"]["keyAccess"][0]["policyBinding"] = json!("AAAA");
        }),
        ("binding alg none", "unfit", |m| {
            m["encryptionInformation"]["keyAccess"][0]["policyBinding"]["alg"] = json!("none");
        }),
        ("no key access", "manifest", |m| m["encryptionInformation"]["keyAccess"] = json!([])),
        ("another key protocol", "manifest", |m| {
            m["encryptionInformation"]["keyAccess"][0]["protocol"] = json!("ftp");
        }),
        ("root signature alg none", "unfit", |m| integrity(m)["rootSignature"]["alg"] = json!("none")),
        ("root signature alg GMAC", "unfit", |m| integrity(m)["rootSignature"]["alg"] = json!("GMAC")),
        ("root signature of zeros", "root-signature", |m| {
            integrity(m)["rootSignature"]["sig"] = json!(data_encoding::BASE64.encode(&[0; 32]));
        }),
        ("root signature cut", "manifest", |m| integrity(m)["rootSignature"]["sig"] = json!("AAAA")),
        ("segment hash alg none", "unfit", |m| integrity(m)["segmentHashAlg"] = json!("none")),
        ("segment hash alg changed", "manifest", |m| integrity(m)["segmentHashAlg"] = json!("HS256")),
        ("first two hashes swapped", "root-signature", |m| {
            integrity(m)["segments"].as_array_mut().unwrap().swap(0, 1)
        }),
        ("last segment not listed", "manifest", |m| {
            drop(integrity(m)["segments"].as_array_mut().unwrap().pop())
        }),
        ("no segment listed", "manifest", |m| integrity(m)["segments"] = json!([])),
        ("a segment listed as longer", "manifest", |m| {
            integrity(m)["segments"][0]["segmentSize"] = json!(101)
        }),
        ("segment border moved", "segment", |m| {
            for (at, plain) in [(0, 99), (1, 101)] {
                integrity(m)["segments"][at]["segmentSize"] = json!(plain);
                integrity(m)["segments"][at]["encryptedSegmentSize"] = json!(plain + 28);
            }
        }),
        ("a segment of 5 MiB", "too-large", |m| integrity(m)["segments"][0]["segmentSize"] = json!(5 << 20)),
        ("a negative size", "manifest", |m| integrity(m)["segments"][0]["segmentSize"] = json!(-1)),
        ("a size of 2^64 - 1", "too-large", |m| integrity(m)["segments"][0]["segmentSize"] = json!(u64::MAX)),
        ("no schemaVersion", "unfit", |m| drop(m.as_object_mut().unwrap().remove("schemaVersion"))),
        ("schemaVersion 4.2.2", "unfit", |m| m["schemaVersion"] = json!("4.2.2")),
        ("another cipher", "unfit", |m| {
            m["encryptionInformation"]["method"]["algorithm"] = json!("AES-128-CBC")
        }),
        ("payload in the clear", "manifest", |m| m["payload"]["isEncrypted"] = json!(false)),
        ("payload elsewhere", "manifest", |m| m["payload"]["url"] = json!("https://elsewhere/0.payload")),
    ];
    for (name, expected, change) in changes {
        let mut altered = manifest.clone();
        change(&mut altered);
        assert_ne!(altered, manifest, "{name}");
        assert_eq!(code(open(&together(&altered, &payload), None)), expected, "{name}");
    }
    assert_eq!(code(open(&together(&manifest, &payload), None)), "ok");
}

fn integrity(manifest: &mut serde_json::Value) -> &mut serde_json::Value {
    &mut manifest["encryptionInformation"]["integrityInformation"]
}

#[test]
fn a_manifest_that_names_anything_twice_is_refused() {
    let (container, _) = seal(&[7; 250], 100);
    let (manifest, payload) = apart(&container);
    let text = manifest.to_string();
    for member in [r#""policy":"e30=","#, r#""unknown":1,"unknown":2,"#] {
        let twice = text.replacen(
            r#""encryptionInformation":{"#,
            &format!(r#""encryptionInformation":{{{member}"#),
            1,
        );
        assert_ne!(twice, text);
        assert_eq!(code(open(&together_raw(twice.as_bytes(), &payload), None)), "manifest", "{member}");
    }
}

#[test]
fn what_the_sdks_leave_out_may_be_left_out() {
    let (container, _) = seal(&[7; 200], 100);
    let (mut manifest, payload) = apart(&container);
    let information = manifest["encryptionInformation"].as_object_mut().unwrap();
    information["method"].as_object_mut().unwrap().remove("iv");
    for segment in information["integrityInformation"]["segments"].as_array_mut().unwrap() {
        segment.as_object_mut().unwrap().retain(|name, _| name == "hash");
    }
    for name in ["kid", "schemaVersion"] {
        information["keyAccess"][0].as_object_mut().unwrap().remove(name);
    }
    manifest.as_object_mut().unwrap().remove("assertions");
    manifest["unknown"] = json!({"by": "another SDK"});
    assert_eq!(open(&together(&manifest, &payload), None).unwrap(), [7; 200]);
}

#[test]
fn segments_altered_in_the_payload_are_refused() {
    let (container, _) = seal(&[7; 250], 100);
    let (manifest, payload) = apart(&container);
    let mut swapped = payload.clone();
    swapped.rotate_left(128);
    assert_eq!(code(open(&together(&manifest, &swapped), None)), "segment");
    for at in [0, 20, 127, 128, payload.len() - 1] {
        let mut flipped = payload.clone();
        flipped[at] ^= 0x80;
        assert_eq!(code(open(&together(&manifest, &flipped), None)), "segment", "byte {at}");
    }
    assert_eq!(code(open(&together(&manifest, &payload[..payload.len() - 1]), None)), "manifest");
}

#[test]
fn bytes_before_after_or_between_the_entries_are_refused() {
    let (container, _) = seal(&[7; 250], 100);
    let with = |at: usize, more: &[u8]| [&container[..at], more, &container[at..]].concat();
    assert_eq!(code(open(&with(0, b"x"), None)), "container");
    assert_eq!(code(open(&with(container.len(), b"x"), None)), "container");
    let manifest_at = container.windows(4).rposition(|window| window == b"PK\x03\x04").unwrap();
    assert_eq!(code(open(&with(manifest_at, b"x"), None)), "container");
    let directory_at = container.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    assert_eq!(code(open(&with(directory_at, b"x"), None)), "container");
}

#[test]
fn two_manifests_or_three_entries_are_refused() {
    let (container, _) = seal(&[7; 250], 100);
    // The payload entry renamed in both places: two manifests, no payload.
    let renamed = replaced(&container, b"0.payload", b"0.manifes");
    assert_eq!(code(open(&renamed, None)), "container");
    let mut three = container.clone();
    let end = three.len() - 22;
    three[end + 8] = 3;
    three[end + 10] = 3;
    assert_eq!(code(open(&three, None)), "container");
}

#[test]
fn an_entry_that_says_it_is_compressed_or_encrypted_is_refused() {
    let (container, _) = seal(&[7; 250], 100);
    let central = container.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for (at, value) in [(central + 10, 8), (central + 8, 9), (8, 8), (6, 1)] {
        let mut altered = container.clone();
        altered[at] = value;
        assert_eq!(code(open(&altered, None)), "container", "byte {at}");
    }
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let places: Vec<usize> = (0..out.len() - from.len()).filter(|at| out[*at..].starts_with(from)).collect();
    for at in places {
        out[at..at + from.len()].copy_from_slice(to);
    }
    out
}

#[test]
fn a_file_of_nothing_but_end_records_is_refused() {
    let end = [&b"PK\x05\x06"[..], &[0; 4], &[2, 0, 2, 0], &[0xff; 8], &[0, 0]].concat();
    let locator = [&b"PK\x06\x07"[..], &[0xff; 12], &[1, 0, 0, 0]].concat();
    assert_eq!(code(open(&end, None)), "container");
    assert_eq!(code(open(&[locator.clone(), end.clone()].concat(), None)), "container");
    assert_eq!(code(open(&[vec![0xff; 56], locator, end].concat(), None)), "container");
}

#[test]
fn every_truncation_of_a_container_is_refused() {
    let (container, _) = seal(&[7; 250], 100);
    let opened = (0..container.len()).filter(|end| open(&container[..*end], None).is_ok()).count();
    assert_eq!(opened, 0);
}

#[test]
fn a_manifest_of_more_than_four_mebibytes_is_neither_written_nor_read() {
    let long = vec![b' '; (4 << 20) + 1];
    assert_eq!(container_bytes(1, &long).unwrap_err().code(), "too-large");
    assert_eq!(Manifest::from_json(&long).unwrap_err().code(), "too-large");
}

#[test]
fn a_manifest_for_64_gibibytes_fits() {
    let mut tally = Tally::new();
    let mark = SegmentKey::new(&key()).unwrap().seal(&[0; 16]).unwrap().mark;
    let mark = attache_seal::tdf::SegmentMark { plain_bytes: 4 << 20, ..mark };
    for _ in 0..(64u64 << 30) / (4 << 20) {
        tally.append(&mark).unwrap();
    }
    assert_eq!(tally.append(&mark).unwrap_err().code(), "too-large");
    let mut full = Tally::new();
    (0..16_384).for_each(|_| full.append(&mark).unwrap());
    let manifest = Manifest::new(draft(&key()), full.finish(&key()).0).unwrap();
    assert_eq!(Manifest::from_json(&manifest.to_json().unwrap()).unwrap(), manifest);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_container_with_any_byte_changed_gives_the_same_item_or_is_refused(at in 0usize..100_000, flip in 1u8..=255) {
        let (container, digest) = sealed_once();
        let mut altered = container.clone();
        let at = at % altered.len();
        altered[at] ^= flip;
        if let Ok(plain) = open(&altered, Some(*digest)) {
            prop_assert_eq!(plain, [7u8; 250]);
        }
    }

    #[test]
    fn a_container_with_three_places_changed_never_makes_us_fall_over(
        places in proptest::collection::vec((0usize..100_000, any::<u8>()), 3)
    ) {
        let (container, _) = sealed_once();
        let mut altered = container.clone();
        for (at, byte) in places {
            let at = at % altered.len();
            altered[at] = byte;
        }
        if let Ok(plain) = open(&altered, None) {
            prop_assert_eq!(plain, [7u8; 250]);
        }
    }

    #[test]
    fn items_of_any_length_and_segment_size_come_back(
        plain in proptest::collection::vec(any::<u8>(), 0..400), segment_bytes in 1u32..200
    ) {
        let (container, digest) = seal(&plain, segment_bytes);
        prop_assert_eq!(open(&container, Some(digest)).unwrap(), plain);
    }
}

fn sealed_once() -> &'static (Vec<u8>, Digest) {
    static SEALED: std::sync::OnceLock<(Vec<u8>, Digest)> = std::sync::OnceLock::new();
    SEALED.get_or_init(|| seal(&[7; 250], 100))
}
