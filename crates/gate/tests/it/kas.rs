//! The key access service, as clients that we did not write see it.

use crate::crossing::{admitted, approved, asked_for, introduced};
use crate::machine::{Machine, REWRAP, TOKENS, attribute, p256, sealed, secret, taken_in};
use crate::world::{ADMIN, PAGE, World, serving};
use attache_accord::Digest;
use attache_accord::act::Act;
use attache_accord::destruction::{Destroyed, Destruction};
use attache_gate::listen::Unservable;
use attache_gate::{Gate, Listeners, serve};
use attache_rewrap::answer::DENIAL;
use attache_rewrap::discovery::Origin;
use attache_seal::statement::Signed;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

const REPORT: &[u8] = b"Sealed by a client (fictitious).\n";

/// Rulings and openings on record, as who asked.
pub fn recorded(world: &World) -> Vec<(&'static str, String)> {
    let size = world.node.office.view.read().size;
    let entries = (0..size).filter_map(|index| world.node.office.papers.entry(index).unwrap());
    let shown = entries.filter_map(|entry| match entry.act {
        Act::Ruled { ruling, by, .. } => {
            Some((if ruling.granted { "granted" } else { "refused" }, by.to_string()))
        }
        Act::Opened { by, .. } => Some(("opened", by.to_string())),
        _ => None,
    });
    shown.collect()
}

/// Two desk officers sign that an item of this node's own, or a copy of it, is destroyed.
pub async fn destroyed(world: &World, item: &str, copy: Option<u32>) {
    let shown = world.sign_in("analyst-1").await.get(&format!("/v1/items/{item}")).await;
    let item_digest: Digest = shown["item_digest"].as_str().unwrap().parse().unwrap();
    let mut first = None;
    for officer in ["desk-officer-1", "desk-officer-2"] {
        let what = Destroyed { item_digest, dispatch: None, copy };
        let (means, document) = ("erased".into(), "minute 1 (fictitious)".into());
        let body = Destruction { what, to: None, means, document, first };
        let stated = world.stated(officer, body);
        let statement = BASE64.decode(stated["statement"].as_str().unwrap().as_bytes()).unwrap();
        first = Some(Signed::from_bytes(&statement).unwrap().digest());
        world.sign_in(officer).await.post("/v1/destructions", stated).await.good();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_opens_what_it_sealed_once_that_is_an_item_and_the_opening_is_on_record() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", false).await;
    for algorithm in ["rsa:2048", "ec:secp256r1"] {
        let item = sealed(&machine.door, algorithm, secret(), REPORT).await;
        let id = taken_in(&world, &item).await;
        let before = recorded(&world).len();
        let answer = machine.ask(&item.asked(&machine.client_key())).await.good();
        assert_eq!(machine.key_in(&answer).dangerously_expose(), item.key.dangerously_expose());
        let obligations = &answer["responses"][0]["results"][0]["metadata"]["X-Required-Obligations"];
        assert_eq!(obligations[0], "https://seoul.kor/obl/banner/value/kor-ii");
        let person = "analyst-1".to_owned();
        assert_eq!(recorded(&world)[before..], [("granted", person.clone()), ("opened", person)]);
        let opened =
            world.sign_in("analyst-1").await.call("POST", &format!("/v1/items/{id}/opening"), None).await;
        assert_eq!(opened.body, REPORT, "and its person opens it as any other item");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_a_p256_key_gets_the_session_key_beside_the_results() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    let (own, pem) = p256();
    let answer = machine.ask(&item.asked(&pem)).await.good();
    let wrapped = answer["responses"][0]["results"][0]["kasWrappedKey"].as_str().unwrap();
    let wrapped = BASE64.decode(wrapped.as_bytes()).unwrap();
    let key = own.unwrap(&wrapped, answer["sessionPublicKey"].as_str().unwrap()).unwrap();
    assert_eq!(key.dangerously_expose(), item.key.dangerously_expose());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_against_it_the_denial_is_the_same_to_the_byte() {
    let world = serving().await;
    let admin = world.sign_in(ADMIN).await;
    admin.enrol("analyst-2", "analyst", Some("KOR:III")).await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let uncleared = Machine::of(&world, "analyst-2", true).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    let asked = item.asked(&machine.client_key());
    let unknown = machine.ask(&asked).await;
    let id = taken_in(&world, &item).await;

    let mut other_policy = asked.clone();
    other_policy["requests"][0]["policy"]["body"] = json!(BASE64.encode(b"{}"));
    let object = |member: &str, value: Value| {
        let mut asked = asked.clone();
        asked["requests"][0]["keyAccessObjects"][0]["keyAccessObject"][member] = value;
        asked
    };
    let other_binding = object("policyBinding", json!({ "alg": "HS256", "hash": BASE64.encode(&[7; 32]) }));
    let other_key = object("wrappedKey", json!(BASE64.encode(&[7; 256])));
    let no_key = object("wrappedKey", json!("?"));
    let before = recorded(&world).len();
    let mut answers = vec![unknown];
    for asked in [other_policy, other_binding, other_key, no_key] {
        answers.push(machine.ask(&asked).await);
    }
    assert_eq!(recorded(&world).len(), before, "nothing is opened that does not fit together");
    answers.push(uncleared.ask(&asked).await);
    assert_eq!(recorded(&world)[before..], [("refused", "analyst-2".to_owned())]);
    let expected = json!({ "responses": [{ "policyId": "policy", "results": [
        { "keyAccessObjectId": "kao-0", "status": "fail", "error": DENIAL }] }] });
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
        assert_eq!(answer.json(), expected);
    }
    // The control: the same request, where nothing stands against it, until two have destroyed the item.
    machine.key_in(&machine.ask(&asked).await.good());
    admin.enrol("desk-officer-2", "desk-officer", Some("KOR:II")).await;
    destroyed(&world, &id, None).await;
    let gone = machine.ask(&asked).await;
    assert_eq!((gone.status, &gone.body), (200, &answers[0].body));
    let again =
        world.sign_in("analyst-1").await.add(json!({ "title": "again", "tdf": true }), &item.tdf).await;
    assert_eq!(again.field(), (400, "body".into()), "and it does not come back by being taken in anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_answered_object_by_object() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    let mut asked = item.asked(&machine.client_key());
    let mut unknown = asked["requests"][0]["keyAccessObjects"][0].clone();
    unknown["keyAccessObjectId"] = json!("kao-1");
    unknown["keyAccessObject"]["wrappedKey"] = json!(BASE64.encode(&[7; 256]));
    asked["requests"][0]["keyAccessObjects"].as_array_mut().unwrap().push(unknown);
    let answer = machine.ask(&asked).await.good();
    let results = answer["responses"][0]["results"].as_array().unwrap().iter();
    assert_eq!(results.map(|one| one["status"].as_str().unwrap()).collect::<Vec<_>>(), ["permit", "fail"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_must_prove_its_key_is_nobody_without_that_proof() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", false).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    let body = machine.request(&item.asked(&machine.client_key()));
    let token = machine.token().await;
    let proof = machine.proof(REWRAP, Some(&token)).unwrap();
    let ask = async |scheme: &str, token: &str, proof: Option<&str>| {
        let authorization = format!("{scheme} {token}");
        let mut headers =
            vec![("content-type", "application/json"), ("authorization", authorization.as_str())];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        machine.door.send(("POST", REWRAP), &headers, &body).await.status
    };
    assert_eq!(ask("Bearer", &token, None).await, 401, "a bound token alone");
    assert_eq!(ask("DPoP", &token, None).await, 401);
    let of_another_call = machine.proof(TOKENS, Some(&token));
    assert_eq!(ask("DPoP", &token, of_another_call.as_deref()).await, 401);
    let of_another_token = machine.proof(REWRAP, Some("another"));
    assert_eq!(ask("DPoP", &token, of_another_token.as_deref()).await, 401);
    assert_eq!(ask("DPoP", &token, Some(&proof)).await, 200);
    assert_eq!(ask("DPoP", &token, Some(&proof)).await, 401, "a proof is good once");
    assert_eq!(ask("DPoP", "e30.e30.AAAA", Some(&proof)).await, 401);
    let another = machine.proof(REWRAP, Some(&token));
    assert_eq!(
        ask("Bearer", &token, another.as_deref()).await,
        200,
        "some clients call it so; the proof counts"
    );

    let form =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", machine.name, machine.secret);
    let refused = machine.door.send(("POST", TOKENS), &[], form.as_bytes()).await;
    assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some("invalid_dpop_proof")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_listed_origin_may_call_and_no_other() {
    let world = serving().await;
    let door = world.kas.clone().unwrap();
    let asks = async |method: &str, origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = door.send((method, "/.well-known/opentdf-configuration"), &headers, b"").await;
        let allowed = answer.header("access-control-allow-origin").map(str::to_owned);
        let asked = answer.header("access-control-allow-headers").map(str::to_owned);
        (answer.status, allowed, asked)
    };
    let (status, allowed, headers) = asks("OPTIONS", PAGE).await;
    assert_eq!((status, allowed.as_deref()), (204, Some(PAGE)));
    assert!(headers.unwrap().contains("dpop"));
    assert_eq!(asks("GET", PAGE).await, (200, Some(PAGE.to_owned()), None));
    for other in ["https://desk.seoul.kor.example", "http://desk.seoul.kor", "null", "*"] {
        assert_eq!(asks("OPTIONS", other).await, (403, None, None), "{other}");
        assert_eq!(asks("GET", other).await, (200, None, None), "a browser keeps the answer from it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_shown_without_the_secret_takes_no_place_among_those_that_were_seen() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", false).await;
    let proof = machine.proof(TOKENS, None).unwrap();
    let headers = [("dpop", proof.as_str())];
    let ask = async |secret: &str| {
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", machine.name);
        machine.door.send(("POST", TOKENS), &headers, form.as_bytes()).await.status
    };
    assert_eq!(ask("guessed").await, 401);
    assert_eq!(ask(&machine.secret).await, 200);
    assert_eq!(ask(&machine.secret).await, 400, "a proof is good once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_signed_by_another_key_than_the_proven_one_is_refused() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", false).await;
    let other = Machine::of(&world, "desk-officer-1", false).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    let token = machine.token().await;
    let (authorization, proof) = (format!("DPoP {token}"), machine.proof(REWRAP, Some(&token)).unwrap());
    let headers = [("content-type", "application/json"), ("authorization", &authorization), ("dpop", &proof)];
    let body = other.request(&item.asked(&other.client_key()));
    assert_eq!(machine.door.send(("POST", REWRAP), &headers, &body).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_ends_with_its_revocation_and_with_its_person() {
    let world = serving().await;
    let admin = world.sign_in(ADMIN).await;
    admin.enrol("analyst-2", "analyst", Some("KOR:II")).await;
    let [one, other] =
        [Machine::of(&world, "analyst-1", true).await, Machine::of(&world, "analyst-2", true).await];
    let item = sealed(&one.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    one.key_in(&one.ask(&item.asked(&one.client_key())).await.good());
    let [token, other_token] = [one.token().await, other.token().await];

    let analyst = world.sign_in("analyst-1").await;
    let path = |machine: &Machine| format!("/v1/clients/{}", machine.name);
    let refused = analyst.call("DELETE", &path(&other), None).await;
    assert_eq!(refused.field(), (400, "client".into()), "it is another's");
    analyst.call("DELETE", &path(&one), None).await.good();
    admin.call("DELETE", "/v1/persons/analyst-2", None).await.good();
    for (machine, token) in [(&one, &token), (&other, &other_token)] {
        assert_eq!(machine.asked_for_token().await.status, 401);
        let authorization = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        let body = machine.request(&item.asked(&machine.client_key()));
        let refused = machine.door.send(("POST", REWRAP), &headers, &body).await;
        assert_eq!(refused.status, 401, "a token that was given before too");
    }
    assert_eq!(admin.get("/v1/clients").await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_revoked_credential_is_none_of_the_next_one_of_that_name() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let item = sealed(&machine.door, "rsa:2048", secret(), REPORT).await;
    taken_in(&world, &item).await;
    let authorization = format!("Bearer {}", machine.token().await);
    let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
    let body = machine.request(&item.asked(&machine.client_key()));
    let asked = async || machine.door.send(("POST", REWRAP), &headers, &body).await.status;
    assert_eq!(asked().await, 200);
    let name = json!({ "client": machine.name, "legacy": true });
    for person in ["analyst-1", "desk-officer-1"] {
        let person = world.sign_in(person).await;
        world
            .sign_in(ADMIN)
            .await
            .call("DELETE", &format!("/v1/clients/{}", machine.name), None)
            .await
            .good();
        person.post("/v1/clients", name.clone()).await.good();
        assert_eq!(asked().await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_shown_once_and_is_for_those_who_open_items() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let analyst = world.sign_in("analyst-1").await;
    let listed = analyst.get("/v1/clients").await;
    assert_eq!(listed, json!([{ "client": machine.name, "person": "analyst-1", "legacy": true }]));
    assert_eq!(world.sign_in("desk-officer-1").await.get("/v1/clients").await, json!([]));
    let again = analyst.post("/v1/clients", json!({ "client": machine.name })).await;
    assert_eq!(again.field(), (400, "client".into()));
    let admin = world.sign_in(ADMIN).await.post("/v1/clients", json!({ "client": "mine" })).await;
    assert_eq!(admin.problem(), (403, "forbidden".into()), "an administrator reads nothing");
    let mut mistaken = machine;
    mistaken.secret = "guessed".into();
    assert_eq!(mistaken.asked_for_token().await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sealed_is_taken_in_where_its_policy_says_a_whole_marking_or_nothing() {
    let world = serving().await;
    let door = world.kas.clone().unwrap();
    let analyst = world.sign_in("analyst-1").await;
    let described = json!({ "title": "from a client", "tdf": true });
    let [level, kind] = ["level/value/kor-ii", "kind/value/humint"].map(attribute);
    let foreign = "https://elsewhere.example/attr/project/value/x".to_owned();
    for attributes in [
        vec![level.clone()],
        vec![kind.clone()],
        vec![level.clone(), kind.clone(), foreign],
        vec![attribute("level/value/jpn-tokutei"), kind.clone()],
        vec![attribute("level/value/kor-ix"), kind.clone()],
    ] {
        let item = sealed(&door, "rsa:2048", attributes.clone(), REPORT).await;
        let refused = analyst.add(described.clone(), &item.tdf).await;
        assert_eq!(refused.field(), (400, "policy".into()), "{attributes:?}");
    }
    let item = sealed(&door, "rsa:2048", vec![level, kind], REPORT).await;
    for at in [70, 90, item.tdf.len() / 2, item.tdf.len() - 1] {
        let mut altered = item.tdf.clone();
        altered[at] ^= 1;
        assert_eq!(analyst.add(described.clone(), &altered).await.status, 400, "byte {at}");
    }
    let added = analyst.add(described.clone(), &item.tdf).await.good();
    assert_eq!(analyst.add(described, &item.tdf).await.field(), (400, "body".into()), "it is here already");
    let path = format!("/v1/items/{}/marking", added["item"].as_str().unwrap());
    let lower = json!({ "level": "KOR:III", "kind": "humint", "releasable_to": [] });
    assert_eq!(analyst.post(&path, lower).await.field(), (400, "marking".into()));
    let wider = json!({ "level": "KOR:II", "kind": "humint", "releasable_to": ["JPN"] });
    assert_eq!(analyst.post(&path, wider).await.field(), (400, "marking".into()));
    analyst.post(&path, json!({ "level": "KOR:II", "kind": "humint", "releasable_to": [] })).await.good();

    let silent = sealed(&door, "rsa:2048", vec![], REPORT).await;
    taken_in(&world, &silent).await;
    world.sign_in(ADMIN).await.enrol("analyst-2", "analyst", Some("KOR:III")).await;
    for (person, status) in [("analyst-1", "permit"), ("analyst-2", "fail")] {
        let machine = Machine::of(&world, person, true).await;
        let answer = machine.ask(&silent.asked(&machine.client_key())).await.good();
        assert_eq!(
            answer["responses"][0]["results"][0]["status"], status,
            "{person}, by what the marking says"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sealed_is_released_and_opened_at_the_partners_like_our_own() {
    let (seoul, tokyo) = introduced(serving().await).await;
    let door = seoul.kas.clone().unwrap();
    let text: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    let item = sealed(&door, "rsa:2048", secret(), &text).await;
    let id = taken_in(&seoul, &item).await;
    asked_for(&seoul, &id).await.good();
    approved(&seoul).await;
    let admitted = admitted(&tokyo).await;
    let desk = tokyo.sign_in("desk-officer-1").await;
    let path = format!("/v1/items/{}/opening", admitted["item"].as_str().unwrap());
    let opened = desk.call("POST", &path, None).await;
    assert_eq!(opened.status, 200);
    assert!(opened.body == text, "the partner reads what the client sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_found_by_its_documents_in_every_form() {
    let world = serving().await;
    let door = world.kas.clone().unwrap();
    let json_kind = ("content-type", "application/json");
    let get = async |path: &str| door.send(("GET", path), &[], b"").await;
    let configuration = get("/.well-known/opentdf-configuration").await.good();
    let wrapped = "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration";
    let post = door.send(("POST", wrapped), &[json_kind], b"{}").await.good();
    assert_eq!(post["configuration"], configuration);
    let issuer = configuration["platform_issuer"].as_str().unwrap();
    assert!(issuer.starts_with("https://seoul.kor:") && issuer.ends_with("/auth"));
    let openid = get("/auth/.well-known/openid-configuration").await.good();
    assert_eq!(openid, configuration["idp"]);
    let keys = get("/auth/protocol/openid-connect/certs").await.good();
    assert_eq!(keys["keys"][0]["alg"], "ES256");

    let key = &configuration["base_key"]["public_key"];
    let by_rest = get("/kas/v2/kas_public_key?algorithm=rsa%3A2048&v=2").await.good();
    assert_eq!((&by_rest["publicKey"], &by_rest["kid"]), (&key["pem"], &key["kid"]));
    let by_get = get("/kas.AccessService/PublicKey?connect=v1&encoding=json&message=%7B%7D").await.good();
    assert_eq!(by_get, by_rest);
    assert_eq!(get("/kas.AccessService/Rewrap").await.status, 405);
    assert_eq!(get("/kas.accessservice/PublicKey").await.status, 404);
    let other =
        door.send(("POST", "/kas.AccessService/PublicKey"), &[("content-type", "text/plain")], b"").await;
    assert_eq!((other.status, other.json()["code"].as_str()), (415, Some("unknown")));

    let machine = Machine::of(&world, "analyst-1", true).await;
    let servers = "/policy.kasregistry.KeyAccessServerRegistryService/ListKeyAccessServers";
    assert_eq!(door.send(("POST", servers), &[json_kind], b"{}").await.status, 401);
    let authorization = format!("Bearer {}", machine.token().await);
    let known = [json_kind, ("authorization", authorization.as_str())];
    let listed = door.send(("POST", servers), &known, b"{}").await.good();
    assert_eq!(listed["keyAccessServers"][0]["uri"], configuration["base_key"]["kas_uri"]);
    let wanted = json!({ "fqns": secret() }).to_string();
    let definitions = "/policy.attributes.AttributesService/GetAttributeValuesByFqns";
    let found = door.send(("POST", definitions), &known, wanted.as_bytes()).await.good();
    let level = &found["fqnAttributeValues"][&secret()[0]];
    assert_eq!(level["attribute"]["values"][0]["value"], "kor-i", "the strictest first");
    assert_eq!(found["fqnAttributeValues"].as_object().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_not_served_in_clear_over_a_network_nor_under_a_name_that_no_certificate_has() {
    let world = serving().await;
    let served = async |node: &World, at: &str, url: &str, is_plain: bool| {
        let [people, admin, kas] = ["127.0.0.1:0", "127.0.0.1:0", at].map(TcpListener::bind);
        let (people, admin, kas) = (people.await.unwrap(), admin.await.unwrap(), kas.await.unwrap());
        let door = attache_gate::Door::new(Origin::read(url).unwrap(), is_plain);
        let listeners = Listeners { people, admin, log: None, kas: Some((kas, door)), public: None };
        serve(Gate::new(Arc::clone(&node.node), None), listeners).await
    };
    let plain = served(&world, "0.0.0.0:0", "http://seoul.kor:1", true).await;
    assert!(matches!(plain, Err(Unservable::PlainKas)));
    let named = served(&world, "127.0.0.1:0", "https://elsewhere.example:1", false).await;
    assert!(matches!(named, Err(Unservable::KasName)));
    let keyless = crate::world::seoul().await;
    let without = served(&keyless, "127.0.0.1:0", "https://seoul.kor:1", false).await;
    assert!(matches!(without, Err(Unservable::NoServiceKeys)));
}
