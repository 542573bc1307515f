"""The settings of a hub. One frozen value, made at the start and passed to whoever needs it."""

import ipaddress
import os
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path

from hub.protocol.settings import N_, BadSetting, Say, load, setting

PREFIX = "BANDEJA_HUB"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("auto", "logfmt", "json")


def local_zone() -> str:
    """IANA name of this computer's time zone, UTC where it doesn't say."""
    names = [os.environ.get("TZ", "").removeprefix(":")]
    local = Path("/etc/localtime")
    if local.is_symlink():
        names.append(str(local.resolve()).partition("zoneinfo/")[2])
    return next((name for name in names if name and _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_database(url: str) -> bool:
    return url == "" or urlsplit(url).scheme in ("sqlite", "postgresql")


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    return url == "" or (parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query)


def _is_smtp(url: str) -> bool:
    parts = urlsplit(url)
    return url == "" or (parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.path in ("", "/"))


def _is_mail(text: str) -> bool:
    name, at, domain = text.partition("@")
    return bool(name and at and domain) and not any(c.isspace() or not c.isprintable() for c in text)


def _is_host(name: str) -> bool:
    return urlsplit(f"//{name}").hostname == name.lower()


def _are_networks(names: tuple[str, ...]) -> bool:
    try:
        for name in names:
            ipaddress.ip_network(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Config:
    """What a hub is told from outside. Paths are absolute; times in seconds."""

    data: Path = setting(
        Path(),
        N_("Folder for the database and everything else that the hub keeps."),
        shown=str(user_data_path("bandeja", appauthor=False) / "hub"),
    )
    database: str = setting(
        "",
        N_("Where the desk is kept: postgresql://user:password@host/name, or sqlite:///path."),
        must=N_("an address like postgresql://user:password@host/name or sqlite:///path"),
        valid=_is_database,
        secret=True,
        shown=N_("hub.db in the data folder"),
    )
    host: str = setting(
        "127.0.0.1",
        N_("Address to listen on. Any but a loopback one needs a certificate, or a declared proxy."),
    )
    port: int = setting(8460, N_("Port to listen on; 0 takes a free one."), least=0, most=65535)
    public_url: str = setting(
        "",
        N_("How the outside reaches the hub, where that is not http://host:port."),
        must=N_("an address like https://desk.example.org"),
        valid=_is_origin,
    )
    proxies: tuple[str, ...] = setting(
        (),
        N_("Addresses or networks of the reverse proxies in front of the hub, which speak TLS for it."),
        must=N_("addresses or networks, like 10.0.0.5 or 10.0.0.0/24"),
        valid=_are_networks,
    )
    metrics_networks: tuple[str, ...] = setting(
        (),
        N_("Addresses or networks that may read /metrics, besides this computer and whoever has an admin's token."),
        must=N_("addresses or networks, like 10.0.0.5 or 10.0.0.0/24"),
        valid=_are_networks,
    )
    hosts: tuple[str, ...] = setting(
        (),
        N_("Further names that the hub is asked for by, beside that of the public address, localhost and addresses."),
        must=N_("names without scheme or port, like desk.example.org"),
        valid=lambda names: all(_is_host(name) for name in names),
    )
    certificate: Path = setting(Path(), N_("TLS certificate with its chain, PEM."), shown=N_("none"))
    certificate_key: Path = setting(Path(), N_("Private key of the certificate, PEM."), shown=N_("none"))
    key_file: Path = setting(
        Path(),
        N_("File with the key that secrets in the database are sealed with; keep a copy apart from the backups."),
        shown=N_("hub.key in the data folder"),
    )
    entity: str = setting("", N_("Name of the organisation whose desk this is."), shown=N_("none"))
    language: str = setting("es", N_("Language of the desk."), choices=("es", "en"))
    zone: str = setting(
        "",
        N_("Time zone of the desk."),
        must=N_("the name of a time zone, like America/Asuncion"),
        valid=lambda name: name == "" or _is_zone(name),
        shown=N_("this computer's"),
    )
    grace: int = setting(
        60,
        N_("Seconds that an agent's console may be away before their waiting conversations go to somebody else."),
        least=0,
        most=3600,
    )
    recall_seconds: int = setting(
        5,
        N_("Seconds in which a message can be recalled: so long it is held back from the customer. 0 turns it off."),
        least=0,
        most=60,
    )
    keep_conversations: int = setting(
        0,
        N_("Days after its end that a conversation's words are kept; then they are erased. 0: for ever."),
        least=0,
        most=36_500,
    )
    keep_contacts: int = setting(
        0, N_("Days after their last conversation that a customer is kept. 0: for ever."), least=0, most=36_500
    )
    keep_drafts: int = setting(0, N_("Days that a draft is kept. 0: for ever."), least=0, most=36_500)
    keep_results: int = setting(
        90,
        N_("Days that a command that comes again has no second effect. 0: for ever."),
        least=0,
        most=36_500,
    )
    keep_sessions: int = setting(
        90, N_("Days that the hub remembers sign-ins that have ended. 0: for ever."), least=0, most=36_500
    )
    keep_audit: int = setting(
        0, N_("Days that the trail of who did and looked at what is kept. 0: for ever."), least=0, most=36_500
    )
    webhook_networks: tuple[str, ...] = setting(
        (),
        N_(
            "Networks of your own that webhooks and API channels may post to, also by plain HTTP. Without them the hub "
            "posts to public addresses only, by HTTPS."
        ),
        must=N_("addresses or networks, like 10.0.0.5 or 10.0.0.0/24"),
        valid=_are_networks,
        shown=N_("none"),
    )
    webhook_keep_days: int = setting(
        30, N_("Days for which what a webhook could not be told is kept, to be sent again by hand."), least=1, most=3650
    )
    access_minutes: int = setting(
        15,
        N_("Minutes that an access token is good for; a console exchanges it by itself."),
        least=1,
        most=1440,
    )
    session_days: int = setting(
        30, N_("Days after which a console that was not seen has to sign in again."), least=1, most=365
    )
    admin_second_factor: bool = setting(False, N_("Let admins sign in with a second factor only."))
    smtp: str = setting(
        "",
        N_("Where the hub hands in its own mails: smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS)."),
        must=N_("an address like smtp://user:password@mail.example.org:587"),
        valid=_is_smtp,
        secret=True,
        shown=N_("none"),
    )
    mail_from: str = setting(
        "",
        N_("Sender of the hub's own mails."),
        must=N_("a mail address"),
        valid=lambda text: text == "" or _is_mail(text),
        shown=N_("none"),
    )
    api_per_minute: int = setting(
        600,
        N_("Requests a minute that one token may make over HTTP, a sixth of them at once. 0: as many as it likes."),
        least=0,
        most=1_000_000,
    )
    log_level: str = setting("info", N_("How much is logged."), choices=LOG_LEVELS)
    log_format: str = setting(
        "auto",
        N_("How a line of the log looks: for people in a terminal and logfmt elsewhere (auto), or always as given."),
        choices=LOG_FORMATS,
    )
    drain_seconds: int = setting(
        20,
        N_("Seconds that a hub which is asked to end may take to answer what was handed in; it ends then anyway."),
        least=1,
        most=600,
    )
    return_seconds: int = setting(
        10,
        N_("Seconds over which consoles and pages come back after a restart, where there are many of them."),
        least=0,
        most=600,
    )

    def __post_init__(self) -> None:
        data = self.data if self.data != Path() else user_data_path("bandeja", appauthor=False) / "hub"
        data = data.expanduser().absolute()
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "database", self.database or f"sqlite:///{data / 'hub.db'}")
        key_file = self.key_file if self.key_file != Path() else data / "hub.key"
        object.__setattr__(self, "key_file", key_file.expanduser().absolute())
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        object.__setattr__(self, "zone", self.zone or local_zone())

    @property
    def tls(self) -> bool:
        """The hub itself speaks TLS."""
        return self.certificate != Path()

    @property
    def on_loopback(self) -> bool:
        """Only programs on this computer can reach the hub."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def base_url(self) -> str:
        """How the outside reaches the hub, as far as the settings tell."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, where there is one."""
        scheme, _, path = self.database.partition(":///")
        return Path(path) if scheme == "sqlite" else None


def check_exposure(config: Config, say: Say = str) -> None:
    """Refuse to carry customers' words over a network in the clear. Raises BadSetting."""
    if config.tls != (config.certificate_key != Path()):
        raise BadSetting(say(N_("--certificate and --certificate-key go together: give both or neither.")))
    if not (config.on_loopback or config.tls or config.proxies):
        raise BadSetting(
            say(
                N_(
                    "Plain HTTP is served on this computer only, and --host {host} is open to others. Give "
                    "--certificate and --certificate-key, or name the proxy that speaks TLS with --proxies, or "
                    "use --host 127.0.0.1."
                )
            ).format(host=config.host)
        )


def settings_file(named: str = "", environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file: the one named by --config or BANDEJA_HUB_CONFIG, otherwise the usual one if it exists."""
    chosen = named or environ.get(f"{PREFIX}_CONFIG", "")
    if chosen:
        return Path(chosen).expanduser()
    usual = user_config_path("bandeja", appauthor=False) / "hub.toml"
    return usual if usual.exists() else None


def read_config(
    flags: Mapping[str, object] | None = None,
    *,
    file: str = "",
    environ: Mapping[str, str] = os.environ,
    say: Say = str,
) -> Config:
    """The hub's settings from options, environment and file. Raises BadSetting."""
    return load(Config, prefix=PREFIX, flags=flags, environ=environ, file=settings_file(file, environ), say=say)
