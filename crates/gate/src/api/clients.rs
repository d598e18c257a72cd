//! Machine clients of the key access service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A machine client to be given a credential.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewClient {
    /// Its name: 1 to 48 of a-z, 0-9, `-` and `.`.
    pub client: String,
    /// Whether its access token is to count without a proof that it holds a key, for clients that cannot make one.
    #[serde(default)]
    pub legacy: bool,
}

/// A machine client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Client {
    /// Its name.
    pub client: String,
    /// For whom it acts.
    pub person: String,
    /// Whether its access token counts without a proof that it holds a key.
    pub legacy: bool,
}

/// A machine client's credential, shown this once. `Debug` does not show the secret.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Credential {
    /// The client's name, its `client_id`.
    pub client: String,
    /// Its `client_secret`. The node keeps a digest of it only.
    pub secret: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential({})", self.client)
    }
}
