//! The rate limit as the service sees it, by the emulator's own timestamps.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::service::{assert_code, config, delete, Service, DELETE};
use crate::stall::{assert_limit, stalled, LIMIT};
use crate::turn;
use tencent_chat::error::*;
use tencent_chat::Client;

fn hammer(client: &Client, threads: usize, time: Duration) -> u64 {
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let worker = || {
            let mut calls = 0;
            while Instant::now() < end {
                assert_code(&delete(client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
                calls += 1;
            }
            calls
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    })
}

/// Calls as fast as it is let, and checks what arrived.
fn keeps_the_limit(service: &Service, client: &Client, threads: usize) {
    assert_limit(&format!("{threads} threads"), || {
        // The window of the measurement before has passed.
        thread::sleep(Duration::from_millis(1_100));
        service.emulator.reset();
        let (calls, stall) = stalled(|| hammer(client, threads, Duration::from_millis(2_200)));
        let rate = service.emulator.rates()[DELETE];
        assert_eq!(rate.calls, calls, "{threads} threads");
        assert!(calls > u64::from(LIMIT), "{threads} threads made {calls} calls");
        (rate, stall)
    });
}

#[test]
fn no_second_sees_more_than_200_calls_however_many_threads_call() {
    let _turn = turn();
    for threads in [1, 8, 64] {
        let service = Service::start();
        for client in [service.client(), service.tls_client()] {
            keeps_the_limit(&service, &client, threads);
        }
    }
}

/// A way to the service that takes 0 to 20 ms longer for some requests than for others. Ends with the process.
fn jittery_way_to(service: &Service) -> String {
    let target = service.emulator.url().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for here in listener.incoming().map_while(Result::ok) {
            let there = TcpStream::connect(&target).unwrap();
            there.set_nodelay(true).unwrap();
            let (mut from, mut to) = (here.try_clone().unwrap(), there.try_clone().unwrap());
            thread::spawn(move || {
                let mut random = fastrand::Rng::new();
                let mut chunk = [0; 4_096];
                while let Ok(n @ 1..) = from.read(&mut chunk) {
                    thread::sleep(Duration::from_micros(random.u64(..20_000)));
                    to.write_all(&chunk[..n]).unwrap();
                }
            });
            thread::spawn(move || std::io::copy(&mut &there, &mut &here));
        }
    });
    place
}

#[test]
fn nor_when_the_way_to_the_service_adds_up_to_20_ms_to_some_calls() {
    let _turn = turn();
    let service = Service::start();
    let client = Client::new(&config(&jittery_way_to(&service))).unwrap();
    keeps_the_limit(&service, &client, 64);
}
