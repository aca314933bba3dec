//! The truth of `is_in_doubt`: random calls of every command under random scripts of faults, and the service's log beside what each call
//! was told. A failure names its seed; `CHAT_SEED` runs it again, up to the timing of the machine.

use std::collections::BTreeMap;
use std::time::Duration;
use std::{env, thread};

use chat_emulator::{Certificate, Fault, Listener, LoggedRequest, State};
use fastrand::Rng;
use tencent_chat::endpoints::account_check::AccountCheck;
use tencent_chat::endpoints::account_delete::AccountDelete;
use tencent_chat::endpoints::account_import::AccountImport;
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::{Account, Contact, Mark};
use tencent_chat::endpoints::mark_contact::MarkContact;
use tencent_chat::endpoints::multiaccount_import::MultiaccountImport;
use tencent_chat::endpoints::recent_contact_delete::RecentContactDelete;
use tencent_chat::endpoints::recent_contact_get_list::{RecentContactGetList, CHAT_ASSIST_FLAGS};
use tencent_chat::endpoints::search_contact_group::SearchContactGroup;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::endpoints::Endpoint;
use tencent_chat::{CallOptions, Client, Config, Response};

use crate::service::{self, assert_code, Service, CREATE};

const THREADS: u64 = 4;
const CALLS: u32 = 800;
/// A client's budget of repeats lasts for fewer calls than that when most of them fail.
const CALLS_OF_A_CLIENT: u32 = 30;
const COMMANDS: u8 = 14;
/// The commands that could do something twice: create, in both ways to call it, and account_delete.
const NOT_REPEATED: [u8; 3] = [0, 7, 8];

/// What goes wrong, before or after the call was carried out. Of the service's codes only those that leave that open.
const CARRIED_OUT_OR_NOT: &[&str] = &[
    r#"{"code":50005}"#,
    r#"{"code":60008}"#,
    r#"{"code":70169}"#,
    r#"{"hang":true}"#,
    r#"{"drop":"reset"}"#,
    r#"{"drop":"fin"}"#,
    r#"{"drop":"reset","at":"head"}"#,
    r#"{"drop":"fin","at":"head"}"#,
    r#"{"hang":true,"at":"head"}"#,
    r#"{"drop":"reset","at":"body"}"#,
    r#"{"drop":"fin","at":"body"}"#,
    r#"{"drop":"reset","at":"idle","ms":5}"#,
    r#"{"drop":"fin","at":"idle","ms":5}"#,
    r#"{"delay_ms":15}"#,
    r#"{"delay_ms":60}"#,
    r#"{"cut":0}"#,
    r#"{"cut":20}"#,
    r#"{"answer":{"status":204,"headers":{},"body":""}}"#,
    r#"{"answer":{"status":404,"headers":{},"body":"<html>"}}"#,
    r#"{"answer":{"status":504,"headers":{},"body":"<html>"}}"#,
    r#"{"play":"idle_408","ms":5}"#,
    r#"{"play":"idle_408_close","ms":5}"#,
    r#"{"play":"connection_close"}"#,
    r#"{"play":"drip","ms":1,"bytes":40}"#,
    r#"{"play":"head_drip","ms":1,"bytes":40}"#,
    r#"{"play":"chunked_drip","ms":1,"bytes":40}"#,
    r#"{"play":"chunked_cut"}"#,
    r#"{"play":"length_too_small"}"#,
    r#"{"play":"length_too_large"}"#,
    r#"{"play":"duplicate_answer"}"#,
    r#"{"play":"continue_first"}"#,
    r#"{"play":"huge_head"}"#,
    r#"{"play":"not_json"}"#,
    r#"{"play":"html_502"}"#,
    r#"{"play":"http_500"}"#,
    r#"{"play":"redirect","to":"http://127.0.0.1:1"}"#,
    r#"{"play":"empty_200"}"#,
    r#"{"play":"number_status"}"#,
    r#"{"play":"no_error_code"}"#,
    r#"{"play":"no_action_status"}"#,
];
/// What comes before a request is read, and refusals that say that nothing was done.
const NOT_CARRIED_OUT: &[&str] = &[
    r#"{"code":50003}"#,
    r#"{"code":50004}"#,
    r#"{"code":51009}"#,
    r#"{"drop":"reset","at":"accept"}"#,
    r#"{"drop":"fin","at":"accept"}"#,
    r#"{"drop":"reset","at":"request"}"#,
    r#"{"drop":"fin","at":"request"}"#,
    r#"{"hang":true,"at":"request"}"#,
];

/// What one call came to.
struct Made {
    what: String,
    code: i32,
    in_doubt: bool,
    already_deleted: bool,
    attempts: usize,
    trace: String,
    /// It must not be sent again once it may have been carried out.
    only_once: bool,
    /// After a success: whether the service's state shows what was asked for.
    state_agrees: bool,
}

/// One thread's service, with a listener where things go wrong and a way past it.
struct Stage {
    rng: Rng,
    service: Service,
    listener: Listener,
    quiet: Client,
    over_tls: bool,
}

impl Stage {
    fn new(seed: u64, over_tls: bool) -> Stage {
        let service = Service::start();
        let mut config = service.config();
        config.set_rate_limit(0).unwrap();
        Stage {
            rng: Rng::with_seed(seed),
            listener: service.emulator.open_listener(Certificate::Valid).unwrap(),
            quiet: Client::new(&config).unwrap(),
            service,
            over_tls,
        }
    }

    fn config(&self) -> Config {
        let place = if self.over_tls {
            self.listener.tls_url()
        } else {
            self.listener.url()
        };
        let mut config = service::config(place);
        config
            .set_ca_file(self.service.emulator.ca_file().to_str().unwrap())
            .unwrap();
        config.set_rate_limit(0).unwrap();
        config
    }

    /// Any fault, at any place.
    fn fault(&mut self) -> Fault {
        let at = self.rng.usize(0..CARRIED_OUT_OR_NOT.len() + NOT_CARRIED_OUT.len());
        let either = CARRIED_OUT_OR_NOT.get(at);
        let text = either.unwrap_or_else(|| &NOT_CARRIED_OUT[at - CARRIED_OUT_OR_NOT.len()]);
        let fault: Fault = serde_json::from_str(text).unwrap();
        let fault = if either.is_some() && self.rng.bool() {
            fault.applied()
        } else {
            fault
        };
        fault.times(self.rng.u32(1..4)).skip(self.rng.u32(0..2))
    }

    /// Short limits, and whether the call may be repeated in doubt, if it is said.
    fn options(&mut self, number: u32) -> (CallOptions, Option<bool>) {
        let mut options = CallOptions::default();
        options.set_random(number);
        options.set_timeout_ms(self.rng.u32(50..1_000)).unwrap();
        options.set_attempt_timeout_ms(self.rng.u32(20..150)).unwrap();
        options.set_max_attempts(self.rng.u32(1..5)).unwrap();
        let repeat = (self.rng.u8(0..3) == 0).then(|| self.rng.bool());
        if let Some(yes) = repeat {
            options.set_repeat_in_doubt(yes);
        }
        (options, repeat)
    }

    /// Past the faults: what the call needs to find.
    fn prepare<E: Endpoint>(&self, endpoint: &E) {
        assert_code(&self.quiet.call(endpoint, &CallOptions::default()), 0);
    }

    /// One call of any command about a user of its own, and whether a success would show in the state.
    fn call(&mut self, loud: &Client, number: u32) -> Made {
        let user = format!("u{number}");
        let (options, repeat) = self.options(number);
        let accounts = |name: &str| [Account::new(name, None, None).unwrap()];
        let contacts = [Contact::new(1, "peer").unwrap()];
        self.prepare(&MultiaccountImport::new(&accounts(&user)));
        // Deletes oftener, for the repeats that find nothing left.
        let command = Some(self.rng.u8(0..COMMANDS + 4))
            .filter(|drawn| *drawn < COMMANDS)
            .unwrap_or(1);
        if (1..4).contains(&command) {
            self.prepare(&CreateContactGroup::new(&user, "g", &[]));
        }
        self.listener.clear_faults();
        let faults: Vec<Fault> = (0..self.rng.u8(0..4)).map(|_| self.fault()).collect();
        faults.iter().for_each(|fault| self.listener.fault(fault.clone()));
        let of =
            |state: &State, what: &dyn Fn(&chat_emulator::Account) -> bool| state.accounts.get(&user).is_some_and(what);
        let has =
            |state: &State, name: &str| of(state, &|account| account.groups.iter().any(|group| group.name == name));
        let any = format!(r#"{{"From_Account":"{user}","GroupContactItem":[{{"GroupName":"g"}}]}}"#);
        let marks = [Mark::new(contacts[0].clone(), 1 << 40, 0, None).unwrap()];
        let pages = std::array::from_fn(|_| 0.into());
        type Shows<'a> = &'a dyn Fn(&State) -> bool;
        let new = format!("n{number}");
        let there = |state: &State| state.accounts.contains_key(&new);
        let (response, shows): (Response, Shows) = match command {
            0 => (
                loud.call(&CreateContactGroup::new(&user, "g", &contacts), &options),
                &|state| has(state, "g"),
            ),
            1 => (loud.call(&DelContactGroup::new(&user, "g"), &options), &|state| {
                !has(state, "g")
            }),
            2 => (
                loud.call(&UpdateContactGroup::name(&user, "g", "h"), &options),
                &|state| has(state, "h") && !has(state, "g"),
            ),
            3 => (
                loud.call(&UpdateContactGroup::contacts(&user, "g", &contacts, &[]), &options),
                &|state| of(state, &|account| account.entries.len() == 1),
            ),
            4 => (loud.call(&MarkContact::new(&user, &marks), &options), &|state| {
                of(state, &|account| account.entries.len() == 1)
            }),
            5 => (
                loud.call(&AccountImport::new(Account::new(&new, None, None).unwrap()), &options),
                &there,
            ),
            6 => (loud.call(&MultiaccountImport::new(&accounts(&new)), &options), &there),
            7 => (loud.call(&AccountDelete::new(&accounts(&user)), &options), &|state| {
                !of(state, &|_| true)
            }),
            8 => (loud.call(&AnyCall::new(CREATE, any.as_bytes()), &options), &|state| {
                has(state, "g")
            }),
            9 => (loud.call(&SearchContactGroup::new(&user, &contacts), &options), &|_| {
                true
            }),
            10 => (loud.call(&GetContactGroup::new(&user, 0), &options), &|_| true),
            11 => (
                loud.call(&RecentContactGetList::new(&user, pages, CHAT_ASSIST_FLAGS), &options),
                &|_| true,
            ),
            12 => (
                loud.call(&RecentContactDelete::new(&user, contacts[0].clone(), false), &options),
                &|_| true,
            ),
            _ => (loud.call(&AccountCheck::new(&accounts(&user)), &options), &|_| true),
        };
        Made {
            what: format!("command {command}, {options:?}, {faults:?}"),
            code: response.code(),
            in_doubt: response.is_in_doubt(),
            already_deleted: response.is_already_deleted(),
            attempts: response.attempts(),
            trace: response.trace().to_owned(),
            only_once: !repeat.unwrap_or(!NOT_REPEATED.contains(&command)),
            state_agrees: response.code() != 0 || shows(&self.service.emulator.state()),
        }
    }

    fn run(mut self, share: u32) -> (Vec<Made>, Vec<LoggedRequest>) {
        let (mut made, mut seen) = (Vec::new(), Vec::new());
        let mut loud = Client::new(&self.config()).unwrap();
        for number in 0..share {
            if number % CALLS_OF_A_CLIENT == CALLS_OF_A_CLIENT - 1 {
                loud = Client::new(&self.config()).unwrap();
            }
            let call = self.call(&loud, number);
            made.push(call);
        }
        self.listener.clear_faults();
        drop(loud);
        // A request that still lay in the kernel is read by now or never: its connection is gone.
        thread::sleep(Duration::from_millis(500));
        seen.extend(self.listener.requests());
        assert_eq!(
            seen.len() as u64,
            self.listener.requests_total(),
            "the log kept every request"
        );
        (made, seen)
    }
}

/// What is wrong with one call, given the requests that the service read of it.
fn broken(call: &Made, requests: &[&LoggedRequest]) -> Option<&'static str> {
    const PARTIAL: i32 = -15;
    let failed = !matches!(call.code, 0 | PARTIAL);
    let applied = requests.iter().any(|request| request.applied);
    let left = call.trace.contains(r#""written""#) || call.trace.contains("answer_begun");
    if requests.len() > call.attempts {
        return Some("the service saw more requests than there were attempts");
    }
    let repeated = requests.iter().rev().skip(1);
    if call.only_once && repeated.clone().any(|request| request.applied) {
        return Some("sent again after it had been carried out, though it must not be");
    }
    if failed && applied && !call.in_doubt {
        return Some("it was carried out, it failed, and there is no doubt");
    }
    if !failed && call.in_doubt {
        return Some("a success in doubt");
    }
    if call.in_doubt && !left {
        return Some("in doubt, and nothing had left");
    }
    // Faults that lie: one says that the group is gone and leaves it where it is, and who repeats a delete has to believe it. The other says 0
    // without ActionStatus and does nothing: a success to the generic call alone.
    let last = requests.last().and_then(|request| request.fault.as_deref());
    let was_lied_to = call.already_deleted && last == Some("code 51009") || last == Some("no_action_status");
    if !call.state_agrees && !was_lied_to {
        return Some("a success that the state does not show");
    }
    if !requests.is_empty() && !left {
        return Some("the service read a request that never left");
    }
    None
}

#[test]
fn under_random_faults_no_call_is_without_doubt_that_may_have_been_carried_out() {
    let seed = env::var("CHAT_SEED").map_or_else(
        |_| fastrand::u64(..),
        |seed| seed.parse().expect("CHAT_SEED is a number"),
    );
    let results: Vec<_> = thread::scope(|scope| {
        let stages = (0..THREADS).map(|thread| scope.spawn(move || Stage::new(seed ^ thread, thread == 0).run(CALLS)));
        let stages: Vec<_> = stages.collect();
        stages.into_iter().map(|stage| stage.join().unwrap()).collect()
    });
    let (mut wrong, mut met) = (Vec::new(), [0; 6]);
    for (made, seen) in &results {
        let mut of: BTreeMap<&str, Vec<&LoggedRequest>> = BTreeMap::new();
        for request in seen {
            of.entry(request.query["random"].as_str()).or_default().push(request);
        }
        for (number, call) in made.iter().enumerate() {
            let requests = of.remove(number.to_string().as_str()).unwrap_or_default();
            if let Some(what) = broken(call, &requests) {
                let told = (call.code, call.in_doubt, call.attempts, &call.trace);
                wrong.push(format!(
                    "call {number}: {what}: {told:?}\n  {}\n  {requests:?}",
                    call.what
                ));
            }
            let kinds = [
                call.code == 0,
                call.code == 0 && call.attempts > 1,
                call.already_deleted,
                call.code != 0 && call.in_doubt,
                call.code != 0 && !call.in_doubt,
                call.in_doubt && requests.iter().any(|request| request.applied),
            ];
            kinds.iter().zip(&mut met).for_each(|(is, met)| *met += u32::from(*is));
        }
        assert!(of.is_empty(), "requests of nobody: {of:?}");
    }
    assert!(
        wrong.is_empty(),
        "{} wrong, CHAT_SEED={seed}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let [ok, repaired, already_deleted, in_doubt, without, doubt_was_right] = met;
    let enough =
        ok > 500 && repaired > 40 && already_deleted > 3 && in_doubt > 200 && without > 20 && doubt_was_right > 60;
    assert!(enough, "too few of a kind to prove anything: {met:?}, CHAT_SEED={seed}");
}
