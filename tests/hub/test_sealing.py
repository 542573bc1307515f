"""Secrets at rest."""

import stat
from pathlib import Path

import pytest

from hub.sealing import BadKeys, Keys, NotOpened, new_key, read_keys

ONE, OTHER = bytes(range(32)), bytes(range(32, 64))


def test_what_was_sealed_opens_for_its_purpose_only() -> None:
    keys = Keys([ONE])
    sealed = keys.seal(b"secret", "totp:3")
    assert keys.open(sealed, "totp:3") == b"secret"
    assert b"secret" not in sealed.encode()
    with pytest.raises(NotOpened):
        keys.open(sealed, "totp:4")


def test_the_same_secret_is_never_sealed_alike() -> None:
    keys = Keys([ONE])
    assert keys.seal(b"secret", "webhook:1") != keys.seal(b"secret", "webhook:1")


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_changed_envelope_does_not_open(part: int) -> None:
    keys = Keys([ONE])
    parts = keys.seal(b"secret", "totp:3").split(".")
    parts[part] = parts[part][:-4] + ("AAA=" if parts[part][-4:] != "AAA=" else "BBB=")
    with pytest.raises(NotOpened):
        keys.open(".".join(parts), "totp:3")


@pytest.mark.parametrize("text", ["", "1", "1.a.b", "2.a.b.c", "1.00000000.é.b", "1.....", "\x00"])
def test_what_is_no_envelope_is_refused_as_such(text: str) -> None:
    with pytest.raises(NotOpened):
        Keys([ONE]).open(text, "totp:3")


def test_a_new_key_opens_what_the_old_one_sealed_and_rewraps_it() -> None:
    sealed = Keys([ONE]).seal(b"secret", "totp:3")
    both = Keys([OTHER, ONE])
    assert both.stale(sealed)
    assert both.open(sealed, "totp:3") == b"secret"
    fresh = both.rewrap(sealed, "totp:3")
    assert not both.stale(fresh)
    assert Keys([OTHER]).open(fresh, "totp:3") == b"secret"
    with pytest.raises(NotOpened):
        Keys([OTHER]).open(sealed, "totp:3")


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "hub.key"
    sealed = read_keys(path).seal(b"secret", "totp:3")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(path).open(sealed, "totp:3") == b"secret"
    assert [file.name for file in path.parent.iterdir()] == ["hub.key"]


@pytest.mark.parametrize("content", ["", "short\n", new_key()[:-8] + "\n", "ñ\n"], ids=("empty", "short", "cut", "ñ"))
def test_a_bad_key_file_is_named_with_what_it_must_hold(tmp_path: Path, content: str) -> None:
    path = tmp_path / "hub.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(BadKeys, match=r"hub\.key"):
        read_keys(path)


def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "hub.key"
    path.write_text(new_key())
    path.chmod(0o644)
    with pytest.raises(BadKeys, match="chmod 600"):
        read_keys(path)
