//! The order in which a call is checked, readable from top to bottom in [`decide`]. A refused call has changed nothing.

use serde_json::{Map, Value};

use crate::http::query::Query;
use crate::service::answer::Refusal;
use crate::service::fields::{accounts_are_text, Fields};
use crate::service::usersig::Claims;
use crate::service::{self, AccountsCall, Command, Handler, Outcome, UserCall};
use crate::world::clock::seconds;
use crate::world::{App, World};

/// One request as read from a connection.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Starts with `/`.
    pub(crate) path: String,
    pub(crate) query: Query,
    /// As it came, signature included; never shown.
    pub(crate) uri: hyper::Uri,
    /// `None`: larger than the service takes.
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn new(method: &hyper::Method, uri: &hyper::Uri, body: Option<Vec<u8>>) -> Self {
        Self {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: Query::parse(uri.query()).with_path(uri.path()),
            uri: uri.clone(),
            body,
        }
    }

    /// Path and query as they came, signature included; never shown.
    pub(crate) fn target(&self) -> &str {
        self.uri.path_and_query().map_or("", |target| target.as_str())
    }
}

/// Decides one call and carries it out. `now_ms`: unix milliseconds.
pub(crate) fn decide(request: &Request, app: &App, world: &mut World, now_ms: i64) -> Outcome {
    let now = seconds(now_ms);
    let command = known_command(request)?;
    well_formed(request)?;
    let body = json_object(request.body.as_deref())?;
    let sdk_app_id = sdk_app_id(&request.query)?;
    let (identifier, usersig) = credentials(&request.query)?;
    in_this_region(world)?;
    signed(identifier, usersig, sdk_app_id, app, world, now)?;
    admin(command, identifier, app, world)?;
    within_rate(command, world, now_ms)?;
    accounts_are_text(&body)?;
    carried_out(command, &body, world, now)
}

fn known_command(request: &Request) -> Result<&'static Command, Refusal> {
    service::command(&request.path).ok_or_else(|| {
        // A browser's bare GET of the host gets this very text (the vendor's network diagnosis page).
        if request.method == "POST" {
            Refusal::new(60009, "there is no such service or command")
        } else {
            Refusal::new(60002, "HTTP parse Error")
        }
    })
}

fn well_formed(request: &Request) -> Result<(), Refusal> {
    if request.method != "POST" || request.query.flaw().is_some() {
        return Err(Refusal::new(60002, "HTTP parse Error"));
    }
    match request.query.get("contenttype") {
        None | Some("json") => Ok(()),
        Some(_) => Err(Refusal::new(60002, "HTTP parse Error: contenttype has to be json")),
    }
}

fn json_object(body: Option<&[u8]>) -> Result<Map<String, Value>, Refusal> {
    let body = body.ok_or_else(|| Refusal::new(60003, "the body is larger than 8 MiB"))?;
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::new(60003, "the body has to be a JSON object")),
        Err(_) if body.is_empty() => Err(Refusal::new(60003, "the body is empty; send {} for no input")),
        Err(e) => {
            let info = format!("the body is not JSON (line {}, column {})", e.line(), e.column());
            Err(Refusal::new(60003, info))
        }
    }
}

fn sdk_app_id(query: &Query) -> Result<u64, Refusal> {
    let text = query
        .get("sdkappid")
        .ok_or_else(|| Refusal::new(60012, "sdkappid is missing in the query"))?;
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| Refusal::new(60006, "sdkappid has to be a number"))
}

fn credentials(query: &Query) -> Result<(&str, &str), Refusal> {
    let identifier = query.get("identifier").filter(|text| !text.is_empty());
    let identifier = identifier.ok_or_else(|| Refusal::new(60004, "identifier is missing in the query"))?;
    let usersig = query
        .get("usersig")
        .ok_or_else(|| Refusal::new(60005, "usersig is missing in the query"))?;
    Ok((identifier, usersig))
}

/// Another data centre knows nothing of the app. No page says what it answers; callers tell of codes that look unrelated, so here they
/// take turns.
fn in_this_region(world: &mut World) -> Result<(), Refusal> {
    const ANSWERS: [i64; 5] = [60006, 70020, 70009, 70003, 50001];
    if !world.settings.wrong_region {
        return Ok(());
    }
    let code = ANSWERS[world.asked_in_the_wrong_region % ANSWERS.len()];
    world.asked_in_the_wrong_region += 1;
    Err(Refusal::new(
        code,
        "as another data centre than the app's own would answer",
    ))
}

/// The steps of the vendor's reference verifiers (1047/34385), and the lock-out around them.
fn signed(
    identifier: &str,
    usersig: &str,
    sdk_app_id: u64,
    app: &App,
    world: &mut World,
    now: i64,
) -> Result<(), Refusal> {
    if world.settings.lock_out && world.signatures.is_locked(identifier, now) {
        return Err(Refusal::new(70050, "too many failed checks; try again in a minute"));
    }
    let verdict = verified(identifier, usersig, sdk_app_id, app, world, now);
    if let Err(refusal) = &verdict {
        world.signatures.failed(identifier, refusal.code, now);
    }
    world.signatures.saw(identifier, verdict?);
    Ok(())
}

pub(crate) fn verified(
    identifier: &str,
    usersig: &str,
    sdk_app_id: u64,
    app: &App,
    world: &World,
    now: i64,
) -> Result<Vec<u8>, Refusal> {
    let refused = |code, info: &'static str| Err(Refusal::new(code, info));
    let claims = Claims::read(usersig)?;
    if sdk_app_id != u64::from(app.sdk_app_id) {
        return refused(70020, "there is no app of this sdkappid");
    }
    if !world.settings.key_on_file {
        return refused(70016, "the app has no key on file");
    }
    if claims.sdk_app_id != sdk_app_id {
        return refused(70014, "the usersig was made for another sdkappid");
    }
    if claims.identifier != identifier {
        return refused(70013, "the usersig was made for another identifier");
    }
    if !claims.signed_by(&app.secret_key) {
        return refused(
            70009,
            "the usersig does not verify; it was probably made with another app's key",
        );
    }
    if claims.expired_at(now) {
        return refused(70001, "the usersig has expired");
    }
    let signature = claims.into_signature();
    if world.signatures.is_revoked(&signature) {
        return refused(70052, "the usersig has been invalidated");
    }
    Ok(signature)
}

/// Three codes mean "not an admin": the page's 50003, the gateway's 60010, the account layer's 70403.
fn admin(command: &Command, identifier: &str, app: &App, world: &World) -> Result<(), Refusal> {
    if app.admins.iter().any(|admin| admin == identifier) {
        return Ok(());
    }
    let code = match command.handler {
        Handler::User { .. } => world.settings.non_admin_code,
        Handler::Accounts { .. } => 70403,
    };
    Err(Refusal::new(code, "identifier has to be an app admin"))
}

fn within_rate(command: &Command, world: &mut World, now_ms: i64) -> Result<(), Refusal> {
    let (limit, window) = (world.settings.rate_limit, world.settings.rate_window);
    if limit == 0 || world.rate_limits.pass(command.path, limit, window, now_ms) {
        return Ok(());
    }
    let info = format!("more than {limit} calls of this command in a second; slow down");
    Err(Refusal::new(60007, info))
}

fn carried_out(command: &Command, body: &Map<String, Value>, world: &mut World, now: i64) -> Outcome {
    let World { state, settings, .. } = world;
    match command.handler {
        Handler::Accounts { run } => run(AccountsCall { state, body, settings }),
        Handler::User { plan, run } => {
            if plan.refuses(settings, body) {
                return Err(Refusal::new(51013, "the app's plan has no conversation groups"));
            }
            let user = Fields::of(body, "", 50002, &["From_Account"])?.text("From_Account")?;
            let account = state.accounts.get_mut(user);
            let account = account.ok_or_else(|| Refusal::new(50001, "From_Account has not been imported"))?;
            run(UserCall {
                account,
                body,
                settings,
                now,
            })
        }
    }
}
