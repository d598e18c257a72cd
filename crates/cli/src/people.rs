//! `attache person` and `attache peer`: people, their keys, partners and cards.
//!
//! *Absent:* trust by default. A card counts once two people have compared its fingerprint.

use crate::context::Context;
use crate::found::{Failed, Found};
use crate::home::Home;
use attache_accord::people::Role;
use attache_accord::{Level, PersonId, Timestamp};
use attache_custody::keyring::PERSON_KIND;
use attache_gate::api;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use clap::Subcommand;
use data_encoding::BASE64;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum PersonVerb {
    /// Make a key for yourself, and a file with its public half to give to the administrator.
    #[command(after_help = "Example: attache person key analyst-1 --keys my-keys")]
    Key {
        /// The pseudonym that your authority gave you.
        person: PersonId,
    },
    /// Enrol a person, or enrol one anew. Needs an administrator.
    #[command(
        after_help = "Example: attache person add analyst-1 --public analyst-1.pub --role analyst --clearance KOR:II \
        --until 2027-11-23 --duty humint --as admin-1"
    )]
    Add {
        /// The pseudonym.
        person: PersonId,
        /// The file with the public half of the person's key.
        #[arg(long)]
        public: PathBuf,
        /// An appointment; several times for several.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// The highest level that the person is cleared for.
        #[arg(long, requires = "until")]
        clearance: Option<Level>,
        /// Until when the clearance lasts.
        #[arg(long, requires = "clearance")]
        until: Option<Timestamp>,
        /// A kind of information that the person's duties call for; several times for several.
        #[arg(long = "duty")]
        duties: Vec<String>,
    },
    /// Take a person off the roll. Needs an administrator.
    #[command(after_help = "Example: attache person remove analyst-1 --as admin-1")]
    Remove {
        /// The pseudonym.
        person: PersonId,
    },
    /// List the roll.
    #[command(after_help = "Example: attache person list --as admin-1")]
    List,
}

#[derive(Subcommand)]
pub(crate) enum PeerVerb {
    /// Show this node's card and its fingerprint, and write it to a file for the partner.
    #[command(after_help = "Example: attache peer card --home seoul --out seoul.card")]
    Card {
        /// Where to write it.
        #[arg(long)]
        out: Option<PathBuf>,
        /// So many cards before the one of now, for a partner who does not have those between.
        #[arg(long, default_value_t = 0)]
        back: usize,
    },
    /// Accept a partner's card, after its fingerprint was compared aloud, or with the succession that came with a renewed
    /// one. Needs an administrator.
    #[command(
        after_help = "Example: attache peer add tokyo.card --fingerprint \"0123 4567 ...\" --as admin-1"
    )]
    Add {
        /// The card's file.
        card: PathBuf,
        /// The fingerprint that the partner read to you.
        #[arg(long, required_unless_present = "succession", conflicts_with = "succession")]
        fingerprint: Option<String>,
        /// The file that came with a card that takes the place of the one accepted here.
        #[arg(long)]
        succession: Option<PathBuf>,
    },
    /// List partners and how the link to each stands.
    #[command(after_help = "Example: attache peer list --as admin-1")]
    List,
}

pub(crate) fn person(verb: PersonVerb, context: &Context) -> Result<Found, Failed> {
    match verb {
        PersonVerb::Key { person } => key(&person, context),
        PersonVerb::Add { person, public, roles, clearance, until, duties } => {
            let verifying = context.read_text(&public)?;
            let clearance = clearance.zip(until);
            let wanted = api::Person {
                person: person.to_string(),
                roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
                clearance: clearance.map(|(level, until)| api::Clearance {
                    level: level.to_string(),
                    until: until.to_string(),
                }),
                duties,
                verifying,
            };
            let recorded: api::Recorded = context.sign_in()?.post("/v1/persons", &wanted)?;
            Found::of(format!("{person} is on the roll, by entry {}.", recorded.index), &recorded)
        }
        PersonVerb::Remove { person } => {
            let recorded: api::Recorded = context.sign_in()?.delete(&format!("/v1/persons/{person}"))?;
            Found::of(format!("{person} is off the roll, by entry {}.", recorded.index), &recorded)
        }
        PersonVerb::List => {
            let people: Vec<api::Person> = context.sign_in()?.get("/v1/persons")?;
            let lines = people.iter().map(|person| {
                let clearance = person.clearance.as_ref();
                let clearance =
                    clearance.map_or("no clearance".to_owned(), |c| format!("{} until {}", c.level, c.until));
                format!(
                    "{:<20} {:<30} {clearance}  {}",
                    person.person,
                    person.roles.join(","),
                    person.duties.join(",")
                )
            });
            Found::of(lines.collect::<Vec<_>>().join("\n"), &people)
        }
    }
}

fn key(person: &PersonId, context: &Context) -> Result<Found, Failed> {
    let pair = SigningPair::generate().map_err(Failed::fault)?;
    std::fs::create_dir_all(&context.keys).map_err(|error| Failed::file(&context.keys, &error))?;
    let path = context.key_path(person);
    context.seal_key(&path, PERSON_KIND, pair.to_seed_bytes().as_slice())?;
    let public = context.keys.join(format!("{person}.pub"));
    let bytes = minicbor::to_vec(pair.verifying()).map_err(Failed::fault)?;
    std::fs::write(&public, BASE64.encode(&bytes)).map_err(|error| Failed::file(&public, &error))?;
    let fingerprint = pair.verifying().key_id().fingerprint();
    let text = format!(
        "The key of {person} is in {}; keep it.\nIts fingerprint is {fingerprint}.\nGive {} to the administrator.",
        path.display(),
        public.display()
    );
    Found::of(
        text,
        &json!({ "person": person.to_string(), "key": path, "public": public, "fingerprint": fingerprint }),
    )
}

pub(crate) fn peer(verb: PeerVerb, context: &Context) -> Result<Found, Failed> {
    match verb {
        PeerVerb::Card { out, back } => {
            let home = context.home()?;
            let signed = match back.checked_sub(1) {
                None => home.card()?,
                Some(place) => {
                    let none = || Failed::misuse("back: this node has fewer cards than that");
                    home.earlier()?.into_iter().nth(place).ok_or_else(none)?
                }
            };
            let card = signed.dangerously_unverified::<Card>().map_err(Failed::fault)?.body;
            let encoded = BASE64.encode(&signed.to_bytes());
            if let Some(path) = &out {
                std::fs::write(path, &encoded).map_err(|error| Failed::file(path, &error))?;
            }
            let follows = succession(out.as_deref(), &signed, &card, &home)?;
            let fingerprint = Card::fingerprint(&signed);
            let next = match &follows {
                Some(file) => format!(
                    "Partners who hold the card before it need no comparison: give them {} too.",
                    file.display()
                ),
                None => {
                    "Read these digits to the partner's administrator over a line that you both trust.".into()
                }
            };
            let text = format!(
                "{} of {}, valid until {}\n\n  {fingerprint}\n\n{next}",
                card.node, card.party, card.not_after
            );
            let document = json!({
                "node": card.node.to_string(),
                "fingerprint": fingerprint,
                "card": encoded,
                "file": out,
                "succession": follows,
                "log_keys": card.log_vkeys,
            });
            Found::of(text, &document)
        }
        PeerVerb::Add { card, fingerprint, succession } => {
            let succession = succession.map(|path| context.read_text(&path)).transpose()?;
            let fingerprint = fingerprint.unwrap_or_default();
            let peer = api::NewPeer { card: context.read_text(&card)?, fingerprint, succession };
            let recorded: api::Recorded = context.sign_in()?.post("/v1/peers", &peer)?;
            Found::of(
                format!("The card is accepted, by entry {}; the link dials by itself.", recorded.index),
                &recorded,
            )
        }
        PeerVerb::List => {
            let peers: Vec<api::Peer> = context.sign_in()?.get("/v1/peers")?;
            let lines = peers.iter().map(|peer| {
                format!(
                    "{:<14} {:<10} until {}  {}",
                    peer.card.node, peer.link, peer.card.not_after, peer.reason
                )
            });
            Found::of(lines.collect::<Vec<_>>().join("\n"), &peers)
        }
    }
}

/// Writes the succession beside the card's file, where the card took another one's place.
fn succession(
    out: Option<&Path>,
    signed: &Signed,
    card: &Card,
    home: &Home,
) -> Result<Option<PathBuf>, Failed> {
    let (Some(out), Some(_)) = (out, card.previous) else { return Ok(None) };
    let path = out.with_extension("succession");
    let bytes = home.succession(signed.digest())?.to_bytes();
    std::fs::write(&path, BASE64.encode(&bytes)).map_err(|error| Failed::file(&path, &error))?;
    Ok(Some(path))
}
