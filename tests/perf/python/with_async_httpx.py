"""httpx.AsyncClient as a client of the bench: one for all tasks."""

import contextlib
import itertools
import ssl

import httpx
import measure

run = measure.Run()


@contextlib.asynccontextmanager
async def opened():
    numbers, tls = itertools.count(1_000_000_000), ssl.create_default_context(cafile=run.ca_file or None)

    async def call():
        answer = await client.post(f"{run.url}{next(numbers)}", json=measure.BODY)
        measure.check(answer.status_code, answer.json())

    async with httpx.AsyncClient(timeout=measure.DEADLINE_S, verify=tls) as client:
        yield call


run.measure_tasks(opened)
