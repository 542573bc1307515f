"""What the desk in memory holds: its rows, their threads, and the hour that it is."""

import dataclasses
import datetime
import zoneinfo
from typing import TYPE_CHECKING

from hub.protocol import views

if TYPE_CHECKING:
    from fake_desk import FakeDesk

ZONE = "America/Asuncion"
NOW = int(datetime.datetime(2026, 11, 20, 14, 32, 10, tzinfo=zoneinfo.ZoneInfo(ZONE)).timestamp() * 1000)
MINUTE, HOUR = 60_000, 3_600_000
ME, LUIS, CARLA = 1, 2, 3
ANA = 10482
VENTAS, SOPORTE, CAJA = 1, 2, 3
PENDING = ("waiting", "assigned")
BODIES = {
    "envio-hoy": "Su pedido sale hoy por la tarde y llega mañana, {{contact.first_name}}.",
    "envio-demora": "Lamentamos la demora; el nuevo día de entrega es {{fecha}}.",
    "envio-zonas": "Hacemos envíos a todo el país. Plazos por zona:\n· Central: 24 h\n· Interior: 48 h",
    "saludo": "Buenas tardes {{contact.first_name}}, soy {{agent.first_name}} de {{queue}}. ¿En qué le ayudo?",
    "reenvio": "Se lo reenviamos sin costo.",
    "caja": "El número de su atención es {{conversation.id}}.",
}


def at(hour: int, minute: int, days: int = 0) -> int:
    then = datetime.datetime(2026, 11, 20, hour, minute, tzinfo=zoneinfo.ZoneInfo(ZONE))
    return int((then - datetime.timedelta(days=days)).timestamp() * 1000)


def replace(view: object, **fields: object):
    """A changed copy of a view."""
    if dataclasses.is_dataclass(view):
        return dataclasses.replace(view, **fields)  # type: ignore[type-var]
    values = {name: getattr(view, name) for name in view.__struct_fields__}  # type: ignore[attr-defined]
    return type(view)(**(values | fields))


def fill(desk: "FakeDesk") -> None:
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
