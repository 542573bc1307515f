"""Telling other people's servers what happens at the desk: signed, again and again until they have taken it.

`egress` is the only door through which the hub posts to an address that somebody entered; API channels use it too.
"""
