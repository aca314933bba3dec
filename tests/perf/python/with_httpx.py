"""httpx as a client of the bench: one client for all threads."""

import itertools
import ssl

import httpx
import measure

run = measure.Run()
client = httpx.Client(timeout=measure.DEADLINE_S, verify=ssl.create_default_context(cafile=run.ca_file or None))


def worker():
    numbers = itertools.count(1_000_000_000)

    def call():
        answer = client.post(f"{run.url}{next(numbers)}", json=measure.BODY)
        measure.check(answer.status_code, answer.json())

    return call


run.measure(worker)
