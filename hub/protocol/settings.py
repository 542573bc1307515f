"""How both programs are configured: a setting has one name, wherever it is set.

A field `public_url` of a settings dataclass is `--public-url` as an option, `PREFIX_PUBLIC_URL` in the environment and
`public_url` in a flat TOML file; the first of these that is there wins, then the default. Nothing is guessed: an
unknown key or a value that can't be used is refused by a `BadSetting`, which says where it was set, what is wrong and
what is right. Shared by hub and console, so that an administrator learns it once; imports nothing but the standard
library, because the console's start waits for it.
"""

import dataclasses
import difflib
import os
import re
import tomllib
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Say = Callable[[str], str]
T = TypeVar("T")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues; it is translated where it is said."""
    return text


class BadSetting(Exception):
    """A setting can't be used. The text is whole sentences for the person who set it."""


class Rule(msgspec.Struct, frozen=True):
    """What a setting is for and which values it takes. `must` finishes "NAME must be …" where `valid` says no."""

    help: str
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    must: str = ""
    valid: Callable[[Any], bool] | None = None
    secret: bool = False  # never repeat the value
    shown: str = ""  # how --help puts the default, where the value itself says little


def setting(default: object, help: str, **rule: Any) -> Any:
    """Declare a field of a settings dataclass: its default, what it is for, and what it takes (see `Rule`)."""
    return dataclasses.field(default=default, metadata={"rule": Rule(help, **rule)})


class Setting(msgspec.Struct, frozen=True):
    """One declared setting."""

    name: str
    kind: Any
    default: Any
    rule: Rule
    prefix: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return f"{self.prefix}_{self.name.upper()}"

    @property
    def metavar(self) -> str:
        """What stands for the value in --help."""
        return {int: "N", Path: "PATH"}.get(self.kind, self.name.rsplit("_", 1)[-1].upper())

    def manual(self, say: Say = str) -> str:
        """The line of --help: what it is for, its variable, its default."""
        if self.rule.shown:
            default = say(self.rule.shown)
        elif isinstance(self.default, tuple):
            default = ", ".join(map(str, self.default))
        elif isinstance(self.default, bool) or self.default == Path():
            default = ""
        else:
            default = str(self.default)
        known = [self.variable, say(N_("default: {value}")).format(value=default) if default else ""]
        choices = ", ".join(choice for choice in self.rule.choices if choice)
        taken = say(N_("one of {choices}")).format(choices=choices) if choices else ""
        return f"{say(self.rule.help)} [{'; '.join(part for part in (taken, *known) if part)}]"


def declared(cls: type, prefix: str) -> dict[str, Setting]:
    """The settings of a dataclass, by name."""
    hints = typing.get_type_hints(cls)
    return {
        field.name: Setting(field.name, hints[field.name], field.default, field.metadata["rule"], prefix)
        for field in dataclasses.fields(cls)
        if "rule" in field.metadata
    }


def load(
    cls: type[T],
    *,
    prefix: str,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
    say: Say = str,
) -> T:
    """Settings of class `cls` from options, environment and `file`, in this order of precedence.

    `flags` holds only the options that were given; the file, if named, must exist. Raises BadSetting.
    """
    settings = declared(cls, prefix)
    written = _read(file, settings, say) if file else {}
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for name, one in settings.items():
        if flags and name in flags:
            values[name] = _value(one, flags[name], one.flag, say)
        elif environ.get(one.variable):
            values[name] = _value(one, environ[one.variable], one.variable, say)
        elif name in written:
            raw, place = written[name]
            values[name] = _value(one, raw, place, say, typed=True)
    return cls(**values)


def _read(file: Path, settings: dict[str, Setting], say: Say) -> dict[str, tuple[object, str]]:
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(say(N_("{file} can't be read: {why}")).format(file=file, why=error)) from error
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(say(N_("{file} is not valid TOML: {why}")).format(file=file, why=error)) from error
    lines = {
        match["key"]: number
        for number, line in enumerate(text.splitlines(), 1)
        if (match := re.match(r"""\s*\[?\s*["']?(?P<key>[\w-]+)""", line))
    }
    found = {}
    for key, value in values.items():
        place = say(N_("{file}, line {line}")).format(file=file, line=lines.get(key, 1))
        if key not in settings:
            near = difflib.get_close_matches(key.replace("-", "_"), settings, 1)
            remedy = (
                say(N_("Did you mean {name}?")).format(name=near[0])
                if near
                else say(N_("There are: {names}.")).format(names=", ".join(settings))
            )
            raise BadSetting(say(N_("{place}: there is no setting {key}.")).format(place=place, key=key) + " " + remedy)
        found[key] = (value, f"{place}: {key}")
    return found


def _value(one: Setting, raw: object, place: str, say: Say, *, typed: bool = False) -> Any:
    """`raw` as the setting's type. From a file it has a type already (`typed`); otherwise it is text or a flag."""
    parsed = _typed(one, raw) if typed else _parsed(one, raw)
    if parsed is None or not _fits(one.rule, parsed):
        wanted = _wanted(one, say, quoted=typed)
        if one.rule.secret:
            raise BadSetting(say(N_("{place} must be {wanted}.")).format(place=place, wanted=wanted))
        raise BadSetting(
            say(N_("{place} must be {wanted}, not {value}.")).format(place=place, wanted=wanted, value=repr(raw))
        )
    return parsed


def _typed(one: Setting, raw: object) -> Any:
    if one.kind in (str, Path):
        return one.kind(raw) if isinstance(raw, str) else None
    if one.kind is int:
        return raw if isinstance(raw, int) and not isinstance(raw, bool) else None
    if one.kind is bool:
        return raw if isinstance(raw, bool) else None
    return tuple(raw) if isinstance(raw, list) and all(isinstance(item, str) for item in raw) else None


def _parsed(one: Setting, raw: object) -> Any:
    if isinstance(raw, bool):
        return raw if one.kind is bool else None
    text = str(raw).strip()
    if one.kind in (str, Path):
        return one.kind(text)
    if one.kind is int:
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
    if one.kind is bool:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower())
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


def _fits(rule: Rule, value: Any) -> bool:
    if rule.choices and value not in rule.choices:
        return False
    if rule.least is not None and value < rule.least:
        return False
    if rule.most is not None and value > rule.most:
        return False
    return rule.valid is None or rule.valid(value)


def _wanted(one: Setting, say: Say, *, quoted: bool) -> str:
    rule = one.rule
    if rule.must:
        return say(rule.must)
    if rule.choices:
        return say(N_("one of {choices}")).format(choices=", ".join(rule.choices))
    if one.kind is int and rule.most is not None:
        return say(N_("a whole number from {least} to {most}")).format(least=rule.least or 0, most=rule.most)
    if one.kind is int:
        return say(N_("a whole number from {least} on")).format(least=rule.least or 0)
    if one.kind is bool:
        return say(N_("true or false"))
    if one.kind in (str, Path):
        return say(N_("a text in quotes")) if quoted else say(N_("a text"))
    return say(N_("a list of texts"))
