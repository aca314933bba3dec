"""How the bench takes a figure: client processes in turn, so that load on the machine moves all of them alike; medians over
rounds, differences of two runs for counts.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from servers import processors


@dataclass
class Client:
    """A program that speaks the bench's protocol: URL CA_FILE THREADS CALLS [BURSTS]."""

    name: str
    command: Sequence[object]
    environment: Optional[dict] = None

    def run(self, *arguments: object, before: Sequence[object] = (), apart: bool = True, **more: str) -> str:
        """Runs it, on the client's processor unless `apart` is off, and returns what it printed."""
        command = [str(part) for part in (*before, *self.command, *arguments)]
        environment = {**(self.environment or os.environ), **more}
        done = subprocess.run(
            _placed(command) if apart else command, capture_output=True, text=True, env=environment, timeout=600
        )
        if done.returncode != 0:
            # The command line holds the signature of a key that opens nothing, but is long.
            sys.exit(f"{self.name} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def measured(self, *arguments: object, **options) -> dict:
        return json.loads(self.run(*arguments, **options))


def _placed(command: List[str]) -> List[str]:
    client, _ = processors()
    return ["taskset", "-c", ",".join(map(str, sorted(client))), *command]


def in_turn(clients: Sequence[Client], rounds: int, measure: Callable[[Client], float]) -> Dict[str, float]:
    """The median of each client's values; the rounds go through all clients before the next begins."""
    values: Dict[str, List[float]] = {client.name: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            values[client.name].append(measure(client))
    return {name: statistics.median(seen) for name, seen in values.items()}


def cpu_per_call(
    clients: Sequence[Client], url: str, ca_file: str, threads: int, calls: int, rounds: int, apart: bool = True
) -> Dict[str, float]:
    """Client CPU time of one call in microseconds; `calls` in all, spread over the threads."""

    def measure(client: Client) -> float:
        told = client.measured(url, ca_file, threads, max(1, calls // threads), apart=apart)
        return told["cpu_us"] / told["calls"]

    return in_turn(clients, rounds, measure)


def per_call(count: Callable[[int], float], few: int, many: int) -> float:
    """What one call adds to a count that does not depend on load: the difference of two runs."""
    with ThreadPoolExecutor(2) as pool:
        low, high = pool.map(count, (few, many))
    return (high - low) / (many - few)


def system_calls(client: Client, url: str, ca_file: str, calls: int) -> float:
    """All system calls of a process and its threads, by strace."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "strace"
        client.run(url, ca_file, 1, calls, before=("strace", "-f", "-c", "-o", out), apart=False)
        total = out.read_text().rstrip().splitlines()[-1].split()
    if total[-1] != "total":
        sys.exit("strace ended without its total")
    return float(total[3])


def instructions(client: Client, url: str, ca_file: str, calls: int) -> float:
    """All instructions of a process, by valgrind's cachegrind without its cache, which counts what callgrind does in half the time."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cachegrind"
        before = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--quiet", f"--cachegrind-out-file={out}")
        # Python's hashes, drawn anew each time, would move its start by more than a call.
        client.run(url, ca_file, 1, calls, before=before, apart=False, PYTHONHASHSEED="0")
        lines = out.read_text().splitlines()
    return float(next(line for line in lines if line.startswith("summary:")).split()[1])


def preloaded_counts(client: Client, library: Path, url: str, ca_file: str, calls: int) -> dict:
    """Allocations, threads, look-ups and connections of a process, by the preloaded library."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counts"
        client.run(url, ca_file, 1, calls, apart=False, LD_PRELOAD=library.name, LD_LIBRARY_PATH=str(library.parent), COUNTS_FILE=str(out))
        return json.loads(out.read_text())
