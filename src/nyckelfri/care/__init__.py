"""What the municipality means, as pure functions of values.

House rules: nothing here reads a clock, a database, a socket or a file, and
nothing here knows of doors' protocols. Moments are aware datetimes, `now` is a
parameter, ids are opaque strings, and no name, address or birth number comes in.
What is not known grants nothing.
"""
