//! Golden frames: the bytes that other implementations write and must refuse. They came from another encoder.

use crate::pipe::{NOW, bytes_of, offer, ours};
use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_courier::codes::CODES;
use attache_courier::frame::{
    About, Accept, Ask, Close, Decline, Frame, Given, Hello, Offer, Opening, OpeningAnswer, Proof, Slip,
    Witness, Witnessed, Word,
};
use attache_courier::{Caller, Code, Event, Listener, Trouble};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// How many files stand in `v1` and in `bad`. None is ever removed.
const FRAMES: usize = 41;
const BREACHES: usize = 152;

fn folder(name: &str) -> Vec<(String, Value)> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/courier")).join(name);
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        (path.display().to_string(), serde_json::from_str(&text).unwrap())
    };
    fs::read_dir(path).unwrap().map(read).collect()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}"))
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("{field} in {value}"))
}

fn bytes(value: &Value, field: &str) -> Vec<u8> {
    let hex = text(value, field);
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn digest(value: &Value, field: &str) -> Digest {
    Digest(bytes(value, field).try_into().unwrap())
}

fn dispatch(fields: &Value) -> DispatchId {
    DispatchId(bytes(fields, "dispatch").try_into().unwrap())
}

fn code(value: &Value) -> Code {
    let shown = text(value, "code");
    CODES.iter().find(|row| row.code.to_string() == shown).unwrap_or_else(|| panic!("code {shown}")).code
}

fn hello(fields: &Value) -> Hello {
    let versions = fields["versions"].as_array().unwrap().iter();
    let network = match number(fields, "network") {
        0 => Network::Live,
        1 => Network::Exercise,
        _ => Network::Demo,
    };
    Hello {
        versions: versions.map(|version| version.as_u64().unwrap().try_into().unwrap()).collect(),
        node: text(fields, "node").parse().unwrap(),
        network,
        agreement: text(fields, "agreement").to_owned(),
        pack: digest(fields, "pack"),
        clock: Timestamp(number(fields, "clock")),
        window: number(fields, "window").try_into().unwrap(),
    }
}

fn offered(fields: &Value) -> Offer {
    Offer {
        dispatch: dispatch(fields),
        package: bytes(fields, "package"),
        package_digest: digest(fields, "package_digest"),
        size: number(fields, "size"),
        due: Timestamp(number(fields, "due")),
    }
}

/// The control frame that a golden file describes; `None` for data.
fn described(golden: &Value) -> Option<Frame> {
    let fields = &golden["fields"];
    let about = || About { dispatch: dispatch(fields) };
    let slip = || Slip { dispatch: dispatch(fields), receipt: bytes(fields, "receipt") };
    Some(match text(golden, "frame") {
        "Hello" => Frame::Hello(hello(fields)),
        "Offer" => Frame::Offer(offered(fields)),
        "Accept" => Frame::Accept(Accept { dispatch: dispatch(fields), have: number(fields, "have") }),
        "Decline" => Frame::Decline(Decline { dispatch: dispatch(fields), code: code(fields) }),
        "Held" => Frame::Held(about()),
        "Receipted" => Frame::Receipted(slip()),
        "Done" => Frame::Done(about()),
        "Stored" => Frame::Stored(about()),
        "Receipt" => Frame::Receipt(slip()),
        "ReceiptKept" => Frame::ReceiptKept(about()),
        "Notice" => {
            let id = DispatchId(bytes(fields, "id").try_into().unwrap());
            Frame::Notice(Word { id, notice: bytes(fields, "notice") })
        }
        "NoticeKept" => Frame::NoticeKept(about()),
        "Witness" => Frame::Witness(Witness { request: bytes(fields, "request") }),
        "Witnessed" => Frame::Witnessed(match number(fields, "status") {
            200 => Witnessed::cosigned(bytes(fields, "lines")),
            409 => Witnessed::stands_at(number(fields, "size")),
            status => Witnessed::refused(status.try_into().unwrap()),
        }),
        "Proof" => Frame::Proof(Proof { dispatch: dispatch(fields), proof: bytes(fields, "proof") }),
        "ProofKept" => Frame::ProofKept(about()),
        "Opening" => {
            let id = DispatchId(bytes(fields, "id").try_into().unwrap());
            let key = fields["key"].is_string().then(|| bytes(fields, "key").into());
            Frame::Opening(Opening { id, request: bytes(fields, "request"), key })
        }
        "OpeningAnswer" => Frame::OpeningAnswer(OpeningAnswer {
            id: DispatchId(bytes(fields, "id").try_into().unwrap()),
            answer: bytes(fields, "answer"),
            share: fields["share"].is_string().then(|| bytes(fields, "share").into()),
        }),
        "Ask" => Frame::Ask(Ask {
            dispatch: fields["dispatch"].is_string().then(|| dispatch(fields)),
            since: fields["since"].as_u64().map(Timestamp),
        }),
        "Given" => {
            let paper = fields["paper"].is_string().then(|| bytes(fields, "paper"));
            Frame::Given(Given::new(paper, fields["more"].as_bool().unwrap()))
        }
        "Ping" => Frame::Ping,
        "Pong" => Frame::Pong,
        "Close" => Frame::Close(Close { code: code(fields) }),
        "Data" => return None,
        other => panic!("no such frame: {other}"),
    })
}

/// The golden data frames: file, fields, bytes.
fn data_frames() -> Vec<(String, Value, Vec<u8>)> {
    let is_data = |golden: &Value| described(golden).is_none();
    let data = folder("v1").into_iter().filter(|(_, golden)| is_data(golden));
    data.map(|(file, golden)| (file, golden["fields"].clone(), bytes(&golden, "wire_hex"))).collect()
}

/// A listener as the README of the vectors describes it.
fn listener(is_greeted: bool) -> Listener {
    let mut listener = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    if is_greeted {
        let files = folder("v1");
        let (_, hello) = files.iter().find(|(file, _)| file.ends_with("/hello.json")).unwrap();
        listener.receive(NOW, &mut bytes(hello, "wire_hex").as_slice()).unwrap();
    }
    listener
}

#[test]
fn each_frame_is_written_as_its_golden_file() {
    for (file, golden) in folder("v1") {
        if let Some(frame) = described(&golden) {
            assert_eq!(frame.to_wire(), bytes(&golden, "wire_hex"), "{file}");
            assert_eq!(u64::from(frame.kind()), number(&golden, "type"), "{file}");
        }
    }
}

#[test]
fn each_golden_frame_is_read_as_its_fields_say() {
    for (file, golden) in folder("v1") {
        if let Some(frame) = described(&golden) {
            assert_eq!(Frame::from_bytes(&bytes(&golden, "wire_hex")[4..]).as_ref(), Ok(&frame), "{file}");
        }
    }
}

#[test]
fn data_is_written_as_its_golden_files() {
    for (file, fields, wire) in data_frames() {
        let id = dispatch(&fields);
        let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
        let theirs = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap().poll_output().unwrap();
        caller.receive(NOW, &mut bytes_of(theirs).as_slice()).unwrap();
        caller.offer(Offer { dispatch: id, ..offer(1, 300) }, NOW).unwrap();
        let accept = Frame::Accept(Accept { dispatch: id, have: number(&fields, "offset") });
        caller.receive(NOW, &mut accept.to_wire().as_slice()).unwrap();
        caller.feed(id, bytes(&fields, "content"), NOW).unwrap();
        // Our Hello and the Offer go first.
        let mut out = std::iter::from_fn(|| caller.poll_output()).skip(2);
        assert_eq!(bytes_of(out.next().unwrap()), wire, "{file}");
    }
}

#[test]
fn golden_data_is_read_as_its_fields_say() {
    for (file, fields, wire) in data_frames() {
        let (id, at) = (dispatch(&fields), number(&fields, "offset"));
        let mut listener = listener(true);
        let offer = Frame::Offer(Offer { dispatch: id, ..offer(1, 300) });
        listener.receive(NOW, &mut offer.to_wire().as_slice()).unwrap();
        listener.accept(id, at, NOW).unwrap();
        let mut input = wire.as_slice();
        let Some(Event::Data { dispatch, offset, bytes: content }) =
            listener.receive(NOW, &mut input).unwrap()
        else {
            panic!("{file} is not data")
        };
        assert_eq!((dispatch, offset, content), (id, at, bytes(&fields, "content").as_slice()), "{file}");
    }
}

/// Gives the listener the bytes, accepts what is offered, and gives what the connection ends with.
fn end(mut session: Listener, mut input: &[u8]) -> Option<Trouble> {
    loop {
        match session.receive(NOW, &mut input) {
            Ok(Some(Event::Offered(offer))) => session.accept(offer.dispatch, 0, NOW).unwrap(),
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(trouble) => return Some(trouble),
        }
    }
}

#[test]
fn each_bad_frame_ends_the_connection_with_its_code() {
    for (file, bad) in folder("bad") {
        let found = end(listener(bad["greeted"].as_bool().unwrap()), &bytes(&bad, "wire_hex"));
        assert_eq!(found.map(|trouble| trouble.code()), Some(code(&bad)), "{file}");
    }
}

#[test]
fn a_bad_frame_is_refused_whatever_pieces_it_comes_in() {
    for (file, bad) in folder("bad") {
        let mut session = listener(bad["greeted"].as_bool().unwrap());
        let mut found = None;
        for byte in bytes(&bad, "wire_hex") {
            match session.receive(NOW, &mut [byte].as_slice()) {
                Ok(Some(Event::Offered(offer))) => session.accept(offer.dispatch, 0, NOW).unwrap(),
                Ok(_) => {}
                Err(trouble) => found = Some(trouble.code()),
            }
        }
        assert_eq!(found, Some(code(&bad)), "{file}");
    }
}

#[test]
fn no_golden_file_is_missing() {
    let (frames, breaches) = (folder("v1"), folder("bad"));
    assert_eq!((frames.len(), breaches.len()), (FRAMES, BREACHES));
    let kinds: BTreeSet<u64> =
        frames.iter().map(|(_, golden)| golden["type"].as_u64().unwrap_or_default()).collect();
    // 0 stands for data.
    assert_eq!(kinds, (0..=19).chain(22..=25).collect());
    let codes: BTreeSet<u16> = breaches.iter().map(|(_, bad)| code(bad).number()).collect();
    // 13 is the node's to say, and 14 the clock's.
    assert_eq!(codes, (3..=12).collect());
}
