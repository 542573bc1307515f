"""Runs `bandeja-hub` as an administrator does."""

import gettext
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

import hub.cli
import hub.i18n


class Done(NamedTuple):
    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs `bandeja-hub` in this process, in English, with the settings of nobody."""

    data: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def run(self, *arguments: str, password: str = "", **env: str) -> Done:
        given = {"BANDEJA_HUB_DATA": str(self.data), "BANDEJA_HUB_CONFIG": os.devnull, **env}
        self.captured.readouterr()
        with self.patch.context() as patch:
            for name in [name for name in os.environ if name.startswith("BANDEJA_")]:
                patch.delenv(name)
            for name, value in given.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["bandeja-hub", *arguments, *(["--password-stdin"] if password else [])])
            patch.setattr(sys, "stdin", io.StringIO(f"{password}\n" if password else ""))
            patch.setattr(hub.i18n, "_catalogue", gettext.NullTranslations())
            try:
                hub.cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
            else:
                code = 0
        said = self.captured.readouterr()
        return Done(code, said.out, said.err)

    def ok(self, *arguments: str, password: str = "") -> str:
        done = self.run(*arguments, password=password)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    def refused(self, *arguments: str, password: str = "", **env: str) -> str:
        done = self.run(*arguments, password=password, **env)
        assert done.code in (1, 2)
        return done.err
