"""Token buckets: what they let through, and that they can't be made to eat the memory."""

import pytest

from hub.channels.ratelimit import Gate, Limiter, Rate, Rates, network_of


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_goes_through_and_then_the_rate(clock):
    gate = Gate(Rates(visitor_lines=Rate(3, 0.5)), clock)
    assert [gate.line("v", "1.2.3.4", 10) for _ in range(4)] == [0, 0, 0, 2]
    clock.at = 1.9
    assert gate.line("v", "1.2.3.4", 10) == 1
    clock.at = 2.0
    assert gate.line("v", "1.2.3.4", 10) == 0


def test_what_is_refused_costs_nothing(clock):
    gate = Gate(Rates(visitor_lines=Rate(1, 1), address_lines=Rate(2, 0.001)), clock)
    assert gate.line("v", "1.2.3.4", 10) == 0
    for _ in range(50):
        assert gate.line("v", "1.2.3.4", 10) == 1
    assert gate.line("another", "1.2.3.4", 10) == 0


def test_visitors_of_one_address_share_its_limit_and_those_of_another_do_not(clock):
    gate = Gate(Rates(address_lines=Rate(2, 0.1)), clock)
    assert [gate.line(name, "1.2.3.4", 10) for name in ("a", "b", "c")] == [0, 0, 10]
    assert gate.line("c", "5.6.7.8", 10) == 0


def test_bytes_are_limited_too(clock):
    gate = Gate(Rates(visitor_bytes=Rate(1000, 100)), clock)
    assert gate.line("v", "1.2.3.4", 900) == 0
    assert gate.line("v", "1.2.3.4", 900) == 8


def test_one_line_above_the_whole_burst_waits_and_then_goes(clock):
    gate = Gate(Rates(visitor_bytes=Rate(1000, 100)), clock)
    assert gate.line("v", "1.2.3.4", 500) == 0
    assert gate.line("v", "1.2.3.4", 5000) == 5
    clock.at = 5
    assert gate.line("v", "1.2.3.4", 5000) == 0


def test_open_sockets_of_an_address_are_counted_and_given_back(clock):
    gate = Gate(Rates(address_pages=2), clock)
    assert gate.enter("1.2.3.4") == gate.enter("1.2.3.4") == 0
    assert gate.enter("1.2.3.4") > 0
    gate.leave("1.2.3.4")
    assert gate.enter("1.2.3.4") == 0


def test_memory_is_bounded_however_many_come(clock):
    limiter = Limiter(Rate(5, 1), clock, room=100)
    limiter.take("first", 5)
    for n in range(1000):
        limiter.take(str(n))
    assert len(limiter) == 100
    assert limiter.wait("first", 5) == 0  # forgotten is full again


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_counts_as_one_address(address, network):
    assert network_of(address) == network
