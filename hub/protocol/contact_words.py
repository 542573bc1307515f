"""What a contact is found by: the words of their name and the digits of their number, folded, in one column."""

import re

from hub.protocol.filter_fields import fold

_WORD = re.compile(r"[^\W_]+")


def contact_words(name: str, phone: str) -> str:
    """Each word has a blank before it, so that a word's beginning can be looked for."""
    digits = "".join(letter for letter in fold(phone) if letter in "0123456789")
    return "".join(f" {word}" for word in [*_WORD.findall(fold(name)), digits] if word)
