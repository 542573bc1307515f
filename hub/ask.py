"""Asking a person at a shell, and getting a password without it ever standing in a command line."""

import getpass
import os
import sys

from hub.auth import LEAST, hash_now
from hub.i18n import _
from hub.protocol.settings import BadSetting

VARIABLE = "BANDEJA_HUB_PASSWORD"


def answer(question: str, flag: str, default: str) -> str:
    """What the person types, or `default` for nothing. Raises BadSetting, naming the option, with nobody to ask."""
    if not sys.stdin.isatty():
        raise BadSetting(_("There is no terminal to ask on: give {option}.").format(option=flag))
    return input(f"{question} [{default}]: ").strip() or default


def new_password(*, from_stdin: bool) -> str:
    """A new password as its argon2id hash: from standard input, the environment, or asked for twice."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif VARIABLE in os.environ:
        password = os.environ[VARIABLE]
    elif sys.stdin.isatty():
        password = getpass.getpass(_("Password") + ": ")
        if getpass.getpass(_("Password, again") + ": ") != password:
            raise BadSetting(_("The passwords are not the same."))
    else:
        raise BadSetting(
            _("There is no terminal to ask on: give --password-stdin, or set {name}.").format(name=VARIABLE)
        )
    if len(password) < LEAST:
        raise BadSetting(_("A password has at least {least} characters.").format(least=LEAST))
    return hash_now(password)
