"""What a hub answers to who asks for the reports of the fake desk."""

from fake_desk import CAJA, CARLA, LUIS, ME, MINUTE, SOPORTE, VENTAS, FakeDesk, at

from hub.protocol.reports import Attention, Transferred

REPORTS = ("reports.transfers", "reports.attentions")
COMMENT = "pide factura a nombre de la empresa, ya tiene el RUC cargado y quiere que la llamen antes de las cuatro"


def with_reports(desk: FakeDesk) -> FakeDesk:
    """The desk, on which one conversation was transferred twice today, and another was missed."""
    desk.told["reports.transfers"] = [
        Transferred(
            30, 10482, 1, 2, at(14, 10), SOPORTE, VENTAS, LUIS, ME, LUIS, name="Ana López", comment="=HYPERLINK(1)"
        ),
        Transferred(
            20, 10482, 1, 1, at(13, 50), CAJA, SOPORTE, CARLA, None, ME, at(13, 58), LUIS, 8 * MINUTE, 77,
            "Ana López", COMMENT,
        ),
    ]  # fmt: skip
    desk.told["reports.attentions"] = [
        Attention(40, 10482, 1, VENTAS, at(14, 10), ME, name="Ana López", received=1),
        Attention(30, 10482, 1, SOPORTE, at(13, 50), LUIS, at(13, 58), at(14, 10), 8 * MINUTE, 12 * MINUTE,
                  9 * MINUTE + 4000, 2, 3, "conversation.transfer", name="Ana López"),
        Attention(20, 10482, 1, CAJA, at(13, 20), CARLA, at(13, 21), at(13, 50), MINUTE, 29 * MINUTE,
                  64 * MINUTE, 7, 4, "conversation.transfer", name="Ana López"),
        Attention(10, 10483, 2, CAJA, at(12, 0), LUIS, None, at(12, 5), 5 * MINUTE, 0, how="conversation.reassign"),
    ]  # fmt: skip
    return desk
