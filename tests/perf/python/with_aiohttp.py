"""aiohttp as a client of the bench: one session for all tasks."""

import contextlib
import itertools
import ssl

import aiohttp
import measure

run = measure.Run()


@contextlib.asynccontextmanager
async def opened():
    numbers, tls = itertools.count(1_000_000_000), ssl.create_default_context(cafile=run.ca_file or None)

    async def call():
        async with session.post(f"{run.url}{next(numbers)}", json=measure.BODY) as answer:
            measure.check(answer.status, await answer.json())

    connector, timeout = aiohttp.TCPConnector(ssl=tls), aiohttp.ClientTimeout(measure.DEADLINE_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield call


run.measure_tasks(opened)
