"""Open the console on the sample desk in memory: run_fake.py [THEME] [LANGUAGE] [ROLE] [STYLE], `plain` anywhere

EARLIER in the environment is how many more messages each thread holds; with FORMS a queue has a form. On SIGUSR1 the
customer on show writes.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fake_forms
from fake_desk import FakeDesk

from agent_tui.app import BandejaApp
from agent_tui.own_keys import OwnKeys


async def main() -> None:
    given = [one for one in sys.argv[1:] if one != "plain"]
    theme, language, role, style = (*given, "", "", "", "")[:4]
    desk = FakeDesk(role=role or "agent")
    for conversation in desk.threads:
        for n in range(int(os.environ.get("EARLIER", "0"))):
            desk.message(
                conversation, "out" if n % 3 == 1 else "in", f"¿Y el pedido {n} sale hoy por la tarde o mañana?"
            )
    if os.environ.get("FORMS"):
        fake_forms.ask(desk)
        fake_forms.before(desk)
    keys = OwnKeys(Path("/nonexistent"), style)
    chat = "http://127.0.0.1:8765/chat/web"
    app = BandejaApp(desk, theme=theme, language=language, keys=keys, chat=chat, plain="plain" in sys.argv)

    def write() -> None:
        shown = app.get_default_screen().shown
        assert shown is not None
        desk.receive(shown, "¿Me lo pueden enviar al interior? Es para la semana que viene.")

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, write)
    await app.run_async()


if __name__ == "__main__":
    asyncio.run(main())
