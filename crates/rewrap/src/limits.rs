//! Every bound of the protocol, in one place.
//!
//! *Absent:* bounds of connections, which are the listener's.

/// Longest body of a request as it comes, in bytes.
pub const MAX_BODY_BYTES: usize = 512 * 1024;
/// Longest message, once a body is inflated, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Longest signed request token, in bytes.
pub const MAX_REQUEST_TOKEN_BYTES: usize = 768 * 1024;
/// Longest access token or proof of possession, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Most policies in one request.
pub const MAX_POLICIES: usize = 16;
/// Most key access objects in one request, all policies together: each that names an item of this node is ruled on.
pub const MAX_OBJECTS: usize = 32;
/// Longest policy, in bytes of base64, as in a manifest.
pub const MAX_POLICY_BYTES: usize = 96 * 1024;
/// Longest wrapped key, in bytes.
pub const MAX_WRAPPED_KEY_BYTES: usize = 4096;
/// Longest id that a client gives a policy or a key access object, in bytes; it is repeated in the answer.
pub const MAX_ID_BYTES: usize = 256;
/// Longest attribute name that is looked at, in bytes.
pub const MAX_FQN_BYTES: usize = 1024;
/// Most attribute names in one request for definitions.
pub const MAX_FQNS: usize = 256;
/// How far a client's clock may be from the node's, in seconds.
pub const MAX_SKEW_SECONDS: u64 = 120;
/// How long ago a request token may have been made, in seconds: one SDK dates its own an hour back.
pub const MAX_REQUEST_AGE_SECONDS: u64 = 3_600;
/// How far ahead a request token may end, in seconds: one SDK says two hours.
pub const MAX_REQUEST_LIFE_SECONDS: u64 = 7_200;
/// How old a proof of possession may be, in seconds. Its number is remembered for as long.
pub const MAX_PROOF_AGE_SECONDS: u64 = 60;
/// Longest set of keys of a provider outside, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// Most keys in one.
pub const MAX_PROVIDER_KEYS: usize = 32;
/// Longest text in a claim that is looked at, in bytes, and longest name of a key.
pub const MAX_CLAIM_BYTES: usize = 256;
/// Longest life of a provider's access token, in seconds.
pub const MAX_PROVIDER_TOKEN_SECONDS: u64 = 86_400;
/// How long an access token is good, in seconds.
pub const TOKEN_LIFE_SECONDS: u64 = 300;
