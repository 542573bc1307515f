"""Whatever kind a channel is of, and whatever becomes of its messages, the console has a letter and words for it."""

import typing

from agent_tui.names import APPS
from agent_tui.refusals import FAILURES
from hub.channels import api
from hub.hooks.egress import Answer, NotSent
from hub.protocol.commands import SaveChannel
from hub.protocol.states import Delivery


def test_every_app_has_a_letter_of_its_own_and_a_name() -> None:
    apps = typing.get_args(typing.get_type_hints(SaveChannel)["app"])
    assert set(apps) == set(APPS)
    assert len({letter for letter, _ in APPS.values()}) == len(apps)


def test_every_reason_of_an_apps_channel_has_its_words() -> None:
    answers = [*map(Answer, range(300, 600)), *map(NotSent, ("address_refused", "tls", "unreachable"))]
    handed = [api._handed(answer) for answer in answers]
    assert {one.error for one in handed if one.state is Delivery.FAILED} <= FAILURES.keys()
    assert "no_secret" in FAILURES
