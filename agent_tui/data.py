"""Where the data files that come with the console are: in the wheel beside the code, in a checkout at its top."""

from pathlib import Path

STYLES = ("default", "vim", "emacs")  # of keys: a keymap file each
_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder of `themes` or `keymaps`. Raises FileNotFoundError, naming both places, where it is in neither."""
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}: neither {places[0]} nor {places[1]} exists")
