"""Whom `@name` in a note means."""

from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.mentions import handle_of, mentions
from hub.protocol.views import Agent


def agent(number: int, login: str, name: str, *, active: bool = True) -> Agent:
    return Agent(number, 1, login, name, "agent", "online", 0, active=active)


PEOPLE = [
    agent(1, "ana", "Ana López"),
    agent(2, "luis.m", "Luis Martínez"),
    agent(3, "sofia", "Sofía Núñez"),
    agent(4, "lucho", "Luis Pérez"),
    agent(5, "viejo", "Ramón Gómez", active=False),
]


def meant(text: str) -> list[tuple[int, str]]:
    return [(one.agent, text[one.start : one.end]) for one in mentions(text, PEOPLE)]


def test_the_longest_name_that_fits_is_meant_whatever_its_case_and_accents() -> None:
    assert meant("@ana mirá") == [(1, "@ana")]
    assert meant("ojo, @ANA LOPEZ: fijate") == [(1, "@ANA LOPEZ")]
    assert meant("(@luis.m) y @Sofi\u0301a.") == [(2, "@luis.m"), (3, "@Sofi\u0301a")]
    assert meant("@Luis Pérez, por favor") == [(4, "@Luis Pérez")]


def test_what_is_no_name_or_means_several_mentions_nobody() -> None:
    assert meant("a@ana.com, x_@ana, @ anaís, @anais, @@") == []
    assert meant("@luis") == []  # two go by it
    assert meant("@viejo @Ramón") == []  # works here no more
    assert meant("@@ana") == [(1, "@ana")]


def test_everybody_has_a_handle_that_means_them() -> None:
    twins = [*PEOPLE, agent(6, "ana2", "Ana López")]
    for one in twins[:4] + twins[5:]:
        said = f"@{handle_of(one, twins)} hola"
        assert [found.agent for found in mentions(said, twins)] == [one.id]
    assert handle_of(twins[0], twins) == "ana"
    assert handle_of(twins[2], twins) == "Sofía Núñez"


@given(st.text(st.sampled_from("@ anluisóÓ\u0301.mß_1"), max_size=40))
def test_a_mention_stands_where_it_says(text: str) -> None:
    end = 0
    for one in mentions(text, PEOPLE):
        assert end <= one.start < one.end <= len(text)
        assert text[one.start] == "@"
        end = one.end
