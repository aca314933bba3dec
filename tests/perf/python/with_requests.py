"""requests as a client of the bench: one session a thread, since a session is not meant to be shared."""

import itertools

import measure
import requests

run = measure.Run()


def worker():
    session, numbers = requests.Session(), itertools.count(1_000_000_000)

    def call():
        url = f"{run.url}{next(numbers)}"
        answer = session.post(url, json=measure.BODY, timeout=measure.DEADLINE_S, verify=run.ca_file or True)
        measure.check(answer.status_code, answer.json())

    return call


run.measure(worker)
