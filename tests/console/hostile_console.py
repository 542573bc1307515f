"""A console on a desk whose every text is an attack, as if nothing had sanitised it: run by the test of the wire."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fake_desk import ANA, LUIS, NOW, FakeDesk, replace
from hostile_text import ATTACKS

from agent_tui.app import BandejaApp
from agent_tui.link import model


def hostile() -> FakeDesk:
    desk = FakeDesk(role="supervisor")
    attack = " ".join(ATTACKS)
    for number, row in desk.rows.items():
        desk.rows[number] = replace(row, name=attack[number % 40 :] + row.name, last=attack, num=attack, lang=attack,
                                    page=attack, ref=attack, sample=True)  # fmt: skip
    desk.rows[ANA] = replace(desk.rows[ANA], owner=1, state="open", tags=[1, 2, 3])
    for number, agent in desk.agents.items():
        desk.agents[number] = replace(agent, name=attack + agent.name)
    desk.queues = {n: replace(one, name={"es": attack, "en": attack}) for n, one in desk.queues.items()}
    desk.tags = {n: replace(one, name=attack) for n, one in desk.tags.items()}
    desk.shortcuts = {n: replace(one, code=attack, body=attack) for n, one in desk.shortcuts.items()}
    assert desk.me is not None
    desk.me = replace(desk.me, entity=attack)
    for n, text in enumerate([*ATTACKS, "\n".join(ATTACKS)]):
        for side in ("in", "out", "note"):
            desk.message(ANA, side, text, NOW - 60_000 + n, by=None if side == "in" else LUIS, st="failed", err=attack)
    desk.threads[ANA].outgoing.append(
        model.Outgoing("k", "message.send", ANA, attack, NOW, "failed", "not_owner", {"owner": attack})
    )
    desk.drafts[ANA] = attack
    return desk


async def main(chat: str) -> None:
    desk = hostile()
    app = BandejaApp(desk, theme="dark", language="es", chat=chat)
    loop = asyncio.get_running_loop()
    refusal = model.CommandRefused("x", "message.send", "bad_args", ATTACKS[0], {"why": " ".join(ATTACKS)}, ANA)
    loop.call_later(1.0, desk.tell, refusal)
    await app.run_async()


if __name__ == "__main__":
    asyncio.run(main(" ".join(ATTACKS)))
