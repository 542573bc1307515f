"""A second factor: what was shown once is not taken again, and the secret is readable nowhere."""

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import sqlalchemy as sa
from signing import AWAY, HOME, PASSWORD, Caller, with_password
from small_desk import Served

from hub.desk.account_tables import factor
from hub.desk.principal import SYSTEM
from hub.desk.throttle import ACCOUNT
from hub.protocol import accounts
from hub.store.clock import ManualClock
from hub.store.schema import journal

STEP = 30_000


def code(secret: str, clock: ManualClock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at((clock.now() + steps * STEP) // 1000)


async def enrolled(caller: Caller, clock: ManualClock) -> tuple[str, list[str]]:
    """Ana's secret and recovery codes; the code of now is used up."""
    token = (await caller.sign_in()).said["token"]
    made = await caller.post("factor/enrol", token, password=PASSWORD)
    assert made.status == 200
    secret = made.said["secret"]
    shown = await caller.post("factor/confirm", token, code=code(secret, clock))
    assert shown.status == 200
    return secret, shown.said["recovery"]


async def test_sign_in_asks_who_has_the_password_for_a_code(caller: Caller, clock: ManualClock) -> None:
    secret, _ = await enrolled(caller, clock)
    clock.advance(STEP)
    assert (await caller.sign_in(password="falsa-del-todo")).said == {
        "code": "bad_credentials",
        "args": {},
        "field": None,
    }
    asked = await caller.sign_in()
    assert (asked.status, asked.said) == (401, {"code": "second_factor", "args": {}, "field": "code"})
    assert (await caller.sign_in(code="000 000")).said["args"] == {"wrong": 1}
    here = code(secret, clock)
    assert (await caller.sign_in(code=f"{here[:3]} {here[3:]}")).status == 200


async def test_a_code_is_taken_once_and_none_before_it_any_more(caller: Caller, clock: ManualClock) -> None:
    secret, _ = await enrolled(caller, clock)
    assert (await caller.sign_in(code=code(secret, clock))).code == "second_factor"  # shown when it was turned on
    following = code(secret, clock, 1)
    assert (await caller.sign_in(code=following)).status == 200  # an authenticator that is a little ahead
    for used in (following, code(secret, clock), code(secret, clock, -1)):
        assert (await caller.sign_in(code=used)).code == "second_factor"
    clock.advance(2 * STEP)
    assert (await caller.sign_in(code=code(secret, clock))).status == 200


async def test_of_two_that_show_one_code_at_a_time_one_is_taken(caller: Caller, clock: ManualClock) -> None:
    secret, _ = await enrolled(caller, clock)
    clock.advance(STEP)
    answers = await asyncio.gather(*(caller.sign_in(code=code(secret, clock)) for _ in range(2)))
    assert sorted(one.status for one in answers) == [200, 401]


async def test_a_code_of_another_time_is_wrong(caller: Caller, clock: ManualClock) -> None:
    secret, _ = await enrolled(caller, clock)
    clock.advance(10 * STEP)
    for steps in (-2, 2):
        assert (await caller.sign_in(code=code(secret, clock, steps))).code == "second_factor"
    assert (await caller.sign_in(code=code(secret, clock, -1))).status == 200


async def test_guessing_at_codes_is_slowed_like_guessing_at_passwords(caller: Caller, clock: ManualClock) -> None:
    secret, _ = await enrolled(caller, clock)
    clock.advance(STEP)
    right = code(secret, clock)
    wrong = [f"{(int(right) + i) % 1_000_000:06}" for i in range(100_000, 100_000 + ACCOUNT.free)]
    assert [(await caller.sign_in(code=one, address=AWAY)).code for one in wrong] == ["second_factor"] * ACCOUNT.free
    assert (await caller.sign_in(code=right, address=AWAY)).code == "rate_limited"


async def test_being_asked_for_the_code_is_no_failure(caller: Caller, clock: ManualClock) -> None:
    await enrolled(caller, clock)
    for _ in range(2 * ACCOUNT.free):
        assert (await caller.sign_in(address=AWAY)).code == "second_factor"


async def test_each_recovery_code_stands_in_for_a_code_once(caller: Caller, clock: ManualClock) -> None:
    _, recovery = await enrolled(caller, clock)
    assert len(set(recovery)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", one) for one in recovery)
    first, second = recovery[:2]
    assert (await caller.sign_in(code=first.upper().replace("-", " "))).status == 200
    assert (await caller.sign_in(code=first)).code == "second_factor"
    assert (await caller.sign_in(code=second)).status == 200


async def test_the_secret_is_sealed_and_no_code_is_kept(served: Served, caller: Caller, clock: ManualClock) -> None:
    secret, recovery = await enrolled(caller, clock)

    def everything(conn: sa.Connection) -> str:
        names = sa.inspect(conn).get_table_names()
        return "".join(str(conn.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in names)

    stored = await served.hub.store.read(everything)
    for one in (secret, *recovery, *(r.replace("-", "") for r in recovery)):
        assert one not in stored
    assert served.hub.config.key_file.stat().st_mode & 0o777 == 0o600


async def test_the_address_in_the_qr_code_is_what_an_authenticator_reads(caller: Caller) -> None:
    token = (await caller.sign_in()).said["token"]
    made = (await caller.post("factor/enrol", token, password=PASSWORD)).said
    parts = urlsplit(made["uri"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [made["secret"]]


async def test_what_was_not_confirmed_asks_for_nothing(caller: Caller) -> None:
    token = (await caller.sign_in()).said["token"]
    for _ in range(2):  # the second secret replaces the first
        assert (await caller.post("factor/enrol", token, password=PASSWORD)).status == 200
    assert (await caller.post("factor/confirm", token, code="123 45")).code == "second_factor"
    assert (await caller.sign_in()).status == 200


async def test_changing_it_takes_the_password_and_not_only_a_token(caller: Caller, clock: ManualClock) -> None:
    token = (await caller.sign_in()).said["token"]
    refused = await caller.post("factor/enrol", token, password="falsa-del-todo")
    assert (refused.status, refused.said) == (401, {"code": "bad_credentials", "args": {}, "field": "password"})
    assert (await caller.post("factor/enrol", "", password=PASSWORD)).code == "signed_out"
    await enrolled(caller, clock)
    assert (await caller.post("factor/drop", token, password="falsa-del-todo")).code == "bad_credentials"
    assert (await caller.post("factor/enrol", token, password=PASSWORD)).code == "duplicate"
    assert (await caller.post("factor/drop", token, password=PASSWORD)).status == 200
    assert (await caller.sign_in()).status == 200


async def test_an_admin_turns_it_off_for_who_has_lost_it(served: Served, caller: Caller, clock: ManualClock) -> None:
    await enrolled(caller, clock)
    await with_password(served, "rosa", "admin")
    rosa, luis = await served.join("rosa"), await served.join("luis")
    assert (await luis.command("agent.factor_off", agent=served.desk.ids["ana"])).code == "forbidden"
    await rosa.command("agent.factor_off", agent=served.desk.ids["ana"])
    assert (await caller.sign_in()).status == 200
    kinds = sa.select(journal.c.data, journal.c.actor).where(journal.c.kind == "factor.changed")
    rows = await served.hub.store.read(lambda conn: [tuple(row) for row in conn.execute(kinds.order_by(journal.c.seq))])
    assert [actor for _, actor in rows] == ["system", f"agent:{served.desk.ids['rosa']}"]


async def test_where_admins_must_have_one_none_signs_in_without(served: Served, caller: Caller) -> None:
    served.hub.config = replace(served.hub.config, admin_second_factor=True)
    await with_password(served, "rosa", "admin")
    refused = await caller.sign_in("rosa", address=HOME)
    assert refused.said == {"code": "second_factor", "args": {"enrol": 1}, "field": None}
    assert (await caller.sign_in("ana", address=HOME)).status == 200


@pytest.mark.parametrize("step", [0, 1])
async def test_a_start_of_a_session_can_not_go_around_what_was_taken(
    served: Served, caller: Caller, clock: ManualClock, step: int
) -> None:
    """The last word is the writer's: a step that is not newer than the last is refused, whoever asks."""
    await enrolled(caller, clock)
    last: Any = await served.hub.store.read(lambda conn: conn.scalar(sa.select(factor.c.last_step)))
    start = accounts.StartSession(served.desk.ids["ana"], "c" * 64, step=last + step)
    refused = False
    try:
        await served.desk.run(SYSTEM, "session.start", start)
    except Exception as error:  # noqa: BLE001 - its code is compared
        refused = getattr(error, "code", None) == "second_factor"
    assert refused == (step == 0)
