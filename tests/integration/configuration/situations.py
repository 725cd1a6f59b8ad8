"""Configuration files as tests write them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from include.adapters.configuration.yaml_file import load
from include.application.administration.configure import faults_of_file
from include.domain.configuration import Configuration
from include.domain.errors import ConfigurationFileError

DURAND = 'name: Durand, siret: "33254021516357", environment: simulator, connection: chorus_durand'
MARTIN = 'name: Martin, siret: "12345678200051", environment: qualification, connection: chorus_martin'


def write(folder: Path, text: str, name: str = "chorus.yaml") -> Path:
    """A file with this text, its indentation taken off."""
    path = folder / name
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def read(folder: Path, *texts: str) -> Configuration:
    """A base and its overlays, without fault."""
    paths = [write(folder, text, f"file{number}.yaml") for number, text in enumerate(texts)]
    return load(paths, faults_of_file).configuration


def faults(folder: Path, *texts: str) -> list[str]:
    """The faults of a base with its overlays, without the folder in front."""
    try:
        read(folder, *texts)
    except ConfigurationFileError as error:
        return [fault.removeprefix(f"{folder}/") for fault in error.faults]
    return []


def only_fault(folder: Path, *texts: str) -> str:
    """The one fault that there is."""
    [fault] = faults(folder, *texts)
    return fault
