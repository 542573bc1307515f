"""A text handed to a command of the person's own shell, and what it said."""

import asyncio
import contextlib
import os
import signal

MOST = 65_536  # bytes that are taken of what a command says; one that says more is stopped


async def pipe(command: str, text: str) -> tuple[int, str]:
    """Run a command with `text` as its input; its exit code and what it said, errors among the rest, undecoded
    bytes replaced: hostile until sanitised. It has no terminal, so it can't write over the console. Raises OSError."""
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    feeding = asyncio.create_task(_feed(process.stdin, text.encode()))
    try:
        said = bytearray()
        while len(said) < MOST and (part := await process.stdout.read(MOST)):
            said += part
        if len(said) >= MOST:
            _stop(process.pid)
            while await process.stdout.read(MOST):  # its end is seen only behind what it had said by then
                pass
        return await process.wait(), said[:MOST].decode(errors="replace")
    except asyncio.CancelledError:
        _stop(process.pid)
        raise
    finally:
        feeding.cancel()


async def _feed(stdin: asyncio.StreamWriter, data: bytes) -> None:
    """A command need not read what it is given."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(data)
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


def _stop(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
