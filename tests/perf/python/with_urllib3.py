"""urllib3 as a client of the bench: one pool for all threads, as large as their number."""

import itertools

import measure
import urllib3

run = measure.Run()
pool = urllib3.PoolManager(maxsize=run.threads, timeout=measure.DEADLINE_S, ca_certs=run.ca_file or None)


def worker():
    numbers = itertools.count(1_000_000_000)

    def call():
        answer = pool.request("POST", f"{run.url}{next(numbers)}", json=measure.BODY, retries=False)
        measure.check(answer.status, answer.json())

    return call


run.measure(worker)
