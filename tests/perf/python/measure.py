"""What every Python client of the bench shares: its arguments, its threads, its clocks and the one line that it prints.
The same protocol as clients/client.h.
"""

import asyncio
import json
import resource
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

    def __init__(self) -> None:
        if len(sys.argv) != 5:
            sys.exit("usage: PROGRAM URL CA_FILE THREADS CALLS")
        self.url, self.ca_file = sys.argv[1:3]
        self.threads, self.calls = map(int, sys.argv[3:])
        self.base = self.url.split("/v4/")[0]

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
