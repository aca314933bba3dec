"""The library's Python face as a client of the bench: one client for all threads, the typed delete, the rate limit off.
With LOOK_AT_RESULTS in the environment it also reads what was deleted."""

import os

import measure
from tencent_chat import Client

run = measure.Run()
client = Client(
    base_url=run.base,
    ca_file=run.ca_file or None,
    sdk_app_id=1400000000,
    identifier="administrator",
    secret_key="5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e",
    timeout=measure.DEADLINE_S,
    rate_limit=0,
)


def worker():
    def call():
        client.del_contact_group(measure.USER, measure.GROUP)

    def call_and_look():
        client.del_contact_group(measure.USER, measure.GROUP).groups

    return call_and_look if "LOOK_AT_RESULTS" in os.environ else call


with client:
    run.measure(worker)
