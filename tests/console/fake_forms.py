"""Forms and topics for the sample desk in memory."""

from fake_desk import SOPORTE, VENTAS, FakeDesk

from agent_tui.link import model
from hub.protocol import views
from hub.protocol.forms import Field, Option, Shown

CARLOS = 10470  # open with me, in the queue that asks
FIELDS = [
    Field(
        "reason",
        "choice",
        {"es": "Motivo", "en": "Reason"},
        required=True,
        options=[
            Option("claim", {"es": "Reclamo", "en": "Claim"}),
            Option("question", {"es": "Consulta", "en": "Question"}),
        ],
    ),
    Field(
        "order",
        "text",
        {"es": "Número de pedido", "en": "Order number"},
        help={"es": "Está en la factura, arriba a la derecha", "en": "On the invoice, at the top right"},
        required=True,
        mask="#{4,6}",
        shown_if=Shown("reason", ["claim"]),
    ),
    Field("name", "text", {"es": "Nombre", "en": "Name"}),
    Field("document", "document", {"es": "Cédula", "en": "Identity card"}),
    Field("phone", "phone", {"es": "Teléfono", "en": "Phone"}),
    Field("mail", "email", {"es": "Correo", "en": "E-mail"}),
    Field("since", "date", {"es": "Fecha del pedido", "en": "Day of the order"}),
    Field("amount", "number", {"es": "Importe", "en": "Amount"}),
    Field("solved", "yesno", {"es": "Resuelto", "en": "Solved"}),
    Field(
        "means",
        "many",
        {"es": "Medios usados", "en": "Means"},
        options=[Option("mail", {"es": "Correo", "en": "E-mail"}), Option("phone", {"es": "Teléfono", "en": "Phone"})],
    ),
    Field("notes", "long", {"es": "Observaciones", "en": "Remarks"}),
]


def ask(desk: FakeDesk, fields: list[Field] | None = None, *, queue: int = SOPORTE, required: bool = True) -> None:
    """Its queue asks for these, and for topics."""
    version = max((form.version for form in desk.forms.values()), default=0) + 1
    desk.forms[queue] = views.Form(queue, version, queue, version, FIELDS if fields is None else fields)
    tree = [(1, "claims", "Reclamos", None), (2, "late", "Demora", 1), (3, "sales", "Ventas", None)]
    desk.topics = {n: views.Topic(n, 1, queue, code, {"es": name}, parent) for n, code, name, parent in tree}
    desk.queues[queue].topics_required = required
    desk.tell(model.RefsChanged("topics"))
    desk.tell(model.RefsChanged("forms"))


def before(desk: FakeDesk, conversation: int = CARLOS) -> None:
    """An earlier leg of it, in another queue, has a form of a version that is no more."""
    filled = views.Submission(1, 1, conversation, 1, VENTAS, 77, desk.now - 3_600_000, {"zone": "norte"}, 2, 2)
    desk.threads[conversation].forms = [filled]
    desk.told["form_version"] = views.FormVersion(77, VENTAS, 0, [Field("zone", "text", {"es": "Zona", "en": "Zone"})])
