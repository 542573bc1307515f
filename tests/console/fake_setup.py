"""What the desk in memory does with what sets a desk up."""

from typing import Any

from agent_tui.link import model
from hub.protocol import views

REFERENCED: dict[str, tuple[str, type[views.View]]] = {
    "queue.save": ("queues", views.Queue),
    "team.save": ("teams", views.Team),
    "branch.save": ("branches", views.Branch),
    "department.save": ("departments", views.Department),
    "agent.save": ("agents", views.Agent),
}


class SetUp:
    rev: int

    def tell(self, change: model.Change) -> None:
        raise NotImplementedError

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
