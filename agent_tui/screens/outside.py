"""What leaves the console for a moment: the person's own editor, and web addresses that somebody wrote."""

from typing import TYPE_CHECKING

from agent_tui import editor, links
from agent_tui.actions import Handlers
from agent_tui.i18n import _, ngettext
from agent_tui.pipe import pipe
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from agent_tui.transcript import transcript
from agent_tui.widgets.composer import NOTED

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

SHOWN = 6  # lines of what a command says


class Outside:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.handlers: Handlers = {"composer.editor": self.edit, "conversation.links": self.links}

    # -- the editor ------------------------------------------------------------------------------------------------

    def edit(self) -> None:
        self.screen.run_worker(self._edit(), group="editor", exclusive=True)

    async def _edit(self) -> None:
        """Nothing is painted while the editor has the terminal; the link goes on."""
        screen, composer = self.screen, self.screen.conversation.composer
        conversation, note = composer.conversation, composer.note
        if conversation is None:
            return
        try:
            words = editor.command()
            with screen.app.batch_update(), screen.app.suspend():
                text = await editor.edit(words, composer.text)
        except editor.NoEditor as error:
            said = _("The editor {name} did not work; nothing was changed. EDITOR says which one to use.")
            screen.notice.say(said.format(name=error))
            return
        text = harmless_body(text)
        if composer.conversation == conversation:
            composer.put_back(text)
            screen.modes.write()
        else:
            screen.desk.save_draft(conversation, NOTED + text if note and text else text)
        screen.refresh(layout=True)

    # -- a command of the shell ------------------------------------------------------------------------------------

    def pipe(self, command: str) -> None:
        thread = self.screen.conversation.thread.thread
        if thread is not None:
            text = transcript(self.screen.desk, thread)
            self.screen.run_worker(self._pipe(command, text), group="pipe", exclusive=True)

    async def _pipe(self, command: str, text: str) -> None:
        """Show the beginning of what it says; it is told where it failed."""
        try:
            code, said = await pipe(command, text)
        except OSError as error:
            self.screen.notice.say(f"{command}: {error.strerror}")
            return
        lines = [harmless_line(line) for line in said.splitlines() if line.strip()]
        shown = lines[:SHOWN]
        if len(lines) > SHOWN:
            n = len(lines) - SHOWN
            shown.append(ngettext("and {n} line more", "and {n} lines more", n).format(n=n))
        if code:
            shown.insert(0, _("{command} failed ({code}).").format(command=command, code=code))
        self.screen.notice.say(
            "\n".join(shown) or _("{command}: done.").format(command=command), "need" if code else "good"
        )

    # -- addresses -------------------------------------------------------------------------------------------------

    def links(self) -> None:
        """List the addresses of the chosen message, or of the whole conversation, the newest first."""
        screen = self.screen
        chosen, thread = screen.selecting.text, screen.conversation.thread.thread
        if chosen:
            texts = [chosen]
        else:
            texts = [harmless_body(one.b) for one in reversed(thread.messages)] if thread is not None else []
        addresses = links.found(texts)
        if not addresses:
            screen.notice.say(_("There is no web address here."), "wait")
            return
        from agent_tui.screens.picker import Choice, Picker

        choices = [Choice(address, address, links.host(address)) for address in addresses]
        screen.app.push_screen(Picker(screen.cockpit, _("Copy an address"), choices, self.chosen, typing=True))

    def chosen(self, address: str) -> None:
        """Copy it; open it only where there is a screen for that, and the person says so."""
        screen, program = self.screen, links.opener()
        screen.app.copy_to_clipboard(address)
        if program is None:
            screen.notice.say(_("Copied: {address}").format(address=address), "good")
            return
        words = _("Copied. Open {host} in the browser too?").format(host=links.host(address))
        screen.ask(words, lambda: self._open(program, address))

    def _open(self, program: str, address: str) -> None:
        try:
            links.open_in_browser(program, address)
        except OSError as error:
            self.screen.notice.say(f"{program}: {error.strerror}")
