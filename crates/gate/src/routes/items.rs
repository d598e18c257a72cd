//! Items: taken in as a stream, marked, listed, opened as a stream.

use super::page::{Listed, Page};
use super::{Answer, fresh};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use crate::show;
use crate::stream::Segments;
use attache_accord::derivative::Wanted;
use attache_accord::item::Item;
use attache_accord::party::Malformed;
use attache_accord::{ItemId, Marking, Party};
use attache_node::foreign::MAX_TDF_BYTES;
use attache_node::intake::{self, Intake};
use attache_node::openings::{NotOpened, Opened};
use attache_seal::tdf::{MAX_ITEM_BYTES, Metadata};
use axum::body::{Body, HttpBody};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use data_encoding::BASE64;
use std::future::poll_fn;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest wait for the next bytes of an upload, in seconds.
pub const UPLOAD_IDLE_SECONDS: u64 = 60;
/// Longest header `attache-metadata`, in bytes of base64.
pub const MAX_METADATA_BYTES: usize = 8 * 1024;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(add, list))
        .routes(routes!(one))
        .routes(routes!(search))
        .routes(routes!(mark))
        .routes(routes!(derive))
        .routes(routes!(open))
}

/// Takes an item in. The body is its bytes; the header `attache-metadata` is base64 of `Described` as JSON.
#[utoipa::path(post, path = "/v1/items",
    params(("attache-metadata" = String, Header, description = "Base64 of `Described` as JSON.")), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = api::Added), (status = "default", body = api::Problem)))]
async fn add(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Answer<api::Added> {
    let described = described(&headers)?;
    let item_bytes = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut room = MAX_ITEM_BYTES;
    let too_large = || Problem::too_large("an item has at most 64 GiB");
    if item_bytes.is_some_and(|bytes| bytes > room) {
        return Err(too_large());
    }
    let _place = gate.upload()?;
    let api::Described { title, file_name, media_type, tearline, tdf } = described;
    let metadata = Metadata { title, file_name, media_type };
    if tdf {
        return add_tdf(&gate, &caller, &metadata, tearline, body).await;
    }
    let described = intake::Described { metadata, tearline, item_bytes };
    let mut intake = Intake::begin(Arc::clone(gate.office()), caller.person, described)?;
    let mut body = body;
    while let Some(bytes) = next_bytes(&mut body).await? {
        room = room.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        // Sealing and the disk block.
        tokio::task::block_in_place(|| intake.push(&bytes))?;
    }
    let ids = [ItemId(fresh()?), ItemId(fresh()?)];
    let now = gate.now();
    let added = tokio::task::block_in_place(|| intake.finish(ids, now))?;
    record(&gate, added).await
}

/// Takes in what a foreign client sealed.
async fn add_tdf(
    gate: &Gate,
    caller: &Caller,
    metadata: &Metadata,
    tearline: bool,
    mut body: Body,
) -> Answer<api::Added> {
    if tearline {
        return Err(Problem::misuse("tearline", "what is sealed already cannot be divided"));
    }
    let _place = gate.tdf()?;
    let mut tdf = Vec::new();
    while let Some(bytes) = next_bytes(&mut body).await? {
        if (tdf.len() + bytes.len()) as u64 > MAX_TDF_BYTES {
            return Err(Problem::too_large("a TDF that is taken in has at most 32 MiB"));
        }
        tdf.extend_from_slice(&bytes);
    }
    let (item, now) = (ItemId(fresh()?), gate.now());
    let office = gate.office();
    let take = || office.take_in(&caller.person, metadata, &tdf, item, now);
    record(gate, tokio::task::block_in_place(take)?).await
}

async fn record(gate: &Gate, added: intake::Added) -> Answer<api::Added> {
    let intake::Added { plan, item, extract } = added;
    if gate.node.commit(plan).await?.is_err() {
        return Err(Problem::busy("the item's fresh id or its key was taken meanwhile; upload it again"));
    }
    let view = gate.office().view.read();
    let shown = |id: ItemId, extract| -> Result<api::Added, Problem> {
        let item = view.item(&id)?;
        Ok(api::Added {
            item: id.to_string(),
            item_digest: item.item_digest.to_string(),
            size: item.size,
            extract,
        })
    };
    let extract = extract.map(|id| shown(id, None)).transpose()?.map(Box::new);
    Ok(Json(shown(item, extract)?))
}

async fn next_bytes(body: &mut Body) -> Result<Option<axum::body::Bytes>, Problem> {
    let patience = Duration::from_secs(UPLOAD_IDLE_SECONDS);
    loop {
        let next = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let frame = tokio::time::timeout(patience, next)
            .await
            .map_err(|_| Problem::misuse("body", "no byte came for 60 seconds; upload the item again"))?;
        match frame {
            None => return Ok(None),
            Some(Err(_)) => {
                return Err(Problem::misuse("body", "the upload broke off; nothing of it was kept"));
            }
            Some(Ok(frame)) => {
                // Trailers say nothing here.
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

fn described(headers: &HeaderMap) -> Result<api::Described, Problem> {
    let wrong = |rule| Problem::misuse("attache-metadata", rule);
    let value = headers.get("attache-metadata").ok_or_else(|| wrong("the header is missing"))?;
    if value.len() > MAX_METADATA_BYTES {
        return Err(Problem::too_large("attache-metadata: at most 8192 bytes"));
    }
    let bytes = BASE64.decode(value.as_bytes()).map_err(|_| wrong("not base64"))?;
    serde_json::from_slice(&bytes).map_err(|_| wrong("not JSON with at least a title"))
}

/// All items, by id.
#[utoipa::path(get, path = "/v1/items", params(Page),
    responses((status = 200, body = Vec<api::Item>), (status = "default", body = api::Problem)))]
async fn list(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
) -> Listed<api::Item> {
    let after = page.after::<ItemId>()?;
    let items = page.cut(after, gate.office().view.read().items.iter().cloned(), |item| item.id);
    // Each title is a paper of its own.
    tokio::task::block_in_place(|| items.shown(|item| show_item(&gate, &caller, &item)))
}

/// One item.
#[utoipa::path(get, path = "/v1/items/{item}",
    responses((status = 200, body = api::Item), (status = "default", body = api::Problem)))]
async fn one(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
) -> Answer<api::Item> {
    let id: ItemId = item.parse()?;
    let found = gate.office().view.read().item(&id)?.clone();
    let hops = tokio::task::block_in_place(|| gate.office().hops(&found))?;
    let shown = show_item(&gate, &caller, &found)?;
    Ok(Json(api::Item { hops: hops.into_iter().map(show::hop).collect(), ..shown }))
}

/// Finds this node's own items by words of their titles. The title of what was received only an opening shows.
#[utoipa::path(post, path = "/v1/searches", request_body = api::Searching,
    responses((status = 200, body = api::SearchResult), (status = "default", body = api::Problem)))]
async fn search(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(wanted): Sent<api::Searching>,
) -> Answer<api::SearchResult> {
    let office = gate.office();
    // Each title that is shown is a paper of its own.
    let sought = tokio::task::block_in_place(|| {
        office.search(&wanted.words, |item| may_see_title(&gate, &caller, item))
    })?;
    let view = office.view.read();
    let show = |(item, title): (Item, String)| show::item(&item, &view, &office.pack, Some(title));
    let items = sought.found.into_iter().map(show).collect();
    Ok(Json(api::SearchResult { items, is_all: sought.is_all }))
}

fn show_item(gate: &Gate, caller: &Caller, item: &Item) -> Result<api::Item, Problem> {
    let title = match may_see_title(gate, caller, item) {
        true => gate.office().title_of(item)?.map(|metadata| metadata.title),
        false => None,
    };
    Ok(show::item(item, &gate.office().view.read(), &gate.office().pack, title))
}

/// A title may be as secret as its item, so it is for whoever handles items, is cleared for this one and needs to know
/// of its kind; and before there is a marking, for whoever added it.
fn may_see_title(gate: &Gate, caller: &Caller, item: &Item) -> bool {
    let (Some(level), Some(marked)) = (item.own_level(), item.marked()) else {
        return item.by == caller.person;
    };
    let view = gate.office().view.read();
    let Ok(person) = view.person(&caller.person) else { return false };
    let terms = gate.office().pack.terms();
    let clearance = person.clearance.as_ref().filter(|clearance| gate.now() < clearance.until);
    caller.reads()
        && clearance.is_some_and(|clearance| terms.equivalence.clears(&clearance.level, level))
        && person.duties.contains(&marked.marking.kind)
}

/// Marks a draft.
#[utoipa::path(post, path = "/v1/items/{item}/marking", request_body = api::Marking,
    responses((status = 200, body = api::Item), (status = "default", body = api::Problem)))]
async fn mark(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    Sent(wanted): Sent<api::Marking>,
) -> Answer<api::Item> {
    let id: ItemId = item.parse()?;
    let parties = wanted.releasable_to.iter().map(|party| party.parse::<Party>());
    let marking = Marking {
        level: wanted.level.parse().map_err(|error| Problem::malformed("level", &error))?,
        kind: wanted.kind.parse().map_err(|error| Problem::malformed("kind", &error))?,
        releasable_to: parties
            .collect::<Result<_, _>>()
            .map_err(|error| Problem::malformed("releasable_to", &error))?,
        caveats: wanted.caveats,
        marked_at: gate.now(),
        topics: wanted
            .topics
            .iter()
            .map(|topic| topic.parse())
            .collect::<Result<_, _>>()
            .map_err(|error| Problem::malformed("topics", &error))?,
        purposes: each("purposes", &wanted.purposes)?,
        control: wanted.control.as_deref().map(str::parse).transpose()?,
    };
    let step = tokio::task::block_in_place(|| gate.office().mark(&caller.person, id, marking))?;
    if gate.node.commit(step.plan).await?.is_err() {
        return Err(Problem::misuse("item", "someone else marked it meanwhile; a marking is never changed"));
    }
    let found = gate.office().view.read().item(&id)?.clone();
    Ok(Json(show_item(&gate, &caller, &found)?))
}

/// Marks a draft that was made from other items, as follows from their markings (Art. 4.3).
#[utoipa::path(post, path = "/v1/items/{item}/derivation", request_body = api::Derivation,
    responses((status = 200, body = api::Item), (status = "default", body = api::Problem)))]
async fn derive(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    Sent(wanted): Sent<api::Derivation>,
) -> Answer<api::Item> {
    let id: ItemId = item.parse()?;
    let sources: Vec<ItemId> = each("sources", &wanted.sources)?;
    let level = wanted.level.as_deref().map(str::parse).transpose();
    let marked = Wanted {
        level: level.map_err(|error| Problem::malformed("level", &error))?,
        releasable_to: wanted.releasable_to.map(|parties| each("releasable_to", &parties)).transpose()?,
        kind: wanted.kind.parse().map_err(|error| Problem::malformed("kind", &error))?,
        topics: each("topics", &wanted.topics)?,
        caveats: wanted.caveats,
        marked_at: gate.now(),
    };
    let make = || gate.office().mark_derived(&caller.person, id, &sources, marked);
    let step = tokio::task::block_in_place(make)?;
    if gate.node.commit(step.plan).await?.is_err() {
        return Err(Problem::misuse("item", "someone else marked it meanwhile; a marking is never changed"));
    }
    let found = gate.office().view.read().item(&id)?.clone();
    Ok(Json(show_item(&gate, &caller, &found)?))
}

fn each<T: FromStr<Err = Malformed>, C: FromIterator<T>>(
    field: &str,
    texts: &[String],
) -> Result<C, Problem> {
    texts
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::malformed(field, &error))
}

/// Opens an item: ruled on, recorded, then streamed; with its originator's consent, where it is under originator control.
/// `attache-banner` and `attache-metadata` are base64 of JSON.
#[utoipa::path(post, path = "/v1/items/{item}/opening",
    params(("attache-purpose" = Option<String>, Header, description = "Base64 of the purpose, in UTF-8, which its originator is told.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = api::Problem)))]
async fn open(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: ItemId = item.parse()?;
    let purpose = purpose(&headers)?;
    // Taken before anything is recorded: what is on record as opened was opened.
    let place = gate.opening()?;
    let pack = Arc::clone(&gate.office().pack);
    let (index, reading) = match gate.node.open_item(&caller.person, id, &purpose).await {
        Ok(Opened { ruling_index, reading }) => (ruling_index, reading),
        Err(NotOpened::Ruled(index)) => {
            let explained = show::ruling_at(gate.office(), index)?;
            return Err(explained.map_or_else(|| Problem::forbidden("refused"), Problem::refused));
        }
        Err(not_opened) => return Err(not_opened.into()),
    };
    let Metadata { title, file_name, media_type } = reading.metadata().clone();
    let described = api::Described { title, file_name, media_type, tearline: false, tdf: false };
    let banner = {
        let view = gate.office().view.read();
        let found = view.item(&id)?;
        show::banners_of(found, &view, &pack)
    };
    let item_bytes = reading.item_bytes();
    let mut response = Body::new(Segments::of(place, reading)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, item_bytes.into());
    headers.insert("attache-ruling", index.into());
    headers.insert("attache-metadata", in_header(&described)?);
    headers.insert("attache-banner", in_header(&banner)?);
    Ok(response)
}

/// For what use an item is opened, where the reader says it. A header, so that it is part of no URL.
fn purpose(headers: &HeaderMap) -> Result<String, Problem> {
    let wrong = |rule| Problem::misuse("attache-purpose", rule);
    let Some(value) = headers.get("attache-purpose") else { return Ok(String::new()) };
    let bytes = BASE64.decode(value.as_bytes()).map_err(|_| wrong("not base64"))?;
    String::from_utf8(bytes).map_err(|_| wrong("not UTF-8"))
}

fn in_header(value: &impl serde::Serialize) -> Result<HeaderValue, Problem> {
    let json = serde_json::to_vec(value).map_err(|_| Problem::busy("encoding failed"))?;
    HeaderValue::from_str(&BASE64.encode(&json)).map_err(|_| Problem::busy("encoding failed"))
}
