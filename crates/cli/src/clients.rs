//! `attache client`: the machine clients that act for a person.
//!
//! *Absent:* any file with a secret in it. It is printed once.

use crate::context::Context;
use crate::found::{Failed, Found};
use attache_accord::clients::ClientName;
use attache_gate::api;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Get a credential for a program that asks for keys and acts for you. Its secret is printed this once.
    #[command(after_help = "Example: attache client add analyst-1-laptop --as analyst-1")]
    Add {
        /// A name for it, which no other client of the node has.
        client: ClientName,
        /// It cannot prove that it holds a key (DPoP), so whoever has its access token is believed to be it.
        #[arg(long)]
        legacy: bool,
    },
    /// List your machine clients; for an administrator everyone's.
    #[command(after_help = "Example: attache client list --as analyst-1")]
    List,
    /// End a credential, at once. Its person may, and an administrator.
    #[command(after_help = "Example: attache client revoke analyst-1-laptop --as analyst-1")]
    Revoke {
        /// The client.
        client: ClientName,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let node = context.sign_in()?;
    match verb {
        Verb::Add { client, legacy } => {
            let wanted = api::NewClient { client: client.to_string(), legacy };
            let made: api::Credential = node.post("/v1/clients", &wanted)?;
            let text = format!(
                "client id      {}\nclient secret  {}\n\nThe secret is shown this once; the node keeps a digest of it only.",
                made.client, made.secret
            );
            Found::of(text, &made)
        }
        Verb::List => {
            let clients: Vec<api::Client> = node.get("/v1/clients")?;
            let lines = clients.iter().map(|client| {
                let proves = if client.legacy { "legacy, no proof of a key" } else { "proves its key" };
                format!("{:<30} {:<20} {proves}", client.client, client.person)
            });
            Found::of(lines.collect::<Vec<_>>().join("\n"), &clients)
        }
        Verb::Revoke { client } => {
            let recorded: api::Recorded = node.delete(&format!("/v1/clients/{client}"))?;
            Found::of(format!("{client} is good no longer, by entry {}.", recorded.index), &recorded)
        }
    }
}
