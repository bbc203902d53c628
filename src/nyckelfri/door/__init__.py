"""What phone, lock and server agree on (docs/protocol.md).

House rules: values in, values out. No sockets, no clocks, no randomness: `now`, keys and
random bytes are parameters. Everything that came from outside is decoded strictly, and what
does not decode is an error, never a default.
"""
