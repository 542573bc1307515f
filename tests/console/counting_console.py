"""A console that says in its title line what it has sent: run by the test of unmarked pastes."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fake_desk import FakeDesk, replace

from agent_tui.app import BandejaApp
from hub.protocol.commands import Args


class CountingDesk(FakeDesk):
    """Each message that is sent is told as the entity's name: SENT, how many, and the last one's lines."""

    def submit(self, name: str, args: Args) -> str:
        key = super().submit(name, args)
        bodies = [args.body for name, args in self.submitted if name == "message.send"]  # type: ignore[attr-defined]
        if name == "message.send":
            assert self.me is not None
            self.me = replace(self.me, entity=f"SENT-{len(bodies)}-{'|'.join(bodies[-1].split())}")
        return key


if __name__ == "__main__":
    asyncio.run(BandejaApp(CountingDesk(), theme="dark", language="es").run_async())
