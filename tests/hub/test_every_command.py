"""For every command in the registry: the state before and the events make the state after, in the mirrors of three
principals with different rights, compared with a fresh client's. A command without a scenario fails."""

from collections.abc import Callable
from dataclasses import replace

import company_scenarios  # noqa: F401  enters them
import form_scenarios  # noqa: F401  enters them
import pytest
import routing_scenarios  # noqa: F401
from scenario import SCENARIOS, Act, assigned, on_conversation, opened, scenario, sent, waiting
from small_desk import Served, SmallDesk

from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.protocol import accounts as a
from hub.protocol import commands as c
from hub.protocol import webhooks as hooks
from hub.protocol.erasure import Doubt, EraseContact, Sweep
from hub.protocol.states import Delivery

on_conversation("message.send", lambda i: c.Send(i, "Buenas"))
on_conversation("conversation.take", c.Take, who="sofia")
on_conversation("conversation.open", c.Open, who="luis", prepare=waiting)
on_conversation("conversation.requeue", c.Requeue)
on_conversation("conversation.hold", c.Hold)
on_conversation("conversation.snooze", lambda i: c.Snooze(i, 2_000_000_000_000))


async def held_back(desk: SmallDesk) -> tuple[int, str, int]:
    """(conversation, key, message) of one that ana can still recall."""
    conversation = await opened(desk)
    desk.hub.config = replace(desk.hub.config, recall_seconds=5)
    made = await desk.run("ana", "message.send", c.Send(conversation, "Buenas"), "key-of-the-held")
    return conversation, "key-of-the-held", int(made["message"] or 0)


@scenario("message.recall")
async def _(desk: SmallDesk) -> Act:
    conversation, key, _ = await held_back(desk)
    return lambda: desk.run("ana", "message.recall", c.Recall(conversation, key))


@scenario("message.release")
async def _(desk: SmallDesk) -> Act:
    _, _, message = await held_back(desk)
    return lambda: desk.run(SYSTEM, "message.release", c.Release(message))


@scenario("message.receive")
async def _(desk: SmallDesk) -> Act:
    await opened(desk)

    async def act() -> None:
        await desk.say("p1", "¿Siguen ahí?")
        await desk.say("p2", "Buenas")

    return act


@scenario("conversation.assign")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    return lambda: desk.run("sofia", "conversation.assign", c.Assign(conversation, desk.ids["luis"]))


@scenario("conversation.resume")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    await desk.run("ana", "conversation.hold", c.Hold(conversation))
    return lambda: desk.run("ana", "conversation.resume", c.Resume(conversation))


@scenario("conversation.wake")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    await desk.run("ana", "conversation.snooze", c.Snooze(conversation, 2_000_000_000_000))
    return lambda: desk.run("ana", "conversation.wake", c.Wake(conversation))


@scenario("conversation.reassign")
async def _(desk: SmallDesk) -> Act:
    conversation = await assigned(desk)
    return lambda: desk.run(SYSTEM, "conversation.reassign", c.Reassign(conversation))


@scenario("conversation.read")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    made = await desk.say("p1", "¿Y?")
    return lambda: desk.run("ana", "conversation.read", c.Read(conversation, int(made["message"] or 0)))


@scenario("conversation.tag")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    tag = await desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#b07a1e"))
    return lambda: desk.run("ana", "conversation.tag", c.SetTags(conversation, [int(tag["tag"] or 0)]))


@scenario("message.delivery")
async def _(desk: SmallDesk) -> Act:
    _, message = await sent(desk)
    who = Principal.channel(desk.whatsapp)
    return lambda: desk.run(who, "message.delivery", c.Report(message, Delivery.FAILED, "rejected"))


@scenario("message.retry")
async def _(desk: SmallDesk) -> Act:
    _, message = await sent(desk)
    who = Principal.channel(desk.whatsapp)
    await desk.run(who, "message.delivery", c.Report(message, Delivery.FAILED, "rejected"))
    return lambda: desk.run("ana", "message.retry", c.Retry(message))


@scenario("message.seen")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    made = await desk.run("ana", "message.send", c.Send(conversation, "Buenas"))
    seen = c.Seen(conversation, int(made["message"] or 0), "read")
    return lambda: desk.run(Principal.channel(desk.web), "message.seen", seen)


@scenario("agent.status")
async def _(desk: SmallDesk) -> Act:
    await opened(desk)
    return lambda: desk.run("ana", "agent.status", c.SetStatus("lunch"))


@scenario("agent.reach")
async def _(desk: SmallDesk) -> Act:
    await assigned(desk)
    return lambda: desk.reach("ana", False)


@scenario("agent.save")
async def _(desk: SmallDesk) -> Act:
    await opened(desk)
    return lambda: desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana María", "supervisor"))


@scenario("session.start")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "session.start", c.StartSession(desk.ids["ana"], "a" * 64))


@scenario("session.end")
async def _(desk: SmallDesk) -> Act:
    made = await desk.run(SYSTEM, "session.start", c.StartSession(desk.ids["ana"], "b" * 64))
    return lambda: desk.run("ana", "session.end", c.EndSession(int(made["session"] or 0)))


@scenario("session.end_others")
async def _(desk: SmallDesk) -> Act:
    agent = await bystander(desk)
    for number in range(2):
        await desk.run(SYSTEM, "session.start", c.StartSession(agent, f"{number:064x}"))
    who = await desk.hub.store.read(lambda conn: people.by_agent(conn, agent))
    assert who is not None
    return lambda: desk.run(who, "session.end_others", a.EndOtherSessions())


async def bystander(desk: SmallDesk) -> int:
    """An agent who watches nothing: whose password changes is signed out."""
    made = await desk.run(SYSTEM, "agent.save", c.SaveAgent("rosa", "Rosa", "admin", "x"))
    return int(made["agent"] or 0)


@scenario("password.change")
async def _(desk: SmallDesk) -> Act:
    agent = await bystander(desk)
    return lambda: desk.run(SYSTEM, "password.change", a.ChangePassword(agent, "x"))


@scenario("password.link")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "password.link", a.LinkPassword(desk.ids["ana"], "c" * 64))


@scenario("password.reset")
async def _(desk: SmallDesk) -> Act:
    await desk.run(SYSTEM, "password.link", a.LinkPassword(await bystander(desk), "c" * 64))
    return lambda: desk.run(SYSTEM, "password.reset", a.ResetPassword("c" * 64, "x"))


@scenario("factor.enrol")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "factor.enrol", a.EnrolFactor(desk.ids["ana"], "sealed"))


@scenario("factor.confirm")
async def _(desk: SmallDesk) -> Act:
    await desk.run(SYSTEM, "factor.enrol", a.EnrolFactor(desk.ids["ana"], "sealed"))
    return lambda: desk.run(SYSTEM, "factor.confirm", a.ConfirmFactor(desk.ids["ana"], 1, ["d" * 64]))


@scenario("agent.factor_off")
async def _(desk: SmallDesk) -> Act:
    await desk.run(SYSTEM, "factor.enrol", a.EnrolFactor(desk.ids["ana"], "sealed"))
    return lambda: desk.run(SYSTEM, "agent.factor_off", a.DropFactor(desk.ids["ana"]))


@scenario("agent.mail")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "agent.mail", a.SetMail(desk.ids["ana"], "ana@example.org"))


@scenario("token.create")
async def _(desk: SmallDesk) -> Act:
    made = c.CreateToken("robot", ["conversation.see"], "c" * 64)
    return lambda: desk.run("ana", "token.create", made)


@scenario("token.revoke")
async def _(desk: SmallDesk) -> Act:
    made = await desk.run("ana", "token.create", c.CreateToken("robot", ["conversation.see"], "d" * 64))
    return lambda: desk.run("ana", "token.revoke", c.RevokeToken(int(made["token"] or 0)))


@scenario("queue.save")
async def _(desk: SmallDesk) -> Act:
    await waiting(desk)
    members = [desk.ids["luis"]]
    return lambda: desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas 2"}, primary=members))


@scenario("channel.save")
async def _(desk: SmallDesk) -> Act:
    new = c.SaveChannel("bot", "telegram", {"es": "Bot"}, desk.queue, "sample", "#2b86c9")
    return lambda: desk.run(SYSTEM, "channel.save", new)


async def _webhook(desk: SmallDesk) -> int:
    made = await desk.run(SYSTEM, "webhook.save", c.SaveWebhook("crm", "https://example.org/hook"))
    return int(made["webhook"] or 0)


@scenario("webhook.save")
async def _(desk: SmallDesk) -> Act:
    return lambda: _webhook(desk)


def on_webhook(name: str, args: Callable[[int], c.Args]) -> None:
    async def make(desk: SmallDesk) -> Act:
        webhook = await _webhook(desk)
        return lambda: desk.run(SYSTEM, name, args(webhook))

    SCENARIOS[name] = make


on_webhook("webhook.delete", hooks.DeleteWebhook)
on_webhook("webhook.retry", hooks.RetryWebhook)
on_webhook("webhook.secret", lambda i: hooks.WebhookSecret(i, "1.00000000.sealed.text"))
on_webhook("webhook.disable", lambda i: hooks.DisableWebhook(i, "gone"))


@scenario("channel.secret")
async def _(desk: SmallDesk) -> Act:
    new = c.SaveChannel("app", "api", {"es": "App"}, desk.queue, "api", "#2b86c9", callback="https://example.org/hook")
    made = await desk.run(SYSTEM, "channel.save", new)
    args = hooks.ChannelSecret(int(made["channel"] or 0), "1.00000000.sealed.text")
    return lambda: desk.run(SYSTEM, "channel.secret", args)


@scenario("tag.save")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "tag.save", c.SaveTag("lead", "#2b86c9"))


@scenario("shortcut.save")
async def _(desk: SmallDesk) -> Act:
    async def act() -> None:
        await desk.run("ana", "shortcut.save", c.SaveShortcut("mio", "Lo mío"))
        made = await desk.run("sofia", "shortcut.save", c.SaveShortcut("todos", "De todos", shared=True))
        kept = int(made["shortcut"] or 0)
        await desk.run("sofia", "shortcut.save", c.SaveShortcut("todos", "Ya no", shortcut=kept))

    return act


@scenario("shortcut.delete")
async def _(desk: SmallDesk) -> Act:
    made = await desk.run("sofia", "shortcut.save", c.SaveShortcut("todos", "De todos", shared=True))
    return lambda: desk.run("sofia", "shortcut.delete", c.DeleteShortcut(int(made["shortcut"] or 0)))


@scenario("tray.save")
async def _(desk: SmallDesk) -> Act:
    async def act() -> None:
        await desk.run("ana", "tray.save", c.SaveTray("Mías", filter="agent:me"))
        made = await desk.run("sofia", "tray.save", c.SaveTray("De todos", filter="queue:ventas", shared=True))
        await desk.run("sofia", "tray.save", c.SaveTray("Ya no", sort="name", tray=int(made["tray"] or 0)))

    return act


@scenario("tray.delete")
async def _(desk: SmallDesk) -> Act:
    made = await desk.run("sofia", "tray.save", c.SaveTray("De todos", shared=True))
    return lambda: desk.run("sofia", "tray.delete", c.DeleteTray(int(made["tray"] or 0)))


@scenario("contact.erase")
async def _(desk: SmallDesk) -> Act:
    """One that ana has open, and one that had ended: both are in everybody's sight, and then in nobody's."""
    desk.hub.config = replace(desk.hub.config, recall_seconds=5)
    ended = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(ended))
    await desk.run("ana", "conversation.reopen", c.Reopen(ended))
    await desk.run("ana", "message.send", c.Send(ended, "Buenas"))
    await desk.say("p2", "Hola")
    return lambda: desk.run(SYSTEM, "contact.erase", EraseContact(1))


@scenario("retention.sweep")
async def _(desk: SmallDesk) -> Act:
    ended = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(ended))
    await desk.say("p2", "Hola")
    return lambda: desk.run(SYSTEM, "retention.sweep", Sweep("conversations", 2_000_000_000_000))


@scenario("message.doubt")
async def _(desk: SmallDesk) -> Act:
    await sent(desk)
    await held_back(desk)
    return lambda: desk.run(SYSTEM, "message.doubt", Doubt())


@pytest.mark.parametrize("name", sorted(c.REGISTRY))
async def test_state_before_and_events_make_the_state_after(served: Served, engine: str, name: str) -> None:
    """What is told to whom is decided above the engines: on PostgreSQL one of the three watches, by turns."""
    act = await SCENARIOS[name](served.desk)
    conversations = list(range(1, 3))
    logins = ["ana", "luis", "sofia"]
    if engine == "postgresql":
        logins = [logins[sorted(c.REGISTRY).index(name) % len(logins)]]
    watching = {login: await served.join(login) for login in logins}
    for watcher in watching.values():
        for conversation in conversations:
            await watcher.watch(conversation)
    await act()
    await served.settle()
    for login, watcher in watching.items():
        fresh = await served.join(login)
        for conversation in sorted(watcher.mirror.held):
            await fresh.watch(conversation)
        await served.settle()
        assert watcher.state() == fresh.state(), login
