"""The agents' socket: who gets in, what a client may hold on to, and what it hears."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from small_desk import Served
from watcher import Watcher
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.auth import hash_password, start_session
from hub.desk.principal import SYSTEM
from hub.hub import RETRY_AFTER
from hub.protocol import PROTO, frames, views
from hub.protocol import commands as c
from hub.protocol.errors import Code
from hub.store.schema import head, journal


async def first_answer(served: Served, *sent: str, token: str = "") -> frames.HubFrame:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(f"{served.ws}/ws", additional_headers=headers) as ws:
        for text in sent:
            await ws.send(text)
        return frames.decode_hub.decode(await ws.recv())


def hello(**more: object) -> str:
    return json.dumps({"t": "hello", "proto": PROTO, **more})


async def test_signing_in_gives_a_token_that_opens_the_socket(served: Served) -> None:
    hashed = await hash_password("correcta")
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash=hashed))
    async with ClientSession() as http:
        for login, password, status in (("ana", "falsa", 401), ("nadie", "correcta", 401), (" Ana ", "correcta", 200)):
            answer = await http.post(
                f"{served.url}/api/v1/sign-in", json={"login": login, "password": password, "label": "x"}
            )
            assert answer.status == status
        token = (await answer.json())["token"]
    stored = await served.hub.store.read(lambda conn: str(conn.execute(sa.text("SELECT * FROM session")).all()))
    assert token not in stored
    welcome = await first_answer(served, hello(), token=token)
    assert isinstance(welcome, frames.Welcome)
    assert welcome.me.grants["conversation.see"] == "own"


async def test_a_browser_signs_in_with_its_first_frame(served: Served) -> None:
    token = await start_session(served.hub, served.desk.ids["ana"], "test")
    assert isinstance(await first_answer(served, hello(token=token)), frames.Welcome)


async def test_signing_out_ends_the_session_of_the_token_and_no_other(served: Served) -> None:
    ours, other = [await start_session(served.hub, served.desk.ids["ana"], "test") for _ in range(2)]
    async with ClientSession() as http:

        async def sign_out(header: dict[str, str]) -> tuple[int, dict[str, object]]:
            answer = await http.post(f"{served.url}/api/v1/sign-out", headers=header)
            return answer.status, await answer.json()

        status, said = await sign_out({"Authorization": f"Bearer {ours}"})
        assert (status, list(said)) == (200, ["session"])
        assert await sign_out({"Authorization": f"Bearer {ours}"}) == (
            401,
            {"code": "signed_out", "args": {}, "field": None},
        )
        assert await sign_out({}) == (401, {"code": "signed_out", "args": {}, "field": None})
    assert isinstance(await first_answer(served, hello(), token=other), frames.Welcome)
    with pytest.raises(InvalidStatus):
        await first_answer(served, hello(), token=ours)


async def test_an_ended_session_opens_nothing(served: Served) -> None:
    watcher = await served.join("ana")
    await watcher.command("session.end", session=watcher.mirror.me.session if watcher.mirror.me else 0)
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye == frames.Bye("signed_out")
    with pytest.raises(InvalidStatus):
        await connect(f"{served.ws}/ws", additional_headers={"Authorization": "Bearer nonsense"})
    assert await first_answer(served, hello()) == frames.Bye("signed_out")


async def test_another_protocol_is_turned_away_with_the_reason(served: Served) -> None:
    assert await first_answer(served, hello(proto=PROTO + 1)) == frames.Bye("proto_unsupported")
    assert await first_answer(served, '{"t":"ping","n":1}') == frames.Bye("bad_frame")
    assert await first_answer(served, "nonsense") == frames.Bye("bad_frame")


async def test_a_bad_frame_is_answered_and_harms_nothing(served: Served) -> None:
    watcher = await served.join("ana")
    beyond = [f'{{"t":{frame}:{2**63}}}' for frame in ('"draft","c"', '"typing","c"', '"sub","w":1,"thread"')]
    for text in ("nonsense", '{"t":"boom"}', '{"t":"sub","w":"x"}', '{"t":"sub","w":99,"tray":"attic"}', *beyond):
        watcher.answers.pop(0, None)
        await watcher.ws.send(text)
        await watcher.until(lambda: 0 in watcher.answers)
    unknown = await watcher.command("no.such.command")
    assert isinstance(unknown, frames.Error)
    assert unknown.code == Code.UNKNOWN_COMMAND
    bad = await watcher.command("message.send", conversation=1, body="")
    assert isinstance(bad, frames.Error)
    assert (bad.code, bad.field) == (Code.BAD_ARGS, "body")


async def test_a_client_that_comes_back_gets_only_what_changed(served: Served) -> None:
    for n in range(30):
        await served.desk.say(f"p{n}", "Hola " * 20)
    before = await served.join("sofia")
    held = [(row.id, row.rev) for row in before.mirror.trays["pending"].rows]
    await before.leave()
    await served.desk.say("p3", "¿Hay alguien?")
    again = await served.join("sofia", epoch=before.epoch, cursor=(before.cursor, before.nonce))
    assert again.resume == "resumed"
    again.seen.clear()
    again._put(frames.Sub(9, tray="pending", count=50, held=held))
    await again.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 and f.last for f in again.seen))
    rows = [row.id for f in again.seen if isinstance(f, frames.Snap) for row in f.rows]
    assert rows == [4]


async def test_reference_data_that_is_held_is_not_sent_again(served: Served) -> None:
    first = await served.join("ana")
    versions = {f.name: f.version for f in first.seen if isinstance(f, frames.Ref)}
    assert set(versions) == set(views.REFERENCES)
    await served.settle()
    again = await served.join("ana", refs=versions | {"agents": 1})
    assert {f.name for f in again.seen if isinstance(f, frames.Ref)} == {"agents"}


async def test_an_older_copy_of_the_database_is_noticed_by_each_client_for_itself(served: Served) -> None:
    watcher = await served.join("ana")
    ahead = await served.join("ana", epoch=watcher.epoch, cursor=(watcher.cursor + 50, 4711))
    other_nonce = await served.join("luis", epoch=watcher.epoch, cursor=(watcher.cursor, watcher.nonce + 1))
    other_epoch = await served.join("luis", epoch="another", cursor=(watcher.cursor, watcher.nonce))
    assert [w.resume for w in (ahead, other_nonce, other_epoch)] == ["restored"] * 3
    honest = await served.join("luis", epoch=watcher.epoch, cursor=(watcher.cursor, watcher.nonce))
    assert honest.resume == "resumed", "what one client says is not believed for the others"


async def test_a_session_that_ends_while_it_connects_opens_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = served.hub.leases.take

    async def end_and_take(agent_id: int) -> str:
        lease = await take(agent_id)
        (connection,) = served.hub.connections
        await served.desk.run("ana", "session.end", c.EndSession(connection.who.session))
        await anext(served.hub.tail.follow(served.hub.tail.seq - 1))
        return lease

    monkeypatch.setattr(served.hub.leases, "take", end_and_take)
    token = await start_session(served.hub, served.desk.ids["ana"], "test")
    assert await first_answer(served, hello(), token=token) == frames.Bye("signed_out")


async def test_a_connection_that_can_not_begin_leaves_nothing_behind(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(agent_id: int) -> str:
        raise OSError("away")

    monkeypatch.setattr(served.hub.leases, "take", fail)
    token = await start_session(served.hub, served.desk.ids["ana"], "test")
    assert await first_answer(served, hello(), token=token) == frames.Bye("busy", RETRY_AFTER)
    assert not served.hub.connections


async def test_signing_in_with_what_no_database_keeps_is_refused(served: Served) -> None:
    async with ClientSession() as http:
        for login, label in (("an\0a", "x"), ("ana", "x\0")):
            answer = await http.post(
                f"{served.url}/api/v1/sign-in", json={"login": login, "password": "correcta", "label": label}
            )
            assert (answer.status, (await answer.json())["code"]) == (400, "bad_args")


async def test_a_stopping_hub_calls_no_password_wrong(served: Served) -> None:
    hashed = await hash_password("correcta")
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash=hashed))
    await served.hub.stop()
    async with ClientSession() as http:
        answer = await http.post(f"{served.url}/api/v1/sign-in", json={"login": "ana", "password": "correcta"})
        assert (answer.status, (await answer.json())["code"]) == (503, "busy")


def typed(watcher: Watcher) -> list[frames.Typed]:
    return [frame for frame in watcher.seen if isinstance(frame, frames.Typed)]


async def test_a_customer_s_typing_reaches_whoever_watches_and_a_colleague_s_whoever_looks_in_a_few_bytes(
    served: Served,
) -> None:
    made = await served.desk.say("p1", "Hola")
    conversation = int(made["conversation"] or 0)
    ana, sofia, away = [await served.join(login) for login in ("ana", "sofia", "sofia")]
    for watcher in (ana, sofia, away):
        await watcher.watch(conversation)
    for watcher in (ana, sofia):
        watcher._put(frames.Look(conversation))
    await sofia.until(lambda: any(isinstance(f, frames.Looking) and f.by for f in sofia.seen))
    by, heard = served.desk.ids["ana"], []
    served.hub.presence.listen(lambda *told: heard.append(told))  # as a customer's channel does
    ana._put(frames.Typing(conversation, note=True))
    ana._put(frames.Typing(conversation, on=False, note=True))
    ana._put(frames.Typing(conversation))
    await sofia.until(lambda: len(typed(sofia)) == 3)
    assert typed(sofia) == [frames.Typed(conversation, by, on) for on in (True, False, True)]
    assert heard == [(conversation, by, True)], "nothing of a note"
    assert len(frames.encode(frames.Typed(conversation, by))) <= 32
    assert len(frames.encode(frames.Typing(conversation, note=True))) <= 40
    served.hub.presence.typing(conversation, None, True)
    for watcher in (ana, away):
        await watcher.until(lambda watcher=watcher: typed(watcher))
        assert [frame.by for frame in typed(watcher)] == [None]


async def test_who_looks_at_the_same_conversation_is_told_to_each_of_them_and_to_nobody_else(served: Served) -> None:
    made = await served.desk.say("p1", "Hola")
    conversation = int(made["conversation"] or 0)
    ana, sofia, luis = [await served.join(login) for login in ("ana", "sofia", "luis")]
    for watcher in (ana, sofia, luis):
        await watcher.watch(conversation)

    def told(watcher: Watcher) -> list[list[int]]:
        return [f.by for f in watcher.seen if isinstance(f, frames.Looking) and f.c == conversation]

    ids = served.desk.ids
    ana._put(frames.Look(conversation))
    await ana.until(lambda: told(ana) == [[]])
    sofia._put(frames.Look(conversation))
    await ana.until(lambda: told(ana) == [[], [ids["sofia"]]])
    await sofia.until(lambda: told(sofia) == [[ids["ana"]]])
    sofia._put(frames.Look(999))  # which she does not watch: she looks at none
    await ana.until(lambda: told(ana) == [[], [ids["sofia"]], []])
    sofia._put(frames.Look(conversation))
    await ana.until(lambda: told(ana)[3:] == [[ids["sofia"]]])
    await sofia.leave()
    await ana.until(lambda: told(ana)[4:] == [[]])
    assert told(luis) == []


async def test_a_tray_tells_who_visits_its_rows_in_a_few_bytes_and_not_who_is_at_home(served: Served) -> None:
    for login in ("ana", "luis"):
        await served.desk.run(login, "agent.status", c.SetStatus("resting"))  # so that nobody is given anything
    for person in ("p1", "p2"):
        await served.desk.say(person, "Hola")
    await served.desk.run("ana", "conversation.open", c.Open(2))
    ana, luis, sofia = [await served.join(login) for login in ("ana", "luis", "sofia")]
    for watcher in (ana, luis):
        watcher._put(frames.Sub(5, tray="pending", count=10))
        await watcher.until(lambda watcher=watcher: any(isinstance(f, frames.Snap) and f.w == 5 for f in watcher.seen))
    for number in (1, 2):
        await ana.watch(number)
    await sofia.watch(1)

    def told(watcher: Watcher) -> list[tuple[int, list[int]]]:
        return [(f.c, f.by) for f in watcher.seen if isinstance(f, frames.Looking)]

    ids = served.desk.ids
    ana._put(frames.Look(2))  # her own: no news to anybody
    ana._put(frames.Look(1))
    await luis.until(lambda: told(luis) == [(1, [ids["ana"]])])
    sofia._put(frames.Look(1))
    await luis.until(lambda: told(luis)[1:] == [(1, sorted((ids["ana"], ids["sofia"])))])
    ana._put(frames.Look(0))  # who is still there is told by the row from now on
    await luis.until(lambda: told(luis)[2:] == [(1, [ids["sofia"]])])
    await ana.until(lambda: told(ana)[-1:] == [(1, [ids["sofia"]])])
    late = await served.join("luis")
    late._put(frames.Sub(5, tray="pending", count=10))
    await late.until(lambda: told(late) == [(1, [ids["sofia"]])])
    await sofia.leave()
    await luis.until(lambda: told(luis)[3:] == [(1, [])])
    assert all(number == 1 for number, _ in told(luis))
    assert len(frames.encode(frames.Looking(1, [ids["ana"]]))) <= 32


async def test_a_row_that_comes_into_a_tray_says_who_visits_it(served: Served) -> None:
    for login in ("ana", "luis"):
        await served.desk.run(login, "agent.status", c.SetStatus("resting"))
    await served.desk.say("p1", "Hola")
    await served.desk.run("ana", "conversation.open", c.Open(1))
    luis, sofia = await served.join("luis"), await served.join("sofia")
    luis._put(frames.Sub(5, tray="pending", count=10))
    await sofia.watch(1)
    sofia._put(frames.Look(1))
    await served.settle()
    await served.desk.run("ana", "conversation.requeue", c.Requeue(1))
    await luis.until(lambda: any(isinstance(f, frames.Looking) for f in luis.seen))
    assert [(f.c, f.by) for f in luis.seen if isinstance(f, frames.Looking)] == [(1, [served.desk.ids["sofia"]])]


async def test_lost_sight_takes_the_conversation_away(served: Served) -> None:
    made = await served.desk.say("p1", "Hola")
    conversation = int(made["conversation"] or 0)
    ana, sofia = await served.join("ana"), await served.join("sofia")
    await ana.watch(conversation)
    await sofia.command("conversation.assign", conversation=conversation, agent=served.desk.ids["luis"])
    await served.settle()
    assert conversation not in ana.mirror.held
    assert not ana.mirror.trays["pending"].rows


async def test_a_new_role_changes_what_one_sees_at_once(served: Served) -> None:
    luis = await served.join("luis")
    ana = await served.join("ana")
    await served.desk.say("p1", "Hola")
    await served.settle()
    assert [len(w.mirror.trays["pending"].rows) for w in (luis, ana)] == [0, 1]
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("luis", "Luis", "supervisor"))
    await luis.until(lambda: len(luis.mirror.trays["pending"].rows) == 1)
    assert luis.mirror.me is not None
    assert luis.mirror.me.grants["conversation.manage"] == "entity"


async def test_a_stopping_hub_tells_when_to_come_back(served: Served) -> None:
    watcher = await served.join("ana")
    await served.hub.stop()
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye is not None
    assert watcher.bye.after > 0


async def test_nothing_private_reaches_an_agent_who_may_not_see_it(served: Served) -> None:
    """luis is a member of the queue, but the conversation is ana's: not a word of it comes to him."""
    ana, luis = await served.join("ana"), await served.join("luis")
    made = await served.desk.say("p1", "secreto-uno")
    conversation = int(made["conversation"] or 0)
    await luis.watch(conversation)
    await ana.command("conversation.open", conversation=conversation)
    await ana.command("message.note", conversation=conversation, body="secreto-dos")
    await served.settle()
    heard = b"".join(frames.encode(frame) for frame in luis.seen)
    assert b"secreto" not in heard


async def test_the_journal_stays_whole_under_many_writers(served: Served) -> None:
    watchers: list[Watcher] = [await served.join(login) for login in ("ana", "luis", "sofia")]
    await asyncio.gather(*(served.desk.say(f"p{n % 9}", f"línea {n}") for n in range(90)))
    await served.settle()
    seq, rows = await served.hub.store.read(
        lambda conn: (conn.scalar(sa.select(head.c.seq)), conn.scalar(sa.select(sa.func.count()).select_from(journal)))
    )
    assert seq == rows
    assert {w.cursor for w in watchers} == {seq}


async def test_a_snapshot_says_which_journal_row_it_is_as_of(served: Served) -> None:
    """A client knows by it that it has heard more than its events say, and that a restored database lacks it."""
    watcher = await served.join("sofia")
    await served.desk.say("p1", "Hola")
    await served.settle()
    watcher.seen.clear()
    watcher._put(frames.Sub(9, tray="pending"))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 for f in watcher.seen))
    snap = next(f for f in watcher.seen if isinstance(f, frames.Snap) and f.w == 9)
    assert (snap.seq, snap.nonce) == (watcher.cursor, watcher.nonce)
