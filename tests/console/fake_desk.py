"""A desk in memory, in place of the link: a small business on a busy afternoon, for tests and for looking at."""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.link.undo import Undo
from hub.protocol import commands, views
from hub.protocol.queries import Params
from hub.protocol.states import TRAYS

ZONE = "America/Asuncion"
NOW = int(datetime.datetime(2026, 11, 20, 14, 32, 10, tzinfo=zoneinfo.ZoneInfo(ZONE)).timestamp() * 1000)
MINUTE, HOUR = 60_000, 3_600_000
ME, LUIS, CARLA = 1, 2, 3
ANA = 10482
VENTAS, SOPORTE, CAJA = 1, 2, 3
PENDING = ("waiting", "assigned")
REFERENCED: dict[str, tuple[str, type[views.View]]] = {
    "queue.save": ("queues", views.Queue),
    "team.save": ("teams", views.Team),
    "branch.save": ("branches", views.Branch),
    "department.save": ("departments", views.Department),
    "agent.save": ("agents", views.Agent),
}


def at(hour: int, minute: int, days: int = 0) -> int:
    then = datetime.datetime(2026, 11, 20, hour, minute, tzinfo=zoneinfo.ZoneInfo(ZONE))
    return int((then - datetime.timedelta(days=days)).timestamp() * 1000)


class FakeDesk:
    """Keeps what was submitted in `submitted`, and carries out what a hub would with `carry_out`."""

    def __init__(self, *, role: str = "agent") -> None:
        self.link = model.LinkState(phase="online", rtt=38.0, stale=False)
        grants = {"conversation.serve": "queue", "conversation.see": "queue", "agent.status": "own",
                  "shortcut.save": "own", "session.end": "own"}  # fmt: skip
        if role == "supervisor":
            grants |= {"conversation.manage": "entity", "shortcut.save": "entity"}
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
        bodies = {
            "envio-hoy": "Su pedido sale hoy por la tarde y llega mañana, {{contact.first_name}}.",
            "envio-demora": "Lamentamos la demora; el nuevo día de entrega es {{fecha}}.",
            "envio-zonas": "Hacemos envíos a todo el país. Plazos por zona:\n· Central: 24 h\n· Interior: 48 h",
            "saludo": "Buenas tardes {{contact.first_name}}, soy {{agent.first_name}} de {{queue}}. ¿En qué le ayudo?",
            "reenvio": "Se lo reenviamos sin costo.",
            "caja": "El número de su atención es {{conversation.id}}.",
        }
        self.shortcuts = {
            n: views.Shortcut(n, 1, code, body, n != 6, ME if n in (5, 6) else LUIS)
            for n, (code, body) in enumerate(bodies.items(), 1)
        }
        self.rows: dict[int, views.Row] = {}
        self.threads: dict[int, model.Thread] = {}
        self.opened: set[int] = set()
        self.drafts: dict[int, str] = {}
        self.submitted: list[tuple[str, commands.Args]] = []
        self.typed: list[tuple[int, bool]] = []
        self.asked_rows: list[str] = []
        self.asked_messages: list[int] = []
        self.carry_out = True
        self.page = 50
        self._listeners: list[model.Listener] = []
        self._keys = 0
        self._message = 5000
        self._undo = Undo(self)
        _fill(self)

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
        for name in model.TRAYS:
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

    def tray(self, name: str) -> model.Tray:
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
        return self.told[view]

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
            self.change(conversation, **fields)
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
        self.tell(model.CommandDone(key, name, {}))

    def keep(self, name: str, args: Any) -> int:
        """What a desk is set up with, as the hub would keep it: by its code, or login."""
        refs, view = REFERENCED[name]
        held: dict[int, Any] = getattr(self, refs)
        by = "login" if name == "agent.save" else "code"
        same = (one.id for one in held.values() if getattr(one, by) == getattr(args, by))
        number = next(same, max(held, default=0) + 1)
        self.rev += 1
        before = {f: getattr(held[number], f) for f in view.__struct_fields__} if number in held else {}
        given = {f: getattr(args, f) for f in view.__struct_fields__ if hasattr(args, f)}
        if name == "queue.save":
            given["to"] = args.transfers
        held[number] = view(**(before | given | {"id": number, "rev": self.rev}))
        self.tell(model.RefsChanged(refs))
        return number

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

    def release_review(self) -> None:
        self.link.review = 0
        self.tell(model.LinkChanged())

    def drop_review(self) -> None:
        self.release_review()

    def type_in(self, conversation: int, on: bool) -> None:
        self.typed.append((conversation, on))

    def draft(self, conversation: int) -> str:
        return self.drafts.get(conversation, "")

    def save_draft(self, conversation: int, text: str) -> None:
        self.drafts[conversation] = text

    def subscribe(self, listener: Callable[[model.Change], None]) -> None:
        self._listeners.append(listener)


def replace(view: object, **fields: object):
    """A changed copy of a view."""
    if dataclasses.is_dataclass(view):
        return dataclasses.replace(view, **fields)  # type: ignore[type-var]
    values = {name: getattr(view, name) for name in view.__struct_fields__}  # type: ignore[attr-defined]
    return type(view)(**(values | fields))


def _fill(desk: FakeDesk) -> None:
    def row(id: int, state: str, ch: int, q: int, name: str, last: str, when: int, **fields: object) -> None:
        base = views.Row(id, 1, "chat", state, ch, q, name, when, when - HOUR, last=last, ld="in")
        desk.add(replace(base, **fields))

    ana = "+595 981 123 456"
    row(10482, "assigned", 1, VENTAS, "Ana López", "¿Me confirman si el pedido sale hoy?", at(14, 31), num=ana,
        owner=ME, un=2, owed=True, tags=[1], until=at(12, 12, -1), begun=at(18, 2, 1))  # fmt: skip
    row(10483, "waiting", 1, VENTAS, "", "Buenas, quiero el precio del combo familiar", at(13, 51),
        num="+595 981 123 457", un=1, owed=True, until=at(13, 51, -1))  # fmt: skip
    row(10484, "assigned", 4, SOPORTE, "soporte@acme.py", "Re: factura 8841 no corresponde al pedido", at(13, 40),
        owner=ME, un=1, owed=True, tags=[2])  # fmt: skip
    row(10485, "waiting", 3, SOPORTE, "", "Estoy en la página de pagos y no avanza", at(13, 37), un=3, owed=True,
        lang="es-PY", page="https://casaparana.com.py/pagos/checkout?pedido=48213",
        ref="https://www.google.com/")  # fmt: skip
    row(10486, "assigned", 1, VENTAS, "Julia Fernández", "Pide hablar con un supervisor", at(13, 22), owner=LUIS,
        ld="note", until=at(13, 22, -1))  # fmt: skip
    row(10487, "waiting", 5, VENTAS, "rocio.mtz 🌸", "Me encantó! hacen envíos a Encarnación?", at(12, 58), un=1,
        owed=True, sample=True)  # fmt: skip
    row(10470, "open", 2, SOPORTE, "Carlos Benítez", "Perfecto, muchas gracias", at(14, 20), owner=ME, ans=True,
        ld="out")  # fmt: skip
    row(10471, "open", 3, SOPORTE, "日本太郎", "配送はいつですか", at(14, 2), owner=ME, un=1, sample=True,
        lang="ja", page="https://casaparana.com.py/envios")  # fmt: skip
    row(10472, "held", 2, CAJA, "Lucía Giménez", "Listo, ya transferí. Adjunto comprobante", at(12, 31), owner=ME,
        ans=True)  # fmt: skip
    for n in range(41):
        name = ("Hugo Ramírez", "Compras Hotel Paraná", "Nidia Ferreira", "Óscar Vera")[n % 4]
        closed = at(11, 40) - n * 7 * MINUTE
        row(10400 - n, "closed", 1 + n % 4, 1 + n % 2, name, "Gracias por la atención", closed, owner=ME, ans=True,
            ended=closed, out="attended", tags=[3] if n % 4 == 1 else [])  # fmt: skip
    say = desk.message
    say(10482, "in", "Hola, hice un pedido el lunes y todavía no llega", at(18, 2, 1))
    say(10482, "in", "Es el 48213, a nombre de Ana López", at(18, 3, 1))
    say(10482, "out", "Buenas tardes Ana, ya lo reviso con depósito.", at(18, 4, 1), by=ME, st="read")
    say(10482, "out", "Te confirmo en un ratito", at(18, 4, 1), by=ME, st="read")
    say(10482, "note", "@marta depósito dice que sale hoy a las 16 h", at(14, 10), by=LUIS)
    say(10482, "in", "Buenas! pudieron averiguar?", at(14, 29))
    say(10482, "in", "¿Me confirman si el pedido sale hoy?", at(14, 31))
    say(10470, "in", "No me abre la app desde ayer, me sale “sesión vencida” cada vez que entro", at(14, 1))
    say(10470, "out", "Pruebe cerrar sesión y entrar de nuevo desde el menú de los tres puntos, arriba a la derecha. "
        "Si sigue igual, borre los datos de la app.", at(14, 5), by=ME, st="read")  # fmt: skip
    say(10470, "in", "Perfecto, muchas gracias", at(14, 20))
    say(10471, "in", "配送はいつですか", at(14, 2))
    say(10486, "in", "Quiero hablar con un supervisor", at(13, 20))
    say(10486, "note", "Pide hablar con un supervisor", at(13, 22), by=LUIS)
    for number, one in desk.rows.items():
        if not desk.threads[number].messages:
            say(number, "in", one.last, one.at)
