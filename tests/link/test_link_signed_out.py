"""What is left of a desk when its session has ended, and what is not."""

from pathlib import Path

import pytest
from fake_hub import FakeHub, message, row
from seats import MakeDesk

from agent_tui.link.address import Address
from agent_tui.link.dial import NoToken, Socket, Unreachable
from hub.protocol import frames
from hub.protocol.commands import Send


async def test_a_token_that_has_ended_wipes_the_desk_and_what_was_typed_lives_on_in_memory_until_the_next_sign_in(
    fake: FakeHub, sit_down: MakeDesk, tmp_path: Path
) -> None:
    fake.trays["pending"], fake.rows[7], fake.threads[7] = [row(1, name="Ana Lopez")], row(7), [message(1)]
    left = await sit_down()
    seat = await sit_down()
    left.desk.save_draft(9, "of a console that left")
    await left.desk.stop()
    seat.desk.open_thread(7)
    seat.desk.save_draft(7, "half")
    fake.commands_hang = True
    seat.desk.submit("message.send", Send(7, "typed before"))
    await seat.until(lambda: fake.effects)
    await seat.desk.settled()
    files = tmp_path / "consoles"
    assert len(list(files.glob("*.db"))) == 2
    await fake.say(frames.Bye("signed_out"))
    await seat.until(lambda: seat.desk.link.phase == "signed_out")
    assert seat.desk.tray("pending").rows == []
    assert seat.desk.open_thread(7).messages == []
    assert seat.desk.me is None
    seat.desk.save_draft(8, "typed after")
    await seat.desk.settled()
    assert [path for path in files.iterdir() if path.suffix != ".lock"] == []
    carried = seat.desk.carried()
    await seat.desk.stop()
    assert carried.texts() == ["typed before", "half", "typed after"]
    assert [path for path in files.iterdir() if path.suffix != ".lock"] == []

    fake.commands_hang = False
    again = await sit_down(carried=carried, online=False)
    assert not again.desk.tray("pending").loaded
    assert [line.body for line in again.desk.open_thread(7).outgoing] == ["typed before"]
    assert (again.desk.draft(7), again.desk.draft(8)) == ("half", "typed after")
    await again.online()
    await again.until(lambda: again.desk.link.unsent == 0)
    assert fake.bodies == ["typed before"], "its key is the same, so it takes effect once"
    await again.desk.stop()
    last = await sit_down(online=False)
    assert (last.desk.draft(7), last.desk.draft(8)) == ("half", "typed after")


async def test_who_is_signed_in_again_on_the_same_desk_has_a_new_file(
    fake: FakeHub, sit_down: MakeDesk, tmp_path: Path
) -> None:
    seat = await sit_down(token="ended", online=False)
    await seat.until(lambda: seat.desk.link.phase == "signed_out")
    seat.desk.submit("message.send", Send(7, "typed meanwhile"))
    seat.desk.save_draft(8, "half")
    await seat.desk.settled()
    assert list((tmp_path / "consoles").glob("*.db*")) == []
    seat.desk.use(Address(fake.url, "secret-token"))
    await seat.online()
    await seat.until(lambda: fake.bodies == ["typed meanwhile"])
    await seat.desk.stop()
    assert (await sit_down(online=False)).desk.draft(8) == "half"


async def test_without_a_token_nobody_is_called_and_the_last_known_desk_stays(
    fake: FakeHub, sit_down: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.trays["pending"] = [row(1)]
    seat = await sit_down()

    async def nothing_kept(address: Address) -> Socket:
        raise NoToken

    monkeypatch.setattr(seat.desk._connection, "_dial", nothing_kept)
    fake.cut()
    await seat.until(lambda: seat.desk.link.phase == "signed_out", passing=True)
    assert (seat.desk.link.error, len(seat.desk.tray("pending").rows)) == ("no_token", 1)


async def test_a_key_that_is_not_to_be_had_yet_is_asked_for_again(
    fake: FakeHub, sit_down: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await sit_down()
    real = seat.desk._connection._dial

    async def locked(address: Address) -> Socket:
        raise Unreachable("locked", "keyring")

    monkeypatch.setattr(seat.desk._connection, "_dial", locked)
    fake.cut()
    await seat.until(lambda: seat.desk.link.error == "keyring", passing=True)
    monkeypatch.setattr(seat.desk._connection, "_dial", real)
    await seat.online()


async def test_the_last_known_desk_says_of_when_it_is(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(1)]
    seat = await sit_down()
    assert seat.desk.link.as_of == 0
    await seat.clock.advance(300)
    await seat.until(lambda: seat.desk.link.silent == 0)
    last = seat.desk.now
    fake.silent = True
    await seat.clock.advance(40)
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    assert last - 16_000 <= seat.desk.link.as_of <= last, "when the hub was last heard"
    as_of = seat.desk.link.as_of
    await seat.desk.stop()
    again = await sit_down(online=False)
    assert (again.desk.link.as_of, again.desk.link.stale) == (as_of, True)
    assert [held.id for held in again.desk.tray("pending").rows] == [1], "shown before any hub was reached"


async def test_somebody_elses_401_does_not_wipe_the_desk(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"], fake.wall = [row(1)], "<html>Sign in to this hotel's network</html>"
    seat = await sit_down()
    await seat.desk.stop()
    again = await sit_down(token="whatever", online=False)
    await again.until(lambda: again.desk.link.phase == "waiting", passing=True)
    assert [held.id for held in again.desk.tray("pending").rows] == [1]
