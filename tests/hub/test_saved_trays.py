"""Saved trays: whose they are, who has them, and that what they ask for is understood before it is kept."""

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk
from watcher import Watcher

from hub.desk import references
from hub.desk.principal import SYSTEM
from hub.desk.tray_tables import tray
from hub.protocol import commands as c
from hub.protocol import filter_versions
from hub.protocol.errors import Code, Refused
from hub.protocol.limits import LIMITS
from hub.protocol.views import SavedTray


async def save(desk: SmallDesk, login: str, name: str, **more: object) -> int:
    made = await desk.run(login, "tray.save", c.SaveTray(name, **more))  # type: ignore[arg-type]
    return int(made["tray"] or 0)


async def had_by(desk: SmallDesk, login: str) -> list[SavedTray]:
    """The same by the rule in memory and by the query."""
    who = await desk.who(login)

    def read(conn: sa.Connection) -> list[SavedTray]:
        mine = [view for view in references.whole(conn, "trays") if references.may_see("trays", view, who)]
        assert mine == references.page(conn, "trays", who, 0, 100)
        return mine  # type: ignore[return-value]

    return await desk.hub.store.read(read)


async def refused(desk: SmallDesk, login: str, args: c.Args) -> Refused:
    name = "tray.delete" if isinstance(args, c.DeleteTray) else "tray.save"
    with pytest.raises(Refused) as caught:
        await desk.run(login, name, args)
    return caught.value


async def test_a_tray_is_its_owners_until_it_is_shared(desk: SmallDesk) -> None:
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["luis"]]))
    mine = await save(desk, "ana", "Mías", filter="agent:me", sort="-waiting")
    teams = await save(desk, "sofia", "Del norte", team=1)
    shared = await save(desk, "sofia", "De todos", shared=True)
    assert [one.id for one in await had_by(desk, "ana")] == [mine, shared]
    assert [one.id for one in await had_by(desk, "luis")] == [teams, shared]
    assert [one.id for one in await had_by(desk, "sofia")] == [teams, shared]
    assert (await had_by(desk, "ana"))[0].sort == "-waiting"


async def test_sharing_takes_a_grant_and_a_team_of_ones_own(desk: SmallDesk) -> None:
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["luis"]]))
    assert (await refused(desk, "ana", c.SaveTray("x", shared=True))).code is Code.FORBIDDEN
    assert (await refused(desk, "ana", c.SaveTray("x", team=1))).code is Code.FORBIDDEN
    assert (await refused(desk, "luis", c.SaveTray("x", team=9))).code is Code.NOT_FOUND
    await save(desk, "luis", "x", team=1)


async def test_only_its_owner_changes_it_or_a_supervisor_what_everybody_has(desk: SmallDesk) -> None:
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["ana"], desk.ids["luis"]]))
    teams = await save(desk, "luis", "Del norte", team=1)
    assert (await refused(desk, "ana", c.DeleteTray(teams))).code is Code.FORBIDDEN
    assert (await refused(desk, "sofia", c.DeleteTray(teams))).code is Code.NOT_FOUND
    shared = await save(desk, "sofia", "De todos", shared=True)
    assert (await refused(desk, "ana", c.DeleteTray(shared))).code is Code.FORBIDDEN
    await desk.run("rosa" if "rosa" in desk.ids else "sofia", "tray.delete", c.DeleteTray(shared))
    assert [one.id for one in await had_by(desk, "ana")] == [teams]


async def test_what_it_names_is_kept_by_id_and_what_cannot_be_read_is_refused_with_the_place(desk: SmallDesk) -> None:
    await save(desk, "ana", "Ventas", filter="cola:ventas asesor:yo")
    assert (await had_by(desk, "ana"))[0].filter == "queue:#1 agent:me"
    fault = await refused(desk, "ana", c.SaveTray("x", filter="cola:ventas etiqeta:vip"))
    assert (fault.code, fault.detail["at"], fault.detail["instead"]) == (Code.BAD_FILTER, 12, "etiqueta")


async def test_a_name_is_taken_once_by_an_owner_whatever_its_case(desk: SmallDesk) -> None:
    made = await save(desk, "ana", "Urgentes")
    assert (await refused(desk, "ana", c.SaveTray("URGENTES"))).code is Code.DUPLICATE
    await save(desk, "luis", "Urgentes")
    await save(desk, "ana", "urgentes", tray=made)  # its own name is no other's
    assert (await refused(desk, "ana", c.SaveTray("  "))).code is Code.EMPTY


async def test_an_agent_has_as_many_as_the_limit_allows_and_goes_on_changing_them(desk: SmallDesk) -> None:
    most = int(LIMITS["agent_trays"].value)
    made = [await save(desk, "ana", f"t{number}") for number in range(most)]
    fault = await refused(desk, "ana", c.SaveTray("one more"))
    assert (fault.code, fault.detail) == (Code.TOO_MANY, {"limit": "agent_trays", "most": most})
    await save(desk, "ana", "other", tray=made[0])
    await desk.run("ana", "tray.delete", c.DeleteTray(made[0]))
    await save(desk, "ana", "one more")


async def test_a_filter_of_an_older_version_is_told_as_it_is_written_today(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await save(desk, "ana", "Vieja", filter="tag:#7")
    monkeypatch.setattr(filter_versions, "VERSION", 3)
    steps = {1: lambda text: text.replace("tag", "label"), 2: lambda text: text + " answered:no"}
    monkeypatch.setattr(filter_versions, "UPCASTERS", steps)
    assert (await had_by(desk, "ana"))[0].filter == "label:#7 answered:no"
    kept = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(tray.c.version).where(tray.c.id == made)))
    assert kept == 1


async def test_whoever_joins_a_team_is_told_of_its_trays(served: Served) -> None:
    desk = served.desk
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["luis"]]))
    made = await save(desk, "luis", "Del norte", team=1)
    watcher = await served.join("ana")
    assert watcher.mirror.refs.items("trays") == []
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["luis"], desk.ids["ana"]]))
    await watcher.until(lambda: made in _ids(watcher))
    await desk.run(SYSTEM, "team.save", c.SaveTeam("norte", {"es": "Norte"}, [desk.ids["luis"]]))
    await watcher.until(lambda: made not in _ids(watcher))


def _ids(watcher: Watcher) -> set[int]:
    return {tray.id for tray in watcher.mirror.refs.items("trays")}
