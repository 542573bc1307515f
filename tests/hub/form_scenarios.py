"""The scenarios of forms and topics; importing enters them."""

from scenario import Act, opened, scenario
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.protocol import commands as c
from hub.protocol.forms import Field, Option, Shown

FIELDS = [
    Field(
        "reason", "choice", {"es": "Motivo"}, required=True, options=[Option(o, {"es": o}) for o in ("sale", "claim")]
    ),
    Field("order", "text", {"es": "Pedido"}, required=True, mask="#{4}", shown_if=Shown("reason", ["claim"])),
    Field("notes", "long", {"es": "Notas"}),
]
SALE = {"reason": "sale"}


async def with_form(desk: SmallDesk, fields: list[Field] | None = None) -> int:
    """The queue has a form; its version."""
    made = await desk.run(SYSTEM, "form.save", c.SaveForm(desk.queue, FIELDS if fields is None else fields))
    return int(made["version"] or 0)


async def topic(desk: SmallDesk, code: str, parent: int | None = None, queue: int = 0, **more: bool) -> int:
    args = c.SaveTopic(queue or desk.queue, code, {"es": code.title()}, parent, **more)
    return int((await desk.run(SYSTEM, "topic.save", args))["topic"] or 0)


@scenario("form.save")
async def _(desk: SmallDesk) -> Act:
    await opened(desk)
    await with_form(desk)
    return lambda: with_form(desk, FIELDS[:1])


@scenario("form.fill")
async def _(desk: SmallDesk) -> Act:
    """Once anew, and once over what was there."""
    conversation, version = await opened(desk), await with_form(desk)

    async def act() -> None:
        await desk.run("ana", "form.fill", c.Fill(conversation, version, {"notes": "a medias"}))
        await desk.run("ana", "form.fill", c.Fill(conversation, version, SALE))

    return act


@scenario("topic.save")
async def _(desk: SmallDesk) -> Act:
    return lambda: topic(desk, "claims")


@scenario("conversation.topics")
async def _(desk: SmallDesk) -> Act:
    conversation, claims = await opened(desk), await topic(desk, "claims")
    return lambda: desk.run("ana", "conversation.topics", c.SetTopics(conversation, [claims]))


@scenario("conversation.end")
async def _(desk: SmallDesk) -> Act:
    conversation, version, claims = await opened(desk), await with_form(desk), await topic(desk, "claims")
    end = c.End(conversation, version=version, values=SALE, topics=[claims])
    return lambda: desk.run("ana", "conversation.end", end)


@scenario("conversation.reopen")
async def _(desk: SmallDesk) -> Act:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, version=version, values=SALE))
    return lambda: desk.run("ana", "conversation.reopen", c.Reopen(conversation))
