//! Seeds of what two nodes say to each other: frames, handshakes, notes and proofs of the log.

use super::{Made, NOW, Writer, cases, field};
use attache_accord::{Digest, Network};
use attache_tlog::{BundleId, Checkpoint, Hash, LeafDraft, ProofFile, TileId, encode_bundle, encode_opened};
use data_encoding::HEXLOWER;
use serde_json::Value;
use std::error::Error;

pub fn protocol(writer: &Writer) -> Made {
    let wire = |name: &str| -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(HEXLOWER
            .decode(field(&writer.vector(&format!("courier/v1/{name}.json"))?, "wire_hex").as_bytes())?)
    };
    for name in [
        "hello",
        "offer",
        "accept",
        "decline",
        "receipt",
        "close",
        "ping",
        "notice",
        "notice-kept",
        "witness",
        "witnessed",
        "proof",
        "proof-kept",
        "opening",
        "opening-answer",
        "ask-for-a-proof",
        "ask-for-words",
        "given",
        "given-nothing",
    ] {
        writer.seed("frame", name, wire(name)?.get(4..).unwrap_or_default())?;
    }
    let hello = wire("hello")?;
    let joined = |frames: &[&[u8]]| frames.concat();
    let (offer, receipt) = (wire("offer-of-a-statement-alone")?, wire("receipt")?);
    let (ping, pong, close) = (wire("ping")?, wire("pong")?, wire("close")?);
    writer.seed(
        "session",
        "listening",
        &joined(&[&[0], &hello, &ping, &offer, &wire("done")?, &receipt, &close]),
    )?;
    writer.seed(
        "session",
        "listening notice",
        &joined(&[&[0], &hello, &wire("notice")?, &receipt, &close]),
    )?;
    writer.seed("session", "listening opening", &joined(&[&[0], &hello, &wire("opening")?, &close]))?;
    let both = wire("hello-of-both-versions")?;
    let asks = joined(&[&[0], &both, &wire("ask-for-words")?, &wire("ask-for-a-proof")?, &close]);
    writer.seed("session", "listening ask", &asks)?;
    writer.seed("session", "listening proof", &joined(&[&[0], &hello, &receipt, &wire("proof")?, &close]))?;
    writer.seed("session", "listening data", &joined(&[&[4], &hello, &wire("offer")?, &wire("data")?]))?;
    // The same Hello, from the other node.
    let mut other = attache_courier::frame::Hello {
        versions: vec![1],
        node: "tokyo.jpn".parse()?,
        network: Network::Demo,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([1; 32]),
        clock: NOW,
        window: 8,
    };
    let calling =
        |hello: &attache_courier::frame::Hello| attache_courier::frame::Frame::Hello(hello.clone()).to_wire();
    let about = attache_courier::frame::Frame::Accept(attache_courier::frame::Accept {
        dispatch: attache_accord::DispatchId([1; 16]),
        have: 60,
    });
    let stored = attache_courier::frame::Frame::Stored(attache_courier::frame::About {
        dispatch: attache_accord::DispatchId([1; 16]),
    });
    let whole =
        [&[1], calling(&other).as_slice(), &about.to_wire(), &stored.to_wire(), &receipt, &ping].concat();
    writer.seed("session", "calling", &whole)?;
    other.versions.push(2);
    let given = joined(&[&[1], &calling(&other), &wire("given")?, &wire("given-nothing")?]);
    writer.seed("session", "calling given", &given)?;
    other.versions.pop();
    other.pack = Digest([2; 32]);
    writer.seed("session", "calling another pack", &[&[3], calling(&other).as_slice(), &pong].concat())
}

pub fn log(writer: &Writer) -> Made {
    let checkpoints = writer.vector("tlog/checkpoint.json")?;
    let good = cases(&checkpoints).filter(|case| case["valid"] == true).take(4);
    let mut note = String::new();
    for case in good {
        writer.seed("note", field(case, "name"), field(case, "note").as_bytes())?;
        note = field(case, "note").to_owned();
        for key in case["keys"].as_array().into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            let kind = if key.len() > 200 { "ml-dsa" } else { "ed25519" };
            writer.seed("vkey", kind, key.as_bytes())?;
        }
    }
    let cosigned = writer.vector("tlog/cosignature.json")?;
    for case in cases(&cosigned).filter(|case| case["valid"] == true).take(2) {
        writer.seed("note", field(case, "name"), field(case, "note").as_bytes())?;
        writer.seed("vkey", "cosigner", case["keys"][0].as_str().unwrap_or_default().as_bytes())?;
    }
    let text = note.split("\n\n").next().unwrap_or_default();
    Checkpoint::parse(&format!("{text}\n"))?;
    let proof = vec![Hash([1; 32]), Hash([2; 32])];
    let file = ProofFile::new(3, proof.clone(), &note)?.with_extra(b"more".to_vec())?;
    writer.seed("proof-file", "two hashes", file.to_string().as_bytes())?;
    let asked = attache_tlog::AddCheckpoint::new(3, proof, &note)?;
    writer.seed("witness", "two hashes", asked.to_string().as_bytes())?;
    let forks = writer.vector("tlog/fork.json")?;
    for case in cases(&forks).filter(|case| case["valid"] == true).take(3) {
        writer.seed("fork", field(case, "name"), field(case, "file").as_bytes())?;
    }
    for (level, index) in [(0, 0), (1, 70_001), (3, 1)] {
        if let Some(tile) = TileId::in_tree(level, index, 1 << 40) {
            writer.seed("path", &format!("tile {level} {index}"), tile.path().as_bytes())?;
        }
    }
    if let Some(bundle) = BundleId::in_tree(1_234, 316_000) {
        writer.seed("path", "bundle", bundle.path().as_bytes())?;
    }
    let mut opened = vec![3];
    let draft = LeafDraft { salt: [7; 32], fields: std::array::from_fn(|n| vec![b'a'; n]) };
    encode_opened(Some(&draft.open_all(&[0, 1, 2])), &mut opened)?;
    encode_opened(None, &mut opened)?;
    writer.seed("opened", "one-and-a-destroyed-one", &opened)?;
    writer.seed("bundle", "three", &encode_bundle(&[b"one".as_slice(), b"", b"three"])?)?;
    for (kind, name, [one, other], [first, second]) in [
        ("inclusion", "inclusion", ["index", "size"], ["leaf_hash", "root"]),
        ("consistency", "consistency", ["old", "new"], ["old_root", "new_root"]),
    ] {
        let vector = writer.vector(&format!("tlog/{kind}.json"))?;
        let fits =
            |case: &&Value| case["valid"] == true && case["proof"].as_array().is_some_and(|p| p.len() > 2);
        let Some(case) = cases(&vector).find(fits) else { continue };
        let mut bytes = Vec::new();
        for number in [one, other] {
            bytes.extend(case[number].as_u64().unwrap_or_default().to_be_bytes());
        }
        for hash in [first, second] {
            bytes.extend(HEXLOWER.decode(field(case, hash).as_bytes())?);
        }
        for hash in case["proof"].as_array().into_iter().flatten() {
            bytes.extend(HEXLOWER.decode(hash.as_str().unwrap_or_default().as_bytes())?);
        }
        writer.seed("proof", name, &bytes)?;
    }
    Ok(())
}

/// The first words of a TLS client and of a server, as far as their forms go.
pub fn hello(writer: &Writer) -> Made {
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768];
    let mut config = ClientConfig::builder_with_provider(std::sync::Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"attache/1".to_vec()];
    let mut client = ClientConnection::new(std::sync::Arc::new(config), "tokyo.jpn".try_into()?)?;
    let mut said = vec![0];
    client.write_tls(&mut said)?;
    writer.seed("handshake", "client", &said)?;
    // A ServerHello that takes the group of another client, which is refused.
    let mut answered = vec![1, 22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3];
    answered.extend([9; 32]);
    answered.extend([0, 0x13, 0x01, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0x11, 0xec, 0, 32]);
    answered.extend([5; 32]);
    writer.seed("handshake", "server", &answered)
}
