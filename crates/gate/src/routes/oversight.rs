//! Mandates of oversight, and the reports that inspectors are given under them.
//!
//! *Absent:* changes by an inspector.

use super::evidence::files;
use super::{Answer, carry_out, paper, statement};
use crate::access::Caller;
use crate::api;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::sent::Sent;
use attache_accord::Digest;
use attache_accord::mandate::{Given, Made};
use attache_accord::oversight::FIELD_NAMES;
use attache_accord::people::Role;
use attache_node::desk;
use attache_node::fault::Fault;
use attache_node::report::Wanted;
use attache_seal::papers::{MandateEnd, ReportCosignature};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use data_encoding::BASE64;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(mandates, give))
        .routes(routes!(end))
        .routes(routes!(reports, report))
        .routes(routes!(cosign))
}

/// Mandates on record; to an inspector those that name them.
#[utoipa::path(get, path = "/v1/mandates",
    responses((status = 200, body = Vec<api::Mandate>), (status = "default", body = api::Problem)))]
async fn mandates(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
) -> Answer<Vec<api::Mandate>> {
    let is_shown = |given: &Given| {
        !caller.roles.contains(&Role::Inspector) || given.mandate.inspectors.contains(&caller.person)
    };
    let kept: Vec<(Digest, Given)> = {
        let view = gate.office().view.read();
        let shown = view.mandates.iter().filter(|(_, given)| is_shown(given));
        shown.map(|(digest, given)| (*digest, given.clone())).collect()
    };
    Ok(Json(kept.iter().map(|(digest, given)| show(&gate, digest, given)).collect::<Result<_, Problem>>()?))
}

/// Gives a mandate.
#[utoipa::path(post, path = "/v1/mandates", request_body = api::Stated,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn give(State(gate): State<Gate>, Sent(stated): Sent<api::Stated>) -> Answer<api::Recorded> {
    let signed = statement(&stated)?;
    let done = carry_out(&gate, |view, now| desk::give_mandate(view, now, &signed)).await?;
    Ok(Json(api::Recorded { index: done.first_index.unwrap_or_default() }))
}

/// Ends a mandate.
#[utoipa::path(post, path = "/v1/mandates/{mandate}/ending", request_body = api::Stated,
    responses((status = 200, body = api::Recorded), (status = "default", body = api::Problem)))]
async fn end(
    State(gate): State<Gate>,
    Path(mandate): Path<String>,
    Sent(stated): Sent<api::Stated>,
) -> Answer<api::Recorded> {
    let signed = statement(&stated)?;
    let said = signed.dangerously_unverified::<MandateEnd>();
    let said = said.map_err(|error| Problem::misuse("statement", error))?.body;
    if said.mandate.to_string() != mandate {
        return Err(Problem::misuse("mandate", "the statement ends another one"));
    }
    let done = carry_out(&gate, |view, now| desk::end_mandate(view, now, &signed)).await?;
    Ok(Json(api::Recorded { index: done.first_index.unwrap_or_default() }))
}

/// A report under a mandate that names the inspector, on the log as it was published last. That it was given is recorded first. The
/// answer is one `EvidenceFile` as JSON a line; the last line has an empty path and says that all of it came.
#[utoipa::path(post, path = "/v1/reports", request_body = api::WantedReport,
    responses((status = 200, body = api::EvidenceFile, content_type = "application/x-ndjson"),
        (status = "default", body = api::Problem)))]
async fn report(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
    Sent(wanted): Sent<api::WantedReport>,
) -> Result<Response, Problem> {
    let day =
        |field: &'static str, text: &str| text.parse().map_err(|error| Problem::malformed(field, &error));
    let wanted = Wanted {
        inspector: caller.person,
        mandate: wanted.mandate.parse().map_err(|error| Problem::malformed("mandate", &error))?,
        from: day("from", &wanted.from)?,
        until: day("until", &wanted.until)?,
        is_public: !wanted.not_public,
    };
    let place = gate.opening()?;
    let (office, now) = (Arc::clone(gate.office()), gate.now());
    let prepared = tokio::task::spawn_blocking(move || office.prepare_report(now, wanted)).await;
    let prepared = prepared.map_err(|_| Problem::from(Fault::Stopped))??;
    // Its only condition is that the mandate lasts; where that changed, the plan is refused when it is made again.
    loop {
        let plan = prepared.plan(&gate.office().view.read())?;
        if gate.node.commit(plan).await?.is_ok() {
            break;
        }
    }
    Ok(files(gate, place, move |office, write| office.write_report(&prepared, write)))
}

/// Reports on record; to an inspector those under mandates that name them.
#[utoipa::path(get, path = "/v1/reports",
    responses((status = 200, body = Vec<api::MadeReport>), (status = "default", body = api::Problem)))]
async fn reports(
    State(gate): State<Gate>,
    Extension(caller): Extension<Caller>,
) -> Answer<Vec<api::MadeReport>> {
    let made: Vec<(Digest, Made)> = {
        let view = gate.office().view.read();
        let is_shown = |made: &Made| {
            !caller.roles.contains(&Role::Inspector)
                || view
                    .mandates
                    .get(&made.mandate)
                    .is_some_and(|given| given.mandate.inspectors.contains(&caller.person))
        };
        let shown = view.mandates.made().filter(|(_, made)| is_shown(made));
        shown.map(|(report, made)| (*report, made.clone())).collect()
    };
    Ok(Json(
        made.iter().map(|(report, made)| show_made(&gate, report, made)).collect::<Result<_, Problem>>()?,
    ))
}

/// Cosigns what the public is told of a report: a `report-cosignature` of an inspector whom its mandate names.
#[utoipa::path(post, path = "/v1/reports/cosignatures", request_body = api::Stated,
    responses((status = 200, body = api::Cosigned), (status = "default", body = api::Problem)))]
async fn cosign(State(gate): State<Gate>, Sent(stated): Sent<api::Stated>) -> Answer<api::Cosigned> {
    let signed = statement(&stated)?;
    let notice = gate.office().vouch(&signed, gate.now())?;
    carry_out(&gate, |view, now| desk::cosign_report(view, now, &signed, &notice)).await?;
    let by = signed.dangerously_unverified::<ReportCosignature>();
    let by = by.map_err(|error| Problem::misuse("statement", error))?.head.signer;
    Ok(Json(api::Cosigned { by, notice: BASE64.encode(&notice.to_bytes()) }))
}

fn show_made(gate: &Gate, report: &Digest, made: &Made) -> Result<api::MadeReport, Problem> {
    let cosigned = made.cosigned.iter().map(|cosigned| {
        let notice = BASE64.encode(&paper(gate, &cosigned.notice)?);
        Ok(api::Cosigned { by: cosigned.by.to_string(), notice })
    });
    Ok(api::MadeReport {
        report: report.to_string(),
        mandate: made.mandate.to_string(),
        from: made.from.to_string(),
        until: made.until.to_string(),
        by: made.by.to_string(),
        index: made.index,
        public: made.public.map(|public| public.to_string()),
        cosigned: cosigned.collect::<Result<_, Problem>>()?,
    })
}

fn show(gate: &Gate, digest: &Digest, given: &Given) -> Result<api::Mandate, Problem> {
    let Given { mandate, by, index, ended } = given;
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| mandate.body.clone());
    let fields = mandate.fields.iter().filter_map(|field| FIELD_NAMES.get(usize::from(*field)));
    Ok(api::Mandate {
        mandate: digest.to_string(),
        body: api::Texts {
            ko: named(&mandate.body_ko),
            ja: named(&mandate.body_ja),
            en: mandate.body.clone(),
        },
        inspectors: mandate.inspectors.iter().map(ToString::to_string).collect(),
        from: mandate.from.to_string(),
        until: mandate.until.to_string(),
        fields: fields.map(|name| (*name).to_owned()).collect(),
        basis: mandate.basis.clone(),
        by: by.to_string(),
        index: *index,
        ended: *ended,
        statement: BASE64.encode(&paper(gate, digest)?),
    })
}
