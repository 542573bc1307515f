"""What is sent to set a desk up, for the test of permissions."""

from permission_bench import ABSENT, OTHER, Bench, Relation

from hub.protocol import commands as c
from hub.protocol.forms import Field
from hub.protocol.queues import SaveBranch, SaveDepartment


async def tag(bench: Bench, login: str, relation: Relation) -> c.Args:
    if relation == "absent":
        return c.SaveTag(f"n{next(bench._people)}", "#000000", ABSENT)
    made = await bench.system("tag.save", c.SaveTag(f"n{next(bench._people)}", "#000000"))
    return c.SaveTag(f"n{next(bench._people)}", "#000000", int(made["tag"] or 0))


async def queue(bench: Bench, login: str, relation: Relation) -> c.Args:
    member = {"own": bench.id(login), "foreign": bench.id(OTHER), "absent": ABSENT}[relation]
    return c.SaveQueue(f"q{next(bench._people)}", {"es": "Otra"}, primary=[member])


async def department(bench: Bench, login: str, relation: Relation) -> c.Args:
    new = SaveBranch("centro", {"es": "Centro"}, "UTC")
    made = ABSENT if relation == "absent" else int((await bench.system("branch.save", new))["branch"] or 0)
    return SaveDepartment(f"d{next(bench._people)}", {"es": "Comercial"}, made)


async def team(bench: Bench, login: str, relation: Relation) -> c.Args:
    member = {"own": bench.id(login), "foreign": bench.id(OTHER), "absent": ABSENT}[relation]
    return c.SaveTeam(f"t{next(bench._people)}", {"es": "Equipo"}, [member])


async def fill(bench: Bench, login: str, relation: Relation) -> c.Args:
    args = c.Fill(await bench.conversation(login, relation, "open"), 1, {})
    for queue in range(1, 3):  # whichever it waits in
        form = c.SaveForm(queue, [Field("note", "text", {"es": f"Nota {queue}"})])
        made = await bench.system("form.save", form)
        if queue == (bench.desk.queue if relation == "own" else queue):
            args.version = int(made["version"] or 0)
    return args


async def form(bench: Bench, login: str, relation: Relation) -> c.Args:
    queue = ABSENT if relation == "absent" else bench.desk.queue
    return c.SaveForm(queue, [Field(f"f{next(bench._people)}", "text", {"es": "Nota"})])


async def topic(bench: Bench, login: str, relation: Relation) -> c.Args:
    queue = ABSENT if relation == "absent" else bench.desk.queue
    return c.SaveTopic(queue, f"t{next(bench._people)}", {"es": "Tema"})
