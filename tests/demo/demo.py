"""The demo: the same story told by the C, C++, Python and Go samples, each against a fresh state of one emulator over HTTPS.

    python3 tests/demo/demo.py PREFIX WORK [STORY]

PREFIX is an installation (`make stage`), WORK a folder for what is compiled, STORY the name of the samples (`delete_group`, or the
longer `organise_groups`). Prints a text that is the same every time; ends with 0 only if every sample told its story in the same
words. Uses the standard library alone.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "bindings"


def run(command, **options):
    """Runs a command and returns what it printed; a failure ends the demo with its words."""
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def compiler(variable, *names):
    """The compiler that the variable or the PATH names."""
    for name in (os.environ.get(variable), *names):
        if name and shutil.which(name):
            return name
    sys.exit(f"no compiler found: install {names[-1]}, or name one in {variable}")


def programs(prefix, work, story):
    """Builds the samples of a story; yields a language and the command that runs its sample."""
    flags = [f"-I{prefix}/include", f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib"]
    for language, folder, variable, names, standard in (
        ("C", "c", "CC", ("cc", "gcc", "clang"), "c99"),
        ("C++", "cpp", "CXX", ("c++", "g++", "clang++"), "c++17"),
    ):
        source, program = SAMPLES / folder / "samples" / f"{story}.{folder}", work / f"{story}_{folder}"
        run([compiler(variable, *names), f"-std={standard}", source, "-o", program, *flags, "-ltencent_chat"])
        yield language, [program], {}
    python = {"PYTHONPATH": str(SAMPLES / "python"), "TENCENT_CHAT_LIBRARY": f"{prefix}/lib/libtencent_chat.so"}
    python.update(PYTHONIOENCODING="utf-8", PYTHONDONTWRITEBYTECODE="1")
    yield "Python", [sys.executable, SAMPLES / "python" / "samples" / f"{story}.py"], python
    go = {"CGO_CFLAGS": f"'-I{prefix}/include'", "CGO_LDFLAGS": f"'-L{prefix}/lib' '-Wl,-rpath,{prefix}/lib'"}
    program = work / f"{story}_go"
    if not shutil.which("go"):
        sys.exit("no Go found: install it and run `make demo` again")
    run(["go", "build", "-o", program, f"./samples/{story}"], cwd=SAMPLES / "go", env={**os.environ, **go})
    yield "Go", [program], {}


def admin(url, method):
    """Asks the emulator's admin port, past any proxy that the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, method=method), timeout=10) as answer:
        return json.load(answer)


def tell(prefix, work, story):
    emulator = subprocess.Popen(
        [f"{prefix}/bin/chat-emulator", "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        place = json.loads(emulator.stdout.readline())
        print("An emulator of the service answers over HTTPS. It checks every signature and holds the state.")
        told = set()
        for language, command, extra in programs(prefix, work, story):
            admin(place["admin_url"] + "/reset", "POST")
            words = run([*command, place["tls_url"], place["ca_file"]], env={**os.environ, **extra})
            told.add(words)
            print(f"\n{language}\n{words}", end="")
        if len(told) != 1:
            sys.exit("the languages do not tell the same story")
        seen = admin(place["admin_url"] + "/log", "GET")["requests"]
        deleted = next(request for request in seen if request["path"].endswith("/del_contact_group"))
        query = "&".join(f"{name}={deleted['query'][name]}" for name in ("sdkappid", "identifier", "contenttype"))
        print("\nWhat the service saw of the delete")
        print(f"POST {deleted['path']}?{query}&usersig=(redacted)&random=(new each time)")
        print(deleted["body"])
        print(deleted["answer"])
    finally:
        emulator.stdin.close()
        emulator.wait(timeout=10)
    return emulator.returncode


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    sys.exit(tell(Path(sys.argv[1]).resolve(), folder.resolve(), (sys.argv[3:] or ["delete_group"])[0]))
