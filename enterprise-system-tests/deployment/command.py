"""``decision-gate cloud``, as it is installed."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from harness.command import LIMIT_S
from harness.process import command_line


class CommandFailedError(Exception):
    """A command ended with another status than 0; the message is what it said."""


@attrs.frozen(kw_only=True)
class Cloud:
    """The group of commands, run in *folder* with *environment* on top of this process's own."""

    folder: Path
    environment: Mapping[str, str]

    def done(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end; its exit status is a result, not an error."""
        return subprocess.run(  # noqa: S603 - our own command line
            self.line(*arguments),
            cwd=self.folder,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )

    def line(self, *arguments: object) -> list[str]:
        """Return the program and its arguments."""
        return [command_line(), "cloud", *map(str, arguments)]

    def run(self, *arguments: object) -> str:
        """Run one command and return what it prints. Raise ``CommandFailedError``."""
        done = self.done(*arguments)
        if done.returncode:
            raise CommandFailedError(f"{self.line(*arguments)}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: object) -> Any:  # noqa: ANN401 - a wire value
        """Run one command with ``--json`` and return its answer. Raise ``CommandFailedError``."""
        return json.loads(self.run(*arguments, "--json"))
