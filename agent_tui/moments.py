"""Moments and spans as a person reads them, in the desk's zone. Times are UTC milliseconds, spans are milliseconds."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent_tui.i18n import _

MINUTE = 60_000
HOUR = 60 * MINUTE


def local(at: int, zone: str) -> datetime:
    """`at` in the desk's zone; UTC while the zone is not known yet."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone or "UTC"))


def clock(at: int, zone: str) -> str:
    return local(at, zone).strftime("%H:%M")


def short(at: int, now: int, zone: str) -> str:
    """For a row: the hour today, then "yesterday", then the date."""
    then, today = local(at, zone), local(now, zone)
    days = (today.date() - then.date()).days
    if days <= 0:
        return then.strftime("%H:%M")
    if days == 1:
        return _("yesterday")
    return then.strftime(_("%d/%m")) if then.year == today.year else then.strftime(_("%d/%m/%y"))


def short_cells() -> int:
    """The most that `short` takes, in cells."""
    return max(len(_("yesterday")), 8)


def ahead(at: int, now: int, zone: str) -> str:
    """When something will be: the hour today, "tomorrow" and the hour, then the date and the hour."""
    then, today = local(at, zone), local(now, zone)
    days = (then.date() - today.date()).days
    if days <= 0:
        return then.strftime("%H:%M")
    day = _("tomorrow") if days == 1 else then.strftime(_("%d/%m") if then.year == today.year else _("%d/%m/%y"))
    return f"{day} {then:%H:%M}"


def day(at: int, now: int, zone: str) -> str:
    """For the rule between two days of a thread."""
    then, today = local(at, zone), local(now, zone)
    if then.date() == today.date():
        return _("today")
    if then.date() == today.date() - timedelta(days=1):
        return _("yesterday")
    weekdays = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    date = then.strftime(_("%d/%m")) if then.year == today.year else then.strftime(_("%d/%m/%Y"))
    return f"{weekdays[then.weekday()]} {date}"


def full(at: int, zone: str) -> str:
    return local(at, zone).strftime(_("%d/%m/%Y %H:%M"))


def span(milliseconds: int) -> str:
    """How long: "now" below a minute, "12 min", "1 h 12", "3 d 4 h". Rounded down, so that no promise is too long."""
    minutes = max(milliseconds, 0) // MINUTE
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("{hours} h {minutes:02}").format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h").format(days=days, hours=hours)
