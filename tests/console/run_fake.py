"""Open the console on the sample desk in memory: run_fake.py [THEME] [LANGUAGE] [ROLE] [STYLE], `plain` anywhere"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fake_desk import FakeDesk

from agent_tui.app import BandejaApp
from agent_tui.own_keys import OwnKeys


async def main() -> None:
    given = [one for one in sys.argv[1:] if one != "plain"]
    theme, language, role, style = (*given, "", "", "", "")[:4]
    desk = FakeDesk(role=role or "agent")
    keys = OwnKeys(Path("/nonexistent"), style)
    chat = "http://127.0.0.1:8765/chat/web"
    app = BandejaApp(desk, theme=theme, language=language, keys=keys, chat=chat, plain="plain" in sys.argv)
    await app.run_async()


if __name__ == "__main__":
    asyncio.run(main())
