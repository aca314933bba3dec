"""The library's AsyncClient as a client of the bench: one for all tasks, the typed delete, the rate limit off."""

import contextlib

import measure
from tencent_chat import AsyncClient

run = measure.Run()


@contextlib.asynccontextmanager
async def opened():
    client = AsyncClient(
        base_url=run.base,
        ca_file=run.ca_file or None,
        sdk_app_id=1400000000,
        identifier="administrator",
        secret_key="5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e",
        timeout=measure.DEADLINE_S,
        rate_limit=0,
    )

    async def call():
        await client.del_contact_group(measure.USER, measure.GROUP)

    async with client:
        yield call


run.measure_tasks(opened)
