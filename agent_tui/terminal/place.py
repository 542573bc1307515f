"""Where the terminal's cursor is, and the shortest way to elsewhere."""


class Place:
    """Column and line from 0; None where that is not known."""

    def __init__(self) -> None:
        self.x: int | None = None
        self.y: int | None = None

    def lose(self) -> None:
        self.x = self.y = None

    def way(self, x: int, y: int) -> str:
        """The shortest sequence that goes there. No line feeds: what they do depends on the tty's modes."""
        if (self.x, self.y) == (x, y):
            return ""
        column, line = (str(x + 1) if x else ""), (str(y + 1) if y else "")
        ways = [f"\x1b[{line};{column}H" if column else f"\x1b[{line}H"]
        if self.y == y:
            ways += ["\r"] if x == 0 else [f"\x1b[{column}G"]
            if self.x is not None:
                ways += self._along(x - self.x)
        elif self.y is not None:
            down = y - self.y
            times = str(abs(down)) if abs(down) > 1 else ""
            if self.x == x:
                ways.append(f"\x1b[{times}{'B' if down > 0 else 'A'}")
            elif x == 0:
                ways.append(f"\x1b[{times}{'E' if down > 0 else 'F'}")
        return min(ways, key=len)

    @staticmethod
    def _along(right: int) -> list[str]:
        times = str(abs(right)) if abs(right) > 1 else ""
        return [f"\x1b[{times}C"] if right > 0 else [f"\x1b[{times}D", "\b" * -right]
