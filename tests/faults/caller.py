"""Makes the calls of the fault table from Python: the same lines in and out as `caller.c`, which says what they mean.
Shows of each call everything that a program might print of it. Knows nothing of what is right.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
from typing import Any, Dict, List, Optional

from tencent_chat import CancelToken, ChatError, Client, Response

FIELDS = (
    "id command url ca_file proxy sdk_app_id identifier key user_sig user group timeout attempt_timeout connect_timeout "
    "max_connections rate_limit warm pause act"
).split()
WARM_GROUP = "warm"
PRINTING = threading.Lock()


class Told(logging.Handler):
    """All that a log file might hold of one client."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.getMessage()}\n{vars(record)}\n"


def shown(error: Optional[ChatError], response: Optional[Response], client: Client, told: Told) -> str:
    """All that a program might print of a call and its client."""
    stats = client.stats()
    parts: List[str] = [repr(client), repr(vars(client)), repr(stats), stats.prometheus, told.text]
    if response is not None:
        parts += [repr(response), response.message, repr(response.trace), response.body, repr(vars(response))]
    if error is not None:
        parts += [str(error), repr(error), repr(vars(error))]
        parts += traceback.format_exception(type(error), error, error.__traceback__)
    return "\n".join(parts)


def seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000


class Call:
    """One call, on a thread of its own with a client of its own."""

    def __init__(self, line: str) -> None:
        self.given = dict(zip(FIELDS, line.split("\t")))
        self.met = threading.Event()
        self.cancel = CancelToken()
        self.told = Told()
        logger = logging.Logger(f"call {self.given['id']}", logging.DEBUG)
        logger.addHandler(self.told)
        # The client has time; what the call that counts has is its own.
        self.client = Client(
            timeout=60.0,
            attempt_timeout=60.0,
            connect_timeout=60.0,
            base_url=self.given["url"],
            ca_file=self.given["ca_file"],
            sdk_app_id=int(self.given["sdk_app_id"]),
            identifier=self.given["identifier"],
            max_connections=int(self.given["max_connections"]),
            rate_limit=int(self.given["rate_limit"]),
            logger=logger,
            **self.optional(),
        )
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def optional(self) -> Dict[str, str]:
        names = {"proxy": "proxy", "key": "secret_key", "user_sig": "user_sig"}
        return {name: self.given[field] for field, name in names.items() if self.given[field] != "-"}

    def make(self, client: Client, group: str, **options: Any) -> Response:
        call = client.del_contact_group if self.given["command"] == "delete" else client.create_contact_group
        return call(self.given["user"], group, **options).response

    def warm(self) -> None:
        try:
            self.make(self.client, WARM_GROUP)
        except ChatError:
            pass

    def run(self) -> None:
        beside = threading.Thread(target=self.warm)
        if self.given["warm"] == "before":
            self.warm()
        if self.given["warm"] == "beside":
            beside.start()
            self.met.wait()
        time.sleep(seconds(self.given["pause"]))
        self.tell()
        self.client.close()
        if self.given["warm"] == "beside":
            beside.join()

    def tell(self) -> None:
        """Makes the call that counts, and prints its line."""
        limits = {name: seconds(self.given[name]) for name in ("attempt_timeout", "connect_timeout")}
        client = self.client.with_options(**limits)
        error: Optional[ChatError] = None
        response: Optional[Response] = None
        begun = time.monotonic_ns()
        try:
            response = self.make(client, self.given["group"], timeout=seconds(self.given["timeout"]), cancel=self.cancel)
        except ChatError as caught:
            error, response = caught, caught.response
        us = (time.monotonic_ns() - begun) // 1000
        line = {
            "id": int(self.given["id"]),
            "code": error.code if error is not None else 0,
            "in_doubt": response is not None and response.is_in_doubt,
            "already_deleted": response is not None and response.is_already_deleted,
            "attempts": response.attempts if response is not None else 0,
            "us": us,
            "shown": shown(error, response, client, self.told),
        }
        with PRINTING:
            print(json.dumps(line, ensure_ascii=False), flush=True)

    def meet(self) -> None:
        self.met.set()
        if self.given["act"] == "cancel":
            self.cancel.trigger()
        elif self.given["act"] == "shutdown":
            self.client.shutdown()


def main() -> None:
    calls: Dict[str, Call] = {}
    for line in sys.stdin:
        line = line.rstrip("\n")
        if "\t" in line:
            call = Call(line)
            calls[call.given["id"]] = call
        else:
            calls[line].meet()
    for call in calls.values():
        call.thread.join()


if __name__ == "__main__":
    main()
