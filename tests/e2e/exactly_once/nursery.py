"""Workers in processes of their own that begin at once: a process that has loaded the driver forks one for each line.

    python -m tests.e2e.exactly_once.nursery FOLDER

Nothing is opened before the fork, so a worker shares modules with its parent and nothing else. How it ended is written
to FOLDER.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from tests.e2e.exactly_once import driver


def work(folder: Path, asked: dict[str, Any]) -> NoReturn:
    """The child: its own environment and output, then the driver."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    output = os.open(folder / f"{os.getpid()}.out", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    code = 0
    try:
        driver.main(*asked["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def reap(folder: Path) -> None:
    """Notes how each child ended: its return code, negative for a signal."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        part = folder / f"{pid}.part"
        part.write_text(str(os.waitstatus_to_exitcode(status)))
        part.replace(folder / f"{pid}.code")


def main(folder: Path) -> None:
    """Forks until nobody asks any more."""
    signal.signal(signal.SIGCHLD, lambda _number, _frame: reap(folder))
    for line in sys.stdin:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork()
        if pid == 0:
            work(folder, json.loads(line))
        # numbers of processes come again
        (folder / f"{pid}.code").unlink(missing_ok=True)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        print(pid, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
