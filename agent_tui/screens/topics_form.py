"""The topics of a queue as an outline: a line each, two blanks deeper than the one that it stands below."""

import re
from collections.abc import Sequence

import msgspec
from textual.app import ComposeResult

from agent_tui import refusals
from agent_tui.actions import FORM
from agent_tui.i18n import _, named
from agent_tui.link import model
from agent_tui.screens.fields import Fields, Label, TextField
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.text import body as harmless_body
from hub.protocol import commands
from hub.protocol.form_commands import DEEPEST
from hub.protocol.views import Queue, Topic

LINE = re.compile(r"^( *)([a-z0-9][a-z0-9_-]{0,31})\s*(?:=\s*(.*))?$")
LANGUAGES = ("es", "en")


class Wanted(msgspec.Struct):
    """A line: a topic, and the code of the one that it stands below."""

    code: str
    name: dict[str, str]
    below: str = ""


class BadLine(ValueError):
    """Says which line can't be used, and why."""


class TopicsForm(KeyedScreen):
    """Saved one by one, each after the one that it stands below; what is not in the outline goes out of use."""

    DEFAULT_CSS = """
    TopicsForm Fields TextArea { height: 1fr; }
    """

    def __init__(self, cockpit: Cockpit, queue: Queue) -> None:
        super().__init__(cockpit)
        self.queue = queue
        self._was = outline(self._topics())
        self.text = TextField(self._was)
        self._todo: list[Wanted] = []
        self._ids: dict[str, int] = {}
        self._sent = self._saving = ""
        self.handlers = {
            "form.keep": self.keep,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
        }

    def compose(self) -> ComposeResult:
        title = _("Topics of {queue}").format(queue=named(self.queue.name))
        with Fields():
            yield Label(self.desk, self.palette, title, "strong", bold=True)
            yield Label(self.desk, self.palette, "")
            about = _("A line each: code = name | name in English. Two blanks deeper: below the one above.")
            yield Label(self.desk, self.palette, about)
            yield self.text
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.text.focus()

    def places(self) -> tuple[str, ...]:
        return (FORM, "global")

    def offered(self) -> tuple[str, ...]:
        return ("form.keep", "form.close")

    def _topics(self) -> list[Topic]:
        return [topic for topic in self.desk.topics.values() if topic.queue == self.queue.id]

    def keep(self) -> None:
        try:
            self._todo = read(harmless_body(self.text.text))
        except BadLine as bad:
            self.notice.say(str(bad))
            return
        self._ids = {topic.code: topic.id for topic in self._topics()}
        self._next()

    def _next(self) -> None:
        """Save the next one that is not so yet; at the end, switch off what is left."""
        there = {topic.code: topic for topic in self._topics()}
        while self._todo:
            one = self._todo.pop(0)
            parent, known = self._ids.get(one.below), there.get(one.code)
            if known is None or (known.name, known.parent, known.active) != (one.name, parent, True):
                args = commands.SaveTopic(self.queue.id, one.code, one.name, parent)
                self._saving = one.code
                self._sent = self.desk.submit("topic.save", args)
                return
        wanted = {one.code for one in read(harmless_body(self.text.text))}
        for gone in [topic for topic in there.values() if topic.active and topic.code not in wanted]:
            args = commands.SaveTopic(self.queue.id, gone.code, gone.name, gone.parent, active=False)
            self.desk.submit("topic.save", args)
        self.dismiss()

    def leave(self) -> None:
        if self.text.text != self._was:
            self.ask(_("Leave without saving?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(key=key, result={"topic": int(topic)}) if key == self._sent:
                self._ids[self._saving] = topic  # which those below it name
                self._next()
            case model.CommandRefused(key=key) if key == self._sent:
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
            case model.LinkChanged():
                self.footer.update()


def outline(topics: Sequence[Topic]) -> str:
    """Those in use, as the lines say them."""
    used = sorted((topic for topic in topics if topic.active), key=lambda one: one.id)
    ids = {topic.id for topic in used}

    def lines(parent: int | None, deep: int) -> list[str]:
        found = []
        for topic in used:
            if (topic.parent if topic.parent in ids else None) == parent:
                names = " | ".join(filter(None, (topic.name.get(language, "") for language in LANGUAGES)))
                found += [f"{'  ' * deep}{topic.code} = {names or named(topic.name)}", *lines(topic.id, deep + 1)]
        return found

    return "\n".join(lines(None, 0))


def read(text: str) -> list[Wanted]:
    """The topics of an outline, each after the one that it stands below. Raises BadLine."""
    found: list[Wanted] = []
    above: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = LINE.match(line.rstrip())
        deep = len(match[1]) // 2 if match else 0
        if match is None:
            raise BadLine(_("Line {n}: write it as code = name, the code in small letters.").format(n=number))
        if deep > len(above):
            raise BadLine(_("Line {n} stands too deep: two blanks more than the one above.").format(n=number))
        if deep >= DEEPEST:
            raise BadLine(_("Line {n} stands too deep: topics have {most} levels.").format(n=number, most=DEEPEST))
        code = match[2]
        if any(one.code == code for one in found):
            raise BadLine(_("Line {n}: {code} is there twice.").format(n=number, code=code))
        names = dict(zip(LANGUAGES, map(str.strip, (match[3] or "").split("|")), strict=False))
        name = {language: text for language, text in names.items() if text} or {LANGUAGES[0]: code}
        del above[deep:]
        found.append(Wanted(code, name, above[-1] if above else ""))
        above.append(code)
    return found
