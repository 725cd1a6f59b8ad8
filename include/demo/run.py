"""`make run`: the main job on one machine, from a portal folder to a simulated Chorus Pro, driven by a real Airflow."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from include.demo.demonstration import Demonstration
from include.demo.processes import DemoError, Processes, alone, require_free, stop_everything
from include.domain.errors import ConnectorError
from include.settings import settings

DONE, NOT_AS_EXPECTED, SURROUNDINGS, INTERRUPTED = 0, 1, 3, 130


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit code is 0 only if everything came as expected."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop by itself when the run is over")
    parser.add_argument("--port", type=_port, default=8080, help="port of the Airflow screens")
    parser.add_argument("--stop", action="store_true", help="end what a killed run left behind")
    asked = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):  # `make stop`, and a terminal that is closed
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, signal.default_int_handler)
    try:
        home = _home()
        if asked.stop:
            print("Stopped." if stop_everything(home) else "Nothing was running.")
            return DONE
        with alone(home):
            return _run(home, asked.port, once=asked.once)
    except ConnectorError as error:
        print(error, file=sys.stderr)
        return SURROUNDINGS
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(home: Path, port: int, *, once: bool) -> int:
    _require_programs()
    require_free(port, f"make run PORT={port + 1}")
    demonstration = Demonstration(home, port)
    try:
        wrong = demonstration.run()
        demonstration.farewell()
        for line in wrong:
            demonstration.say(f"NOT AS EXPECTED  {line}")
        if not wrong:
            demonstration.say("Everything came as expected.")
        if not once:
            demonstration.airflow.unpause_all()
            demonstration.say("Ctrl-C stops everything.")
            _stay(demonstration.processes)
        return NOT_AS_EXPECTED if wrong else DONE
    finally:
        demonstration.say("Stopping ...")
        demonstration.stop()


def _stay(processes: Processes) -> None:
    """Until Ctrl-C, or until one of the processes dies."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            processes.check()
            time.sleep(1)  # between two looks at processes that nobody waits for


def _home() -> Path:
    home = settings().home
    os.umask(0o077)  # whatever this and its children write is for their user alone
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise DemoError(
            f"{home} cannot be written: {error.strerror}.", todo="Set CHORUS_HOME to a folder of yours."
        ) from error
    return home


def _require_programs() -> None:
    beside = [name for name in ("airflow", "chorus") if not Path(sys.executable).with_name(name).exists()]
    missing = beside + [name for name in ("tesseract",) if shutil.which(name) is None]
    if missing:
        raise DemoError(f"Missing here: {', '.join(missing)}.", todo="Run `make setup`.")


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: choose one from 1024 to 65534.")
    return port


if __name__ == "__main__":
    sys.exit(main())
