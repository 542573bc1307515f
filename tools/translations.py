"""Keep the catalogues in step with the sources.

    tools/translations.py check     name every text that lacks a translation, and every catalogue that is out of step
    tools/translations.py update    bring the catalogues up to date and compile them

English is the language of the sources, so its catalogues fill themselves; the others are translated by hand.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hub.protocol.commands import REGISTRY
from hub.protocol.queries import QUERIES

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("es", "en")
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None}
METHODS = [("**.py", "python")]  # the chat page brings its own texts, in strings.js


@dataclass(frozen=True)
class Domain:
    """A catalogue, the package that carries it, and the sources whose texts are in it."""

    name: str
    package: str
    sources: tuple[str, ...]

    def folder(self, language: str) -> Path:
        return ROOT / self.package / "locale" / language / "LC_MESSAGES"

    def po(self, language: str) -> Path:
        return self.folder(language) / f"{self.name}.po"

    def mo(self, language: str) -> Path:
        return self.po(language).with_suffix(".mo")


DOMAINS = (
    Domain("bandeja", "agent_tui", ("agent_tui", "hub/protocol")),
    Domain("hub", "hub", ("hub",)),
)


def extract(domain: Domain) -> Catalog:
    """The texts as they stand in the sources now."""
    catalog = Catalog(project="bandeja", domain=domain.name, charset="utf-8")
    for source in domain.sources:
        found = extract_from_dir(ROOT / source, method_map=METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
        for filename, _, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
            catalog.add(message, None, [(f"{source}/{filename}", 0)], auto_comments=comments, context=context)
    helps = [spec.help for spec in REGISTRY.values()] + [query.help for query in QUERIES.values()]
    for text in helps:  # the console's completion and the API's page say them
        catalog.add(text, None, [("hub/protocol", 0)])
    return catalog


def read(domain: Domain, language: str) -> Catalog:
    path = domain.po(language)
    if not path.exists():
        return Catalog(locale=language, domain=domain.name, project="bandeja", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain.name)


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def translated(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def faults(domain: Domain, language: str, sources: Catalog) -> list[str]:
    """What is wrong with one catalogue, a line each."""
    catalog = read(domain, language)
    where = domain.po(language).relative_to(ROOT)
    found = []
    for message in sources:
        if not message.id:
            continue
        held = catalog.get(message.id, message.context)
        if held is None:
            found.append(f"{where}: {message.id!r} is missing")
        elif not translated(held.string):
            found.append(f"{where}: {message.id!r} is not translated")
        elif held.fuzzy:
            found.append(f"{where}: {message.id!r} is fuzzy")
        else:
            found += [f"{where}: {message.id!r}: {error}" for error in held.check(catalog)]
    for message in catalog:
        if message.id and sources.get(message.id, message.context) is None:
            found.append(f"{where}: {message.id!r} is no longer used")
    mo = domain.mo(language)
    if not mo.exists() or mo.read_bytes() != compiled(catalog):
        found.append(f"{mo.relative_to(ROOT)} is out of step with its .po: run `make messages`")
    return found


def update(domain: Domain, language: str) -> None:
    """Merge the sources' texts in. Nothing is guessed: a changed text is a new one, to be translated."""
    sources, catalog = extract(domain), read(domain, language)  # merging shares messages, so sources are read anew
    catalog.update(sources, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    if language == "en":
        for message in catalog:
            if message.id:
                message.string = message.id
    domain.folder(language).mkdir(parents=True, exist_ok=True)
    with domain.po(language).open("wb") as file:
        write_po(
            file, catalog, width=120, sort_output=True, omit_header=False, ignore_obsolete=True, include_lineno=False
        )
    domain.mo(language).write_bytes(compiled(catalog))


def main(arguments: list[str]) -> int:
    if arguments not in (["check"], ["update"]):
        print(__doc__)
        return 2
    left = 0
    for domain in DOMAINS:
        sources = extract(domain)
        for language in LANGUAGES:
            if arguments == ["update"]:
                update(domain, language)
            for fault in faults(domain, language, sources):
                left += 1
                print(fault)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
