"""What the configuration's use cases ask of a file: its sections, and every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from include.domain.configuration import Configuration
from include.domain.configuration_rules import Fault
from include.domain.errors import ConfigurationFileError

Check = Callable[[Configuration], Sequence[Fault]]
"""Assesses what was read."""


class LoadedFile(Protocol):
    """A file that was read without a fault of its own."""

    @property
    def configuration(self) -> Configuration:
        """Its sections; `model_fields_set` tells which it has."""

    def faults(self, found: Sequence[Fault]) -> ConfigurationFileError:
        """The error that carries faults found later, each with its place."""


LoadText = Callable[[bytes, str, Check], LoadedFile]
"""Reads the content of a file that faults call by this name; ConfigurationFileError with everything that is wrong."""
