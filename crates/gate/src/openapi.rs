//! The OpenAPI 3.1 document: what the routes say of themselves, and beside it what the table says: who may call them.
//!
//! *Absent:* a second list of routes. What is not routed is not described.

use crate::access::{ACCESS, Who};
use crate::routes;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{InfoBuilder, ObjectBuilder, OpenApi, Required, Type};

/// The name of the only security scheme.
const SESSION: &str = "session";

/// The document.
pub fn openapi() -> OpenApi {
    complete(routes::described().split_for_parts().1)
}

/// Completes what the routes say.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Attaché")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The node's interface for its own people. Partners never come this way."))
        .build();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let row = ACCESS.iter().find(|(found, at, _)| *found == method && at == path);
            if let Some((_, _, who)) = row {
                describe(operation, method, path, who);
            }
        }
    }
    let session = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme(SESSION, session);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, delete, .. } = item;
    [("GET", get), ("POST", post), ("DELETE", delete)]
        .into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// One place of a path.
fn place(name: &str) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
    parameter.required(Required::True).schema(Some(text)).build()
}

fn describe(operation: &mut Operation, method: &str, path: &str, who: &Who) {
    // Unique, as the document's form asks for; the functions' own names are not.
    let words = path.split('/').skip(2).map(|word| word.trim_matches(['{', '}']));
    let id = words.fold(method.to_lowercase(), |id, word| format!("{id}-{word}"));
    operation.operation_id = Some(id);
    let places = path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'));
    operation.parameters.get_or_insert_default().extend(places.map(|name| place(name).into()));
    operation.tags = path.split('/').nth(2).map(|noun| vec![noun.to_owned()]);
    let called_by = match who {
        Who::Anyone => "Called by anyone.".to_owned(),
        Who::SignedIn => "Called by whoever has signed in.".to_owned(),
        Who::Staff => "Called by whoever has signed in, inspectors excepted.".to_owned(),
        Who::Roles(roles) => {
            let words: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            format!("Called by: {}.", words.join(", "))
        }
    };
    operation.description = Some(match operation.description.take() {
        Some(description) => format!("{description}\n\n{called_by}"),
        None => called_by,
    });
    operation.security = match who {
        Who::Anyone => Some(vec![SecurityRequirement::default()]),
        _ => Some(vec![SecurityRequirement::new(SESSION, Vec::<String>::new())]),
    };
}
