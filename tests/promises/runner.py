"""Keeps the promises of `cases.json` from Python: `runner.py CASES python|python_async ADMIN_URL...`, an emulator a worker. What a case
says and what is seen of a call stands in README.md beside this file. Uses the public face only.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import re
import sys
import threading
import time
import traceback
import urllib.request
from typing import Any, Callable, Dict, List, Optional

from tencent_chat import Account, AsyncClient, CancelToken, ChatError, Client, Contact, Mark, Response, codes, private_map_key_new, user_sig_inspect, user_sig_new

#: Seconds after which what never comes is given up.
PATIENCE = 60.0
Json = Any


def differs(seen: Json, wanted: Json, at: str = "") -> Optional[str]:
    """Where what was seen is not what is wanted; None where it is."""
    if isinstance(wanted, dict) and any(key.startswith("$") for key in wanted):
        return differs_from_rule(seen, wanted, at)
    if isinstance(wanted, dict):
        if not isinstance(seen, dict):
            return f"{at}: {seen!r} is no object"
        found = (differs(seen.get(key), value, f"{at}/{key}") for key, value in wanted.items())
        return next(filter(None, found), None)
    if isinstance(wanted, list):
        if not isinstance(seen, list) or len(seen) != len(wanted):
            return f"{at}: {json.dumps(seen, ensure_ascii=False)[:400]} has not {len(wanted)} elements"
        found = (differs(one, value, f"{at}/{place}") for place, (one, value) in enumerate(zip(seen, wanted)))
        return next(filter(None, found), None)
    return None if seen == wanted and isinstance(seen, bool) == isinstance(wanted, bool) else f"{at}: {seen!r}, not {wanted!r}"


def differs_from_rule(seen: Json, rule: Dict[str, Json], at: str) -> Optional[str]:
    text = seen if isinstance(seen, str) else json.dumps(seen, ensure_ascii=False)
    rules: Dict[str, Callable[[Json], bool]] = {
        "$has": lambda part: part in text,
        "$lacks": lambda part: part not in text,
        "$from": lambda least: isinstance(seen, (int, float)) and seen >= least,
        "$to": lambda most: isinstance(seen, (int, float)) and seen <= most,
        "$is": lambda wanted: seen == wanted,
        "$tail": lambda wanted: isinstance(seen, list) and differs(seen[-len(wanted) :], wanted) is None,
        "$count": lambda count: isinstance(seen, (list, dict)) and differs(len(seen), count) is None,
        "$any": lambda wanted: any(differs(seen, one) is None for one in wanted),
        "$some": lambda wanted: isinstance(seen, list) and any(differs(one, wanted) is None for one in seen),
        "$not": lambda wanted: differs(seen, wanted) is not None,
    }
    if "$only" in rule and isinstance(seen, list):
        seen = [one for one in seen if differs(one, rule["$only"]) is None]
    for name, value in rule.items():
        if name == "$only":
            continue
        several = value if name in ("$has", "$lacks") and isinstance(value, list) else [value]
        for one in several:
            if not rules[name](one):
                return f"{at}: {json.dumps(seen, ensure_ascii=False)[:600]} against {name} {json.dumps(one, ensure_ascii=False)}"
    return None


class Log(logging.Handler):
    """All that a log file might hold of one client."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.getMessage()}\n{vars(record)}\n"


def seconds(milliseconds: Json) -> Json:
    return milliseconds / 1000


#: A setting of the cases -> the client's own name for it, and what makes its value.
SETTINGS: Dict[str, Any] = {
    **{f"{name}_ms": (name, seconds) for name in ("timeout", "attempt_timeout", "connect_timeout", "idle_timeout")},
    "tcp_keepalive_s": ("tcp_keepalive", lambda value: value),
    "user_sig_lifetime_s": ("user_sig_lifetime", lambda value: value),
}


def contacts(pairs: Json) -> List[Contact]:
    return [Contact(kind, name) for kind, name in pairs]


def marks(given: Json) -> List[Mark]:
    return [
        Mark(Contact(*one["contact"]), one.get("set", ()), one.get("clear", ()), one.get("custom_mark")) for one in given
    ]


#: An argument of the cases -> what makes the method's. Others are handed on as they are.
ARGUMENTS: Dict[str, Callable[[Json], Any]] = {
    "contacts": contacts,
    "add": contacts,
    "remove": contacts,
    "contact": lambda pair: Contact(*pair),
    "marks": marks,
    "accounts": lambda given: [Account(**one) if isinstance(one, dict) else one for one in given],
    "clear_ramble": bool,
}
#: What a call takes by `with_options` instead of by its arguments.
DIFFERENCES = {"attempt_timeout_ms", "connect_timeout_ms", "max_attempts", "repeat_in_doubt"}


def plain(value: Any) -> Json:
    """A typed value as JSON; a set of marks is a list."""
    return json.loads(json.dumps(value.as_dict()))


class Seen:
    """What one call shows: `json` for the case, `text` for the search for secrets."""

    def __init__(self, value: Any, error: Optional[ChatError], ms: float) -> None:
        response: Optional[Response] = error.response if error is not None else value
        result = error.result if error is not None else value
        if result is not None and not isinstance(result, Response):
            response = response if error is not None else result.response
            self.json: Json = {"result": plain(result), "items_done": 0}
            self.json["parts"] = len(getattr(result, "responses", [response]))
        else:
            self.json = {}
        code = error.code if error is not None else codes.OK
        self.json.update(code=code, ms=ms, message=error.message if error is not None else "", attempts=0)
        if error is not None:
            self.json.update(error=type(error).__name__.replace("Error", ""), items_done=error.items_done)
        response = response or Response(code, self.json["message"], attempts=0, http_status=0)
        self.json.update(
            in_doubt=response.is_in_doubt,
            already_deleted=response.is_already_deleted,
            attempts=response.attempts,
            http_status=response.http_status,
            retriable=response.is_retriable,
            retry_after_ms=round(response.retry_after * 1000),
            random=response.random,
            trace=response.trace,
            body=response.body,
            outcome=outcome(code, response),
        )
        try:
            self.json["answer"] = json.loads(json.dumps(response.json()))
        except ValueError:
            pass
        self.text = f"{response!r}\n{response.message}\n{response.trace}\n{response.body}\n{value!r}\n"
        if error is not None:
            self.text += f"{error}\n{error!r}\n{vars(error)}\n" + "".join(traceback.format_exception(type(error), error, error.__traceback__))


def outcome(code: int, response: Response) -> str:
    """The four things that a caller acts on, in one phrase."""
    doubt = ", in doubt" if response.is_in_doubt else ""
    gone = ", already deleted" if response.is_already_deleted else ""
    return f"{code}{doubt}{gone}, {response.attempts} attempt{'' if response.attempts == 1 else 's'}"


class Broken(Exception):
    """A promise is."""


class Case:
    """One case on an emulator of its own."""

    def __init__(self, case: Dict[str, Json], emulator: str, on_loop: Optional[Callable[[Any], Any]]) -> None:
        self.case = case
        self.emulator = emulator
        self.on_loop = on_loop
        self.words: Dict[str, str] = {}
        self.client: Any = None
        self.clients: List[Any] = []
        self.cancel = CancelToken()
        self.log = Log()
        self.shown = ""
        self.secrets: List[str] = []

    def run(self) -> None:
        self.admin("POST /reset")
        self.keep("", self.admin("GET /"))
        try:
            for step in self.case["steps"]:
                self.take(step)
            self.show_no_secret()
        finally:
            self.admin("DELETE /faults")
            for client in self.clients:
                self.done(client.close())

    def done(self, value: Any) -> Any:
        """What a method of either client brings."""
        return self.on_loop(value) if self.on_loop is not None and asyncio.iscoroutine(value) else value

    def told(self, value: Json) -> Json:
        """With the words of this emulator in their places."""
        if isinstance(value, str):
            return re.sub(r"\{([a-z_.]+)\}", lambda found: self.words.get(found[1], found[0]), value)
        if isinstance(value, list):
            return [self.told(one) for one in value]
        return {key: self.told(one) for key, one in value.items()} if isinstance(value, dict) else value

    def keep(self, name: str, answer: Dict[str, Json]) -> None:
        """The texts and numbers of an answer as words."""
        self.words.update({name + key: str(value) for key, value in answer.items() if isinstance(value, (str, int))})
        for key, value in answer.items():
            if key.endswith("url"):
                self.words[name + key[:-3] + "port"] = value.rpartition(":")[2]

    def admin(self, what: str, body: Json = None) -> Json:
        method, path = what.split(" ")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.emulator + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            read = json.loads(answer.read() or b"null")
        for one in read.get("requests", []) if isinstance(read, dict) else []:
            try:
                one["body"] = json.loads(one["body"])
            except ValueError:
                pass
        return read

    def take(self, step: Dict[str, Json]) -> None:
        verb = next(key for key in step if hasattr(self, f"take_{key}"))
        rest = {key: self.told(value) for key, value in step.items() if key != "during"}
        for _ in range(rest.get("times", 1)):
            getattr(self, f"take_{verb}")(rest[verb], {**rest, "during": step.get("during")})

    def check(self, seen: Json, step: Dict[str, Json]) -> None:
        difference = differs(seen, step["seen"]) if "seen" in step else None
        if difference is not None:
            raise Broken(f"{json.dumps({key: value for key, value in step.items() if key not in ('seen', 'during')}, ensure_ascii=False)[:300]}: {difference}")

    def take_admin(self, what: str, step: Dict[str, Json]) -> None:
        answer = self.admin(what, step.get("body"))
        end = time.monotonic() + PATIENCE
        while "until" in step and differs(answer, step["until"]) is not None and time.monotonic() < end:
            time.sleep(0.005)
            answer = self.admin(what, step.get("body"))
        if "as" in step:
            self.keep(f"{step['as']}.", answer)
        self.check(answer, {**step, "seen": step.get("until", step.get("seen", answer))})

    def take_client(self, settings: Dict[str, Json], step: Dict[str, Json]) -> None:
        self.secrets += [settings[name] for name in ("secret_key", "user_sig") if settings.get(name)]
        self.secrets += re.findall(r"://[^:/]+:([^@]+)@", settings.get("proxy") or "")
        given = {}
        for name, value in settings.items():
            own, make = SETTINGS.get(name, (name, lambda value: bool(value) if name in FLAGS else value))
            given[own] = make(value)
        logger = logging.Logger("case", logging.DEBUG)
        logger.addHandler(self.log)
        try:
            client = (Client if self.on_loop is None else AsyncClient)(logger=logger, **given)
        except ChatError as error:
            self.see(Seen(None, error, 0), step)
            return
        self.client = client
        self.clients.append(client)
        self.check({"code": 0, "message": ""}, step)

    def see(self, seen: Seen, step: Dict[str, Json]) -> None:
        self.shown += seen.text
        self.check(seen.json, step)

    def method(self, name: str, given: Dict[str, Json]) -> Callable[[], Any]:
        """A method of the client with arguments and options in Python's words."""
        given = {key: ARGUMENTS.get(key, lambda value: value)(value) for key, value in given.items()}
        differences = {key: given.pop(key) for key in sorted(DIFFERENCES & set(given))}
        client = self.client
        if differences:
            client = client.with_options(
                **{key[:-3] if key.endswith("_ms") else key: value / 1000 if key.endswith("_ms") else value for key, value in differences.items()}
            )
        if "timeout_ms" in given:
            given["timeout"] = given.pop("timeout_ms") / 1000
        if given.pop("cancel", False):
            given["cancel"] = self.cancel
        if given.get("split") is False:
            del given["split"]
        return lambda: self.done(getattr(client, name)(**given))

    def attempt(self, action: Callable[[], Any]) -> Seen:
        begun = time.monotonic()
        value, error = None, None
        try:
            value = action()
        except ChatError as caught:
            error = caught
        return Seen(value, error, (time.monotonic() - begun) * 1000)

    def take_call(self, name: str, step: Dict[str, Json]) -> None:
        seen: List[Any] = []
        during = step.pop("during", None)

        def call() -> None:
            try:
                given = {**step.get("args", {}), **step.get("options", {})}
                seen.append(self.attempt(lambda: self.method(name, given)()))
            except BaseException as error:
                seen.append(error)

        if during is None:
            call()
        else:
            thread = threading.Thread(target=call)
            thread.start()
            try:
                for inner in during:
                    self.take(inner)
            finally:
                thread.join(PATIENCE * 2)
        if not isinstance(seen[0], Seen):
            raise seen[0]
        self.see(seen[0], step)

    def take_items(self, name: str, step: Dict[str, Json]) -> None:
        """Goes through a list, again after each failure that the case names, and tells what came in each go."""
        items = self.method(name, {**step.get("args", {}), **step.get("options", {})})()
        came: List[Json] = []
        goes: List[Json] = []
        for _ in range(step.get("goes", 1)):
            first = len(came)
            seen = self.attempt(lambda: self.go_through(items, came, step.get("take")))
            self.shown += seen.text
            goes.append({**seen.json, "items": came[first:], "complete": items.complete})
        self.done(items.close() if self.on_loop is None else items.aclose())
        self.check(goes[0] if "goes" not in step else goes, step)

    def go_through(self, items: Any, came: List[Json], most: Optional[int]) -> None:
        most = sys.maxsize if most is None else len(came) + most

        async def go() -> None:
            async for item in items:
                came.append(plain(item))
                if len(came) >= most:
                    return

        if len(came) >= most:
            return
        if self.on_loop is not None:
            self.on_loop(go())
            return
        for item in items:
            came.append(plain(item))
            if len(came) >= most:
                return

    def take_set(self, values: Dict[str, str], step: Dict[str, Json]) -> None:
        for name, value in values.items():
            self.secrets.append(value)
            self.see(self.attempt(lambda: self.done(getattr(self.client, f"set_{name}")(value))), step)

    def take_user_sig(self, given: Dict[str, Json], step: Dict[str, Json]) -> None:
        """Makes a signature and opens it, or opens the one that `inspect` has."""
        inspect = step["inspect"]
        self.secrets += [one["secret_key"] for one in (given, inspect) if one.get("secret_key")]
        try:
            make = private_map_key_new if "privilege_map" in given else user_sig_new
            own = {name: given[name] for name in ("room_id", "string_room_id", "privilege_map") if name in given}
            app = (given["sdk_app_id"], given["identifier"], given["secret_key"], given["lifetime_s"])
            signature = inspect.pop("user_sig", None) or make(*app, **own)
            inspected = user_sig_inspect(signature, **inspect)
        except ChatError as error:
            self.see(Seen(None, error, 0), step)
            return
        self.shown += f"{inspected!r}\n"
        self.check({**inspected.as_dict(), "code": 0}, step)

    def take_warm_up(self, n: int, step: Dict[str, Json]) -> None:
        self.see(self.attempt(lambda: self.done(self.client.warm_up(n, timeout=step.get("timeout_ms", 60000) / 1000))), step)

    def take_stats(self, wanted: Json, step: Dict[str, Json]) -> None:
        end = time.monotonic() + PATIENCE
        while step.get("until") and differs(dict(self.done(self.client.stats())), wanted) is not None and time.monotonic() < end:
            time.sleep(0.005)
        stats = self.done(self.client.stats())
        self.shown += f"{stats!r}{stats.prometheus}"
        self.check({**stats, "prometheus": stats.prometheus}, {"stats": "", "seen": wanted})

    def take_cancel(self, _yes: bool, _step: Dict[str, Json]) -> None:
        self.cancel.trigger()

    def take_shutdown(self, _yes: bool, _step: Dict[str, Json]) -> None:
        self.done(self.client.shutdown())

    def take_close(self, _yes: bool, step: Dict[str, Json]) -> None:
        drain = step.get("drain_ms")
        self.done(self.client.close() if drain is None else self.client.close(drain=drain / 1000))

    def take_pause_ms(self, ms: int, _step: Dict[str, Json]) -> None:
        time.sleep(ms / 1000)

    def show_no_secret(self) -> None:
        for client in self.clients:
            self.shown += f"{client!r}\n{vars(client)}\n"
        self.shown += self.log.text
        for secret in self.secrets:
            for place in range(0, max(1, len(secret) - 16), 8):
                if len(secret) >= 16 and secret[place : place + 16] in self.shown:
                    raise Broken(f"shows a secret: ...{self.shown[max(0, self.shown.index(secret[place : place + 16]) - 60):][:60]}")
        signed = re.search(r"e[JA][A-Za-z0-9*_-]{60,}", self.shown)
        if signed is not None:
            raise Broken(f"shows a signature: {self.shown[max(0, signed.start() - 60) : signed.start()]}")


FLAGS = {"use_standby", "system_ca", "allow_insecure_http", "local_limits"}


def event_loop() -> Callable[[Any], Any]:
    """Runs coroutines on a loop of its own, from any thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    async def awaited(coroutine: Any) -> Any:
        return await coroutine

    return lambda coroutine: asyncio.run_coroutine_threadsafe(awaited(coroutine), loop).result()


def main() -> int:
    path, face, *emulators = sys.argv[1:]
    cases: "queue.SimpleQueue[Dict[str, Json]]" = queue.SimpleQueue()
    with open(path, encoding="utf-8") as file:
        for case in json.load(file):
            if face not in case.get("not_in", {}):
                cases.put(case)
    on_loop = event_loop() if face == "python_async" else None
    ended: List[bool] = []

    def work(emulator: str) -> None:
        while True:
            try:
                case = cases.get_nowait()
            except queue.Empty:
                return
            try:
                Case(case, emulator, on_loop).run()
                ended.append(True)
            except Exception as error:
                ended.append(False)
                what = str(error) if isinstance(error, Broken) else traceback.format_exc()
                print(f"FAILED {case['name']}: {what}", flush=True)

    workers = [threading.Thread(target=work, args=(emulator,)) for emulator in emulators]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"{sum(ended)} passed, {len(ended) - sum(ended)} failed")
    return 0 if ended and all(ended) else 1


if __name__ == "__main__":
    sys.exit(main())
