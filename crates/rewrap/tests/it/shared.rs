//! What several tests need: requests answered as a node would, by a key and without rules.

use attache_accord::Timestamp;
use attache_rewrap::answer::{Outcome, PolicyAnswer, Wrapping, rewrap_response};
use attache_rewrap::jws::Jwk;
use attache_rewrap::{CallError, Codec, Rewrap, connect, message};
use attache_seal::binding;
use attache_seal::wrap::RsaSecret;

/// Reads a request as it comes over HTTP.
pub fn read(
    content_type: &str,
    content_encoding: &str,
    body: &[u8],
    key: Option<&Jwk>,
    now: Timestamp,
) -> Result<(Codec, Rewrap), CallError> {
    let codec = Codec::of_content_type(content_type).ok_or_else(CallError::media_type)?;
    let bytes = connect::message(body, Some(content_encoding))?;
    let token = message::rewrap_request(codec, &bytes)?;
    Ok((codec, Rewrap::read(&token, key, now)?))
}

/// Answers whatever opens and is bound to its policy.
pub fn answer(codec: Codec, rewrap: &Rewrap, service: &RsaSecret) -> Vec<u8> {
    let wrapping = Wrapping::begin(&rewrap.client_key).unwrap();
    let answers: Vec<_> = rewrap
        .policies
        .iter()
        .map(|policy| {
            let result = |object: &attache_rewrap::ObjectAsked| {
                let key = service.unwrap(&object.wrapped_key).ok();
                let key = key.filter(|key| binding::verify(key, &policy.policy_base64, &object.binding));
                let outcome = key.map_or(Outcome::Denied, |key| Outcome::Permit {
                    wrapped_key: wrapping.wrap(&key).unwrap(),
                    obligations: vec!["https://seoul.kor/obl/banner/value/kor-ii".to_owned()],
                });
                (object.id.clone(), outcome)
            };
            PolicyAnswer { id: policy.id.clone(), results: policy.objects.iter().map(result).collect() }
        })
        .collect();
    rewrap_response(codec, &wrapping, &answers, rewrap.is_first_form)
}
