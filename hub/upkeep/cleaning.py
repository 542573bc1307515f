"""Takes everything personal out of what is sent to whoever helps. What is not known to be harmless is left out: numbers
and words of the program's own stay, whatever else stands there does not."""

import re

GONE = "…"
FIELDS = frozenset(  # of the log, whose words are the program's own
    ("timestamp", "level", "event", "version", "tls", "loop", "size", "code", "kind", "state", "command", "schema")
)
LABELS = frozenset(  # of metrics
    ("le", "quantile", "command", "code", "state", "kind", "status", "method", "engine", "version", "loop", "result")
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z_.]{0,40}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*Z?")
_PAIR = re.compile(r'(?P<key>[A-Za-z_]\w*)=(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]*)')
_FRAME = re.compile(r'^\s*File "(?:.*[/\\])?(?P<file>[\w.-]+\.py)", line (?P<line>\d+), in (?P<name>\w+)')
_ERROR = re.compile(r"^(?P<name>[A-Za-z_][\w.]*(?:Error|Exception|Refused|Warning|Interrupt))\b")


def line(text: str) -> str:
    """A line of the hub's log without what may be personal; empty where nothing is left of it."""
    if (frame := _FRAME.match(text)) is not None:
        return f"  {frame['file']}:{frame['line']} {frame['name']}"
    if (error := _ERROR.match(text)) is not None:
        return f"{error['name']}: {GONE}"
    return " ".join(f"{pair['key']}={_value(pair['key'], pair['value'])}" for pair in _PAIR.finditer(text))


def log(text: str) -> str:
    cleaned = (one for one in map(line, text.splitlines()) if one)
    return "".join(f"{one}\n" for one in cleaned)


def _value(key: str, value: str) -> str:
    bare = value.strip('"')
    if _NUMBER.fullmatch(bare) or (key == "timestamp" and _TIME.fullmatch(bare)):
        return bare if key in FIELDS or len(bare) < 7 else GONE  # a longer one may be somebody's phone
    return bare if key in FIELDS and _WORD.fullmatch(bare) else GONE


def metrics(text: str) -> str:
    """Metrics in Prometheus' format, the values of labels that are not the program's own left out."""

    def label(pair: re.Match[str]) -> str:
        value = pair["value"].strip('"')
        kept = pair["key"] in LABELS and (_WORD.fullmatch(value) or _NUMBER.fullmatch(value) or value == "+Inf")
        return f'{pair["key"]}="{value if kept else GONE}"'

    cleaned = []
    for one in text.splitlines():
        name, brace, rest = one.partition("{")
        if one.startswith("#") or not brace:
            cleaned.append(one)
            continue
        labels, _, value = rest.rpartition("}")
        cleaned.append(f"{name}{{{_PAIR.sub(label, labels)}}}{value}")
    return "\n".join(cleaned) + "\n"
