"""The person's own editor, for a text that is more comfortably written there."""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


class NoEditor(Exception):
    """Why a text could not be edited; the argument is the program's name, or empty where none is set or found."""


def command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The editor as it is set in VISUAL or EDITOR, else vi. Raises NoEditor."""
    words = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "vi")
    if not words or shutil.which(words[0]) is None:
        raise NoEditor(words[0] if words else "")
    return words


async def edit(words: list[str], text: str) -> str:
    """Let the editor have the terminal until it ends; the text as it is then. The console's link stays alive meanwhile.

    The text lies in a folder of its own that nobody else can read, and is gone afterwards. Raises NoEditor where the
    editor failed, OSError.
    """
    with tempfile.TemporaryDirectory(prefix="bandeja-") as folder:
        file = Path(folder) / "message.md"
        file.write_text(text, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(*words, str(file))
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            raise
        if code != 0:
            raise NoEditor(words[0])
        return file.read_text(encoding="utf-8", errors="replace").removesuffix("\n")
