"""policy.json: situations and the answers of a lock, by hand from the protocol's table."""

from __future__ import annotations

from generator import world
from generator.world import GRANT, HOUR, NOON, Case

SET, APPROXIMATE, LOST = 0, 1, 2
UNLOCK, LOCK, SERVICE = 1, 2, 3
DAY = 24 * HOUR


def contents() -> Case:
    """The whole file."""
    return {
        "version": 1,
        "about": "docs/protocol.md section 7: grant, command and situation, and the reason that a "
        "lock answers. Signature, audience and proof of possession already hold. strength and "
        "threshold are dBm, null is not measured; mark is 0 set, 1 approximate, 2 lost; stay is "
        "the running stay, or null.",
        "cases": [*_window(), *_revoked(), *_near(), *_stay(), *_order()],
    }


def _case(  # noqa: PLR0913 - one argument for each thing a situation may differ in
    name: str,
    reason: str,
    *,
    command: int = UNLOCK,
    time: int = NOON,
    mark: int = SET,
    strength: int | None = -50,
    threshold: int = -70,
    phones: tuple[bytes, ...] | None = None,
    serials: tuple[bytes, ...] | None = None,
    stay: tuple[bytes, int] | None = None,
    **grant: int,
) -> Case:
    bulletin = None
    if phones is not None or serials is not None:
        bulletin = {
            "phones": [item.hex() for item in phones or ()],
            "serials": [item.hex() for item in serials or ()],
        }
    return {
        "name": name,
        "grant": world.grant_fields(GRANT) | grant,
        "command": command,
        "clock": {"time": time, "mark": mark},
        "bulletin": bulletin,
        "stay": None if stay is None else {"cti": stay[0].hex(), "opened": stay[1]},
        "strength": strength,
        "threshold": threshold,
        "reason": reason,
    }


def _window() -> list[Case]:
    nbf, exp = GRANT.not_before, GRANT.not_after
    early, turn, late = 2**31 - HOUR, 2**31, 2**31 + HOUR
    return [
        _case("in the window", "granted"),
        _case("at nbf", "granted", time=nbf),
        _case("120 s before nbf", "granted", time=nbf - 120),
        _case("121 s before nbf", "not_yet_valid", time=nbf - 121),
        _case("one second before exp", "granted", time=exp - 1),
        _case("at exp", "expired", time=exp),
        _case("years after exp", "expired", time=2**32 - 1),
        _case("approximate, 36 h before nbf", "granted", time=nbf - 36 * HOUR, mark=APPROXIMATE),
        _case(
            "approximate, over 36 h before nbf",
            "not_yet_valid",
            time=nbf - 36 * HOUR - 1,
            mark=APPROXIMATE,
        ),
        _case("approximate, at exp", "expired", time=exp, mark=APPROXIMATE),
        _case("clock lost, in the window", "bulletin_needed", mark=LOST),
        _case("clock lost, before the window", "bulletin_needed", time=0, mark=LOST),
        _case("clock lost, after the window", "bulletin_needed", time=exp + DAY, mark=LOST),
        _case("exactly 16 h", "granted", exp=nbf + 16 * HOUR),
        _case("16 h and a second", "window_too_long", exp=nbf + 16 * HOUR + 1),
        _case("nbf equals exp", "window_too_long", exp=nbf),
        _case("nbf after exp", "window_too_long", exp=nbf - 1),
        _case("before 2038 turns, in it", "granted", time=turn - 1, nbf=early, exp=late),
        _case("after 2038 has turned, in it", "granted", time=turn, nbf=early, exp=late),
        _case(
            "after 2038 has turned, late",
            "expired",
            time=late,
            nbf=early,
            exp=late,
        ),
        _case("at the end of the format", "granted", time=2**32 - 2, nbf=2**32 - 9, exp=2**32 - 1),
        _case("time of issue in the future", "granted", iat=NOON + DAY),
    ]


def _revoked() -> list[Case]:
    thumbprint, other = GRANT.phone_thumbprint, world.identifier("someone else")
    return [
        _case("empty bulletin", "granted", phones=()),
        _case("others revoked", "granted", phones=(other,), serials=(other,)),
        _case("phone blocked", "phone_blocked", phones=(thumbprint,)),
        _case("grant revoked", "grant_revoked", serials=(GRANT.serial,)),
        _case("both", "phone_blocked", phones=(thumbprint,), serials=(GRANT.serial,)),
        _case("a serial among the phones is nobody", "granted", phones=(GRANT.serial,)),
        _case("a thumbprint among the serials is no grant", "granted", serials=(thumbprint,)),
    ]


def _near() -> list[Case]:
    return [
        _case("as near as learnt", "granted", strength=-70),
        _case("a decibel weaker", "too_far", strength=-71),
        _case("not measured", "too_far", strength=None),
        _case("lock, too far", "too_far", command=LOCK, strength=-71),
        _case("service needs no nearness", "granted", command=SERVICE, strength=None, scope=4),
        _case("scope unlock only: lock", "not_permitted", command=LOCK, scope=1),
        _case("scope lock only: unlock", "not_permitted", scope=2),
        _case("scope care: service", "not_permitted", command=SERVICE, scope=3),
        _case("scope all: service", "granted", command=SERVICE, scope=7),
    ]


def _stay() -> list[Case]:
    exp, late = GRANT.not_after, GRANT.not_after + HOUR
    mine, other = GRANT.serial, world.identifier("another grant")
    return [
        _case("lock in the window without a stay", "granted", command=LOCK),
        _case("lock an hour late, own stay", "granted", command=LOCK, time=late, stay=(mine, exp)),
        _case("unlock an hour late, own stay", "expired", time=late, stay=(mine, exp)),
        _case("lock late, other's stay", "expired", command=LOCK, time=late, stay=(other, exp)),
        _case("lock late, no stay", "expired", command=LOCK, time=late),
        _case(
            "lock 4 h after", "granted", command=LOCK, time=exp - 1 + 4 * HOUR, stay=(mine, exp - 1)
        ),
        _case(
            "lock over 4 h after",
            "expired",
            command=LOCK,
            time=exp + 4 * HOUR,
            stay=(mine, exp - 1),
        ),
        _case(
            "lock, stay in the future", "expired", command=LOCK, time=late, stay=(mine, late + 1)
        ),
        _case(
            "lock, clock lost, own stay",
            "granted",
            command=LOCK,
            mark=LOST,
            time=late,
            stay=(mine, exp),
        ),
        _case("lock, clock lost, no stay", "bulletin_needed", command=LOCK, mark=LOST, time=late),
        _case(
            "lock late, own stay, phone blocked",
            "phone_blocked",
            command=LOCK,
            time=late,
            stay=(mine, exp),
            phones=(GRANT.phone_thumbprint,),
        ),
        _case(
            "lock late, own stay, too far",
            "too_far",
            command=LOCK,
            time=late,
            stay=(mine, exp),
            strength=-90,
        ),
    ]


def _order() -> list[Case]:
    """Everything wrong at once, then one fault less each time."""
    thumbprint, serial = GRANT.phone_thumbprint, GRANT.serial
    return [
        _case(
            "all wrong",
            "window_too_long",
            command=SERVICE,
            time=2**32 - 1,
            phones=(thumbprint,),
            serials=(serial,),
            strength=None,
            exp=2**32 - 1,
        ),
        _case(
            "wrong right, phone, grant, place and time",
            "not_permitted",
            command=SERVICE,
            time=2**32 - 1,
            phones=(thumbprint,),
            serials=(serial,),
            strength=None,
        ),
        _case(
            "wrong phone, grant, place and time",
            "phone_blocked",
            time=2**32 - 1,
            phones=(thumbprint,),
            serials=(serial,),
            strength=None,
        ),
        _case(
            "wrong grant, place and time",
            "grant_revoked",
            time=2**32 - 1,
            serials=(serial,),
            strength=None,
        ),
        _case("wrong place and time", "too_far", time=2**32 - 1, strength=None),
        _case("wrong place, clock lost", "too_far", mark=LOST, strength=None),
    ]
