"""Run a script within a tmux of its own that hands notifications on: within_tmux.py FOLDER SCRIPT ARG..."""

import os
import sys
from pathlib import Path

CONF = """set -g default-terminal tmux-256color
set -g status off
set -sg escape-time 0
set -g allow-passthrough on
set -g set-titles on
set -g set-titles-string "#T"
"""

if __name__ == "__main__":
    folder, script, *arguments = sys.argv[1:]
    Path(folder, "tmux.conf").write_text(CONF)
    start = ["tmux", "-S", f"{folder}/socket", "-f", f"{folder}/tmux.conf", "new-session"]
    os.execvp("tmux", [*start, sys.executable, str(Path(__file__).parent / script), *arguments])
