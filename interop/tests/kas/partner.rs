//! What a foreign client sealed in Seoul goes to Tokyo like anything else; there a foreign client opens a sealed copy of it, until
//! Seoul recalls it.

use super::node::{Node, TOKYO};
use super::{
    ATTRIBUTES, Client, DENIED, TEXT, denied, opentdf, otdf_python, program_of_the_crate, xtest_cli,
};
use std::fs;

fn crosses_and_is_recalled(name: &str, client: Client<'_>) {
    let Some(seoul) = Node::start(name) else { return };
    let Some(tokyo) = Node::started(&TOKYO, &format!("{name}-partner"), "") else { return };
    seoul.befriends(&tokyo, "desk-7");
    tokyo.befriends(&seoul, "desk-1");
    seoul.declares("office-1");
    tokyo.declares("office-7");
    for (node, office) in [(&seoul, "office-1"), (&tokyo, "office-7")] {
        node.waits_for("the other's position", |node| {
            (node.does(&["agreement", "show", "--as", office])["force"] == "in-force").then_some(())
        });
    }
    let sealing = seoul.credential("analyst-1", "laptop-1", true);
    let [text, sealed] = ["text", "sealed.tdf"].map(|name| seoul.path(name));
    let done = client(&seoul, "encrypt", &sealing, &text, &sealed, &ATTRIBUTES);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let given = seoul.takes_in(&sealed);
    seoul.releases(&given, &tokyo);
    let arrived = tokyo.waits_for("the item", |tokyo| {
        let inbox = tokyo.does(&["inbox", "list", "--as", "desk-7"]);
        Some(inbox.as_array()?.first()?["dispatch"].as_str()?.to_owned())
    });
    let admitting = ["inbox", "admit", &arrived, "--level", "JPN:TOKUTEI", "--as", "desk-7"];
    let received = tokyo.does(&admitting)["item"].as_str().unwrap().to_owned();
    let cleared = tokyo.credential("desk-7", "laptop-7", true);
    let uncleared = tokyo.credential("desk-8", "laptop-8", true);
    let [copy, out] = ["copy.tdf", "out"].map(|name| tokyo.path(name));
    let copying = ["item", "seal-copy", &received, "--needed", "1", "--as", "desk-7", "--out"];
    tokyo.does(&[copying.as_slice(), &[copy.to_str().unwrap()]].concat());
    let denied = |who| denied((client, &tokyo), who, &copy, &out, DENIED);
    denied(&uncleared);
    let opened = client(&tokyo, "decrypt", &cleared, &copy, &out, &[]);
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    assert_eq!(fs::read(&out).unwrap(), TEXT);
    fs::remove_file(&out).unwrap();
    let recalling = ["--document", "letter 9 (fictitious)", "--as", "officer-1"];
    seoul.does(&[&["item", "recall", &given], recalling.as_slice()].concat());
    tokyo.waits_for("the recall", |tokyo| {
        let again = client(tokyo, "decrypt", &cleared, &copy, &out, &[]);
        let _ = fs::remove_file(&out);
        (!again.status.success()).then_some(())
    });
    denied(&cleared);
}

#[test]
fn what_the_crate_sealed_opens_at_the_partners_until_it_is_recalled() {
    crosses_and_is_recalled("opentdf-crossing", &|node, verb, who, source, target, more| {
        opentdf(node, verb, who, source, target, more).env("LEGACY", "1").output().unwrap()
    });
}

#[test]
fn what_the_program_of_the_crate_sealed_opens_at_the_partners_until_it_is_recalled() {
    let Some(program) = program_of_the_crate() else { return };
    crosses_and_is_recalled("xtest-crossing", &|node, verb, who, source, target, _| {
        xtest_cli(&program, node, verb, who, source, target).output().unwrap()
    });
}

#[test]
fn what_otdf_python_sealed_opens_at_the_partners_until_it_is_recalled() {
    let Some(python) = std::env::var_os("OTDF_PYTHON") else {
        return eprintln!("skipped: OTDF_PYTHON names no Python with otdf-python");
    };
    crosses_and_is_recalled("otdf-python-crossing", &|node, verb, who, source, target, more| {
        otdf_python(&python, node, verb, who, source, target, more).output().unwrap()
    });
}
