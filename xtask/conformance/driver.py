"""Runs command lines of the official client, one JSON line in, one JSON line out.

The client is imported once, and each command runs in a fork of this process: a fresh client each time, for the price of none of its imports.
The client itself is not touched but for two things: it does not sleep between its polls, and what it draws at random is the same each time.

in:  {"argv": ["show", "instances"], "stdin": "", "timeout": 20}    or    {"commands": true}
out: {"exit": 0, "stdout": "", "stderr": ""}                        or    {"commands": ["show instances"]}
"""

import argparse
import gc
import importlib
import importlib.metadata
import json
import os
import pkgutil
import random
import shutil
import signal
import sys
import tempfile
import time

LONGEST_SLEEP = 0.02
LONGEST_OUTPUT = 64 * 1024
GPU_NAMES = ["RTX 3090", "RTX 4090", "RTX 5090", "RTX A5000", "RTX A6000", "A100 SXM4", "H100 SXM"]


def entry_point():
    """The client's `main`, with all of its commands imported."""
    new_home(os.environ["HOME"])
    major, minor = importlib.metadata.version("vastai").split(".")[:2]
    if (int(major), int(minor)) < (1, 1):
        # They ask the service for the names of GPUs while they are imported, unless they remember them.
        cache = os.path.join(os.environ["HOME"], ".cache", "vastai")
        os.makedirs(cache)
        with open(os.path.join(cache, "gpu_names_cache.json"), "w") as names:
            json.dump({"gpu_names": GPU_NAMES}, names)
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="vastai")
    main = script.load()
    # The modules that `main` imports itself, and no others: a module registers its commands.
    imported = {name for constant in main.__code__.co_consts if isinstance(constant, tuple) for name in constant}
    commands = importlib.import_module("vastai.cli.commands")
    for module in pkgutil.iter_modules(commands.__path__):
        if module.name in imported:
            importlib.import_module(f"vastai.cli.commands.{module.name}")
    return main


def run(main, line):
    new_home(os.environ["HOME"])
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(line.get("stdin", "").encode())
        stdin.seek(0)
        child = os.fork()
        if child == 0:
            for stream, descriptor in ((stdin, 0), (out, 1), (err, 2)):
                os.dup2(stream.fileno(), descriptor)
            os._exit(in_fork(main, line["argv"]))
        status = wait(child, line.get("timeout", 20))
        return {"exit": status, "stdout": text(out), "stderr": text(err)}


def new_home(home):
    """A home without caches. Its role is decided: the first command would ask the service for it."""
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(os.path.join(home, ".config", "vastai"))
    with open(os.path.join(home, ".config", "vastai", "vast_role"), "w") as role:
        role.write("client")


def in_fork(main, argv):
    os.setsid()  # whatever the client starts ends with it
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, LONGEST_SLEEP))
    random.seed(0)
    os.urandom = random.randbytes
    # The parent's have been read ahead.
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.argv = ["vastai", *argv]
    code = 0
    try:
        main()
    except SystemExit as exit:
        code = exit.code if isinstance(exit.code, int) else 0 if exit.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass
    return code & 0xFF


def wait(child, timeout):
    """The exit code, or None for a command that had to be stopped."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def text(file):
    file.seek(0)
    return file.read(LONGEST_OUTPUT).decode(errors="replace")


def commands():
    """The words of all commands, by the client's own parsers."""
    found = set()
    for action in gc.get_objects():
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return sorted(found)


def serve():
    main = entry_point()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the client prints while it is imported is not a reply
    for line in sys.stdin:
        line = json.loads(line)
        reply = {"commands": commands()} if line.get("commands") else run(main, line)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve()
