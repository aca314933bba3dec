"""A process that forks: the parent's client is refused in a child at once and harmless there, and no answer ever reaches
another caller than the one that asked. Each story is a program of its own, because a test runner has threads.
"""

from __future__ import annotations

import json

from scene import python

#: 10,000 calls over a parent and three children that are forked while threads of the parent are inside calls. Each call's
#: answer is compared with its own question.
CALLS = """
import json, multiprocessing, threading, time
from tencent_chat import ForkedError
from tencent_chat.testing import Emulator

THREADS, ROUNDS, PROCESSES = 4, 312, 4
SETTINGS = {"rate_limit": 0, "timeout": 60.0, "attempt_timeout": 60.0}


def work(client, user):
    # Two calls a round; returns [calls, answers that were not to the question, errors].
    totals = [0, 0, 0]

    def ask(thread):
        told = [0, 0, 0]
        for number in range(ROUNDS):
            name = f"{user}-{thread}-{number}"
            try:
                made = client.create_contact_group(user, name)
                gone = client.del_contact_group(user, name)
                told[1] += [made.group.name, [group.name for group in gone.groups]] != [name, [name]]
                told[1] += gone.groups[0].id != made.group.id
            except Exception as error:
                told[2] += 1
                print(type(error).__name__, error, flush=True)
            told[0] += 2
        with lock:
            for place, value in enumerate(told):
                totals[place] += value

    lock = threading.Lock()
    threads = [threading.Thread(target=ask, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What the threads leave over to 2,500, so that there are 10,000 in all.
    while totals[0] < 2500:
        totals[1] += client.account_check([user]).items[0].user_id != user
        totals[0] += 1
    return totals


def refused(client):
    # The parent's client in a child: each use is refused, and nothing of it waits.
    begun = time.monotonic()
    count = 0
    for use in (
        lambda: client.del_contact_group("user_0001", "g"),
        lambda: client.with_options(max_attempts=1).get_contact_group("user_0001"),
        lambda: client.contact_group_items("user_0001"),
        lambda: client.set_secret_key("k"),
        lambda: client.stats(),
    ):
        try:
            use()
        except ForkedError as error:
            count += error.code == -8 and "fork" in str(error) and not error.is_in_doubt
    client.shutdown()
    client.close()
    return count, time.monotonic() - begun


def child(place, number, inherited, results):
    count, seconds = refused(inherited)
    del inherited
    with place.client(**SETTINGS) as own:
        results.put({"refused": count, "seconds": seconds, "totals": work(own, f"child{number}")})


context = multiprocessing.get_context("fork")
with Emulator(arguments=["--log-limit", "100"]) as emulator, emulator.client(**SETTINGS) as client:
    client.multiaccount_import(["parent", "child1", "child2", "child3"])
    results = context.Queue()
    own = []
    parent = threading.Thread(target=lambda: own.append(work(client, "parent")))
    parent.start()
    while client.stats()["calls"] < 20:
        time.sleep(0.001)
    children = [context.Process(target=child, args=(emulator, n, client, results)) for n in range(1, PROCESSES)]
    for process in children:
        process.start()
    told = [results.get(timeout=150) for _ in children]
    for process in children:
        process.join(60)
    parent.join()
    stats = client.stats()
    print(json.dumps({
        "totals": [sum(column) for column in zip(*own, *(each["totals"] for each in told))],
        "refused": [each["refused"] for each in told],
        "longest": max(each["seconds"] for each in told),
        "exits": [process.exitcode for process in children],
        "parent": [stats["calls"], stats["calls_ok"], stats["attempts"], stats["connections_opened"]],
        "threads": THREADS,
    }))
"""


def test_ten_thousand_calls_over_a_parent_and_three_forked_children_cross_no_answer() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", CALLS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(ended.stdout)
    assert told["totals"] == [10_000, 0, 0]
    assert told["refused"] == [5, 5, 5] and told["exits"] == [0, 0, 0]
    # The parent's calls and its connections lived through all of that: none was cut, none was made anew.
    calls, ok, attempts, connections = told["parent"]
    assert calls == ok == attempts == 2501 and connections <= told["threads"] + 1
    # At once: it waits for nothing, and surely not for one of the parent's calls, which have a minute.
    assert told["longest"] < 30


#: Forked by another hand than Python's, so that none of Python's own preparations for a child is made.
BEHIND_PYTHONS_BACK = """
import ctypes, os
from tencent_chat import ForkedError
from tencent_chat.testing import Emulator

fork = ctypes.PyDLL(None).fork
with Emulator() as emulator, emulator.client() as client:
    client.create_contact_group("user_0001", "g")
    items = client.contact_group_items("user_0001")
    child = fork()
    if child == 0:
        refused = 0
        for use in (
            lambda: client.del_contact_group("user_0001", "g"),
            lambda: next(items),
            lambda: client.contact_group_items("user_0001"),
            lambda: client.set_user_sig("k"),
            lambda: client.stats(),
        ):
            try:
                use()
            except ForkedError as error:
                refused += error.code == -8 and "fork" in str(error)
        items.close()
        client.shutdown()
        client.close()
        del items, client
        os._exit(refused)
    _, status = os.waitpid(child, 0)
    print(os.WEXITSTATUS(status))
    print(client.del_contact_group("user_0001", "g").groups[0].name, client.stats()["connections_opened"])
"""


def test_the_library_itself_refuses_where_python_was_not_told_of_the_fork() -> None:
    ended = python("-c", BEHIND_PYTHONS_BACK)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("5\ng 1\n", "", 0)


#: What a server's hook does in each worker, as gunicorn's post_fork.
PRE_FORK = """
import os
from tencent_chat import ForkedError
from tencent_chat.testing import Emulator

client = None

def post_fork():
    global client
    client = emulator.client(rate_limit=100)

with Emulator() as emulator:
    client = emulator.client()
    client.get_contact_group("user_0001")
    workers = []
    for _ in range(2):
        worker = os.fork()
        if worker == 0:
            # The parent's is dropped here, and with it nothing of the parent's.
            post_fork()
            os._exit(0 if client.get_contact_group("user_0001").complete else 1)
        workers.append(worker)
    print([os.WEXITSTATUS(os.waitpid(worker, 0)[1]) for worker in workers])
    client.get_contact_group("user_0001")
    connections = [request["connection"] for request in emulator.requests()]
    print(connections[0] == connections[-1], len(set(connections)))
"""


def test_a_worker_that_makes_its_own_client_drops_the_parents_without_a_trace() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", PRE_FORK)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("[0, 0]\nTrue 3\n", "", 0)


#: An end of the child by the usual way, with the parent's clients still there: nothing waits, nothing is said.
USUAL_END = """
import os, sys, threading
from tencent_chat.testing import Emulator

emulator = Emulator()
waiting, client = emulator.async_client(), emulator.client(timeout=600, attempt_timeout=600)
emulator.fault(hang=True)
threading.Thread(target=lambda: client.del_contact_group("user_0001", "g"), daemon=True).start()
emulator.wait_for_requests(1)
child = os.fork()
if child:
    _, status = os.waitpid(child, 0)
    print(os.WEXITSTATUS(status), client.stats()["calls_in_progress"])
    emulator.close()
sys.exit(0)
"""


def test_a_child_ends_as_any_program_does_while_the_parents_call_goes_on() -> None:
    # Which locks are held at the moment of the fork is luck.
    for _ in range(3):
        ended = python("-W", "ignore::DeprecationWarning", "-c", USUAL_END)
        assert (ended.stdout, ended.stderr, ended.returncode) == ("0 1\n", "", 0)


#: A token of the parent in a child: the parent's call that carries it shares its socket with the child.
TOKEN = """
import os, threading
from tencent_chat import CancelToken, CancelledError, ForkedError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client(timeout=600, attempt_timeout=600) as client:
    emulator.fault(hang=True)
    token, ended = CancelToken(), []

    def call():
        try:
            client.del_contact_group("user_0001", "g", cancel=token)
        except CancelledError as error:
            ended.append(error)

    inside = threading.Thread(target=call)
    inside.start()
    emulator.wait_for_requests(1)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            token.trigger()
            with emulator.client() as own:
                try:
                    own.get_contact_group("user_0001", cancel=token)
                except ForkedError as error:
                    status = 0 if error.code == -8 else 2
        finally:
            os._exit(status)
    print(os.WEXITSTATUS(os.waitpid(child, 0)[1]), inside.is_alive(), client.stats()["attempts"])
    token.trigger()
    inside.join()
    print(ended[0].response.attempts, len(emulator.requests()))
"""


def test_a_token_that_is_triggered_in_a_child_ends_no_call_of_the_parent() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", TOKEN)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("0 True 0\n1 1\n", "", 0)


#: A signal handler runs inside the call that it interrupted, and may fork there.
IN_A_HANDLER = """
import os, signal, threading
from tencent_chat import ForkedError, GroupNotFoundError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client(timeout=600, attempt_timeout=600) as client:
    emulator.fault(delay_ms=1500)
    parent, statuses = os.getpid(), []

    def handler(*_):
        child = os.fork()
        if child:
            statuses.append(os.WEXITSTATUS(os.waitpid(child, 0)[1]))

    def send():
        emulator.wait_for_requests(1)
        os.kill(parent, signal.SIGUSR1)

    signal.signal(signal.SIGUSR1, handler)
    threading.Thread(target=send, daemon=True).start()
    try:
        client.del_contact_group("user_0001", "g")
    except ForkedError:
        os._exit(7 if os.getpid() != parent else 8)
    except GroupNotFoundError as error:
        if os.getpid() != parent:
            os._exit(9)
        print(statuses, error.response.attempts, len(emulator.requests()))
"""


def test_a_handler_that_forks_inside_a_call_leaves_the_answer_to_the_parent() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", IN_A_HANDLER)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("[7] 1 1\n", "", 0)
