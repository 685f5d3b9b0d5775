"""All attacks, in the order in which they are made."""

from __future__ import annotations

import bodies
import connections
import heads
import http2_floods
import slow
import websocket_floods
from attack import Attack

FAMILIES = (slow, heads, bodies, http2_floods, websocket_floods, connections)
ATTACKS: dict[str, Attack] = {attack.name: attack for family in FAMILIES for attack in family.ATTACKS}


def chosen(parts: list[str]) -> list[Attack]:
    """Those with one of these in their name; all where there is none. A ValueError names what is in no name."""
    for part in parts:
        if not any(part in name for name in ATTACKS):
            raise ValueError(f"no attack has {part!r} in its name: {', '.join(ATTACKS)}")
    return [attack for name, attack in ATTACKS.items() if not parts or any(part in name for part in parts)]
