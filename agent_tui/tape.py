"""What is being recorded and what is being played: the few words of it that every screen shares."""

import asyncio

import msgspec

from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.macros import is_recorded


class Tape(msgspec.Struct):
    """`letter` is the one that is recorded into, empty where none is. `playing` says what plays, `step` how far it is;
    `trouble` why it must not go on. `own` while the macro itself acts."""

    letter: str = ""
    steps: list[str] = msgspec.field(default_factory=list)
    playing: str = ""
    step: str = ""
    trouble: str = ""
    own: bool = False
    stirred: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    def hear(self, action: str, text: str = "") -> None:
        """An action is done on the desk: a macro's own, or the person's, which is recorded and ends what plays."""
        if self.own:
            return
        self.refuse(_("you went on yourself"))
        if is_recorded(action, text):
            self.note(f"{action} {text}".strip())

    def note(self, step: str) -> None:
        if self.letter and not self.own:
            self.steps.append(step)

    def complete(self, step: str, chosen: str) -> None:
        """What the last step has asked for was chosen: played again it need not ask."""
        if self.letter and self.steps and self.steps[-1] == step:
            self.steps[-1] = f"{step} {chosen}"

    def refuse(self, why: str) -> bool:
        """Let what plays go no further; whether anything does."""
        if self.playing and not self.trouble:
            self.trouble = why
        self.stir()
        return bool(self.playing)

    def stir(self) -> None:
        """Something has come about that a macro may wait for."""
        self.stirred.set()

    @property
    def words(self) -> tuple[str, str]:
        """What the footer says of it, and in which role."""
        if self.playing:
            return drawn("› ") + _("plays {name} {step}").format(name=self.playing, step=self.step), "wait"
        return (drawn("● ") + _("recording {letter}").format(letter=self.letter), "need") if self.letter else ("", "")
