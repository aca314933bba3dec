"""The Python clients of the bench: `clients.py NAME URL CA_FILE THREADS CALLS`, one function a NAME, which imports the library that it
is about. All have the same threads, clocks and line that they print. The same protocol as ../clients/client.h.
"""

import asyncio
import contextlib
import itertools
import json
import os
import resource
import ssl
import sys
import threading
import time

USER, GROUP = "user_0001", "group_0001"
#: The delete that every client sends, as its user has it: an object, not text.
BODY = {"From_Account": USER, "GroupName": [GROUP]}
DEADLINE_S = 10.0
WARM_UP = 20


class Run:
    """URL (up to and with `&random=`) CA_FILE THREADS CALLS."""

    def __init__(self, url: str, ca_file: str, threads: str, calls: str) -> None:
        self._url, self.ca_file = url, ca_file
        self.threads, self.calls = int(threads), int(calls)

    def urls(self):
        """A new one for each call."""
        return map(self._url.__add__, map(str, itertools.count(1_000_000_000)))

    def settings(self) -> dict:
        """Of a client of this library: the typed delete, the rate limit off."""
        return {
            "base_url": self._url.split("/v4/")[0],
            "ca_file": self.ca_file or None,
            "sdk_app_id": 1400000000,
            "identifier": "administrator",
            "secret_key": "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e",
            "timeout": DEADLINE_S,
            "rate_limit": 0,
        }

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)

    def measure_tasks(self, opened) -> None:
        """The same for asyncio: as many tasks as there would be threads. `opened` gives an asynchronous context of the call they all make."""
        asyncio.run(self._measure_tasks(opened))

    async def _measure_tasks(self, opened) -> None:
        async with opened() as call:

            async def work(calls: int) -> None:
                for _ in range(calls):
                    await call()

            await asyncio.gather(*(work(WARM_UP) for _ in range(self.threads)))
            cpu, wall = _cpu(), time.monotonic()
            await asyncio.gather(*(work(self.calls) for _ in range(self.threads)))
            self._print(time.monotonic() - wall, _cpu() - cpu)

    def measure(self, worker) -> None:
        """Runs the calls and prints the line. `worker` is made once by each thread and gives one call, which raises unless it succeeds."""
        barrier = threading.Barrier(self.threads + 1)
        failures = []

        def work() -> None:
            try:
                call = worker()
                for _ in range(WARM_UP):
                    call()
                barrier.wait()
                barrier.wait()
                for _ in range(self.calls):
                    call()
            except Exception as error:
                failures.append(error)
                barrier.abort()

        threads = [threading.Thread(target=work) for _ in range(self.threads)]
        for thread in threads:
            thread.start()
        try:
            barrier.wait()
            cpu, wall = _cpu(), time.monotonic()
            barrier.wait()
        except threading.BrokenBarrierError:
            sys.exit(repr(failures[0]))
        for thread in threads:
            thread.join()
        wall, cpu = time.monotonic() - wall, _cpu() - cpu
        if failures:
            sys.exit(repr(failures[0]))
        self._print(wall, cpu)

    def _print(self, wall: float, cpu: float) -> None:
        print(json.dumps({"calls": self.threads * self.calls, "cpu_us": round(cpu * 1e6), "wall_us": round(wall * 1e6)}))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def check(status: int, answer: dict) -> None:
    """The least a user of an HTTP library checks."""
    if status != 200 or answer["ErrorCode"] != 0:
        raise RuntimeError(f"{status} {answer}")


def tencent_chat(run: Run) -> None:
    """One client for all threads. With LOOK_AT_RESULTS in the environment it also reads what was deleted."""
    from tencent_chat import Client

    with Client(**run.settings()) as client:

        def call():
            client.del_contact_group(USER, GROUP)

        def call_and_look():
            client.del_contact_group(USER, GROUP).groups

        run.measure(lambda: call_and_look if "LOOK_AT_RESULTS" in os.environ else call)


def requests(run: Run) -> None:
    """One session a thread, since a session is not meant to be shared."""
    import requests

    def worker():
        session, urls = requests.Session(), run.urls()

        def call():
            answer = session.post(next(urls), json=BODY, timeout=DEADLINE_S, verify=run.ca_file or True)
            check(answer.status_code, answer.json())

        return call

    run.measure(worker)


def httpx(run: Run) -> None:
    """One client for all threads."""
    import httpx

    client = httpx.Client(timeout=DEADLINE_S, verify=run.tls())

    def worker():
        urls = run.urls()

        def call():
            answer = client.post(next(urls), json=BODY)
            check(answer.status_code, answer.json())

        return call

    run.measure(worker)


def urllib3(run: Run) -> None:
    """One pool for all threads, as large as their number."""
    import urllib3

    pool = urllib3.PoolManager(maxsize=run.threads, timeout=DEADLINE_S, ca_certs=run.ca_file or None)

    def worker():
        urls = run.urls()

        def call():
            answer = pool.request("POST", next(urls), json=BODY, retries=False)
            check(answer.status, answer.json())

        return call

    run.measure(worker)


def async_tencent_chat(run: Run) -> None:
    """One AsyncClient for all tasks."""
    from tencent_chat import AsyncClient

    @contextlib.asynccontextmanager
    async def opened():
        client = AsyncClient(**run.settings())

        async def call():
            await client.del_contact_group(USER, GROUP)

        async with client:
            yield call

    run.measure_tasks(opened)


def async_httpx(run: Run) -> None:
    """One httpx.AsyncClient for all tasks."""
    import httpx

    @contextlib.asynccontextmanager
    async def opened():
        urls = run.urls()

        async def call():
            answer = await client.post(next(urls), json=BODY)
            check(answer.status_code, answer.json())

        async with httpx.AsyncClient(timeout=DEADLINE_S, verify=run.tls()) as client:
            yield call

    run.measure_tasks(opened)


def aiohttp(run: Run) -> None:
    """One session for all tasks."""
    import aiohttp

    @contextlib.asynccontextmanager
    async def opened():
        urls = run.urls()

        async def call():
            async with session.post(next(urls), json=BODY) as answer:
                check(answer.status, await answer.json())

        connector, timeout = aiohttp.TCPConnector(ssl=run.tls()), aiohttp.ClientTimeout(DEADLINE_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            yield call

    run.measure_tasks(opened)


CLIENTS = (tencent_chat, requests, httpx, urllib3, async_tencent_chat, async_httpx, aiohttp)

if __name__ == "__main__":
    name, *given = sys.argv[1:]
    {client.__name__: client for client in CLIENTS}[name](Run(*given))
