"""A setting has one name, and a bad one is named together with its place and its remedy."""

from pathlib import Path

import pytest

from hub.config import PREFIX, Config, check_exposure, read_config
from hub.protocol.settings import BadSetting, declared


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "hub.toml"


def read(toml: Path | None = None, environ: dict[str, str] | None = None, **flags: object) -> Config:
    return read_config(flags, file=str(toml or ""), environ=environ or {"BANDEJA_HUB_CONFIG": "/dev/null"})


def test_an_option_wins_over_the_environment_over_the_file_over_the_default(toml: Path) -> None:
    toml.write_text("port = 1\n")
    environ = {"BANDEJA_HUB_PORT": "2"}
    assert read().port == 8460
    assert read(toml).port == 1
    assert read(toml, environ).port == 2
    assert read(toml, environ, port="3").port == 3


def test_every_setting_has_the_same_name_as_option_variable_and_key(toml: Path) -> None:
    values = {
        "data": "/srv/desk",
        "database": "postgresql://127.0.0.1/desk",
        "host": "::1",
        "port": "9",
        "public_url": "https://desk.example.org",
        "proxies": "10.0.0.5,10.1.0.0/16",
        "metrics_networks": "10.0.0.5,10.1.0.0/16",
        "hosts": "desk.local,tray.example.org",
        "certificate": "/c.pem",
        "certificate_key": "/k.pem",
        "key_file": "/hub.key",
        "entity": "Centro",
        "language": "en",
        "zone": "America/Asuncion",
        "grace": "5",
        "recall_seconds": "7",
        "keep_conversations": "365",
        "keep_contacts": "400",
        "keep_drafts": "30",
        "keep_results": "60",
        "keep_sessions": "10",
        "keep_audit": "900",
        "webhook_networks": "10.2.0.0/16",
        "webhook_keep_days": "9",
        "access_minutes": "20",
        "session_days": "9",
        "admin_second_factor": "true",
        "smtp": "smtps://bandeja:secret@mail.example.org",
        "mail_from": "desk@example.org",
        "api_per_minute": "90",
        "log_level": "debug",
        "log_format": "json",
        "drain_seconds": "9",
        "return_seconds": "3",
    }
    assert values.keys() == declared(Config, PREFIX).keys()
    by_flag = read(**values)
    by_environment = read(None, {"BANDEJA_HUB_" + name.upper(): value for name, value in values.items()})
    plain = ("port", "grace", "recall_seconds", "access_minutes", "session_days", "admin_second_factor")
    keep = [name for name in values if name.startswith("keep_")]
    numbers = (*plain, "api_per_minute", "webhook_keep_days", "drain_seconds", "return_seconds", *keep)
    lines = [f"{name} = {value if name in numbers else repr(value)}" for name, value in values.items()]
    written = "\n".join(lines).replace("'10.0.0.5,10.1.0.0/16'", "['10.0.0.5', '10.1.0.0/16']")
    written = written.replace("'desk.local,tray.example.org'", "['desk.local', 'tray.example.org']")
    toml.write_text(written.replace("'10.2.0.0/16'", "['10.2.0.0/16']"))
    assert by_flag == by_environment == read(toml)
    assert by_flag.hosts == ("desk.local", "tray.example.org")
    assert by_flag.proxies == ("10.0.0.5", "10.1.0.0/16")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\nprot = 3", "hub.toml, line 2: there is no setting prot. Did you mean port?"),
        ("[server]\nx = 1", "hub.toml, line 1: there is no setting server. There are: data, database"),
        ("port = '80'", "hub.toml, line 1: port must be a whole number from 0 to 65535, not '80'."),
        ("port = 70000", "port must be a whole number from 0 to 65535, not 70000."),
        ("port = true", "port must be a whole number"),
        ("entity = 3", "entity must be a text in quotes, not 3."),
        ("proxies = '10.0.0.5'", "proxies must be addresses or networks, like 10.0.0.5"),
        ("smtp = 'mail.example.org'", "smtp must be an address like smtp://user:password@mail.example.org:587."),
        ("mail_from = 'desk'", "mail_from must be a mail address"),
        ("access_minutes = 0", "access_minutes must be a whole number from 1 to 1440"),
        ("language = 'gn'", "language must be one of es, en, not 'gn'."),
        ("zone = 'Asuncion'", "zone must be the name of a time zone, like America/Asuncion, not 'Asuncion'."),
        ("zone = '../../etc/passwd'", "zone must be the name of a time zone"),
        ("public_url = 'desk'", "public_url must be an address like https://desk.example.org"),
        ("port = \n", "hub.toml is not valid TOML: Invalid value (at line 1"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_line_and_its_remedy(toml: Path, text: str, complaint: str) -> None:
    toml.write_text(text)
    with pytest.raises(BadSetting) as caught:
        read(toml)
    assert complaint in str(caught.value)


def test_a_fault_elsewhere_is_named_by_its_variable_or_option() -> None:
    with pytest.raises(BadSetting, match=r"^BANDEJA_HUB_PORT must be a whole number from 0 to 65535, not 'http'"):
        read(None, {"BANDEJA_HUB_PORT": "http"})
    with pytest.raises(BadSetting, match=r"^--log-level must be one of debug, info, warning, error, not 'loud'"):
        read(log_level="loud")


def test_a_refused_database_address_is_not_repeated_because_it_holds_a_password() -> None:
    with pytest.raises(BadSetting) as caught:
        read(database="mysql://me:hunter2@host/desk")
    assert "hunter2" not in str(caught.value)
    assert "--database must be an address like postgresql://" in str(caught.value)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"gone\.toml can't be read"):
        read(tmp_path / "gone.toml")


def test_the_database_is_a_file_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    config = read(data=str(tmp_path))
    assert config.sqlite_path == tmp_path / "hub.db"
    assert read(database="postgresql://127.0.0.1/desk").sqlite_path is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.0.1"])
def test_plain_http_is_served_on_loopback(host: str) -> None:
    check_exposure(read(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "desk.example.org"])
def test_plain_http_is_refused_where_others_could_listen(host: str) -> None:
    with pytest.raises(BadSetting, match="Plain HTTP is served on this computer only"):
        check_exposure(read(host=host))
    check_exposure(read(host=host, proxies="10.0.0.5"))
    check_exposure(read(host=host, certificate="/c.pem", certificate_key="/k.pem"))


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(BadSetting, match="go together"):
        check_exposure(read(certificate="/c.pem"))
