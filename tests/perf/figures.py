"""The figures of the bench: what each compares, with which peer, and what it must reach."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, List, Optional

import measure
from build import Programs
from measure import Client
from servers import DeadAddress, Emulator, Redis, Responder, ask

OURS, FLOOR = "tencent-chat", "raw sockets in C"


@dataclass
class Figure:
    """One comparison. `ratio` is ours by the peer's; of costs a small one is good, of speeds a large one."""

    number: int
    bench: str
    value: float
    unit: str
    peer: str = ""
    peer_value: Optional[float] = None
    ratio: Optional[float] = None
    #: What the design asks for, in words, and whether it was reached; None where nothing is asked.
    target: str = ""
    reached: Optional[bool] = None
    #: Whether `target` speaks of the ratio or of the value.
    of_ratio: bool = False
    #: The name of a bar in the picture.
    bar: str = ""

    def line(self) -> dict:
        """The figure as one object, without what is empty and what only the table and the picture need."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {name: _rounded(value) for name, value in kept.items() if name not in ("bar", "of_ratio")}


def _rounded(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def against(number: int, bench: str, unit: str, values: Dict[str, float], ours: str = OURS, bar: str = "") -> List[Figure]:
    """Ours beside each of the others."""
    value = values[ours]
    others = ((name, other) for name, other in values.items() if name != ours)
    return [Figure(number, bench, value, unit, name, other, value / other if other else None, bar=bar) for name, other in others]


def at_most(figure: Figure, limit: float, of_ratio: bool = False) -> Figure:
    """Asks for a value, or a ratio, of at most `limit`."""
    figure.of_ratio = of_ratio
    figure.target, figure.reached = f"<= {limit:g}", (figure.ratio if of_ratio else figure.value) <= limit
    return figure


def at_least(figure: Figure, limit: float, of_ratio: bool = False) -> Figure:
    """Asks for a value, or a ratio, of at least `limit`."""
    figure.of_ratio = of_ratio
    figure.target, figure.reached = f">= {limit:g}", (figure.ratio if of_ratio else figure.value) >= limit
    return figure


class Bench:
    """Everything the figures need: the programs, the servers, the URLs."""

    def __init__(self, programs: Programs, responder: Responder, emulator: Emulator, target: str) -> None:
        self.programs, self.responder, self.emulator, self.target = programs, responder, emulator, target
        self.http, self.https = responder.url + target, responder.tls_url + target
        self.ca_file = responder.ca_file
        self.ours = Client(OURS, [programs.bin / "tencent_chat"])
        self.floor = Client(FLOOR, [programs.bin / "floor"])
        self.curl = Client("libcurl", [programs.bin / "curl"])
        self.ureq = Client("ureq with a deadline", [programs.peers / "ureq"])
        self.reqwest = Client("reqwest blocking", [programs.peers / "reqwest"])
        self.im_rs = Client("tencent_im_rs", [programs.peers / "tencent_im_rs"])
        self.go_http = Client("Go net/http", [programs.bin / "go_nethttp"])
        self.go_ours = Client("tencent-chat in Go", [programs.bin / "go_tencentchat"])
        self.python_ours = self.python("tencent-chat in Python", "tencent_chat")
        self.requests = self.python("requests", "requests")
        self.httpx = self.python("httpx", "httpx")
        self.urllib3 = self.python("urllib3", "urllib3")

    def python(self, name: str, client: str) -> Client:
        program = Path(__file__).resolve().parent / "python" / "clients.py"
        return Client(name, [self.programs.python, program, client], self.programs.python_environment())


def system_calls(bench: Bench) -> List[Figure]:
    found = []
    for scheme, url, ca_file in (("HTTP", bench.http, ""), ("HTTPS", bench.https, bench.ca_file)):
        clients = [bench.ours, bench.curl, bench.reqwest, bench.ureq, bench.go_http, bench.requests, bench.httpx, bench.urllib3]
        clients += [bench.im_rs] if scheme == "HTTPS" else [bench.floor]
        count = lambda client: measure.per_call(lambda n: measure.system_calls(client, url, ca_file, n), 100, 300)  # noqa: E731
        # A thread that is woken in between adds one call in some hundred calls, on a busy machine.
        values = {client.name: round(count(client), 1) for client in clients}
        figures = against(1, f"system calls a call, {scheme}", "calls", values, bar=f"System calls a call, {scheme}")
        at_most(figures[0], 3)
        found += figures
    return found


def cpu(bench: Bench) -> List[Figure]:
    found = []
    for threads, limit in ((1, 1.5), (8, 1.5), (32, 1.7)):
        clients = [bench.floor, bench.ours, bench.curl, bench.reqwest, bench.ureq, bench.go_http]
        values = measure.cpu_per_call(clients, bench.http, "", threads, 6_400, 5)
        words = f"client CPU a call, HTTP, {threads} thread{'s' if threads > 1 else ''}"
        figures = against(2, words, "us", values, bar="CPU a call, HTTP, 8 threads" if threads == 8 else "")
        at_most(figures[0], limit, of_ratio=True)
        found += figures
    clients = [bench.ours, bench.curl, bench.reqwest, bench.ureq, bench.go_http, bench.im_rs]
    values = measure.cpu_per_call(clients, bench.https, bench.ca_file, 1, 2_000, 5)
    return found + against(2, "client CPU a call, HTTPS, 1 thread", "us", values, bar="CPU a call, HTTPS, 1 thread")


def go(bench: Bench) -> List[Figure]:
    """On all processors: Go's scheduler works differently where it has one only."""
    found = []
    for routines in (8, 32):
        clients = [bench.go_ours, bench.go_http]
        values = measure.cpu_per_call(clients, bench.http, "", routines, 6_400, 7, apart=False)
        bar = "CPU a call in Go, 32 goroutines" if routines == 32 else ""
        figures = against(9, f"Go: client CPU a call, HTTP, {routines} goroutines", "us", values, bench.go_ours.name, bar)
        at_most(figures[0], 0.9 if routines == 8 else 0.7, of_ratio=True)
        found += figures
        # As life is: the goroutines wait for the service.
        values = measure.cpu_per_call(clients, bench.responder.slow_url + bench.target, "", routines, 60 * routines, 3, apart=False)
        words = f"Go: client CPU a call, 20 ms in the server, {routines} goroutines"
        figures = against(9, words, "us", values, bench.go_ours.name)
        at_most(figures[0], 0.9, of_ratio=True)
        found += figures
    return found


def code(bench: Bench) -> List[Figure]:
    """Instructions and allocations; the Python peers only over HTTP, where one run already takes long."""
    values = {}
    for client in (bench.ours, bench.curl, bench.floor):
        values[client.name] = measure.per_call(lambda n: measure.instructions(client, bench.http, "", n), 100, 300)
    for client in (bench.python_ours, bench.requests):
        values[client.name] = measure.per_call(lambda n: measure.instructions(client, bench.http, "", n), 5, 30)
    python = {name: values.pop(name) for name in (bench.python_ours.name, bench.requests.name)}
    found = against(3, "instructions a call, HTTP", "instructions", values, bar="Instructions a call, HTTP")
    at_most(found[0], 42_000)
    # A floor that parses nothing would take half the picture.
    next(figure for figure in found if figure.peer == FLOOR).bar = ""
    found += against(3, "Python: instructions a call, HTTP", "instructions", python, bench.python_ours.name)
    secure = measure.per_call(lambda n: measure.instructions(bench.ours, bench.https, bench.ca_file, n), 100, 300)
    found.append(Figure(3, "instructions a call, HTTPS", secure, "instructions"))
    return found


def preloaded(bench: Bench) -> List[Figure]:
    """What the preloaded library counts: allocations, threads, look-ups, all over a kept connection to `localhost`."""
    url = bench.http.replace("127.0.0.1", "localhost")
    found, counted = [], {}
    for client in (bench.ours, bench.curl, bench.ureq):
        count = lambda n: measure.preloaded_counts(client, bench.programs.counts, url, "", n)  # noqa: E731
        few, many = count(100), count(300)
        counted[client.name] = {name: (many[name] - few[name]) / 200 for name in few}
    for number, name, words, limit in (
        (3, "allocations", "allocations a call, HTTP", 42),
        (4, "threads", "threads started a call", 0),
        (4, "look_ups", "name look-ups a call on a live pool", 0),
    ):
        figures = against(number, words, name.replace("_", "-"), {client: seen[name] for client, seen in counted.items()})
        at_most(figures[0], limit)
        found += figures
    return found


def bursts(bench: Bench) -> List[Figure]:
    """Connections that 20 bursts of 32 threads open."""
    values = {}
    for client in (bench.ours, bench.curl, bench.reqwest, bench.ureq, bench.go_http):
        before = bench.responder.counts()["connections"]
        client.run(bench.http, "", 32, 0, 20)
        # The second asking itself is one.
        values[client.name] = float(bench.responder.counts()["connections"] - before - 1)
    figures = against(5, "connections for 20 bursts of 32 threads", "connections", values, bar="Connections, 20 bursts of 32")
    at_most(figures[0], 32)
    return figures


def first_call(bench: Bench) -> List[Figure]:
    """dlopen, client, first HTTPS call, with the public authorities and the emulator's own trusted."""
    bundle = bench.programs.work / "authorities.pem"
    public = subprocess.run([bench.programs.python, "-m", "certifi"], capture_output=True, text=True, check=True).stdout.strip()
    bundle.write_text(Path(public).read_text() + Path(bench.emulator.ca_file).read_text())
    program, url = bench.programs.bin / "first_call", bench.emulator.tls_url + bench.target
    ours = Client(OURS, [program, bench.programs.library, url, bench.emulator.ca_file])
    curl = Client("libcurl", [program, "libcurl.so.4", url, bundle])
    told = {client.name: [] for client in (ours, curl)}
    for _ in range(15):
        for client in (ours, curl):
            told[client.name].append(client.measured())
    median = lambda name, member: statistics.median(one[member] for one in told[name])  # noqa: E731
    cpu = {name: median(name, "cpu_us") / 1e3 for name in told}
    memory = {name: median(name, "memory_kb") / 1024 for name in told}
    found = [at_most(against(6, "first HTTPS call from dlopen, CPU", "ms", cpu, bar="First HTTPS call, CPU")[0], 1.3)]
    found.append(at_most(against(6, "first HTTPS call from dlopen, memory", "MB", memory, bar="First HTTPS call, memory")[0], 3.2))
    stripped = bench.programs.work / "stripped.so"
    subprocess.run(["strip", "-s", "-o", stripped, bench.programs.library], check=True)
    return found + [at_most(Figure(6, "stripped shared library", stripped.stat().st_size / 1e6, "MB"), 2.4)]


def new_connections(bench: Bench) -> List[Figure]:
    """A TLS connection for each call: the server ends each after its answer."""
    url, values, share = bench.responder.closing_url + bench.target, {}, 0.0
    for client in (bench.ours, bench.curl):
        before = bench.responder.counts()
        spent = []
        for _ in range(3):
            told = client.measured(url, bench.ca_file, 1, 200)
            spent.append(told["cpu_us"] / told["calls"])
        values[client.name] = statistics.median(spent)
        after = bench.responder.counts()
        made = {name: after[name] - before[name] for name in after}
        if client is bench.ours:
            share = 100 * made["resumed_handshakes"] / (made["full_handshakes"] + made["resumed_handshakes"])
    found = against(7, "CPU of a new TLS connection and a call", "us", values, bar="New TLS connection, CPU")
    at_most(found[0], 0.4, of_ratio=True)
    return found + [at_least(Figure(7, "new TLS connections that resume", share, "%"), 99)]


def python(bench: Bench) -> List[Figure]:
    """A result is read when it is looked at; the others parse the answer to know that the call succeeded."""
    ours = bench.python_ours
    seen = Client(f"{ours.name}, the result looked at", ours.command, {**(ours.environment or {}), "LOOK_AT_RESULTS": "1"})
    clients = [bench.floor, ours, seen, bench.requests, bench.httpx, bench.urllib3]
    speed, cost = {client.name: [] for client in clients}, {client.name: [] for client in clients}
    for _ in range(3):
        for client in clients:
            told = client.measured(bench.http, "", 8, 400 if client in (bench.floor, ours, seen) else 50)
            speed[client.name].append(1e6 * told["calls"] / told["wall_us"])
            cost[client.name].append(told["cpu_us"] / told["calls"])
    speed = {name: statistics.median(values) for name, values in speed.items()}
    cost = {name: statistics.median(values) for name, values in cost.items()}
    looked = Figure(8, "Python: client CPU a call, 8 threads, the result looked at", cost.pop(seen.name), "us", FLOOR, cost[FLOOR])
    looked.ratio = looked.value / cost[FLOOR]
    fastest = Figure(8, "the floor in C: calls a second, 8 threads", speed.pop(FLOOR), "calls/s", "requests", speed["requests"])
    fastest.ratio = fastest.value / speed["requests"]
    del speed[seen.name]
    found = against(8, "Python: calls a second, 8 threads", "calls/s", speed, ours.name)
    at_least(found[0], 35, of_ratio=True)
    figures = against(8, "Python: client CPU a call, 8 threads", "us", cost, ours.name, "CPU a call in Python, 8 threads")
    at_most(figures[0], 2.0, of_ratio=True)
    at_most(looked, 3.0, of_ratio=True)
    return found + [fastest] + figures + [looked] + imports(bench)


def imports(bench: Bench) -> List[Figure]:
    """What an import, and with it a first client, adds to the start of Python. Our import alone loads next to nothing."""
    client = "tencent_chat.Client('singapore', sdk_app_id=1, identifier='a', secret_key='k')"
    firsts = {bench.python_ours.name: f"import tencent_chat;{client}"}
    firsts.update({"requests": "import requests;requests.Session()", "httpx": "import httpx;httpx.Client()"})
    alone = {name: program.split(";")[0] for name, program in firsts.items()}
    figures = against(8, "Python: CPU of the import", "ms", added(bench, alone), bench.python_ours.name)
    at_most(figures[0], 2)
    words, bar = "Python: CPU of import and first client", "Import and first client in Python, CPU"
    return figures + against(8, words, "ms", added(bench, firsts), bench.python_ours.name, bar)


def added(bench: Bench, programs: Dict[str, str]) -> Dict[str, float]:
    """Milliseconds of CPU that each program takes beside Python's own start."""
    environment = bench.programs.python_environment()
    told = "{};import resource;u=resource.getrusage(resource.RUSAGE_SELF);print((u.ru_utime+u.ru_stime)*1e3)"
    programs = {"bare": "pass", **programs}
    clients = [Client(name, [bench.programs.python, "-c", told.format(text)], environment) for name, text in programs.items()]
    for client in clients:  # Compiles what is to be imported.
        client.run()
    values = measure.in_turn(clients, 11, lambda client: float(client.run()))
    bare = values.pop("bare")
    return {name: max(value - bare, 0.0) for name, value in values.items()}


def cap(bench: Bench) -> List[Figure]:
    """Arrivals a second at the server with the library's own limit."""
    found = []
    for threads in (1, 8, 64):
        bench.emulator.reset()
        client = Client(OURS, [bench.programs.bin / "cap", bench.emulator.url, "", threads, 5])
        told = client.measured(apart=False)
        words = f"thread{'s' if threads > 1 else ''}"
        largest = float(bench.emulator.largest_second())
        found.append(at_most(Figure(10, f"the cap: most arrivals in any second, {threads} {words}", largest, "calls"), 200))
        sustained = steady(bench.emulator.arrivals())
        found.append(at_least(Figure(10, f"the cap: arrivals a second, {threads} {words}", sustained, "calls/s"), 195))
        allowed = round(1.1 * threads / 200 * 1e3 + 10, 1)
        # Who comes right after the burst of the first second waits for what the burst took ahead.
        wait = Figure(10, f"the cap: longest wait after the burst, {threads} {words}", told["steady_us"] / 1e3, "ms")
        found.append(at_most(wait, allowed))
        found.append(Figure(10, f"the cap: longest wait at all, {threads} {words}", told["longest_us"] / 1e3, "ms"))
    return found


def steady(arrivals: List[float]) -> float:
    """Arrivals a second once the first second, which may begin with a burst, is over."""
    after = [when for when in arrivals if when >= arrivals[0] + 1]
    return (len(after) - 1) / (after[-1] - after[0])


def emulator(bench: Bench) -> List[Figure]:
    started = [Client("emulator", [bench.programs.bin / "start", bench.programs.emulator, bench.target]).measured() for _ in range(11)]
    first = statistics.median(one["start_us"] for one in started) / 1e3
    memory = statistics.median(one["memory_kb"] for one in started) / 1024
    programs, speed = bench.programs, {"emulator": [], "the fixed answer": []}
    ca_file = programs.work / "fixed-ca.pem"
    with Emulator(programs.emulator, apart=False) as fresh, Responder(programs.peers / "responder", ca_file, apart=False) as fixed:
        for _ in range(5):
            for name, url in zip(speed, (fresh.url, fixed.url)):
                told = bench.floor.measured(url + bench.target, "", 16, 1_000, apart=False)
                speed[name].append(1e6 * told["calls"] / told["wall_us"])
    shares = against(11, "emulator: calls a second", "calls/s", {name: statistics.median(seen) for name, seen in speed.items()}, "emulator")
    return [
        at_most(Figure(11, "emulator: start to first answer", first, "ms"), 5),
        at_least(shares[0], 0.6, of_ratio=True),
        at_most(Figure(11, "emulator: memory after its first answer", memory, "MB"), 6),
    ]


def bulk(bench: Bench) -> List[Figure]:
    """2,000 groups of 2,000 users through each face with 16 workers, at the cap (all faces at once, each with its own emulator)
    and with the cap off (one after another)."""
    users, workers, programs = 2_000, 16, bench.programs
    here = Path(__file__).resolve().parent
    faces = [
        Client("C", [programs.bin / "bulk"]),
        Client("C++", [programs.bin / "bulk_cpp"]),
        Client("Python", [programs.python, here / "python" / "bulk.py"], programs.python_environment()),
        Client("Go", [programs.bin / "go_bulk"]),
    ]
    groups = [{"id": 1, "name": "group_0001"}]
    names = ["administrator", *(f"user_{user:04}" for user in range(1, users + 1))]
    seed = {"accounts": {name: {"groups": groups} for name in names}}
    capped, free = [], []
    for face in faces:
        with Emulator(programs.emulator, apart=False) as service:
            ask(f"{service.admin}/state", "PUT", seed)
            told = face.measured(service.url, "", users, workers, 0, apart=False)
            free.append(Figure(12, f"bulk: calls a second, cap off, {face.name}", 1e6 * told["calls"] / told["wall_us"], "calls/s"))
    with measure.ThreadPoolExecutor(len(faces)) as pool:
        for face, share in zip(faces, pool.map(lambda face: _share_of_cap(programs, face, seed, users, workers), faces)):
            capped.append(at_least(Figure(12, f"bulk: share of the cap reached, {face.name}", share, "%"), 97.5))
    return capped + free


def _share_of_cap(programs: Programs, face: Client, seed: dict, users: int, workers: int) -> float:
    with Emulator(programs.emulator) as service:
        ask(f"{service.admin}/state", "PUT", seed)
        face.run(service.url, "", users, workers, 200, apart=False)
        return 100 * steady(service.arrivals()) / 200


def deadlines(bench: Bench) -> List[Figure]:
    """How late calls return after their deadline while the peer is silent."""
    client = Client(OURS, [bench.programs.bin / "late", bench.responder.silent_url, "", 16, 20, 100])
    late = [us / 1e3 for us in client.measured()]
    percentile = lambda share: late[min(len(late) - 1, int(len(late) * share))]  # noqa: E731
    found = [Figure(13, f"return after the deadline, p{share:g}", percentile(share / 100), "ms") for share in (50, 90)]
    return found + [at_most(Figure(13, "return after the deadline, p99", percentile(0.99), "ms"), 20)]


def fleet(bench: Bench) -> List[Figure]:
    """A thousand simulated machines on one shared limit; nothing is measured, so every run says the same."""
    *phases, fairness = (json.loads(line) for line in Client("simulation", [bench.programs.fleet, "--json"]).run().splitlines())
    found = []
    for phase in phases:
        words = f"1,000 machines, {phase['phase']}"
        share = Figure(14, f"{words}: share of the cap", phase["share"], "%")
        # A start waits for a window; a server that is gone gives nothing.
        found.append(share if phase is phases[0] or "gone" in words else at_least(share, 97.5))
        found.append(at_most(Figure(14, f"{words}: arrivals in any second", phase["largest_second"], "calls"), 200))
    return found + [at_least(Figure(14, "1,000 machines: fairness, Jain's index", fairness["jain"], "of 1"), 0.99)]


def shared_limit(bench: Bench) -> List[Figure]:
    """32 processes of 12 threads on one limit of 200, through a redis-server of their own, for ten seconds."""
    with Redis(bench.programs.work) as redis, Emulator(bench.programs.emulator, apart=False) as service:
        command = [bench.programs.bin / "fleet_caller", service.url, redis.url, "bench", 200, 0, 12]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
        callers = [subprocess.Popen([str(part) for part in command], **pipes) for _ in range(32)]
        time.sleep(4)
        service.reset()
        before = redis.trips()
        time.sleep(10)
        trips, arrivals, largest = redis.trips() - before, service.arrivals(), service.largest_second()
        for caller in callers:
            caller.stdin.close()
        if any([caller.wait() for caller in callers]):
            sys.exit("a process of the fleet failed")
    speed = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    return [
        at_least(Figure(15, "32 processes on one limit: share of the cap", 100 * speed / 200, "%"), 97.5),
        at_most(Figure(15, "32 processes on one limit: arrivals in any second", largest, "calls"), 200),
        at_most(Figure(15, "32 processes on one limit: trips a call", trips / len(arrivals), "trips"), 0.11),
    ]


def tasks(bench: Bench) -> List[Figure]:
    """Python's asyncio with 64 tasks."""
    names = {"AsyncClient": "async_tencent_chat", "aiohttp": "aiohttp", "httpx.AsyncClient": "async_httpx"}
    clients = [bench.python(name, client) for name, client in names.items()]
    speed, cost = {name: [] for name in names}, {name: [] for name in names}
    for _ in range(3):
        for client in clients:
            told = client.measured(bench.http, "", 64, 20)
            speed[client.name].append(1e6 * told["calls"] / told["wall_us"])
            cost[client.name].append(told["cpu_us"] / told["calls"])
    medians = [{name: statistics.median(seen) for name, seen in values.items()} for values in (speed, cost)]
    faster = against(16, "asyncio: calls a second, 64 tasks", "calls/s", medians[0], "AsyncClient")
    cheaper = against(16, "asyncio: client CPU a call, 64 tasks", "us", medians[1], "AsyncClient")
    return [at_least(figure, 1, of_ratio=True) for figure in faster] + [at_most(figure, 1, of_ratio=True) for figure in cheaper]


def dead_address(bench: Bench) -> List[Figure]:
    """A process's first call to a name of two addresses, the first of which takes no connection."""
    port = int(bench.responder.url.rsplit(":", 1)[1])
    url = bench.http.replace("127.0.0.1", "two.test")
    took = lambda client: client.measured(  # noqa: E731
        url, "", 1, 0, 1, LD_PRELOAD=str(bench.programs.names), GODEBUG="netdns=cgo"
    )["wall_us"]
    with DeadAddress(port):
        values = measure.in_turn([bench.ours, bench.curl, bench.go_http], 5, took)
    figures = against(17, "first call, the name's first address dead", "ms", {name: us / 1e3 for name, us in values.items()})
    return [at_most(figure, 1.05, of_ratio=True) for figure in figures]


def warmed(bench: Bench) -> List[Figure]:
    """The first call over TLS after `warm_up`, beside a later one on the same connection."""
    client = Client(OURS, [bench.programs.bin / "warm", bench.https, bench.ca_file, 100])
    told = [one for _ in range(5) for one in client.measured()]
    first, later = (statistics.median(one[name] for one in told) for name in ("first_us", "later_us"))
    figure = Figure(18, "first call after warm_up, HTTPS", first, "us", "a kept connection", later, first / later)
    return [at_most(figure, 1.1, of_ratio=True)]


def growth(bench: Bench) -> List[Figure]:
    """How cost grows: with threads, with clients in a process, and what one more of each thing holds in memory."""
    counts = (1, 8, 64, 256)
    ours = [Client(f"{OURS} {threads}", bench.ours.command) for threads in counts]
    floor = [Client(f"{FLOOR} {threads}", bench.floor.command) for threads in counts]
    spent = lambda client: cost(client, int(client.name.rsplit(" ", 1)[1]))  # noqa: E731

    def cost(client: Client, threads: int) -> float:
        told = client.measured(bench.http, "", threads, 6_400 // threads)
        return told["cpu_us"] / told["calls"]

    values = measure.in_turn(ours + floor, 5, spent)
    found = []
    for threads in counts:
        value, least = values[f"{OURS} {threads}"], values[f"{FLOOR} {threads}"]
        found.append(Figure(19, f"growth: client CPU a call, HTTP, {threads} threads", value, "us", FLOOR, least, value / least))
    many, few = values[f"{OURS} 256"], values[f"{OURS} 8"]
    found.append(at_most(Figure(19, "growth: CPU a call, 256 threads", many, "us", "8 threads", few, many / few), 1.3, of_ratio=True))
    several = [Client(f"{count} clients", bench.ours.command, {**os.environ, "CLIENTS": str(count)}) for count in (1, 10, 100)]
    values = measure.in_turn(several, 3, lambda client: cost(client, 8))
    for count in (10, 100):
        value, one = values[f"{count} clients"], values["1 clients"]
        found.append(Figure(19, f"growth: CPU a call, {count} clients, 8 threads", value, "us", "1 client", one, value / one))
    memory = Client(OURS, [bench.programs.bin / "memory", bench.https, bench.ca_file, bench.responder.silent_url]).measured()
    words = {"client_kb": "a client", "connection_kb": "a kept TLS connection", "caller_kb": "a waiting caller and its thread"}
    return found + [Figure(19, f"growth: memory of {what}", memory[name], "kB") for name, what in words.items()]


def limits(bench: Bench) -> List[Figure]:
    """What the shared limit adds to a call that no limit holds up: a call every 10 ms, its limit its own or kept by a redis-server."""
    program = bench.programs.bin / "limited"
    with Redis(bench.programs.work) as redis:
        own = Client("the own limit", [program, bench.http, 200])
        shared = Client("the shared limit", [program, bench.http, 200, redis.url])
        told = {client.name: [] for client in (own, shared)}
        for _ in range(3):
            for client in (own, shared):
                told[client.name].append(client.measured())
        # With the 20 calls that warm up.
        found = [Figure(20, "a call under the shared limit, trips", redis.trips() / (3 * 220), "trips")]
    for words, name in (("CPU", "cpu_us"), ("time", "median_us")):
        medians = {limit: statistics.median(one[name] for one in seen) for limit, seen in told.items()}
        found += against(20, f"a call under the shared limit, {words}", "us", medians, shared.name)
    return found[:1] + [at_most(figure, 1.2, of_ratio=True) for figure in found[1:]]


ALL = (system_calls, cpu, code, preloaded, bursts, first_call, new_connections, python, go, cap, emulator, bulk, deadlines)
ALL += (fleet, shared_limit, tasks, dead_address, warmed, growth, limits)


def take(bench: Bench, wanted: List[str]) -> List[Figure]:
    """All figures, or those whose function is named."""
    found = []
    for function in ALL:
        if wanted and function.__name__ not in wanted:
            continue
        began = time.monotonic()
        figures = function(bench)
        found += figures
        print(f"  {function.__name__}: {len(figures)} figures in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return sorted(found, key=lambda figure: figure.number)
