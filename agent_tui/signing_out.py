"""Signing out from the shell: the session at the hub, the token here, and the copies of the desk. Says what it did."""

import sys

from agent_tui import credentials, profile, refusals, vault
from agent_tui.i18n import _
from agent_tui.link.carried import Carried
from agent_tui.link.disk import erase, unsent
from agent_tui.link.place import free, held_open
from agent_tui.link.sign_in import NotSignedIn
from agent_tui.link.sign_in import sign_out as end_session
from agent_tui.profile import Profile
from agent_tui.settings import Settings


async def sign_out(settings: Settings) -> int:
    """Returns the exit code: 1 where the session may live on at the hub."""
    folder = profile.config_folder()
    last = credentials.last(folder)
    if last is None or not last.signed_in:
        print(_("Nobody is signed in here."))
        return 0
    fault = await _end(last)
    await credentials.forget(last)
    profile.save(folder, Profile(last.url, last.login))
    texts = _wipe(settings, last)
    print(_("Signed out from {url}: the token and the copy of the desk are deleted.").format(url=last.url))
    if held_open(settings.desks, last.url, last.login):
        print(_("A console is still open there: leave it, so that its copy goes too."))
    if texts:
        print(_("This was not sent, and is forgotten now:"), *texts, sep="\n\n")
    if fault:
        print(fault, file=sys.stderr)
    return 1 if fault else 0


async def _end(last: Profile) -> str:
    """End the session at the hub; returns why it may live on there, empty where it does not."""
    try:
        token = await credentials.token_of(last)
        if token:
            await end_session(last.url, token)
    except vault.NoKeyring as why:
        words = _("The keyring did not give the token ({why}): the session may live on at the hub.")
        return words.format(why=why)
    except NotSignedIn as refusal:
        if refusal.code != "signed_out":
            return refusals.sentence(None, refusal.code, detail=refusal.detail) + " " + _("The session lives on there.")
    return ""


def _wipe(settings: Settings, last: Profile) -> list[str]:
    """Take away what no open console uses; returns what had been typed and not sent."""
    texts: list[str] = []
    for place in free(settings.desks, last.url, last.login):
        texts += Carried(*unsent(place.path)).texts() if place.path.exists() else []
        erase(place)
        place.release()
    return texts
