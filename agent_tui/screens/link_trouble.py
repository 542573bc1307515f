"""What the person must do about the link, said once: nothing of it mends itself."""

from agent_tui import refusals
from agent_tui.i18n import _, ngettext
from agent_tui.screens.keyed import KeyedScreen
from hub.protocol.errors import Code


class LinkTrouble:
    def __init__(self, screen: KeyedScreen) -> None:
        self.screen = screen
        self._told = ""

    def tell(self) -> None:
        """Say what is new."""
        screen, link = self.screen, self.screen.desk.link
        trouble: str = link.phase if link.phase in ("signed_out", "unsupported") else "review" if link.review else ""
        if link.limit and link.phase in ("waiting", "connecting"):
            trouble = link.limit  # it comes back by itself, once there is room
        elif link.why and not trouble:
            trouble = link.why
        if trouble == "review" and self._told != trouble:
            words = ngettext(
                "The hub went back to an older copy; {n} is held back. {key} sends it, a command drops it.",
                "The hub went back to an older copy; {n} are held back. {key} sends them, a command drops them.",
                link.review,
            )
            key = screen.keymap.key_of(("global",), "outbox.release")
            screen.notice.say(words.format(n=link.review, key=key), "wait")
        elif trouble and self._told != trouble:
            detail: dict[str, int | str | None] = {"limit": link.limit, "why": link.why}
            code = Code.BUSY if trouble == link.why else link.error or Code.SIGNED_OUT
            screen.notice.say(refusals.sentence(screen.desk, code, detail=detail))
        self._told = trouble

    def tell_address(self, chat: str) -> None:
        """Where customers write, where there is no room for the empty pane that shows it."""
        if chat and self.screen.has_class("-one"):
            self.screen.notice.say(f"{_('To write as a customer, open in a browser:')} {chat}", "wait")
