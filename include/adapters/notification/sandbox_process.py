"""An administrator's own template is rendered in a process that can be ended: a loop in it may never come back.

The process gets the template and its values as JSON, has an empty environment, bounded memory and processor time, and
answers with the two texts or with what is wrong.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from include.adapters.notification.rows import Row
from include.adapters.notification.sandbox import NotAllowedError, OwnTemplates, render_own
from include.texts import Text, foreign_failure, restored, store

PROJECT = Path(__file__).resolve().parents[3]
PROCESSOR_SECONDS = 5
WALL_SECONDS = 30.0
MEMORY_BYTES = 1024**3
_START = f"import sys; sys.path.insert(0, sys.argv[1]); from {__name__} import main; main()"


class TemplateFaultError(TemplateError):
    """The template cannot be rendered; `cause` says why to a person."""

    def __init__(self, cause: object) -> None:
        super().__init__(str(cause))
        self.cause = cause


class TemplateTooSlowError(TemplateFaultError):
    """It took more time or memory than a mail may take."""


def render_apart(
    templates: Mapping[str, str], values: Mapping[str, object], *, seconds: float = WALL_SECONDS
) -> dict[str, str]:
    """Each template as text; TemplateFaultError where one cannot be rendered, or not within the limits."""
    asked = json.dumps({"templates": dict(templates), "values": values}, default=dataclasses.asdict)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _START, str(PROJECT)],
            input=asked.encode(),
            env={"LANG": "C.UTF-8"},
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateTooSlowError(Text("fault.template_too_slow", {"count": round(seconds)})) from None
    if done.returncode != 0:
        raise TemplateTooSlowError(Text("fault.template_too_much"))
    answer: dict[str, Any] = json.loads(done.stdout)
    if "fault" in answer:
        raise TemplateFaultError(restored(answer["fault"]))
    texts: dict[str, str] = answer["texts"]
    return texts


def main() -> None:
    """The process."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    asked = json.loads(sys.stdin.buffer.read())
    values = asked["values"]
    values["rows"] = [Row(**{**row, "reasons": tuple(row["reasons"])}) for row in values["rows"]]
    environment = OwnTemplates()
    try:
        texts = {
            name: render_own(environment.from_string(source), values) for name, source in asked["templates"].items()
        }
        answer: dict[str, object] = {"texts": texts}
    except NotAllowedError as error:
        answer = {"fault": store(error.text)}
    except (TemplateError, TypeError, ValueError) as error:
        answer = {"fault": store(foreign_failure(error))}
    sys.stdout.write(json.dumps(answer))
