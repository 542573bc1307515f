"""The API is what its document says: Schemathesis reads the one and asks the other, with what fits and what doesn't.

It knows nothing of the hub but the document, which is made of the registries; so it reaches every command and view
that there is. No answer may be a fault of the hub's own, nor of a form that the document does not describe.
"""

import asyncio
import sys
from pathlib import Path

import pytest
from api_client import api_token
from small_desk import Served, build, serving

from hub.desk.api_tokens import grantable
from hub.desk.principal import SYSTEM
from hub.protocol import commands as c

HERE = Path(__file__).parent


async def asked_by_schemathesis(hub, *options: str) -> str:
    """Nothing if it finds nothing; otherwise what it found, with a command line that shows it again."""
    desk = await build(hub)
    root = c.SaveAgent("root", "Root", "admin", password_hash="x")
    desk.ids["root"] = int((await desk.run(SYSTEM, "agent.save", root))["agent"] or 0)
    for number in range(3):
        await desk.say(f"p{number}", "Hola")
    async with serving(hub) as url:
        token = await api_token(Served(hub, desk, url), "root", *grantable("admin"))
        process = await asyncio.create_subprocess_exec(
            *(
                str(Path(sys.executable).with_name("schemathesis")),
                f"--config-file={HERE / 'schemathesis.toml'}",
                "run",
            ),
            *(f"{url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {token}", "--continue-on-failure"),
            *("--no-color", "--warnings", "off", *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=hub.config.data,
        )
        said, _ = await process.communicate()
    return "" if process.returncode == 0 else said.decode(errors="replace")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_schemathesis_finds_nothing_in_a_few_questions(make_hub) -> None:
    hub = await make_hub(api_per_minute=0)
    assert await asked_by_schemathesis(hub, "--phases=coverage", "--seed=1") == ""


@pytest.mark.soak
async def test_schemathesis_finds_nothing_in_many(make_hub) -> None:
    hub = await make_hub(api_per_minute=0)
    phases = "--phases=examples,coverage,fuzzing,stateful"
    assert await asked_by_schemathesis(hub, phases, "--max-examples=100", "--workers=2") == ""
