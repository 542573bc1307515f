"""A desk in memory, in place of the link: a small business on a busy afternoon, for tests and for looking at."""

from collections.abc import Callable, Collection
from typing import Any

from fake_rows import ANA as ANA
from fake_rows import BODIES
from fake_rows import CAJA as CAJA
from fake_rows import CARLA as CARLA
from fake_rows import HOUR as HOUR
from fake_rows import LUIS as LUIS
from fake_rows import ME as ME
from fake_rows import MINUTE as MINUTE
from fake_rows import NOW as NOW
from fake_rows import PENDING as PENDING
from fake_rows import SOPORTE as SOPORTE
from fake_rows import VENTAS as VENTAS
from fake_rows import ZONE as ZONE
from fake_rows import at as at
from fake_rows import fill as fill
from fake_rows import replace as replace
from fake_setup import REFERENCED, SetUp

from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.link.matching import NOTHING, Here, in_tray
from agent_tui.link.ordered import Ordered
from agent_tui.link.refs import naming
from agent_tui.link.undo import Undo
from hub.protocol import commands, views
from hub.protocol.filter_fields import Names
from hub.protocol.filter_text import read
from hub.protocol.forms import Values
from hub.protocol.queries import Params
from hub.protocol.states import TRAYS


class FakeDesk(SetUp):
    """Keeps what was submitted in `submitted`, and carries out what a hub would with `carry_out`."""

    def __init__(self, *, role: str = "agent") -> None:
        self.link = model.LinkState(phase="online", rtt=38.0, stale=False)
        grants = {"conversation.serve": "queue", "conversation.see": "queue", "agent.status": "own",
                  "shortcut.save": "own", "session.end": "own", "tray.save": "own",
                  "report.see": "own"}  # fmt: skip
        if role == "supervisor":
            grants |= {
                "conversation.manage": "entity",
                "shortcut.save": "entity",
                "tray.save": "entity",
                "report.see": "entity",
            }
        if role == "admin":
            grants |= {"conversation.manage": "entity", "queue.manage": "entity", "agent.manage": "entity"}
        self.me: views.Me | None = views.Me(agent=ME, session=1, grants=grants, entity="Casa Paraná", zone=ZONE)
        self.told: dict[str, Any] = {}  # what is answered to what is asked for, by view
        self.asked: list[tuple[str, Params]] = []
        self.now = NOW
        self.rev = 1000
        self.agents = {
            ME: views.Agent(ME, 1, "marta", "Marta Giménez", role, "online", NOW - 72 * MINUTE, True),
            LUIS: views.Agent(LUIS, 1, "luis", "Luis Duarte", "agent", "online", NOW - 30 * MINUTE, True),
            CARLA: views.Agent(CARLA, 1, "carla", "Carla Ríos", "agent", "lunch", NOW - 10 * MINUTE, True),
        }
        members = [ME, LUIS] if role == "agent" else [LUIS]
        self.queues = {
            VENTAS: views.Queue(VENTAS, 1, "ventas", {"es": "Ventas", "en": "Sales"}, members),
            SOPORTE: views.Queue(SOPORTE, 1, "soporte", {"es": "Soporte", "en": "Support"}, members, [CARLA]),
            CAJA: views.Queue(CAJA, 1, "caja", {"es": "Caja", "en": "Till"}, [CARLA]),
        }
        self.teams: dict[int, views.Team] = {}
        self.branches: dict[int, views.Branch] = {}
        self.departments: dict[int, views.Department] = {}
        self.forms: dict[int, views.Form] = {}
        self.topics: dict[int, views.Topic] = {}
        self.channels = {
            1: views.Channel(1, 1, "wa", "whatsapp", {"es": "WhatsApp ventas"}, "#1f9d57", VENTAS, 86400),
            2: views.Channel(2, 1, "tg", "telegram", {"es": "Bot"}, "#2b86c9", SOPORTE),
            3: views.Channel(3, 1, "web", "web", {"es": "Chat web"}, "#7a5ce0", SOPORTE),
            4: views.Channel(4, 1, "mail", "mail", {"es": "Correo"}, "#7b818c", SOPORTE),
            5: views.Channel(5, 1, "ig", "instagram", {"es": "Instagram"}, "#c2417c", VENTAS, 86400),
        }
        self.tags = {
            1: views.Tag(1, 1, "vip", "#b07a1e"),
            2: views.Tag(2, 1, "factura", "#7a5ce0"),
            3: views.Tag(3, 1, "mayorista", "#7a5ce0"),
        }
        self.shortcuts = {
            n: views.Shortcut(n, 1, code, body, n != 6, ME if n in (5, 6) else LUIS)
            for n, (code, body) in enumerate(BODIES.items(), 1)
        }
        self.rows: dict[int, views.Row] = {}
        self.threads: dict[int, model.Thread] = {}
        self.opened: set[int] = set()
        self.drafts: dict[int, str] = {}
        self.submitted: list[tuple[str, commands.Args]] = []
        self.typed: list[tuple[int, bool, bool]] = []
        self.attended: list[int] = []
        self.visiting: dict[int, list[int]] = {}
        self.asked_rows: list[str] = []
        self.asked_messages: list[int] = []
        self.carry_out = True
        self.page = 50
        self.teams: dict[int, views.Team] = {}
        self.saved_trays: dict[int, views.SavedTray] = {}
        self.looked: list[model.Look | None] = []
        self.watched: list[model.Look] = []
        self.partly = False  # the hub has not answered for the view
        self.refused: dict[str, object] | None = None  # nor will it
        self._look: model.Look | None = None
        self._listeners: list[model.Listener] = []
        self._keys = 0
        self._message = 5000
        self._undo = Undo(self)
        fill(self)

    # -- making it what a test needs -------------------------------------------------------------------------------

    def add(self, row: views.Row) -> views.Row:
        self.rows[row.id] = row
        self.threads.setdefault(row.id, model.Thread(row.id, loaded=True))
        return row

    def change(self, conversation: int, **fields: object) -> None:
        self.rev += 1
        before = self.rows[conversation]
        self.rows[conversation] = replace(before, rev=self.rev, **fields)
        self.tell(model.RowMoved(before, self.rows[conversation]))
        for name in (*model.TRAYS, model.VIEW):
            self.tell(model.TrayChanged(name))
        self.tell(model.ThreadChanged(conversation))

    def message(self, conversation: int, d: str, body: str, when: int | None = None, **fields: object) -> views.Message:
        """Add a message without telling anybody."""
        self._message += 1
        when = self.now if when is None else when
        message = replace(views.Message(self._message, self._message, conversation, d, when, body), **fields)
        self.threads[conversation].messages.append(message)
        return message

    def receive(self, conversation: int, body: str) -> None:
        """The customer writes."""
        self.message(conversation, "in", body)
        row = self.rows[conversation]
        self.change(conversation, at=self.now, last=body.replace("\n", " "), ld="in", un=row.un + 1, ans=False)

    def tell(self, change: model.Change) -> None:
        for listener in self._listeners:
            listener(change)

    # -- Desk ------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> Names:
        return naming(self)

    def look(self, look: model.Look | None) -> None:
        self.looked.append(look)
        self._look = look
        self.tell(model.TrayChanged(model.VIEW))

    def watch(self, looks: Collection[model.Look]) -> None:
        self.watched = list(looks)
        self.tell(model.CountsChanged())

    def counted(self, look: model.Look) -> int | None:
        return len(self._fitting(look)) if look in self.watched else None

    def _fitting(self, look: model.Look) -> list[views.Row]:
        here = Here(ME, self.now, ZONE, lambda number: self.channels[number].app)
        node = read(look.filter, self.names if look.filter else NOTHING)
        ordered = Ordered(look.sort, {})
        ordered.fill(row for row in self.rows.values() if in_tray(look.of, node, row, here))
        return ordered.rows

    def tray(self, name: str) -> model.Tray:
        if name == model.VIEW:
            rows = self._fitting(self._look) if self._look is not None else []
            view = model.Tray(name, min(len(rows), 1000), rows[: self.page], len(rows) > self.page, True)
            view.partly, view.refused = self.partly, self.refused
            return view
        states = TRAYS[name]
        rows = sorted((r for r in self.rows.values() if r.state in states), key=lambda r: (r.at, r.id), reverse=True)
        return model.Tray(name, min(len(rows), 1000), rows[: self.page], len(rows) > self.page, True)

    def row(self, conversation: int) -> views.Row | None:
        return self.rows.get(conversation)

    def thread(self, conversation: int) -> model.Thread | None:
        thread = self.threads.get(conversation) if conversation in self.opened else None
        if thread is not None:
            thread.row = self.rows.get(conversation)
        return thread

    def more_rows(self, name: str) -> None:
        self.asked_rows.append(name)
        self.page += 50
        self.tell(model.TrayChanged(name))

    def open_thread(self, conversation: int) -> model.Thread:
        self.opened.add(conversation)
        thread = self.threads[conversation]
        row = self.rows[conversation]
        unread = [m for m in thread.messages if m.d == "in"][-row.un :] if row.un else []
        thread.first_unread = unread[0].id if unread else None
        return thread

    def close_thread(self, conversation: int) -> None:
        self.opened.discard(conversation)

    def more_messages(self, conversation: int) -> None:
        self.asked_messages.append(conversation)
        thread = self.threads[conversation]
        if thread.more:
            first = thread.messages[0]
            earlier = [
                views.Message(first.id - 20 + n, 1, conversation, "in", first.at - (20 - n) * MINUTE, f"antes {n}")
                for n in range(20)
            ]
            thread.messages[:0] = earlier
            thread.more = False
            self.tell(model.ThreadChanged(conversation))

    async def ask(self, view: str, params: Params) -> Any:
        self.asked.append((view, params))
        if view not in self.told:
            raise NotTold("unreachable")
        told = self.told[view]
        return told(params) if callable(told) else told

    def submit(self, name: str, args: commands.Args) -> str:
        self._keys += 1
        key = f"key-{self._keys:04}"
        self.submitted.append((name, args))
        self.tell(model.Submitted(key, name, getattr(args, "conversation", 0)))
        self._undo.submitted(key, name, args)
        if name in ("message.send", "message.note"):
            assert isinstance(args, commands.Send | commands.Note)
            thread = self.threads[args.conversation]
            thread.outgoing.append(model.Outgoing(key, name, args.conversation, args.body, self.now))
            self.tell(model.ThreadChanged(args.conversation))
        if self.carry_out:
            self.settle(key, name, args)
        return key

    def settle(self, key: str, name: str, args: commands.Args) -> None:
        """Do what the hub would, for what the screens' tests need."""
        states = {"conversation.open": ("open", ME), "conversation.take": ("assigned", ME),
                  "conversation.end": ("closed", None), "conversation.reopen": ("open", ME),
                  "conversation.requeue": ("waiting", 0), "conversation.hold": ("held", None),
                  "conversation.resume": ("open", None)}  # fmt: skip
        conversation = getattr(args, "conversation", 0)
        if name in states:
            state, owner = states[name]
            ended = self.now if state == "closed" else None
            fields: dict[str, object] = {"state": state, "ended": ended, "out": "attended" if ended else None}
            if owner is not None:
                fields["owner"] = owner or None
            if isinstance(args, commands.End):
                self._filled(args.conversation, args.version, args.values)
                fields |= {} if args.topics is None else {"topics": sorted(args.topics)}
            self.change(conversation, **fields)
        elif isinstance(args, commands.Fill):
            self._filled(args.conversation, args.version, args.values)
        elif isinstance(args, commands.SaveTopic):
            number = next((n for n, one in self.topics.items() if one.code == args.code), len(self.topics) + 1)
            made = views.Topic(number, 2, args.queue, args.code, args.name, args.parent, args.active)
            self.topics[number] = made
            self.tell(model.RefsChanged("topics"))
            self.tell(model.CommandDone(key, name, {"topic": number}))
            return
        elif isinstance(args, commands.SetTopics):
            self.change(conversation, topics=sorted(args.topics))
        elif isinstance(args, commands.Send | commands.Note):
            thread = self.threads[conversation]
            thread.outgoing = [one for one in thread.outgoing if one.key != key]
            note = isinstance(args, commands.Note)
            self.message(conversation, "note" if note else "out", args.body, by=ME, st="" if note else "sent", key=key)
            answered = {} if note else {"owed": False, "ans": True}
            last = args.body.replace("\n", " ")
            self.change(conversation, at=self.now, last=last, ld="note" if note else "out", **answered)
        elif isinstance(args, commands.SetTags):
            self.change(conversation, tags=sorted(args.tags))
        elif isinstance(args, commands.Read):
            self.change(conversation, un=0)
        elif isinstance(args, commands.SetStatus):
            self.rev += 1
            self.agents[ME] = replace(self.agents[ME], rev=self.rev, status=args.status, since=self.now)
            self.tell(model.RefsChanged("agents"))
        elif isinstance(args, commands.SetIntake):
            self.rev += 1
            self.agents[ME] = replace(self.agents[ME], rev=self.rev, intake=args.intake)
            self.tell(model.RefsChanged("agents"))
        elif isinstance(args, commands.Transfer):
            state, owner = ("assigned", args.agent) if args.agent else ("waiting", None)
            self.change(conversation, state=state, owner=owner, q=args.queue, moved=True)
            self.tell(model.CommandDone(key, name, {"queue": args.queue, "agent": args.agent}))
            return
        elif isinstance(args, commands.SaveContact):
            self.change(conversation, name=args.name, saved=True)
        elif isinstance(args, commands.SetPriority):
            self.change(conversation, pri=args.priority)
        elif isinstance(args, commands.SaveShortcut):
            number = args.shortcut or max(self.shortcuts, default=0) + 1
            self.shortcuts[number] = views.Shortcut(number, 1, args.code, args.body, args.shared, ME)
            self.tell(model.RefsChanged("shortcuts"))
        elif name in REFERENCED:
            made = self.keep(name, args)
            self.tell(model.CommandDone(key, name, {name.partition(".")[0]: made}))
            return
        elif isinstance(args, commands.DeleteShortcut):
            del self.shortcuts[args.shortcut]
            self.tell(model.RefsChanged("shortcuts"))
        elif isinstance(args, commands.SaveTray):
            number = args.tray or max(self.saved_trays, default=0) + 1
            kept = {name: getattr(args, name) for name in ("name", "base", "filter", "sort", "shared", "team")}
            self.saved_trays[number] = views.SavedTray(id=number, rev=1, owner=ME, **kept)
            self.tell(model.RefsChanged("trays"))
            self.tell(model.CommandDone(key, name, {"tray": number}))
            return
        elif isinstance(args, commands.DeleteTray):
            del self.saved_trays[args.tray]
            self.tell(model.RefsChanged("trays"))
        self.tell(model.CommandDone(key, name, {}))

    def _filled(self, conversation: int, version: int | None, values: Values) -> None:
        """Every leg is the second one here."""
        if version is None:
            return
        self.rev += 1
        row, thread = self.rows[conversation], self.threads[conversation]
        made = views.Submission(2, self.rev, conversation, 2, row.q, version, self.now, values, ME, row.owner)
        thread.forms = [made, *(one for one in thread.forms if one.id != 2)]
        self.tell(model.ThreadChanged(conversation))

    def retry(self, key: str) -> None:
        for thread in self.threads.values():
            for one in thread.outgoing:
                if one.key == key:
                    one.state, one.code = "sending", ""
                    self.tell(model.ThreadChanged(thread.conversation))

    def discard(self, key: str) -> str:
        for thread in self.threads.values():
            for one in thread.outgoing:
                if one.key == key:
                    thread.outgoing.remove(one)
                    self.tell(model.ThreadChanged(thread.conversation))
                    return one.body
        raise KeyError(key)

    def recallable(self, conversation: int) -> bool:
        thread = self.threads[conversation]
        return any(m.st == "held" for m in thread.messages) or any(o.state == "sending" for o in thread.outgoing)

    def recall(self, conversation: int) -> model.Outgoing | None:
        thread = self.threads[conversation]
        if thread.outgoing:
            return thread.outgoing.pop()
        (held,) = [m for m in thread.messages if m.st == "held"]
        self.submit("message.recall", commands.Recall(conversation, held.key))
        return None

    @property
    def undoable(self) -> bool:
        return self._undo.possible

    def undo(self) -> model.Undone:
        return self._undo.undo()

    def taken_back(self, key: str) -> int:
        return self._undo.parts_of(key)

    def release_review(self) -> None:
        self.link.review = 0
        self.tell(model.LinkChanged())

    def drop_review(self) -> None:
        self.release_review()

    def visitors(self, conversation: int) -> list[int]:
        return self.visiting.get(conversation, [])

    def attend(self, conversation: int) -> None:
        self.attended.append(conversation)

    def type_in(self, conversation: int, on: bool, *, note: bool = False) -> None:
        self.typed.append((conversation, on, note))

    def draft(self, conversation: int) -> str:
        return self.drafts.get(conversation, "")

    def save_draft(self, conversation: int, text: str) -> None:
        self.drafts[conversation] = text

    def subscribe(self, listener: Callable[[model.Change], None]) -> None:
        self._listeners.append(listener)
