"""What the command line says of an address that the hub is to post to, before it is saved."""

from collections.abc import Sequence

from hub.cli_options import Refusal
from hub.i18n import _


def must_be_open(url: str, field: str, networks: Sequence[str]) -> None:
    """Refuse an address that the hub would never post to. A name is judged again at each connection."""
    from hub.desk.endpoints import check_endpoint
    from hub.hooks.egress import is_open

    check_endpoint(url, field)
    if not is_open(url, networks):
        raise Refusal(
            _(
                "The hub would never post to {url}: give a public address with https, or name its network in "
                "webhook_networks, in hub.toml, where this command and the hub read it."
            ).format(url=url)
        )
