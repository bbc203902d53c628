"""Framing: any cutting, the limits, and the vectors that other languages read too."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door.framing import MAX_MESSAGE, Assembler, FramingError, cut, piece_size

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "framing.json").read_text("utf-8"))
BOUNDARIES = [1, 23, 24, 255, 256, 65_535]


def pattern(length: int) -> bytes:
    return bytes(index % 251 for index in range(length))


@pytest.mark.parametrize("vector", VECTORS["cut"], ids=lambda v: f"{v['length']}by{v['size']}")
def test_a_cut_message_matches_the_vectors(vector: dict[str, Any]) -> None:
    pieces = cut(pattern(vector["length"]), vector["size"])
    assert len(pieces) == vector["pieces"]
    assert {len(piece) for piece in pieces[:-1]} <= {vector["size"]}
    assert len(pieces[-1]) == vector["last_piece"]
    assert sha256(b"".join(pieces)).hexdigest() == vector["stream_sha256"]


@pytest.mark.parametrize("vector", VECTORS["assemble"], ids=lambda v: v["name"])
def test_assembling_matches_the_vectors(vector: dict[str, Any]) -> None:
    assembler = Assembler(vector["limit"])
    messages: list[str] = []
    refused = False
    for piece in vector["pieces"]:
        try:
            messages += [message.hex() for message in assembler.feed(bytes.fromhex(piece))]
        except FramingError:
            refused = True
    assert messages == vector["messages"]
    assert refused is vector["error"]


def test_the_vectors_hold_every_boundary_length() -> None:
    assert sorted({vector["length"] for vector in VECTORS["cut"]}) == BOUNDARIES


@pytest.mark.parametrize("mtu", [23, 24, 185, 247, 517])
@pytest.mark.parametrize("length", BOUNDARIES)
def test_every_boundary_length_passes_every_usual_mtu(length: int, mtu: int) -> None:
    assembler = Assembler()
    out = [m for piece in cut(pattern(length), piece_size(mtu)) for m in assembler.feed(piece)]
    assert out == [pattern(length)]
    assert len(assembler) == 0


def test_a_piece_never_exceeds_what_an_attribute_may_hold() -> None:
    assert piece_size(23) == 20
    assert piece_size(515) == 512
    assert piece_size(517) == 512


@given(st.lists(st.binary(min_size=1, max_size=600), max_size=6), st.data())
def test_any_cutting_of_any_messages_gives_them_back(messages: list[bytes], data: Any) -> None:
    stream = b"".join(b"".join(cut(message, 64)) for message in messages)
    assembler = Assembler()
    out: list[bytes] = []
    while stream:
        size = data.draw(st.integers(min_value=1, max_value=len(stream)))
        out += assembler.feed(stream[:size])
        stream = stream[size:]
    assert out == messages


@pytest.mark.threat(13)
@given(st.integers(min_value=1, max_value=MAX_MESSAGE - 1), st.data())
def test_a_length_over_the_limit_is_refused_before_any_byte_of_it_is_kept(
    limit: int, data: Any
) -> None:
    length = data.draw(st.integers(min_value=limit + 1, max_value=MAX_MESSAGE))
    assembler = Assembler(limit)
    with pytest.raises(FramingError, match=f"1 to {limit}"):
        assembler.feed(length.to_bytes(2) + b"\0" * 512)
    assert len(assembler) == 0
    with pytest.raises(FramingError):
        assembler.feed(b"\x00\x01\xaa")
    assert len(assembler) == 0


@pytest.mark.threat(13)
@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(min_value=1, max_value=64))
def test_whatever_arrives_no_more_than_one_message_waits(pieces: list[bytes], limit: int) -> None:
    assembler = Assembler(limit)
    try:
        for piece in pieces:
            for message in assembler.feed(piece):
                assert 1 <= len(message) <= limit
            assert len(assembler) < limit + 2
    except FramingError:
        assert len(assembler) == 0


def test_the_limit_may_change_between_messages() -> None:
    assembler = Assembler(4)
    assert assembler.feed(b"\x00\x01\xaa\x00") == [b"\xaa"]
    assembler.limit = 300
    assert assembler.feed(b"\xff" + pattern(255)) == [pattern(255)]
    assembler.limit = 4
    with pytest.raises(FramingError):
        assembler.feed(b"\x00\x05")


@pytest.mark.parametrize("length", [0, MAX_MESSAGE + 1])
def test_a_message_of_a_forbidden_length_is_not_cut(length: int) -> None:
    with pytest.raises(FramingError):
        cut(bytes(length), 20)


def test_pieces_without_room_for_a_byte_are_refused() -> None:
    with pytest.raises(ValueError, match="MTU"):
        cut(b"x", 0)


def test_the_repr_shows_no_content() -> None:
    assembler = Assembler(64)
    assembler.push(b"\x00\x09secret")
    assert "secret" not in repr(assembler)
    assert repr(assembler) == "<Assembler limit=64 waiting=8>"
