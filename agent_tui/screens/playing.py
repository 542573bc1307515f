"""Recording macros and playing them: one step after the other, each after what the one before has caused."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agent_tui import fill, macros, refusals
from agent_tui.actions import called
from agent_tui.arguments import BadOrder
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Change, CommandDone, CommandRefused, Submitted
from agent_tui.macros import PLAY, PREFIX, RECORD, Endless, Step
from agent_tui.orders import Ready
from agent_tui.registers import Registers, Unreadable
from agent_tui.screens.keyed import KeyedScreen
from hub.protocol import commands
from hub.protocol.views import Row

if TYPE_CHECKING:
    from agent_tui.app import BandejaApp
    from agent_tui.screens.desk import DeskScreen

FOLLOWED = 1.5  # seconds within which what a taken command has changed is heard of; unchanged conversations don't tell
BACKGROUND = {"conversation.read"}  # what no step is about


class Stopped(Exception):
    """Why a macro goes no further."""


class Macros:
    """One for the app; `home` is the screen that macros act on. What is heard of the desk is told to `heard`."""

    def __init__(self, app: "BandejaApp", home: "DeskScreen", registers: Registers) -> None:
        self.app, self.home, self.registers = app, home, registers
        self.tape = app.cockpit.tape
        self._waits: dict[str, int] = {}  # commands that are not answered yet, with their conversations
        self._touched: set[int] = set()  # conversations that commands were taken for

    # -- recording -------------------------------------------------------------------------------------------------

    def record(self) -> None:
        """Ask for a letter and record into it; while that goes on, end it and keep what was recorded."""
        tape = self.tape
        if not tape.letter:
            self._ask(_("Record into which letter?"), self._begin, only_kept=False)
            return
        letter, steps = tape.letter, [*tape.steps]
        tape.letter, tape.steps = "", []
        if not steps:
            self._say(_("Nothing was recorded."), "wait")
        else:
            try:
                self.registers.keep(letter, steps)
            except (Unreadable, OSError) as error:
                self._say(_("The macro could not be kept: {why}").format(why=error))
            else:
                key = self.app.keymap.key_of(self.home.places(), PLAY) or f":{PLAY}"
                words = ngettext(
                    "Recorded {n} step: {key} {letter} plays it.", "Recorded {n} steps: {key} {letter} plays them.",
                    len(steps),
                )  # fmt: skip
                self._say(words.format(n=len(steps), key=key, letter=letter), "good")
        self._show()

    def _begin(self, letter: str) -> None:
        self.tape.letter, self.tape.steps = letter, []
        self._show()

    def _ask(self, words: str, then: Callable[[str], None], *, only_kept: bool) -> None:
        try:
            kept = self.registers.all()
        except Unreadable as error:
            self._say(str(error))
            return
        if only_kept and not kept:
            key = self.app.keymap.key_of(self.home.places(), RECORD) or f":{RECORD}"
            self._say(_("No macro is recorded yet: {key} begins one.").format(key=key), "wait")
            return
        from agent_tui.screens.register import RegisterScreen

        self.app.push_screen(RegisterScreen(self.app.cockpit, words, kept, then, only_kept=only_kept))

    # -- playing ---------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask which recorded one to play."""
        self._ask(_("Play which letter?"), self.play_recorded, only_kept=True)

    def play_recorded(self, text: str) -> None:
        """`text` is a letter, after how often it is to be played."""
        played = macros.RECORDED.fullmatch(text.strip())
        if played is None:
            self._say(_("{name} takes a letter, and how often before it: 3a").format(name=PLAY))
            return
        self.tape.note(f"{PLAY} {text.strip()}")
        self.play(played[2], int(played[1] or 1))

    def play(self, name: str, times: int = 1) -> None:
        """Play a written macro by its action's id, or a recorded one by its letter."""
        if self.tape.playing:
            return
        if self.app.screen is not self.home:
            self._say(_("A macro plays among the trays and conversations: go back there first."))
            return
        try:
            steps = [step for _time in range(times) for step in self._unrolled(name)]
        except (BadOrder, Endless, Unreadable) as error:
            self._say(_("The macro {name} can't be played: {why}").format(name=_short(name), why=error))
            return
        self.tape.playing, self.tape.trouble = _short(name), ""
        self.app.run_worker(self._play(_short(name), steps), group="macro")

    def _unrolled(self, name: str) -> Iterator[Step]:
        written, kept = self.app.keymap.macros, self.registers.all()

        def find(one: str) -> Sequence[str]:
            found = written.get(one.removeprefix(PREFIX)) if one.startswith(PREFIX) else kept.get(one)
            if found is None:
                raise BadOrder(_("there is no macro {name}").format(name=_short(one)))
            return found

        for number, step in enumerate(macros.unrolled(name, find, written), 1):
            if number > macros.LONGEST:
                raise Endless(_("it has more than {n} steps").format(n=macros.LONGEST))
            yield step

    async def _play(self, name: str, steps: Sequence[Step]) -> None:
        tape = self.tape
        try:
            for number, step in enumerate(steps, 1):
                tape.step = f"{number}/{len(steps)}"
                self._show()
                try:
                    await self._step(step)
                except (Stopped, BadOrder) as error:
                    words = _("The macro {name} stopped at step {n} of {all}, {step}: {why}")
                    why = str(error).rstrip(".")
                    self._say(words.format(name=name, n=number, all=len(steps), step=step.text, why=why) + ".")
                    break
        finally:
            tape.playing = tape.step = tape.trouble = ""
            self._show()

    async def _step(self, step: Step) -> None:
        """Do one step and wait for what it causes. Raises Stopped, BadOrder."""
        row = self.home.row
        self._waits.clear()
        self._touched.clear()
        self.tape.own = True
        try:
            self._do(step)
        finally:
            self.tape.own = False
        await self._settled()
        if row is not None and row.id in self._touched:
            await self._changed(row)

    def _do(self, step: Step) -> None:
        home = self.home
        if not step.action:
            self.app.order(home, self._filled(self.app.orders(home).read(step.line)))
            return
        action = called(step.action)
        reachable = step.action in home.handlers or step.action in home.taking or not action.places
        if not reachable or not action.applies(home.situation()):
            raise Stopped(_("that can't be done here now"))
        home.perform(step.action, step.line)

    def _filled(self, ready: Ready) -> Ready:
        """With what a message leaves open filled in for its customer, as the composer does. Raises Stopped."""
        row = self.home.row
        if not isinstance(ready.args, commands.Send) or row is None:
            return ready
        filled = fill.fill(ready.args.body, self.app.desk, row)
        if filled.faults:
            raise Stopped(", ".join(filled.faults))
        return Ready(command=ready.command, args=commands.Send(ready.args.conversation, filled.text))

    async def _settled(self) -> None:
        """Until every command is answered and every question too."""
        quiet = False
        while not quiet:
            await self._once_round()
            self._check()
            quiet = not self._waits and self.app.screen is self.home and not self.home.asking
            if not quiet:
                self.tape.stirred.clear()
                await self.tape.stirred.wait()
                self._check()
            elif self.tape.stirred.is_set():  # what was caused may have caused more
                self.tape.stirred.clear()
                quiet = False

    async def _changed(self, before: Row) -> None:
        """Until the hub's events about a conversation have followed its answer: the next step looks at them."""
        try:
            async with asyncio.timeout(FOLLOWED):
                while self.app.desk.row(before.id) == before:
                    self.tape.stirred.clear()
                    await self.tape.stirred.wait()
                    self._check()
        except TimeoutError:
            return  # it changed nothing

    def _check(self) -> None:
        if self.tape.trouble:
            raise Stopped(self.tape.trouble)

    async def _once_round(self) -> None:
        """Until the desk's screen and the app have handled all that waits for them."""
        done = asyncio.Event()
        self.home.call_later(self.app.call_later, done.set)
        await done.wait()

    def heard(self, change: Change) -> None:
        """What a step has caused, and anything that it may wait for."""
        if not self.tape.playing:
            return
        match change:
            case Submitted(key=key, name=name, conversation=conversation) if name not in BACKGROUND:
                self._waits[key] = conversation
            case CommandDone(key=key) if key in self._waits:
                self._touched.add(self._waits.pop(key))
            case CommandRefused(key=key) if key in self._waits:
                del self._waits[key]
                self.tape.refuse(refusals.clause(self.app.desk, change.code, field=change.field, detail=change.detail))
        self.tape.stir()

    # -- telling ---------------------------------------------------------------------------------------------------

    def listed(self) -> list[tuple[str, str]]:
        """What there is to play: keys or name, and steps, for the help."""
        try:
            kept: Mapping[str, Sequence[str]] = self.registers.all()
        except Unreadable as error:
            return [("", str(error))]
        written = [(f"{PREFIX}{name}", steps) for name, steps in self.app.keymap.macros.items()]
        recorded = [(f"{self.app.keymap.key_of(('tray',), PLAY) or PLAY} {letter}", kept[letter]) for letter in kept]
        return [(name, ", ".join(steps)) for name, steps in (*written, *recorded)]

    def _say(self, words: str, role: str = "need") -> None:
        self._front.notice.say(words, role)

    def _show(self) -> None:
        self._front.refresh_footer()

    @property
    def _front(self) -> KeyedScreen:
        screen = self.app.screen
        return screen if isinstance(screen, KeyedScreen) else self.home


def _short(name: str) -> str:
    return name.removeprefix(PREFIX)
