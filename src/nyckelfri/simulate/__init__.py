"""A whole municipality lives through weeks in minutes: real code, virtual time, every fault.

House rules: lock, phone and server are the programs that run in the field, only clock, radio, disk
and network are ours. One thread, one loop, one seed: the same call gives the same history, event
by event. What happened is written down here, by the world, and never taken from what the programs
say of themselves; the invariants hold the two against each other.
"""
