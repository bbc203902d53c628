"""What both ends of a radio link share: a framed link, and the Bumble stack under it.

Lock and phone may import this room; it knows only `door.framing`, and nothing of keys or grants.
"""
