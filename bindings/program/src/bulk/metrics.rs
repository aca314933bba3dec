//! `--metrics`: the run's numbers for Prometheus, while it runs. One request at a time, of at most a few kilobytes and two seconds: whoever is slow holds
//! up the next reader and never the run.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tencent_chat::Client;

use super::status_line::Moment;
use crate::output::{why, Failure};

const LONGEST_REQUEST: usize = 8 * 1_024;
const LONGEST_TIME: Duration = Duration::from_secs(2);
/// Between two looks whether somebody asks.
const LOOK: Duration = Duration::from_millis(50);

pub struct Metrics {
    listener: TcpListener,
    /// Of the run itself; the client's numbers come fresh.
    run: Mutex<String>,
    ended: AtomicBool,
}

impl Metrics {
    /// `address`: a port of this machine's loopback, or host:port.
    pub fn listen(address: &str) -> Result<Metrics, Failure> {
        let refused = |what: &str| Failure::usage(format!("--metrics {address}: {what}"));
        let place = match address.trim_start_matches(':').parse::<u16>() {
            Ok(port) => format!("127.0.0.1:{port}"),
            Err(_) => address.to_owned(),
        };
        let places: Vec<SocketAddr> = match place.to_socket_addrs() {
            Ok(places) => places.collect(),
            Err(_) => {
                return Err(refused(
                    "give a port, such as 9464, or an address of this machine with one",
                ))
            }
        };
        let listener = TcpListener::bind(&places[..]).map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => refused("somebody else listens there; name another port"),
            ErrorKind::AddrNotAvailable => refused("this machine has no such address"),
            _ => refused(&why(&error)),
        })?;
        listener.set_nonblocking(true).map_err(|error| refused(&why(&error)))?;
        Ok(Metrics {
            listener,
            run: Mutex::default(),
            ended: AtomicBool::new(false),
        })
    }

    pub fn url(&self) -> String {
        match self.listener.local_addr() {
            Ok(address) => format!("http://{address}/metrics"),
            Err(_) => "http://?/metrics".into(),
        }
    }

    /// What is served of the run from now on.
    pub fn update(&self, items: u64, moment: &Moment) {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = of_the_run(items, moment);
    }

    /// Until [`Metrics::end`].
    pub fn serve(&self, client: &Client) {
        while !self.ended.load(Ordering::Acquire) {
            match self.listener.accept() {
                // A reader that goes away gets no answer, and wants none.
                Ok((stream, _)) => _ = self.answer(stream, client),
                Err(_) => thread::sleep(LOOK),
            }
        }
    }

    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    fn answer(&self, mut stream: TcpStream, client: &Client) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(LONGEST_TIME))?;
        let asked = request(&mut stream)?;
        let words: Vec<&str> = asked.split(' ').collect();
        let (status, page) = match words[..] {
            ["GET" | "HEAD", "/metrics" | "/", _] => ("200 OK", self.page(client)),
            ["GET" | "HEAD", _, _] => ("404 Not Found", "the numbers are at /metrics\n".to_owned()),
            [_, _, _] => ("405 Method Not Allowed", "only GET and HEAD\n".to_owned()),
            _ => ("400 Bad Request", "not a request of HTTP\n".to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
             Allow: GET, HEAD\r\nConnection: close\r\n\r\n",
            page.len()
        );
        stream.write_all(head.as_bytes())?;
        match words[0] {
            "HEAD" => Ok(()),
            _ => stream.write_all(page.as_bytes()),
        }
    }

    fn page(&self, client: &Client) -> String {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{}{run}", client.stats().prometheus())
    }
}

/// The first line of what is asked, read with the lines behind it: who closes with something unread may cut off the answer.
fn request(stream: &mut TcpStream) -> io::Result<String> {
    let began = Instant::now();
    let (mut bytes, mut part) = (Vec::new(), [0; 1_024]);
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = LONGEST_TIME.saturating_sub(began.elapsed());
        if left.is_zero() || bytes.len() >= LONGEST_REQUEST {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part)? {
            0 => break,
            read => bytes.extend(&part[..read]),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Names and units as Prometheus wants them.
fn of_the_run(items: u64, moment: &Moment) -> String {
    let tally = moment.tally;
    let mut text = String::new();
    let mut series = |name: &str, help: &str, values: &[(&str, u64)]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    series(
        "tencent_chat_bulk_items",
        "Items that the run's list has, without duplicates.",
        &[("", items)],
    );
    series(
        "tencent_chat_bulk_items_ended",
        "Items that this run and those before it accounted for, by what they came to.",
        &[
            ("{outcome=\"done\"}", tally.done + tally.already + tally.existing),
            ("{outcome=\"not_there\"}", tally.missing),
            ("{outcome=\"unknown_account\"}", tally.unknown),
            ("{outcome=\"failed\"}", tally.failures()),
        ],
    );
    series(
        "tencent_chat_bulk_items_in_doubt",
        "Items of which nobody knows whether they are done.",
        &[("", moment.doubt)],
    );
    let (rate, waits) = (moment.rate, u64::from(moment.waiting.is_some()));
    series(
        "tencent_chat_bulk_rate_asked",
        "Calls a second that the run was asked to make.",
        &[("", rate.asked.into())],
    );
    series(
        "tencent_chat_bulk_rate_now",
        "Calls a second that the run may make now.",
        &[("", rate.now.into())],
    );
    series(
        "tencent_chat_bulk_outage",
        "1 while the run waits for an outage to end.",
        &[("", waits)],
    );
    text
}
